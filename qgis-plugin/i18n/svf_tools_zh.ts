<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh" sourcelanguage="en">
    <context>
        <name>svf_tools</name>
        <message>
            <location filename="../svf_tools/discovery.py" />
            <source>Empty the setting to search the usual places.</source>
            <translation>清空该设置即可搜索常用位置。</translation>
        </message>
        <message>
            <location filename="../svf_tools/discovery.py" />
            <source>does not say which version it is</source>
            <translation>没有说明其版本</translation>
        </message>
        <message>
            <location filename="../svf_tools/discovery.py" />
            <source>The folder of the svf-tools programs in the Processing options is not right: {}</source>
            <translation>“处理”选项中的 svf-tools 程序文件夹不正确：{}</translation>
        </message>
        <message>
            <location filename="../svf_tools/discovery.py" />
            <source>There is no {} in it.</source>
            <translation>其中没有 {}。</translation>
        </message>
        <message>
            <location filename="../svf_tools/discovery.py" />
            <source>update the plugin</source>
            <translation>请更新插件</translation>
        </message>
        <message>
            <location filename="../svf_tools/discovery.py" />
            <source>update the programs</source>
            <translation>请更新程序</translation>
        </message>
        <message>
            <location filename="../svf_tools/discovery.py" />
            <source>profile of QGIS</source>
            <translation>QGIS 配置文件夹</translation>
        </message>
        <message>
            <location filename="../svf_tools/discovery.py" />
            <source>usual folder</source>
            <translation>常用文件夹</translation>
        </message>
        <message>
            <location filename="../svf_tools/discovery.py" />
            <source>Tried:</source>
            <translation>已尝试：</translation>
        </message>
        <message>
            <location filename="../svf_tools/discovery.py" />
            <source>It does not exist.</source>
            <translation>它不存在。</translation>
        </message>
        <message>
            <location filename="../svf_tools/discovery.py" />
            <source>There is no {} beside it.</source>
            <translation>旁边没有 {}。</translation>
        </message>
        <message>
            <location filename="../svf_tools/discovery.py" />
            <source>version {} (contract {}) does not fit this plugin, which needs {} (contract {}): {}</source>
            <translation>版本 {}（协议 {}）与本插件不符，本插件需要 {}（协议 {}）：{}</translation>
        </message>
        <message>
            <location filename="../svf_tools/discovery.py" />
            <source>{name} was not found. This plugin runs the svf-tools programs, which are installed separately: see {url}. If they are installed, name their folder under Settings &gt; Options &gt; Processing &gt; Providers &gt; Sky view factor.</source>
            <translation>未找到 {name}。本插件运行 svf-tools 程序，这些程序需另行安装：见 {url}。如果已经安装，请在“设置 &gt; 选项 &gt; 处理 &gt; 提供者 &gt; 天空可视因子”中指定其文件夹。</translation>
        </message>
        <message>
            <location filename="../svf_tools/events.py" />
            <source>Looking for empty tiles</source>
            <translation>正在查找空瓦片</translation>
        </message>
        <message>
            <location filename="../svf_tools/events.py" />
            <source>Checking tiles</source>
            <translation>正在检查瓦片</translation>
        </message>
        <message>
            <location filename="../svf_tools/events.py" />
            <source>Computing</source>
            <translation>正在计算</translation>
        </message>
        <message>
            <location filename="../svf_tools/events.py" />
            <source>Joining tiles</source>
            <translation>正在拼接瓦片</translation>
        </message>
        <message>
            <location filename="../svf_tools/events.py" />
            <source>Looking around</source>
            <translation>环视</translation>
        </message>
        <message>
            <location filename="../svf_tools/events.py" />
            <source>Finishing the output</source>
            <translation>正在完成输出</translation>
        </message>
        <message>
            <location filename="../svf_tools/events.py" />
            <source>{} of {} tiles</source>
            <translation>{} / {} 个瓦片</translation>
        </message>
        <message>
            <location filename="../svf_tools/events.py" />
            <source>{} of {} points</source>
            <translation>{} / {} 个点</translation>
        </message>
        <message>
            <location filename="../svf_tools/events.py" />
            <source>empty the work folder to begin anew, or name another</source>
            <translation>清空工作文件夹以重新开始，或指定另一个文件夹</translation>
        </message>
        <message>
            <location filename="../svf_tools/events.py" />
            <source>set the CRS of the layer of points; behind a point it stands in brackets</source>
            <translation>请设置点图层的坐标系；单个点的坐标系写在其后的方括号中</translation>
        </message>
        <message>
            <location filename="../svf_tools/events.py" />
            <source>make it again with 'Plan tiles'</source>
            <translation>请用“规划瓦片”重新生成</translation>
        </message>
        <message>
            <location filename="../svf_tools/events.py" />
            <source>compute them with 'Compute tiles', then join again</source>
            <translation>请用“计算瓦片”计算它们，然后重新拼接</translation>
        </message>
        <message>
            <location filename="../svf_tools/events.py" />
            <source>{} ended unexpectedly (crash, or killed by the system, often for lack of memory).</source>
            <translation>{} 意外终止（崩溃，或被系统终止，常因内存不足）。</translation>
        </message>
        <message>
            <location filename="../svf_tools/events.py" />
            <source>The tool failed without saying why.</source>
            <translation>程序失败，未说明原因。</translation>
        </message>
        <message>
            <location filename="../svf_tools/events.py" />
            <source>make the plan anew with 'Plan tiles'</source>
            <translation>请用“规划瓦片”重新生成计划</translation>
        </message>
        <message>
            <location filename="../svf_tools/events.py" />
            <source>Layer Properties &gt; Transparency &gt; Additional no data value</source>
            <translation>图层属性 &gt; 透明度 &gt; 附加无数据值</translation>
        </message>
        <message>
            <location filename="../svf_tools/events.py" />
            <source>{} stopped before the end. Run it again: it goes on where it stopped.</source>
            <translation>{} 中途停止。请再次运行：它会从停止处继续。</translation>
        </message>
        <message>
            <location filename="../svf_tools/events.py" />
            <source>{} tiles of up to {} x {} cells, each read with {} cells around it</source>
            <translation>{} 个瓦片，每个最多 {} x {} 像元，读取时四周各加 {} 像元</translation>
        </message>
        <message>
            <location filename="../svf_tools/events.py" />
            <source>{} failed with exit code {}.</source>
            <translation>{} 失败，退出代码 {}。</translation>
        </message>
        <message>
            <location filename="../svf_tools/events.py" />
            <source>More warnings are not shown.</source>
            <translation>其余警告不再显示。</translation>
        </message>
        <message>
            <location filename="../svf_tools/events.py" />
            <source>about {} left</source>
            <translation>约剩 {}</translation>
        </message>
        <message>
            <location filename="../svf_tools/events.py" />
            <source>{} ended without reporting a result.</source>
            <translation>{} 结束时没有报告结果。</translation>
        </message>
        <message>
            <location filename="../svf_tools/events.py" />
            <source>memory: about {}</source>
            <translation>内存：约 {}</translation>
        </message>
        <message>
            <location filename="../svf_tools/events.py" />
            <source>{} reported success, but did not write {}</source>
            <translation>{} 报告成功，但没有写出 {}</translation>
        </message>
        <message>
            <location filename="../svf_tools/export.py" />
            <source>Cancelled: no output was written.</source>
            <translation>已取消：没有写出任何输出。</translation>
        </message>
        <message>
            <location filename="../svf_tools/export.py" />
            <source>{}: exported for the tool, {} x {} cells</source>
            <translation>{}：已为程序导出，{} x {} 个像元</translation>
        </message>
        <message>
            <location filename="../svf_tools/export.py" />
            <source>{}: the layer could not be exported.</source>
            <translation>{}：无法导出该图层。</translation>
        </message>
        <message>
            <location filename="../svf_tools/layers.py" />
            <source>none</source>
            <translation>无</translation>
        </message>
        <message>
            <location filename="../svf_tools/layers.py" />
            <source>user-defined</source>
            <translation>自定义</translation>
        </message>
        <message>
            <location filename="../svf_tools/layers.py" />
            <source>{}: the CRS of the layer is not that of its file, and cannot be passed on. Write it into the file (Raster &gt; Projections &gt; Assign Projection), or export the layer.</source>
            <translation>{}：图层的坐标参照系与其文件的不同，且无法传递。请将其写入文件（栅格 &gt; 投影 &gt; 指定投影），或导出图层。</translation>
        </message>
        <message>
            <location filename="../svf_tools/provider.py" />
            <source>Sky view factor</source>
            <translation>天空可视因子</translation>
        </message>
        <message>
            <location filename="../svf_tools/provider.py" />
            <source>Sky view factor (svf-tools)</source>
            <translation>天空可视因子 (svf-tools)</translation>
        </message>
        <message>
            <location filename="../svf_tools/provider.py" />
            <source>programs not found</source>
            <translation>未找到程序</translation>
        </message>
        <message>
            <location filename="../svf_tools/runner.py" />
            <source>does not answer</source>
            <translation>没有应答</translation>
        </message>
        <message>
            <location filename="../svf_tools/runner.py" />
            <source>it is another program, or too old</source>
            <translation>这是其他程序，或版本过旧</translation>
        </message>
        <message>
            <location filename="../svf_tools/runner.py" />
            <source>Cancelled. What is finished is kept: run it again to go on.</source>
            <translation>已取消。已完成的部分会保留：再次运行即可继续。</translation>
        </message>
        <message>
            <location filename="../svf_tools/runner.py" />
            <source>does not tell its version: {}</source>
            <translation>没有说明其版本：{}</translation>
        </message>
        <message>
            <location filename="../svf_tools/runner.py" />
            <source>Cancelled.</source>
            <translation>已取消。</translation>
        </message>
        <message>
            <location filename="../svf_tools/runner.py" />
            <source>cannot be started: {}</source>
            <translation>无法启动：{}</translation>
        </message>
        <message>
            <location filename="../svf_tools/runner.py" />
            <source>It may lack the permission to run, or a library it needs.</source>
            <translation>可能缺少运行权限，或缺少所需的库。</translation>
        </message>
        <message>
            <location filename="../svf_tools/runner.py" />
            <source>{} cannot be started: {}</source>
            <translation>{} 无法启动：{}</translation>
        </message>
        <message>
            <location filename="../svf_tools/settings.py" />
            <source>The memory is a whole number of MB; 0 lets the tool choose.</source>
            <translation>内存为整数，单位 MB；0 表示由程序决定。</translation>
        </message>
        <message>
            <location filename="../svf_tools/settings.py" />
            <source>Folder of the svf-tools programs (empty: search)</source>
            <translation>svf-tools 程序所在文件夹（留空：自动搜索）</translation>
        </message>
        <message>
            <location filename="../svf_tools/settings.py" />
            <source>Memory a run may use, in MB (0: half of what is free)</source>
            <translation>一次运行可用的内存，MB（0：空闲内存的一半）</translation>
        </message>
        <message>
            <location filename="../svf_tools/settings.py" />
            <source>Log every event of the tools</source>
            <translation>记录程序的每个事件</translation>
        </message>
        <message>
            <location filename="../svf_tools/text.py" />
            <source>{} h {} min</source>
            <translation>{} 小时 {} 分</translation>
        </message>
        <message>
            <location filename="../svf_tools/text.py" />
            <source>{} s</source>
            <translation>{} 秒</translation>
        </message>
        <message>
            <location filename="../svf_tools/text.py" />
            <source>{} min</source>
            <translation>{} 分</translation>
        </message>
        <message>
            <location filename="../svf_tools/widgets.py" />
            <source>the measures as one text, with commas between them</source>
            <translation>以一个文本给出各指标，用逗号分隔</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/base.py" />
            <source>Sky view</source>
            <translation>天空可视</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/base.py" />
            <source>Large rasters in tiles</source>
            <translation>大型栅格分块</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/base.py" />
            <source>The output cannot be in memory: name a file, or a temporary one.</source>
            <translation>输出不能在内存中：请指定一个文件或临时文件。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/base.py" />
            <source>The folder of the output does not exist: {}</source>
            <translation>输出文件夹不存在：{}</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Heights</source>
            <translation>高程</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Raster of heights: a surface model (DSM) for cities, a terrain model (DTM, DEM) for relief. Any format that GDAL reads, any size: it is never in memory as a whole. Heights are in the unit of the cells (see Z factor).</source>
            <translation>高程栅格：城市用地表模型 (DSM)，地形用地形模型 (DTM、DEM)。GDAL 能读取的任何格式，任意大小：不会整个读入内存。高程单位与像元单位相同（见 Z 系数）。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Band</source>
            <translation>波段</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Band that holds the heights.</source>
            <translation>存放高程的波段。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Search radius</source>
            <translation>搜索半径</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>How far a sight line looks, in units of the layer's CRS (metres for a layer in degrees). 100 to 300 m for streets, 500 to 1000 m for a city with towers, 5 to 20 m to bring out small forms of relief, 5 to 20 km for mountain valleys on a coarse grid. 16 times the radius takes two to three times as long.</source>
            <translation>视线的长度，单位为图层坐标系的单位（以度为单位的图层则为米）。街道 100 至 300 m，有高楼的城市 500 至 1000 m，突出微地形 5 至 20 m，粗网格上的山谷 5 至 20 km。半径增大到 16 倍，用时约为两到三倍。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Directions</source>
            <translation>方向数</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Number of sight lines around each cell. 16 is right for most maps; 32 or 64 where single towers stand on open ground. Time grows in proportion.</source>
            <translation>每个像元周围视线的条数。16 适合大多数地图；开阔地上有孤立高塔时用 32 或 64。时间按比例增长。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Missing heights</source>
            <translation>缺失高程</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>What NoData, or the edge of the raster, does to a sight line. skip: it is passed over, as in SAGA. stop: the sight line ends there. nan: the cell becomes NoData.</source>
            <translation>NoData 或栅格边缘对视线的作用。skip：跳过，与 SAGA 相同。stop：视线到此为止。nan：该像元成为 NoData。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Part of the raster</source>
            <translation>栅格的一部分</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Cells to compute; its edges move to the nearest cell edges. Heights outside it still count. Empty: the whole raster.</source>
            <translation>要计算的像元；边界移到最近的像元边。范围之外的高程仍然参与计算。留空：整个栅格。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Sampling</source>
            <translation>采样</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Where on a sight line heights are taken. linear: interpolated between the cells, unbiased. crossings: the same at rows and at columns of cells, closest to the surface, slower. nearest: the nearest cell at the distance of its centre, as in RVT; a wall stands half a cell behind its face. divided: equal steps, the nearest cell, as in SAGA.</source>
            <translation>在视线的何处取高程。linear：在像元之间插值，无偏。crossings：在像元的行与列处均作同样插值，最接近表面，但较慢。nearest：最近的像元，取其中心的距离，与 RVT 相同；墙面位于其实际表面之后半个像元。divided：等步长，取最近的像元，与 SAGA 相同。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Divisions of a sight line</source>
            <translation>视线的分段数</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Number of points on a sight line, for the sampling 'divided'. Empty: one per cell.</source>
            <translation>视线上的点数，用于采样方式 'divided'。留空：每像元一个。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Observer height</source>
            <translation>观察者高度</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Height of the observer above the surface, in units of the CRS.</source>
            <translation>观察者高出地表的高度，单位为坐标系的单位。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Z factor</source>
            <translation>Z 系数</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Factor that turns heights into the unit of the cells: 0.3048 for heights in feet over cells in metres.</source>
            <translation>把高程换算为像元单位的系数：高程为英尺、像元为米时为 0.3048。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Coordinates are plain units</source>
            <translation>坐标是普通单位</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>The coordinates look like degrees, but are plain units, as of a model or a sketch.</source>
            <translation>坐标看起来像度，但其实是普通单位，例如模型或草图的坐标。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Curvature of the Earth</source>
            <translation>地球曲率</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Lower distant heights by the Earth's curvature, less refraction: 0.07 m at 1 km, 7 m at 10 km.</source>
            <translation>按地球曲率（扣除折射）降低远处的高程：1 km 处 0.07 m，10 km 处 7 m。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Refraction</source>
            <translation>折射</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Share of the Earth's curvature that the bending of light in the air makes up for. Empty: 0.13, and 0 on bodies other than the Earth.</source>
            <translation>光线在大气中的弯曲所抵消的地球曲率份额。留空：0.13；地球以外的天体为 0。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Vegetation</source>
            <translation>植被</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Raster of the height of vegetation above ground, on the grid of the heights, which are then those without trees. Crowns let a share of the light through; solid obstacles do not. Empty: everything is solid.</source>
            <translation>植被离地高度的栅格，与高程同一网格，此时高程不含树木。树冠透过一部分光，实体障碍不透光。留空：一切皆为实体。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Transmissivity of vegetation</source>
            <translation>植被透射率</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Share of the light that passes a crown. Empty: 0.03, as for trees in leaf.</source>
            <translation>透过树冠的光的份额。留空：0.03，适用于有叶的树木。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Share of trunks</source>
            <translation>树干所占比例</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Share of the height of vegetation at which the crowns begin. Empty: 0.25.</source>
            <translation>树冠起始处占植被高度的比例。留空：0.25。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Heights of trunks</source>
            <translation>树干高度</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Raster of the height above ground at which the crowns begin, instead of the share of trunks.</source>
            <translation>树冠起始处离地高度的栅格，用以代替树干所占比例。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Brightest azimuth</source>
            <translation>最亮的方位角</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>For svf-anisotropic: where the sky is brightest, degrees clockwise from north (360 minus the azimuth of RVT). Empty: 315, the north-west.</source>
            <translation>用于 svf-anisotropic：天空最亮的方向，单位为度，从北起顺时针（360 减去 RVT 的方位角）。留空：315，即西北。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Anisotropy</source>
            <translation>各向异性</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>For svf-anisotropic: how much the brightness of the sky differs. low: the darkest azimuth weighs 0.4 of the brightest. high: 0.1. Empty: low.</source>
            <translation>用于 svf-anisotropic：天空亮度的差异程度。low：最暗方位的权重为最亮方位的 0.4。high：0.1。留空：low。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Memory, MB</source>
            <translation>内存，MB</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Bound on the memory of the run, in MB. Empty: the Processing option, or half of what is free.</source>
            <translation>本次运行的内存上限，MB。留空：用“处理”选项中的值，或空闲内存的一半。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Threads</source>
            <translation>线程数</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Empty: as many as QGIS grants. The result is the same, bit by bit, on any number.</source>
            <translation>留空：QGIS 允许的数量。任何线程数的结果逐位相同。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Creation options</source>
            <translation>创建选项</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Options of the GeoTIFF driver. Empty: tiled, compressed, BigTIFF where needed.</source>
            <translation>GeoTIFF 驱动的选项。留空：分块、压缩、必要时用 BigTIFF。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Work folder</source>
            <translation>工作文件夹</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Folder that keeps finished tiles, for runs of hours: stopped for whatever reason, the same run goes on from them. Empty: none.</source>
            <translation>保存已完成瓦片的文件夹，用于数小时的运行：无论因何停止，同样的运行会从这些瓦片继续。留空：无。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Resolution of an export</source>
            <translation>导出分辨率</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>For layers that only QGIS can read (WCS, rasters in a database, virtual rasters): the size of the cells at which the layer is exported, in units of its CRS. Empty: the layer's own cells.</source>
            <translation>用于只有 QGIS 能读取的图层（WCS、数据库中的栅格、虚拟栅格）：导出该图层时的像元大小，单位为其坐标系的单位。留空：图层自己的像元。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Smallest value (first band)</source>
            <translation>最小值（第一波段）</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Mean value (first band)</source>
            <translation>平均值（第一波段）</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Largest value (first band)</source>
            <translation>最大值（第一波段）</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Cells with a value (first band)</source>
            <translation>有值的像元数（第一波段）</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Cells without a value (first band)</source>
            <translation>无值的像元数（第一波段）</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Seconds</source>
            <translation>秒数</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Version of svf_compute</source>
            <translation>svf_compute 的版本</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Divisions go with the sampling 'divided': choose it, or leave the divisions empty.</source>
            <translation>分段数与采样方式 'divided' 配合使用：请选择它，或将分段数留空。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>{title}, radius {radius:g}</source>
            <translation>{title}，半径 {radius:g}</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>{}: goes with the curvature of the Earth, which is off.</source>
            <translation>{}：需与地球曲率一起使用，但未启用地球曲率。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>{}: goes with vegetation, which is not given.</source>
            <translation>{}：需与植被一起使用，但未给出植被。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>{}: give them, or the share of trunks, not both.</source>
            <translation>{}：请给出它或树干所占比例，不要同时给出。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>{}: goes with the measure svf-anisotropic, which is not chosen.</source>
            <translation>{}：需与指标 svf-anisotropic 一起使用，但未选择该指标。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>{name}: {min} to {max}, mean {mean}; {valid} cells with a value, {nodata} without</source>
            <translation>{name}：{min} 至 {max}，平均 {mean}；有值像元 {valid} 个，无值 {nodata} 个</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/computetiles.py" />
            <source>Plan</source>
            <translation>计划</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/computetiles.py" />
            <source>Plan made by 'Plan tiles'.</source>
            <translation>由“规划瓦片”生成的计划。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/computetiles.py" />
            <source>Compute tiles</source>
            <translation>计算瓦片</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/computetiles.py" />
            <source>Computes the tiles of a plan; stopped, it goes on where it was.</source>
            <translation>计算计划中的瓦片；停止后可从原处继续。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/computetiles.py" />
            <source>Number of tiles done</source>
            <translation>已完成的瓦片数</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/computetiles.py" />
            <source>Second of three steps for large rasters. Tiles that are finished are kept when it is cancelled or fails: run it again, and it goes on. Several machines may work on one plan at a time, each on its own tiles.</source>
            <translation>大型栅格三步之二。取消或失败时，已完成的瓦片会保留：再次运行即可继续。多台机器可以同时处理同一计划，各自处理自己的瓦片。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/computetiles.py" />
            <source>Tiles</source>
            <translation>瓦片</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/computetiles.py" />
            <source>Numbers of the tiles to compute, as in 0-99,120. Empty: all of the plan.</source>
            <translation>要计算的瓦片编号，如 0-99,120。留空：计划中的全部。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/horizonangles.py" />
            <source>Horizon angles</source>
            <translation>地平线角</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/horizonangles.py" />
            <source>Elevation angle of the horizon in every direction, in degrees, a band for each direction.</source>
            <translation>每个方向上地平线的高度角，单位为度，每个方向一个波段。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/horizonangles.py" />
            <source>The angle by which the horizon stands above the horizontal, in degrees, for each direction: as many bands as directions, named by their azimuth, clockwise from north. Input of solar radiation and shadow models.</source>
            <translation>每个方向上地平线高出水平面的角度，单位为度：波段数等于方向数，以方位角命名，从北起顺时针。可用作太阳辐射和阴影模型的输入。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/horizonangles.py" />
            <source>Keep angles below the horizontal</source>
            <translation>保留低于水平面的角度</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/horizonangles.py" />
            <source>Where the ground falls away on all sides of a direction its angle is negative; otherwise it is 0.</source>
            <translation>某方向上地面下降时角度为负；否则为 0。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/mosaic.py" />
            <source>Join tiles</source>
            <translation>拼接瓦片</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/mosaic.py" />
            <source>Joins the computed tiles of a plan to one raster; none may be missing or damaged.</source>
            <translation>把计划中已计算的瓦片拼接为一个栅格；不得缺失或损坏。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/mosaic.py" />
            <source>Last of three steps for large rasters. Every tile is checked first: one that is missing, damaged or from another plan is an error that names it.</source>
            <translation>大型栅格三步之三。首先检查每个瓦片：缺失、损坏或来自其他计划的瓦片都会报错并指出。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/mosaic.py" />
            <source>Plan whose tiles are computed.</source>
            <translation>其瓦片已计算的计划。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/mosaic.py" />
            <source>Fill missing tiles with NoData</source>
            <translation>用 NoData 填充缺失的瓦片</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/mosaic.py" />
            <source>Join what there is, and say what was missing.</source>
            <translation>拼接现有的瓦片，并说明缺失了哪些。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/mosaic.py" />
            <source>Joined raster</source>
            <translation>拼接后的栅格</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/openness.py" />
            <source>Topographic openness</source>
            <translation>地形开阔度</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/openness.py" />
            <source>Mean zenith or nadir angle of the horizon, in degrees: ridges and hollows without a light source.</source>
            <translation>地平线的平均天顶角或天底角，单位为度：无需光源即可显示山脊与洼地。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/openness.py" />
            <source>Unlike the sky view factor it may look below the horizontal. The formula of Yokoyama 2002, RVT and SAGA.</source>
            <translation>与天空可视因子不同，它可以看到水平面以下。公式出自 Yokoyama 2002，与 RVT 和 SAGA 相同。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/openness.py" />
            <source>Measures</source>
            <translation>指标</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/openness.py" />
            <source>Bands of the output, in degrees.</source>
            <translation>输出的波段，单位为度。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/openness.py" />
            <source>Positive openness is the mean angle between the zenith and the horizon: 90° on a plane, more on ridges, less in valleys. Negative openness is the same on the surface turned upside down: large in hollows.</source>
            <translation>正开阔度是天顶与地平线之间的平均角：平面上为 90°，山脊上更大，山谷中更小。负开阔度是把地表上下颠倒后的同一指标：洼地处大。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/options.py" />
            <source>Choose at least one measure.</source>
            <translation>请至少选择一个指标。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/options.py" />
            <source>{}: it does not touch the raster.</source>
            <translation>{}：与栅格不相交。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/options.py" />
            <source>{}: the raster cannot be opened. Load it as a layer first, then choose the layer.</source>
            <translation>{}：无法打开该栅格。请先将其加载为图层，再选择该图层。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/options.py" />
            <source>{}: the layer's CRS ({}) is not that of its file ({}), which is read again later, without QGIS. Write it into the file (Raster &gt; Projections &gt; Assign Projection), or export the layer and choose the file.</source>
            <translation>{}：图层的坐标参照系（{}）与其文件的（{}）不同，而该文件之后会在没有 QGIS 的情况下再次读取。请将其写入文件（栅格 &gt; 投影 &gt; 指定投影），或导出图层并选择该文件。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/options.py" />
            <source>{}: the layer is a picture (of the provider '{}'): it has no heights.</source>
            <translation>{}：该图层是图片（提供者“{}”），没有高程。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/options.py" />
            <source>{}: the layer comes from the provider '{}', and is read again later, without QGIS. Save it as a GeoTIFF first (right-click on the layer &gt; Export &gt; Save As) and choose the file.</source>
            <translation>{}：该图层来自提供者“{}”，之后会在没有 QGIS 的情况下再次读取。请先另存为 GeoTIFF（右键图层 &gt; 导出 &gt; 另存为），再选择该文件。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/options.py" />
            <source>{}: the layer has no cells of its own; give the resolution at which it is exported.</source>
            <translation>{}：该图层没有自己的像元；请给出导出的分辨率。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/options.py" />
            <source>{}: {} x {} cells are too many to export: give a coarser resolution, or a part of the raster.</source>
            <translation>{}：{} x {} 个像元过多，无法导出：请给出更粗的分辨率，或栅格的一部分。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/options.py" />
            <source>{}: NoData as set in the layer: {}</source>
            <translation>{}：图层中设置的无数据值：{}</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/options.py" />
            <source>{} must be greater than 0.</source>
            <translation>{} 必须大于 0。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/options.py" />
            <source>{}: {:g} looks like degrees. For a layer in degrees give it in metres.</source>
            <translation>{}：{:g} 看起来是度。以度为单位的图层请以米给出。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/options.py" />
            <source>{}: a point is two coordinates, as in 500200,5600100 [EPSG:25832].</source>
            <translation>{}：点由两个坐标组成，例如 500200,5600100 [EPSG:25832]。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/options.py" />
            <source>{}: the CRS of the layer is used, {}; that of the file: {}</source>
            <translation>{}：使用图层的坐标参照系 {}；文件的坐标参照系：{}</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/options.py" />
            <source>{}: NoData that is set in the layer does not count, only that of its file</source>
            <translation>{}：图层中设置的无数据值不起作用，只用文件的无数据值</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/options.py" />
            <source>{}: NoData ranges of the layer do not count: {}</source>
            <translation>{}：图层的无数据值范围不起作用：{}</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/sightlineprofile.py" />
            <source>Sight lines of a point</source>
            <translation>点的视线</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/sightlineprofile.py" />
            <source>Why the sky view factor of a point is what it is: its sight lines, horizon and every measure.</source>
            <translation>一个点的天空可视因子为何是这个值：它的视线、地平线和全部指标。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/sightlineprofile.py" />
            <source>Sky view factor of a single point</source>
            <translation>单个点的天空可视因子</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/sightlineprofile.py" />
            <source>Height of a single point</source>
            <translation>单个点的高程</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/sightlineprofile.py" />
            <source>Number of points</source>
            <translation>点数</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/sightlineprofile.py" />
            <source>Number of points with a value</source>
            <translation>有值的点数</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/sightlineprofile.py" />
            <source>Version of svf_profile</source>
            <translation>svf_profile 的版本</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/sightlineprofile.py" />
            <source>Give a point or a layer of points: one of the two.</source>
            <translation>请给出一个点或一个点图层：二者之一。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/sightlineprofile.py" />
            <source>A figure shows one point: leave the layer of points empty, or the figures.</source>
            <translation>一幅图只显示一个点：请将点图层留空，或将图留空。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/sightlineprofile.py" />
            <source>The values of a single point are numbers that models can use. A figure shows the heights around the point, the section along every sight line and the horizon.</source>
            <translation>单个点的值是模型可以使用的数字。图中显示该点周围的高程、沿每条视线的剖面和地平线。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/sightlineprofile.py" />
            <source>Point</source>
            <translation>点</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/sightlineprofile.py" />
            <source>Where to look around, in any CRS: the button takes it from the map. Empty: a layer of points.</source>
            <translation>环视的位置，可用任意坐标系：按钮可从地图上取点。留空：使用点图层。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/sightlineprofile.py" />
            <source>Layer of points</source>
            <translation>点图层</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/sightlineprofile.py" />
            <source>Points to look around from instead of a single one, for example stations; in any CRS.</source>
            <translation>代替单个点进行环视的多个点，例如观测站；可用任意坐标系。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/sightlineprofile.py" />
            <source>Rows of the table</source>
            <translation>表格的行</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/sightlineprofile.py" />
            <source>points: a row per point, with every measure. lines: a row per sight line, with the horizon and where it is. samples: a row per height on a sight line. Empty: lines for one point, points for a layer.</source>
            <translation>points：每个点一行，含全部指标。lines：每条视线一行，含地平线及其位置。samples：视线上每个高程一行。留空：单个点用 lines，图层用 points。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/sightlineprofile.py" />
            <source>Sight lines</source>
            <translation>视线</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/sightlineprofile.py" />
            <source>Figure: heights, sections, horizon</source>
            <translation>图：高程、剖面、地平线</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/sightlineprofile.py" />
            <source>Figure: the sky through a fisheye lens</source>
            <translation>图：鱼眼镜头中的天空</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/sightlineprofile.py" />
            <source>Looks around from a point, or from each point of a layer: the sight line of every direction, what makes the horizon on it, and every measure. The values are those that 'Sky view factor' writes into the cell that holds the point.</source>
            <translation>从一个点或图层的每个点环视：每个方向的视线、视线上形成地平线之处，以及全部指标。这些值就是“天空可视因子”写入该点所在像元的值。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/sightlineprofile.py" />
            <source>{} of a single point</source>
            <translation>单个点的 {}</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/skyviewfactor.py" />
            <source>Bands of the output; g is the horizon angle of a direction. svf: 1 - mean sin g, as RVT, GRASS r.skyview, Whitebox. svf-error: how far the number of directions leaves svf uncertain. svf-cosine: mean cos² g, as UMEP and SOLWEIG, SAGA on flat ground. svf-slope: seen from the cell's own slope, as SAGA and topocalc. visible-sky: mean of 1 - 2g/180°, as SAGA. svf-cos: mean cos g. terrain-view: share of the ground around, as SAGA. openness-positive, openness-negative: degrees. svf-anisotropic: svf under a sky that is brighter in the north-west, as RVT. svf-north, -east, -south, -west: svf-cosine of half the sky, as UMEP. horizon: g of every direction, a band each. horizon-distance: mean distance to what makes the horizon. coverage: share of directions that met no missing height.</source>
            <translation>输出的波段；g 为某方向的地平线角。svf：1 - sin g 的平均，与 RVT、GRASS r.skyview、Whitebox 相同。svf-error：方向数使 svf 不确定到什么程度。svf-cosine：cos² g 的平均，与 UMEP、SOLWEIG 以及平地上的 SAGA 相同。svf-slope：从像元自身的坡面看，与 SAGA、topocalc 相同。visible-sky：1 - 2g/180° 的平均，与 SAGA 相同。svf-cos：cos g 的平均。terrain-view：周围地面所占的份额，与 SAGA 相同。openness-positive、openness-negative：度。svf-anisotropic：西北方更亮的天空下的 svf，与 RVT 相同。svf-north、-east、-south、-west：半个天空的 svf-cosine，与 UMEP 相同。horizon：每个方向的 g，各占一个波段。horizon-distance：到形成地平线之处的平均距离。coverage：未遇到缺失高程的方向所占的份额。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/skyviewfactor.py" />
            <source>How much of the sky each cell of a raster of heights sees; any size, bounded memory.</source>
            <translation>高程栅格中每个像元能看到多少天空；任意大小，内存有界。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/skyviewfactor.py" />
            <source>Coming from SAGA</source>
            <translation>从 SAGA 转来</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/skyviewfactor.py" />
            <source>SAGA's tool keeps the whole raster in memory; its radius 0 fails above 32,768 x 32,768 cells. This one does such rasters within the memory you allow. Its parameters and outputs, and what they are here:</source>
            <translation>SAGA 的工具把整个栅格放在内存中；半径为 0 时，超过 32,768 x 32,768 像元便会失败。本工具能在您允许的内存内处理这样的栅格。其参数和输出与此处的对应关系：</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/skyviewfactor.py" />
            <source>here</source>
            <translation>此处</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/skyviewfactor.py" />
            <source>greater than 0, in map units</source>
            <translation>大于 0，地图单位</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/skyviewfactor.py" />
            <source>none: every cell within the radius counts</source>
            <translation>无：半径内的每个像元都参与计算</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/skyviewfactor.py" />
            <source>0 to 1 instead of percent</source>
            <translation>0 至 1，而非百分比</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/skyviewfactor.py" />
            <source>MEASURES svf-slope (never below 0); svf-cosine is the same on flat ground</source>
            <translation>MEASURES svf-slope（不小于 0）；平地上 svf-cosine 与之相同</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/skyviewfactor.py" />
            <source>(1 + cos slope) / 2, from GDAL's slope</source>
            <translation>(1 + cos 坡度) / 2，坡度由 GDAL 计算</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/skyviewfactor.py" />
            <source>0 instead of the radius where nothing rises</source>
            <translation>没有遮挡处为 0，而不是半径</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/skyviewfactor.py" />
            <source>To compare cell by cell choose the sampling 'divided', SAGA's rule. The measure svf, the default here, is another formula (1 - mean of the sines), which SAGA does not offer.</source>
            <translation>逐像元比较时请选择采样方式 'divided'，即 SAGA 的规则。此处默认的指标 svf 是另一公式（1 减去正弦的平均值），SAGA 没有提供。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/skyviewfactor.py" />
            <source>Rasters larger than memory are computed in tiles without seams. A cancelled or failed run leaves no file. The programs of svf-tools, which do the work, are installed separately.</source>
            <translation>大于内存的栅格按瓦片计算，没有接缝。取消或失败的运行不留下任何文件。实际计算由 svf-tools 程序完成，需另行安装。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/skyviewfactor.py" />
            <source>sky view factor</source>
            <translation>天空可视因子</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/skyviewfactor.py" />
            <source>Share of the sky that each cell of a raster of heights sees: 1 on open ground, near 0 in narrow yards. Sight lines go out in all directions up to the search radius; the steepest rise on each is its horizon.</source>
            <translation>高程栅格中每个像元能看到的天空份额：开阔地为 1，狭窄院落接近 0。视线向各个方向延伸到搜索半径；每条视线上最陡的上升即其地平线。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/tileplan.py" />
            <source>Plan (*.json)</source>
            <translation>计划 (*.json)</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/tileplan.py" />
            <source>Plan tiles</source>
            <translation>规划瓦片</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/tileplan.py" />
            <source>Plans the sky view factor of a large raster in tiles; one file stands for all of them.</source>
            <translation>把大型栅格的天空可视因子规划为瓦片；一个文件代表全部瓦片。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/tileplan.py" />
            <source>Number of tiles</source>
            <translation>瓦片数</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/tileplan.py" />
            <source>Tiles are kept in a folder beside the plan: put the plan on a disk with room for the whole result.</source>
            <translation>瓦片保存在计划旁边的文件夹中：请把计划放在能容纳全部结果的磁盘上。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/tileplan.py" />
            <source>Tile size, cells</source>
            <translation>瓦片大小，像元</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/tileplan.py" />
            <source>Columns and rows of a tile. Empty: as large as the memory allows. The result is the same.</source>
            <translation>瓦片的列数和行数。留空：内存允许的最大值。结果相同。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/tileplan.py" />
            <source>Footprints of the tiles</source>
            <translation>瓦片范围</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/tileplan.py" />
            <source>The plan is in the temporary folder, and so are its tiles: all of it is gone when QGIS closes. Save the plan to a file, on a disk with room for the whole result.</source>
            <translation>计划及其瓦片位于临时文件夹中：关闭 QGIS 时将全部丢失。请将计划保存到文件中，所在磁盘须有容纳全部结果的空间。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/tileplan.py" />
            <source>First of three steps for rasters that take hours: plan the tiles, compute them, join them. The plan holds the grid, the tiles and every parameter. Steps can be stopped and run again, on several machines too; finished tiles are not computed twice.</source>
            <translation>用于需要数小时的栅格的三步之一：规划瓦片、计算瓦片、拼接瓦片。计划包含网格、瓦片和每个参数。各步可以停止后再运行，也可在多台机器上进行；已完成的瓦片不会重复计算。</translation>
        </message>
    </context>
</TS>
