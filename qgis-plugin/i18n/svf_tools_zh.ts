<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh" sourcelanguage="en">
    <context>
        <name>svf_tools</name>
        <message>
            <location filename="../svf_tools/discovery.py" />
            <source>Clear the setting to search the usual folders.</source>
            <translation>清空该设置，即可搜索常用文件夹。</translation>
        </message>
        <message>
            <location filename="../svf_tools/discovery.py" />
            <source>does not report its version</source>
            <translation>没有报告其版本</translation>
        </message>
        <message>
            <location filename="../svf_tools/discovery.py" />
            <source>The Processing options name a wrong folder for the svf-tools programs: {}</source>
            <translation>“数据处理”选项中的 svf-tools 程序文件夹不正确：{}</translation>
        </message>
        <message>
            <location filename="../svf_tools/discovery.py" />
            <source>It does not contain {}.</source>
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
            <source>QGIS profile</source>
            <translation>QGIS 用户配置文件夹</translation>
        </message>
        <message>
            <location filename="../svf_tools/discovery.py" />
            <source>usual folder</source>
            <translation>常用文件夹</translation>
        </message>
        <message>
            <location filename="../svf_tools/discovery.py" />
            <source>Searched:</source>
            <translation>已搜索：</translation>
        </message>
        <message>
            <location filename="../svf_tools/discovery.py" />
            <source>It does not exist.</source>
            <translation>该文件夹不存在。</translation>
        </message>
        <message>
            <location filename="../svf_tools/discovery.py" />
            <source>There is no {} next to it.</source>
            <translation>旁边没有 {}。</translation>
        </message>
        <message>
            <location filename="../svf_tools/discovery.py" />
            <source>version {} (contract {}) does not work with this plugin, which needs {} (contract {}): {}</source>
            <translation>版本 {}（接口 {}）不适用于本插件，本插件需要 {}（接口 {}）：{}</translation>
        </message>
        <message>
            <location filename="../svf_tools/discovery.py" />
            <source>{name} was not found. This plugin needs the svf-tools programs. Get them under Settings &gt; Options &gt; Processing &gt; Providers &gt; Sky view factor, or install them yourself: see {url}. If they are installed already, enter their folder there.</source>
            <translation>未找到 {name}。本插件需要 svf-tools 程序。请在“设置 &gt; 选项 &gt; 数据处理 &gt; 数据源 &gt; 天空可视因子”中获取，或自行安装：见 {url}。如果已经安装，请在那里填写其文件夹。</translation>
        </message>
        <message>
            <location filename="../svf_tools/events.py" />
            <source>Export the layer as a GeoTIFF first (right-click on the layer &gt; Export &gt; Save As). In what follows, put the name of that file in place of {}.</source>
            <translation>请先将该图层导出为 GeoTIFF（右键图层 &gt; 导出 &gt; 另存为）。在下面的命令中，请用该文件的名称替换 {}。</translation>
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
            <source>Reading far ground</source>
            <translation>正在读取远处地形</translation>
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
            <source>Computing points</source>
            <translation>正在计算点</translation>
        </message>
        <message>
            <location filename="../svf_tools/events.py" />
            <source>Finishing the output</source>
            <translation>正在完成输出</translation>
        </message>
        <message>
            <location filename="../svf_tools/events.py" />
            <source>Looking for empty tiles: {done} of {total}</source>
            <translation>正在查找空瓦片：{done} / {total}</translation>
        </message>
        <message>
            <location filename="../svf_tools/events.py" />
            <source>Checking tiles: {done} of {total}</source>
            <translation>正在检查瓦片：{done} / {total}</translation>
        </message>
        <message>
            <location filename="../svf_tools/events.py" />
            <source>Reading far ground: {done} of {total}</source>
            <translation>正在读取远处地形：{done} / {total}</translation>
        </message>
        <message>
            <location filename="../svf_tools/events.py" />
            <source>Computing tiles: {done} of {total}</source>
            <translation>正在计算瓦片：{done} / {total}</translation>
        </message>
        <message>
            <location filename="../svf_tools/events.py" />
            <source>Computing points: {done} of {total}</source>
            <translation>正在计算点：{done} / {total}</translation>
        </message>
        <message>
            <location filename="../svf_tools/events.py" />
            <source>{} ended unexpectedly. Either it crashed, or the system ended it, often because there was not enough memory.</source>
            <translation>{} 意外终止。可能是崩溃，或被系统终止，常因内存不足。</translation>
        </message>
        <message>
            <location filename="../svf_tools/events.py" />
            <source>The program failed without a message.</source>
            <translation>程序失败，未说明原因。</translation>
        </message>
        <message>
            <location filename="../svf_tools/events.py" />
            <source>{} stopped before the end. Run it again to resume: finished tiles are kept.</source>
            <translation>{} 中途停止。再次运行即可继续：已完成的瓦片会保留。</translation>
        </message>
        <message>
            <location filename="../svf_tools/events.py" />
            <source>Tiles: {tiles}. Size in cells: {cols} x {rows}, with a margin of {margin} on each side.</source>
            <translation>瓦片：{tiles}。大小（像元）：{cols} x {rows}，每侧另加 {margin}。</translation>
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
            <source>{} ended without a result.</source>
            <translation>{} 结束时没有结果。</translation>
        </message>
        <message>
            <location filename="../svf_tools/events.py" />
            <source>Memory: about {}.</source>
            <translation>内存：约 {}。</translation>
        </message>
        <message>
            <location filename="../svf_tools/events.py" />
            <source>{} reported success, but this file is missing: {}</source>
            <translation>{} 报告成功，但缺少此文件：{}</translation>
        </message>
        <message>
            <location filename="../svf_tools/export.py" />
            <source>Cancelled. No output was written.</source>
            <translation>已取消。没有写出任何输出。</translation>
        </message>
        <message>
            <location filename="../svf_tools/export.py" />
            <source>{}: exported to a temporary file, {} x {} cells</source>
            <translation>{}：已导出到临时文件，{} x {} 个像元</translation>
        </message>
        <message>
            <location filename="../svf_tools/export.py" />
            <source>{}: the layer could not be exported. Is the disk of the temporary files full? Try to export it as a GeoTIFF (right-click on the layer &gt; Export &gt; Save As) and choose the new file.</source>
            <translation>{}：无法导出该图层。存放临时文件的磁盘是否已满？请尝试将其导出为 GeoTIFF（右键图层 &gt; 导出 &gt; 另存为），再选择新文件。</translation>
        </message>
        <message>
            <location filename="../svf_tools/features.py" />
            <source>{}: the layer had {} features, but none of them can be read now. Is its file still there? Load the layer again.</source>
            <translation>{}：该图层曾有 {} 个要素，但现在一个也无法读取。其文件是否还在？请重新加载该图层。</translation>
        </message>
        <message>
            <location filename="../svf_tools/features.py" />
            <source>{}: the layer could not be exported ({}). Export it as a GeoPackage (right-click on the layer &gt; Export &gt; Save Features As) and choose the new file.</source>
            <translation>{}：无法导出该图层（{}）。请将其导出为 GeoPackage（右键图层 &gt; 导出 &gt; 要素另存为），再选择新文件。</translation>
        </message>
        <message>
            <location filename="../svf_tools/fetch.py" />
            <source>The proxy asks for a name and a password (407): enter them under Settings &gt; Options &gt; Network.</source>
            <translation>代理服务器要求用户名和密码 (407)：请在“设置 &gt; 选项 &gt; 网络”中填写。</translation>
        </message>
        <message>
            <location filename="../svf_tools/fetch.py" />
            <source>The proxy cannot be reached: check it under Settings &gt; Options &gt; Network.</source>
            <translation>无法连接代理服务器：请检查“设置 &gt; 选项 &gt; 网络”。</translation>
        </message>
        <message>
            <location filename="../svf_tools/fetch.py" />
            <source>The file is damaged, or it is not an archive of svf-tools.</source>
            <translation>文件已损坏，或者不是 svf-tools 的压缩包。</translation>
        </message>
        <message>
            <location filename="../svf_tools/fetch.py" />
            <source>Download it again.</source>
            <translation>请重新下载。</translation>
        </message>
        <message>
            <location filename="../svf_tools/fetch.py" />
            <source>Cancelled, nothing was changed.</source>
            <translation>已取消，未作任何更改。</translation>
        </message>
        <message>
            <location filename="../svf_tools/fetch.py" />
            <source>{} sends QGIS to another address that is missing, unknown or not safe ({}).</source>
            <translation>{} 让 QGIS 跳转到的地址缺失、无法识别或不安全（{}）。</translation>
        </message>
        <message>
            <location filename="../svf_tools/fetch.py" />
            <source>The file cannot be downloaded from {}. ({})</source>
            <translation>无法从 {} 获取该文件。({})</translation>
        </message>
        <message>
            <location filename="../svf_tools/fetch.py" />
            <source>This is svf-tools {}, and this plugin wants {}: get {} from {}.</source>
            <translation>这是 svf-tools {}，而本插件需要 {}：请获取 {}，下载地址：{}。</translation>
        </message>
        <message>
            <location filename="../svf_tools/fetch.py" />
            <source>{} cannot be read or written: {}</source>
            <translation>无法读取或写入 {}：{}</translation>
        </message>
        <message>
            <location filename="../svf_tools/fetch.py" />
            <source>The programs do not agree on their version.</source>
            <translation>各程序的版本不一致。</translation>
        </message>
        <message>
            <location filename="../svf_tools/fetch.py" />
            <source>These programs are for {}, and this computer needs those for {}: {} from {}</source>
            <translation>这些程序适用于 {}，而这台计算机需要 {} 的程序：{}，来自 {}</translation>
        </message>
        <message>
            <location filename="../svf_tools/fetch.py" />
            <source>{} was unpacked but does not run here, perhaps because a policy or a virus scanner blocks it ({}).</source>
            <translation>{} 已解压，但无法在此运行，可能被安全策略或杀毒软件阻止（{}）。</translation>
        </message>
        <message>
            <location filename="../svf_tools/fetch.py" />
            <source>{} sends QGIS from one address to the next without an end.</source>
            <translation>{} 让 QGIS 在地址之间无休止地跳转。</translation>
        </message>
        <message>
            <location filename="../svf_tools/fetch.py" />
            <source>There is no such file (404): {}</source>
            <translation>没有这个文件 (404)：{}</translation>
        </message>
        <message>
            <location filename="../svf_tools/fetch.py" />
            <source>There is no secure connection to {}, perhaps because a firewall or a virus scanner intercepts it. ({})</source>
            <translation>无法与 {} 建立安全连接，可能有防火墙或杀毒软件在拦截。({})</translation>
        </message>
        <message>
            <location filename="../svf_tools/fetch.py" />
            <source>{} was not found: is this computer online?</source>
            <translation>未找到 {}：这台计算机是否联网？</translation>
        </message>
        <message>
            <location filename="../svf_tools/fetch.py" />
            <source>{} refuses the connection.</source>
            <translation>{} 拒绝连接。</translation>
        </message>
        <message>
            <location filename="../svf_tools/fetch.py" />
            <source>{} answers with the error {}. Try again later.</source>
            <translation>{} 返回错误 {}。请稍后重试。</translation>
        </message>
        <message>
            <location filename="../svf_tools/fetch.py" />
            <source>{} answers with the error {}.</source>
            <translation>{} 返回错误 {}。</translation>
        </message>
        <message>
            <location filename="../svf_tools/fetch.py" />
            <source>{} answers with an empty file.</source>
            <translation>{} 返回了空文件。</translation>
        </message>
        <message>
            <location filename="../svf_tools/fetch.py" />
            <source>The connection to {} was cut off after {}: the file is incomplete. Try again.</source>
            <translation>与 {} 的连接在 {} 之后中断：文件不完整。请重试。</translation>
        </message>
        <message>
            <location filename="../svf_tools/fetch.py" />
            <source>{} does not answer.</source>
            <translation>{} 没有响应。</translation>
        </message>
        <message>
            <location filename="../svf_tools/fetch.py" />
            <source>This is not the released {}, or it is damaged: its SHA-256 is {}.</source>
            <translation>这不是已发布的 {}，或文件已损坏：其 SHA-256 为 {}。</translation>
        </message>
        <message>
            <location filename="../svf_tools/fetch.py" />
            <source>The disk is full: {}</source>
            <translation>磁盘已满：{}</translation>
        </message>
        <message>
            <location filename="../svf_tools/fetch.py" />
            <source>QGIS has no permission for {} ({})</source>
            <translation>QGIS 没有 {} 的权限 ({})</translation>
        </message>
        <message>
            <location filename="../svf_tools/fetch.py" />
            <source>{} is in the way, because it is not a folder. Remove it or give it another name.</source>
            <translation>{} 不是文件夹，占用了所需的位置。请将其删除或改名。</translation>
        </message>
        <message>
            <location filename="../svf_tools/fetch.py" />
            <source>The archive is too large: {} in {} files.</source>
            <translation>压缩包过大：{}，共 {} 个文件。</translation>
        </message>
        <message>
            <location filename="../svf_tools/fetch.py" />
            <source>The archive names a file twice.</source>
            <translation>压缩包中有重复的文件名。</translation>
        </message>
        <message>
            <location filename="../svf_tools/fetch.py" />
            <source>The archive contains a file with a name that is not safe ({}).</source>
            <translation>压缩包中有文件名不安全的文件（{}）。</translation>
        </message>
        <message>
            <location filename="../svf_tools/fetch.py" />
            <source>This is svf-tools {}, which is too new for this plugin, which wants {}: update the plugin.</source>
            <translation>这是 svf-tools {}，对本插件来说太新，本插件需要 {}：请更新插件。</translation>
        </message>
        <message>
            <location filename="../svf_tools/fetch.py" />
            <source>{} was removed right after it was unpacked, probably by a virus scanner.</source>
            <translation>{} 解压后立即被移走，很可能是杀毒软件所为。</translation>
        </message>
        <message>
            <location filename="../svf_tools/fetch.py" />
            <source>{} needs a library that this system lacks: {}</source>
            <translation>{} 需要本系统没有的库：{}</translation>
        </message>
        <message>
            <location filename="../svf_tools/fetch.py" />
            <source>No program may run from the profile, because its file system is mounted with noexec: {}</source>
            <translation>配置文件夹所在的文件系统以 noexec 挂载，不允许从中运行程序：{}</translation>
        </message>
        <message>
            <location filename="../svf_tools/fetch.py" />
            <source>{} was unpacked but does not run, perhaps because macOS blocks it: look under System Settings &gt; Privacy &amp; Security ({})</source>
            <translation>{} 已解压但无法运行，可能被 macOS 阻止：请查看“系统设置 &gt; 隐私与安全性”({})</translation>
        </message>
        <message>
            <location filename="../svf_tools/fetch.py" />
            <source>{} sends a file of {} instead of {}: it is another file.</source>
            <translation>{} 发送的文件大小为 {}，而不是 {}：这是另一个文件。</translation>
        </message>
        <message>
            <location filename="../svf_tools/fetch.py" />
            <source>This is a web page and not {}. Perhaps the network wants you to log in: open a web page in a browser, and try again.</source>
            <translation>这是一个网页，而不是 {}。网络可能要求登录：请在浏览器中打开任一网页，然后重试。</translation>
        </message>
        <message>
            <location filename="../svf_tools/fetch.py" />
            <source>The disk is full: {} are needed and {} are free in {}</source>
            <translation>磁盘已满：需要 {}，可用 {}，位置 {}</translation>
        </message>
        <message>
            <location filename="../svf_tools/fetch.py" />
            <source>The archive is not complete: {} lacks a library that comes with it: {}</source>
            <translation>压缩包不完整：{} 缺少随附的库：{}</translation>
        </message>
        <message>
            <location filename="../svf_tools/fetch.py" />
            <source>This plugin did not make {}. Remove it or give it another name.</source>
            <translation>{} 不是由本插件创建的。请将其删除或改名。</translation>
        </message>
        <message>
            <location filename="../svf_tools/fetch.py" />
            <source>The programs are in use: {} ({})</source>
            <translation>程序正在使用中：{} ({})</translation>
        </message>
        <message>
            <location filename="../svf_tools/fetch.py" />
            <source>The archive contains something that is not a file ({}).</source>
            <translation>压缩包中含有不是文件的内容（{}）。</translation>
        </message>
        <message>
            <location filename="../svf_tools/fetch.py" />
            <source>The archive contains a link to nothing ({}).</source>
            <translation>压缩包中有无效的链接（{}）。</translation>
        </message>
        <message>
            <location filename="../svf_tools/fetch.py" />
            <source>The archive does not contain {}: it is not the archive of svf-tools for {}.</source>
            <translation>压缩包中没有 {}：它不是 {} 的 svf-tools 压缩包。</translation>
        </message>
        <message>
            <location filename="../svf_tools/getprograms.py" />
            <source>This plugin needs the svf-tools programs, which do the computing. A plugin may not contain programs. QGIS can get them for you now. They are put into the folder of your QGIS profile. Nothing else on this computer is changed, and you need no administrator rights.</source>
            <translation>本插件需要 svf-tools 程序来完成计算。插件本身不得包含程序。QGIS 现在可以为您获取它们，并放入您的 QGIS 配置文件夹。除此之外不会更改这台计算机上的任何内容，也不需要管理员权限。</translation>
        </message>
        <message>
            <location filename="../svf_tools/getprograms.py" />
            <source>Get the programs…</source>
            <translation>获取程序…</translation>
        </message>
        <message>
            <location filename="../svf_tools/getprograms.py" />
            <source>Get the svf-tools programs</source>
            <translation>获取 svf-tools 程序</translation>
        </message>
        <message>
            <location filename="../svf_tools/getprograms.py" />
            <source>Used now:</source>
            <translation>目前使用：</translation>
        </message>
        <message>
            <location filename="../svf_tools/getprograms.py" />
            <source>Download and install</source>
            <translation>下载并安装</translation>
        </message>
        <message>
            <location filename="../svf_tools/getprograms.py" />
            <source>I have the file…</source>
            <translation>我已有该文件…</translation>
        </message>
        <message>
            <location filename="../svf_tools/getprograms.py" />
            <source>Archive of the svf-tools programs</source>
            <translation>svf-tools 程序压缩包</translation>
        </message>
        <message>
            <location filename="../svf_tools/getprograms.py" />
            <source>none were found</source>
            <translation>未找到</translation>
        </message>
        <message>
            <location filename="../svf_tools/getprograms.py" />
            <source>{} in {}</source>
            <translation>{}，位于 {}</translation>
        </message>
        <message>
            <location filename="../svf_tools/getprograms.py" />
            <source>svf-tools {} is installed, and the algorithms can be run now.</source>
            <translation>svf-tools {} 已安装，现在可以运行各算法。</translation>
        </message>
        <message>
            <location filename="../svf_tools/getprograms.py" />
            <source>svf-tools {} is installed, but other programs are found first and are used: {} in {}.</source>
            <translation>svf-tools {} 已安装，但优先使用的是其他程序：{}，位于 {}。</translation>
        </message>
        <message>
            <location filename="../svf_tools/getprograms.py" />
            <source>Get or update the svf-tools programs</source>
            <translation>获取或更新 svf-tools 程序</translation>
        </message>
        <message>
            <location filename="../svf_tools/getprograms.py" />
            <source>Programs:</source>
            <translation>程序：</translation>
        </message>
        <message>
            <location filename="../svf_tools/getprograms.py" />
            <source>Licence:</source>
            <translation>许可证：</translation>
        </message>
        <message>
            <location filename="../svf_tools/getprograms.py" />
            <source>MIT or Apache-2.0. GDAL, PROJ and other libraries come with them and have open licences of their own, see share/svf-tools/licences in the folder.</source>
            <translation>MIT 或 Apache-2.0。随附的 GDAL、PROJ 等库各有其开源许可证，见文件夹中的 share/svf-tools/licences。</translation>
        </message>
        <message>
            <location filename="../svf_tools/getprograms.py" />
            <source>Folder:</source>
            <translation>文件夹：</translation>
        </message>
        <message>
            <location filename="../svf_tools/getprograms.py" />
            <source>Close</source>
            <translation>关闭</translation>
        </message>
        <message>
            <location filename="../svf_tools/getprograms.py" />
            <source>Cancel</source>
            <translation>取消</translation>
        </message>
        <message>
            <location filename="../svf_tools/getprograms.py" />
            <source>This plugin does not know the file, and cannot tell who made it. Programs in it can do all that you can do. Install it only if you know where it comes from.

{}
SHA-256: {}

Install it?</source>
            <translation>本插件不认识该文件，无法判断由谁制作。其中的程序拥有与您相同的权限。仅在您知道其来源时才安装。

{}
SHA-256：{}

要安装吗？</translation>
        </message>
        <message>
            <location filename="../svf_tools/getprograms.py" />
            <source>From:</source>
            <translation>来源：</translation>
        </message>
        <message>
            <location filename="../svf_tools/getprograms.py" />
            <source>Size:</source>
            <translation>大小：</translation>
        </message>
        <message>
            <location filename="../svf_tools/getprograms.py" />
            <source>SHA-256:</source>
            <translation>SHA-256：</translation>
        </message>
        <message>
            <location filename="../svf_tools/getprograms.py" />
            <source>A file?</source>
            <translation>已有文件？</translation>
        </message>
        <message>
            <location filename="../svf_tools/getprograms.py" />
            <source>If you have an archive with programs for this computer, choose 'I have the file'.</source>
            <translation>如果您有适用于这台计算机的程序压缩包，请选择“我已有该文件”。</translation>
        </message>
        <message>
            <location filename="../svf_tools/getprograms.py" />
            <source>No internet?</source>
            <translation>没有网络？</translation>
        </message>
        <message>
            <location filename="../svf_tools/getprograms.py" />
            <source>The programs were not installed because of an unexpected error. The log has the details (View &gt; Panels &gt; Log Messages &gt; {}). Please report them: {}</source>
            <translation>由于意外错误，程序未安装。详细信息见日志（视图 &gt; 面板 &gt; 日志信息 &gt; {}）。请报告这些信息：{}</translation>
        </message>
        <message>
            <location filename="../svf_tools/getprograms.py" />
            <source>svf-tools {} for {}</source>
            <translation>svf-tools {}，适用于 {}</translation>
        </message>
        <message>
            <location filename="../svf_tools/getprograms.py" />
            <source>{} is not a file.</source>
            <translation>{} 不是文件。</translation>
        </message>
        <message>
            <location filename="../svf_tools/getprograms.py" />
            <source>{} to download, {} on the disk</source>
            <translation>下载 {}，占用磁盘 {}</translation>
        </message>
        <message>
            <location filename="../svf_tools/getprograms.py" />
            <source>Download {} on another computer from {}, and choose 'I have the file'.</source>
            <translation>请在另一台计算机上下载 {}（网址 {}），然后选择“我已有该文件”。</translation>
        </message>
        <message>
            <location filename="../svf_tools/getprograms.py" />
            <source>svf-tools {} is installed, but not used:</source>
            <translation>svf-tools {} 已安装，但未被使用：</translation>
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
            <source>{}: the layer has another CRS than its file, but the program reads the CRS from the file. Write the CRS into the file (Raster &gt; Projections &gt; Assign Projection), or export the layer.</source>
            <translation>{}：图层的 CRS 与其文件的不同，而程序从文件中读取 CRS。请将 CRS 写入文件（栅格 &gt; 投影 &gt; 指定投影），或导出该图层。</translation>
        </message>
        <message>
            <location filename="../svf_tools/platforms.py" />
            <source>32 bits</source>
            <translation>32 位</translation>
        </message>
        <message>
            <location filename="../svf_tools/platforms.py" />
            <source>ARM with 32 bits</source>
            <translation>32 位 ARM</translation>
        </message>
        <message>
            <location filename="../svf_tools/platforms.py" />
            <source>another processor</source>
            <translation>其他处理器</translation>
        </message>
        <message>
            <location filename="../svf_tools/platforms.py" />
            <source>There are no programs to download for {}: build them from source, see {}</source>
            <translation>没有可供 {} 下载的程序：请从源代码构建，见 {}</translation>
        </message>
        <message>
            <location filename="../svf_tools/platforms.py" />
            <source>Programs {} for {} have not been released yet.</source>
            <translation>{} 版程序（{}）尚未发布。</translation>
        </message>
        <message>
            <location filename="../svf_tools/platforms.py" />
            <source>The programs need glibc {}, and this system has another C library (musl?): build them from source, see {}</source>
            <translation>程序需要 glibc {}，而本系统使用其他 C 库（musl？）：请从源代码构建，见 {}</translation>
        </message>
        <message>
            <location filename="../svf_tools/platforms.py" />
            <source>The programs need glibc {} or later, and this system has {}: build them from source, see {}</source>
            <translation>程序需要 glibc {} 或更高版本，而本系统为 {}：请从源代码构建，见 {}</translation>
        </message>
        <message>
            <location filename="../svf_tools/platforms.py" />
            <source>The programs need macOS {} or later, and this is macOS {}: build them from source, see {}</source>
            <translation>程序需要 macOS {} 或更高版本，而本系统为 macOS {}：请从源代码构建，见 {}</translation>
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
            <source>crashes, or is stopped by the system</source>
            <translation>崩溃，或被系统终止</translation>
        </message>
        <message>
            <location filename="../svf_tools/runner.py" />
            <source>it is another program, or an old version</source>
            <translation>这是其他程序，或版本过旧</translation>
        </message>
        <message>
            <location filename="../svf_tools/runner.py" />
            <source>Cancelled. Finished tiles are kept. Run it again to resume.</source>
            <translation>已取消。已完成的瓦片会保留。再次运行即可继续。</translation>
        </message>
        <message>
            <location filename="../svf_tools/runner.py" />
            <source>does not report its version: {}</source>
            <translation>没有报告其版本：{}</translation>
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
            <source>writes without an end</source>
            <translation>不停地输出</translation>
        </message>
        <message>
            <location filename="../svf_tools/runner.py" />
            <source>does not answer</source>
            <translation>没有应答</translation>
        </message>
        <message>
            <location filename="../svf_tools/runner.py" />
            <source>it ends with exit code {}</source>
            <translation>程序结束，退出代码 {}</translation>
        </message>
        <message>
            <location filename="../svf_tools/runner.py" />
            <source>It may not be executable, or a library may be missing.</source>
            <translation>它可能没有执行权限，或缺少某个库。</translation>
        </message>
        <message>
            <location filename="../svf_tools/runner.py" />
            <source>{} cannot be started: {}</source>
            <translation>{} 无法启动：{}</translation>
        </message>
        <message>
            <location filename="../svf_tools/settings.py" />
            <source>The memory must be a whole number of MB. With 0 the program chooses.</source>
            <translation>内存必须是整数，单位 MB。为 0 时由程序决定。</translation>
        </message>
        <message>
            <location filename="../svf_tools/settings.py" />
            <source>Folder of the svf-tools programs (empty: search)</source>
            <translation>svf-tools 程序所在文件夹（留空：自动搜索）</translation>
        </message>
        <message>
            <location filename="../svf_tools/settings.py" />
            <source>Memory for a run, in MB (0: half of the free memory)</source>
            <translation>一次运行可用的内存，MB（0：空闲内存的一半）</translation>
        </message>
        <message>
            <location filename="../svf_tools/settings.py" />
            <source>Write every event of the programs to the log</source>
            <translation>把程序的每个事件写入日志</translation>
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
            <location filename="../svf_tools/words.py" />
            <source>If so, enter {value} under Layer Properties &gt; Transparency &gt; Additional no data value.</source>
            <translation>如果是，请在“图层属性 &gt; 透明度 &gt; 附加的无数据值”中填写 {value}。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Make the plan again with '{TILEPLAN}'.</source>
            <translation>请用“{TILEPLAN}”重新生成计划。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Empty the work folder to start again, or choose another one.</source>
            <translation>请清空工作文件夹以重新开始，或选择另一个文件夹。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Usually the disk is full, or you do not have permission to write there.</source>
            <translation>常见原因是磁盘已满，或没有写入权限。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Reproject the layer to the CRS of the raster first: QGIS says then which grid makes it more exact, and where to get it.</source>
            <translation>请先将该图层重投影到栅格的 CRS：QGIS 会提示哪个格网更精确以及从何处获取。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>The vegetation has another CRS than the heights.</source>
            <translation>植被与高程的 CRS 不同。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>The coordinates of both are compared as they are, without reprojection.</source>
            <translation>两者的坐标直接进行比较，不做重投影。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>{share} of the cells of {path} have the value {value}, far from all others. Is this undeclared NoData?</source>
            <translation>{path} 中 {share} 的像元值为 {value}，与其他值相差很远。这是未声明的无数据值吗？</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>If so, declare it in the file: Raster &gt; Conversion &gt; Translate.</source>
            <translation>如果是，请在文件中声明：栅格 &gt; 转换 &gt; 转换 (格式转换)。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>{path} has vegetation that is {high} high. Trees do not grow so high.</source>
            <translation>{path} 中有高度为 {high} 的植被。树木长不到这么高。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Vegetation is given as its height above the ground. If these are heights above sea level, subtract the ground first (Raster &gt; Raster Calculator).</source>
            <translation>植被以离地高度表示。如果这些是海拔高度，请先减去地面高程（栅格 &gt; 栅格计算器）。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>{path} has vegetation below the ground, down to {low}. It counts as no vegetation.</source>
            <translation>{path} 中有低于地面的植被，最低为 {low}。这些值不算作植被。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Vegetation is given as its height above the ground. If these are heights above sea level, subtract the ground first (Raster &gt; Raster Calculator). If the sign is wrong, multiply by -1.</source>
            <translation>植被以离地高度表示。如果这些是海拔高度，请先减去地面高程（栅格 &gt; 栅格计算器）。如果符号有误，请乘以 -1。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Vegetation: {said}</source>
            <translation>植被：{said}</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>'{CANOPY}' has no effect on {measures}.</source>
            <translation>“{CANOPY}”对 {measures} 没有影响。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Only measures that are a share of the sky take vegetation into account.</source>
            <translation>只有表示天空份额的指标才考虑植被。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>'{CANOPY}' has no effect on some of the measures.</source>
            <translation>“{CANOPY}”对部分指标没有影响。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>There is no vegetation: every value of svf-veg and svf-aveg is 1.</source>
            <translation>没有植被：svf-veg 和 svf-aveg 的值全部为 1。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>They are what crowns block: give their heights above the ground as '{CANOPY}'.</source>
            <translation>这些指标表示树冠遮挡的部分：请将树冠的离地高度作为“{CANOPY}”给出。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>'{TRUNK_RATIO}' is {ratio}: crowns begin at their tops, so there are none.</source>
            <translation>“{TRUNK_RATIO}”为 {ratio}：树冠从其顶部开始，因此没有树冠。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>It is the height of the lower edge of a crown divided by the height of its top, usually 0.25.</source>
            <translation>它是树冠下缘高度与树冠顶部高度之比，通常为 0.25。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>In {share} of the cells with vegetation, '{TRUNK}' is at or above '{CANOPY}': there are no crowns there.</source>
            <translation>在 {share} 的植被像元中，“{TRUNK}”不低于“{CANOPY}”：那里没有树冠。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Are the two layers swapped? '{TRUNK}' is the height above the ground of the lower edges of crowns.</source>
            <translation>两个图层是否弄反了？“{TRUNK}”是树冠下缘离地面的高度。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>'{TRUNK}' is the height above the ground of the lower edges of crowns.</source>
            <translation>“{TRUNK}”是树冠下缘离地面的高度。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>The raster covers all longitudes.</source>
            <translation>该栅格覆盖所有经度。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Sight lines end at its left and right edge, as at any other edge.</source>
            <translation>视线在其左右边缘处结束，与其他边缘相同。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>The raster is not on the Earth. The radius of its own body is used, {radius_km} km.</source>
            <translation>该栅格不属于地球。使用其所属天体的半径，{radius_km} km。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>'{REFRACTION}' is 0 unless you set it.</source>
            <translation>除非另行设置，“{REFRACTION}”为 0。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>The raster is not on the Earth. The radius of its own body is used.</source>
            <translation>该栅格不属于地球。使用其所属天体的半径。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>The raster is in degrees.</source>
            <translation>该栅格以度为单位。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>The cell sizes are converted to metres on the ellipsoid. '{RADIUS}' and the heights are assumed to be in metres. '{Z_FACTOR}' converts heights in another unit.</source>
            <translation>像元大小按椭球换算为米。“{RADIUS}”和高程按米处理。其他单位的高程可用“{Z_FACTOR}”换算。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>The coordinates of {path} look like degrees, but its CRS is not in degrees.</source>
            <translation>{path} 的坐标看起来是度，但其 CRS 不以度为单位。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>If they are degrees, set the right CRS for the layer (right-click on the layer &gt; Layer CRS). If they are not, tick '{PLAIN_UNITS}' in the advanced parameters.</source>
            <translation>如果是度，请为图层设置正确的 CRS（右键图层 &gt; 图层CRS）。如果不是，请在高级参数中勾选“{PLAIN_UNITS}”。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>The coordinates of {path} look like kilometres, but its heights are in another unit.</source>
            <translation>{path} 的坐标看起来是千米，但其高程是另一种单位。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>If they are kilometres, convert them to metres first (Raster &gt; Conversion &gt; Translate, with -a_ullr). If they are not, tick '{PLAIN_UNITS}' in the advanced parameters.</source>
            <translation>如果是千米，请先换算为米（栅格 &gt; 转换 &gt; 转换格式，使用 -a_ullr）。如果不是，请在高级参数中勾选“{PLAIN_UNITS}”。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Coordinates are converted from {from} to {to} within about {accuracy_m} m, and cells are {cell_m} m wide.</source>
            <translation>坐标从 {from} 转换到 {to} 的精度约为 {accuracy_m} 米，而像元宽度为 {cell_m} 米。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>There is no conversion of the coordinates to the datum of the raster: both are taken as the same, and places can be some 100 m off.</source>
            <translation>没有将坐标转换到栅格基准面的方法：两者被视为相同，位置可能偏差约 100 米。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>The raster has no CRS. Its axes are in {unit}.</source>
            <translation>该栅格没有 CRS。其坐标轴的单位是 {unit}。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>The heights and '{RADIUS}' are assumed to be in {unit}, too. If you know the CRS, set it for the layer (right-click on the layer &gt; Layer CRS).</source>
            <translation>高程和“{RADIUS}”也按 {unit} 处理。如果知道 CRS，请为图层设置（右键图层 &gt; 图层CRS）。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>The raster has no CRS.</source>
            <translation>该栅格没有 CRS。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Its cell size, the heights and '{RADIUS}' are assumed to be in the same unit. If you know the CRS, set it for the layer (right-click on the layer &gt; Layer CRS).</source>
            <translation>其像元大小、高程和“{RADIUS}”按同一单位处理。如果知道 CRS，请为图层设置（右键图层 &gt; 图层CRS）。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Lengths on this map are {scale} times as long as on the ground in one direction, {across} times across it.</source>
            <translation>此地图上的长度在一个方向上是地面上的 {scale} 倍，在与其垂直的方向上是 {across} 倍。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Reproject the raster first (Raster &gt; Projections &gt; Warp).</source>
            <translation>请先对栅格重投影（栅格 &gt; 投影 &gt; 变形）。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Lengths on this map are {scale} times as long as on the ground.</source>
            <translation>此地图上的长度是地面上的 {scale} 倍。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Set '{Z_FACTOR}' to {factor} and multiply '{RADIUS}' by {scale}. Or reproject the raster first (Raster &gt; Projections &gt; Warp).</source>
            <translation>请将“{Z_FACTOR}”设为 {factor}，并将“{RADIUS}”乘以 {scale}。或者先对栅格重投影（栅格 &gt; 投影 &gt; 变形）。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Scale of the map: {said}</source>
            <translation>地图比例：{said}</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Vegetation is in units of {unit_m} m, but heights are in units of {ground_m} m.</source>
            <translation>植被的单位是 {unit_m} 米，而高程的单位是 {ground_m} 米。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Multiply the vegetation by {canopy_factor} first (Raster &gt; Raster Calculator).</source>
            <translation>请先将植被乘以 {canopy_factor}（栅格 &gt; 栅格计算器）。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>The heights are in units of {unit_m} m, but the cells are in {cells}.</source>
            <translation>高程的单位是 {unit_m} 米，而像元的单位是 {cells}。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Set '{Z_FACTOR}' to {factor}.</source>
            <translation>请将“{Z_FACTOR}”设为 {factor}。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Vegetation and heights are in different units.</source>
            <translation>植被与高程的单位不同。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>The heights are in another unit than the cells.</source>
            <translation>高程与像元的单位不同。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>The CRS is in {unit}, not in metres.</source>
            <translation>CRS 的单位是 {unit}，不是米。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>The heights and '{RADIUS}' are assumed to be in {unit}, too. '{Z_FACTOR}' converts heights in another unit.</source>
            <translation>高程和“{RADIUS}”也按 {unit} 处理。其他单位的高程可用“{Z_FACTOR}”换算。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Units: {said}</source>
            <translation>单位：{said}</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Band {band} of {path} is called '{name}'. Are its values depths? They are used as heights.</source>
            <translation>{path} 的波段 {band} 名为“{name}”。它的值是深度吗？这些值被当作高程使用。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>If they are depths, multiply them by -1 first (Raster &gt; Raster Calculator).</source>
            <translation>如果是深度，请先乘以 -1（栅格 &gt; 栅格计算器）。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Depths: {said}</source>
            <translation>深度：{said}</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>The file says that its values are depths. They are converted to heights.</source>
            <translation>文件说明这些值是深度。它们会被转换为高程。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>If the values are heights already, first remove the vertical CRS, or the attribute 'positive', from the file.</source>
            <translation>如果这些值本来就是高程，请先从文件中去掉垂直 CRS 或属性“positive”。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>{path} looks like a raster that was computed from heights, such as slopes.</source>
            <translation>{path} 看起来是由高程计算得到的栅格，例如坡度。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Choose the raster that it was computed from. If these are heights, ignore this warning.</source>
            <translation>请选择计算它所用的栅格。如果这些确实是高程，请忽略此警告。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>{path} looks like a hillshade, which is a picture of heights and not heights.</source>
            <translation>{path} 看起来是山体阴影，即高程的图像，而不是高程。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Choose the raster that the hillshade was made from. If these are heights, ignore this warning.</source>
            <translation>请选择生成该山体阴影的栅格。如果这些确实是高程，请忽略此警告。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>The heights of {path} go from {low} to {high}. Is {value} undeclared NoData?</source>
            <translation>{path} 的高程从 {low} 到 {high}。{value} 是未声明的无数据值吗？</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>NoData: {said}</source>
            <translation>无数据值：{said}</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>If so, enter it under Layer Properties &gt; Transparency &gt; Additional no data value.</source>
            <translation>如果是，请在“图层属性 &gt; 透明度 &gt; 附加的无数据值”中填写。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>{path} has the type {type}, which cannot store all of these NoData values: {values}</source>
            <translation>{path} 的类型为 {type}，无法存储以下全部无数据值：{values}</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Check Layer Properties &gt; Transparency &gt; Additional no data value.</source>
            <translation>请检查“图层属性 &gt; 透明度 &gt; 附加的无数据值”。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>No cell of {path} has a height, so every cell of the result is NoData.</source>
            <translation>{path} 中没有任何像元具有高程，因此结果的所有像元均为无数据。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Check '{BAND}', and the NoData value under Layer Properties &gt; Transparency.</source>
            <translation>请检查“{BAND}”，以及“图层属性 &gt; 透明度”中的无数据值。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>{path} has heights that are coded as colours ({coding}). A single band of it is not a height.</source>
            <translation>{path} 中的高程以颜色编码（{coding}）。单个波段不是高程。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Compute the heights first (Raster &gt; Raster Calculator), with A, B, C for the red, green and blue band: {formula}</source>
            <translation>请先计算高程（栅格 &gt; 栅格计算器），A、B、C 分别为红、绿、蓝波段：{formula}</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Band {band} of {path} is a colour of a picture, not heights.</source>
            <translation>{path} 的第 {band} 波段是图片的颜色，不是高程。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Choose a raster of heights, or another '{BAND}'.</source>
            <translation>请选择高程栅格，或另一个“{BAND}”。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Picture: {said}</source>
            <translation>图片：{said}</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>The heights of {path} go from {low} to {high}. No place on Earth has such a relief.</source>
            <translation>{path} 的高程从 {low} 到 {high}。地球上没有这样的起伏。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>If there is undeclared NoData, enter it under Layer Properties &gt; Transparency &gt; Additional no data value. If the heights are in another unit, '{Z_FACTOR}' converts them.</source>
            <translation>如果有未声明的无数据值，请在“图层属性 &gt; 透明度 &gt; 附加的无数据值”中填写。如果高程使用其他单位，可用“{Z_FACTOR}”换算。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Relief: {said}</source>
            <translation>起伏：{said}</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>{path} looks like a result of these tools, not like heights.</source>
            <translation>{path} 看起来是这些工具的结果，而不是高程。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Choose the raster that the result was made from.</source>
            <translation>请选择生成该结果的栅格。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>{path} declares the NoData value {value}, but its values are from 0 to 255. Are these signed bytes whose sign was lost?</source>
            <translation>{path} 声明的无数据值为 {value}，但其值在 0 到 255 之间。这些是丢失了符号的有符号字节吗？</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>If so, 255 should be -1: subtract 256 from all values above 127 first (Raster &gt; Raster Calculator).</source>
            <translation>如果是，255 应为 -1：请先将所有大于 127 的值减去 256（栅格 &gt; 栅格计算器）。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Values of {path} up to {low} lie beside values from {high} on, with none in between. Are these signed bytes whose sign was lost?</source>
            <translation>{path} 中不大于 {low} 的值与不小于 {high} 的值相邻，中间没有其他值。这些是丢失了符号的有符号字节吗？</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Values: {said}</source>
            <translation>值：{said}</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>{share} of the cells of {path} have values that are too large for a height, up to {largest}. They are treated as missing.</source>
            <translation>{path} 中 {share} 的像元的值过大，不可能是高程，最大为 {largest}。这些像元按缺失处理。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>If this value means NoData, nothing needs to be done.</source>
            <translation>如果该值表示无数据，则无需任何操作。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>The unit of the heights, "{unit}", is not known. The heights are assumed to be in {cells}.</source>
            <translation>高程的单位“{unit}”无法识别。高程按 {cells} 处理。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>'{Z_FACTOR}' converts them.</source>
            <translation>可用“{Z_FACTOR}”换算。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>The unit of the band, "{unit}", is not a length. Are these heights?</source>
            <translation>该波段的单位“{unit}”不是长度单位。这是高程吗？</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>If not, choose another '{BAND}'.</source>
            <translation>如果不是，请选择另一个“{BAND}”。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>The band is in units of {band_m} m, but its vertical CRS is in units of {crs_m} m. The CRS counts.</source>
            <translation>波段的单位为 {band_m} 米，但其垂直 CRS 的单位为 {crs_m} 米。以 CRS 为准。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>If the unit of the band is right, set '{Z_FACTOR}' to {factor}.</source>
            <translation>如果波段的单位正确，请将“{Z_FACTOR}”设为 {factor}。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>The heights are in units of {unit_m} m, but the unit of the cells is not known. They are assumed to be in the same unit.</source>
            <translation>高程的单位为 {unit_m} 米，但像元的单位未知。按同一单位处理。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>If the cells are in metres, set '{Z_FACTOR}' to {unit_m}.</source>
            <translation>如果像元以米为单位，请将“{Z_FACTOR}”设为 {unit_m}。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Unit of the heights: {said}</source>
            <translation>高程的单位：{said}</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>A bug in the program: {said}</source>
            <translation>程序中的错误：{said}</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Please report it at {REPORT_TO}, with the command from the log.</source>
            <translation>请在 {REPORT_TO} 报告，并附上日志中的命令。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>These tiles are missing or damaged: {tiles}.</source>
            <translation>以下瓦片缺失或损坏：{tiles}。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Run the algorithm again: it computes them.</source>
            <translation>请再次运行该算法，它会计算这些瓦片。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Compute them with '{COMPUTETILES}', then join again.</source>
            <translation>请用“{COMPUTETILES}”计算它们，然后重新拼接。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>{path} was there before, and is not a part of this result.</source>
            <translation>{path} 是先前就有的文件，不属于本次结果。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Delete it, or keep it under another name.</source>
            <translation>请将其删除，或改名保留。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Files of an earlier run with this name are still there.</source>
            <translation>先前运行留下的同名文件仍然存在。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Delete them: they are not a part of this result.</source>
            <translation>请删除这些文件：它们不属于本次结果。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>{path} changes the cell size of its files while they are read ({method}): GDAL's values then depend on the part that is read, so results depend on the size of the tiles.</source>
            <translation>{path} 在读取时改变其文件的像元大小（{method}）：GDAL 的值因此取决于所读取的部分，结果也就取决于瓦片的大小。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Write the files in one cell size first, with 'Warp (reproject)', and use the result.</source>
            <translation>先用“变形（重投影）”把这些文件写成同一像元大小，再使用其结果。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>A raster changes the cell size of its files while they are read: results depend on the size of the tiles.</source>
            <translation>有一个栅格在读取时改变其文件的像元大小：结果取决于瓦片的大小。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>The server does not say which version of {path} it has.</source>
            <translation>服务器没有说明 {path} 的版本。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>A change that leaves the size as it is will not be noticed.</source>
            <translation>如果内容改变而大小不变，将不会被发现。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>These tiles are missing or damaged and become NoData: {tiles}.</source>
            <translation>以下瓦片缺失或损坏，将填充为无数据值：{tiles}。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>The output already exists and is the result of this run. It is not changed.</source>
            <translation>输出已存在，并且就是本次运行的结果。不会更改它。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>{path} belongs to the input. The output would destroy it.</source>
            <translation>{path} 属于输入。写入该处会破坏输入。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Choose another output.</source>
            <translation>请选择其他输出。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>The format of the output cannot store all of it: {said}</source>
            <translation>输出格式不能保存全部内容：{said}</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Say it again where the file is read, or choose a GeoTIFF (.tif), which stores it.</source>
            <translation>请在读取该文件的地方重新给出，或者选择能保存它的 GeoTIFF (.tif)。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Work folder of another run: {said}</source>
            <translation>其他运行的工作文件夹：{said}</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Plan: {said}</source>
            <translation>计划：{said}</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>'{MEMORY}' is {limit}, but this run needs {least_mb} MB or more.</source>
            <translation>“{MEMORY}”为 {limit}，但本次运行至少需要 {least_mb} MB。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Set '{MEMORY}' higher. A smaller '{RADIUS}' or fewer '{THREADS}' need less.</source>
            <translation>请调高“{MEMORY}”。减小“{RADIUS}”或“{THREADS}”可减少所需内存。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>This run needs {least_mb} MB of memory or more.</source>
            <translation>本次运行至少需要 {least_mb} MB 内存。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Memory: {said}</source>
            <translation>内存：{said}</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Work folder: {said}</source>
            <translation>工作文件夹：{said}</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>The point lies on NoData: it has no height, and so no value.</source>
            <translation>该点位于无数据处：没有高程，因此没有值。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>The layer of points has no CRS. Its coordinates are assumed to be in the CRS of the heights.</source>
            <translation>点图层没有 CRS。其坐标按高程的 CRS 处理。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>If that is wrong, set the CRS of the layer of points.</source>
            <translation>如果不对，请设置点图层的 CRS。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Layer of points: {said}</source>
            <translation>点图层：{said}</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Points: {said}</source>
            <translation>点：{said}</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Do the points lie on the raster? Check the CRS of the layer of points.</source>
            <translation>这些点在栅格上吗？请检查点图层的 CRS。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Points without a value: {skipped} of {total}.</source>
            <translation>没有值的点：{skipped} / {total}。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>The column 'status' of the table says why.</source>
            <translation>原因见表格的“status”列。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>'{RADIUS}' is larger than the raster: {used} is used.</source>
            <translation>“{RADIUS}”大于栅格：使用 {used}。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>'{RADIUS}': {said}</source>
            <translation>“{RADIUS}”：{said}</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>This band of {path} cannot be used: {reason}</source>
            <translation>{path} 的该波段无法使用：{reason}</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Choose another '{BAND}'.</source>
            <translation>请选择另一个“{BAND}”。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Band: {said}</source>
            <translation>波段：{said}</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>{path} cannot be created: {reason}</source>
            <translation>无法创建 {path}：{reason}</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Output: {said}</source>
            <translation>输出：{said}</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>{path} cannot be completed: {reason}</source>
            <translation>无法完成 {path}：{reason}</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>The grid of {path} cannot be used: {reason}</source>
            <translation>{path} 的网格无法使用：{reason}</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Grid: {said}</source>
            <translation>网格：{said}</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>{path} cannot be opened: {reason}</source>
            <translation>无法打开 {path}：{reason}</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Input: {said}</source>
            <translation>输入：{said}</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>{path} cannot be read: {reason}</source>
            <translation>无法读取 {path}：{reason}</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>The file is damaged there, or its disk or network failed.</source>
            <translation>文件在该处已损坏，或其磁盘、网络出现故障。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>The file has a scale and an offset: its values are multiplied by {scale}, and {offset} is added.</source>
            <translation>该文件带有比例和偏移：其值乘以 {scale}，再加上 {offset}。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>{path} cannot be written: {reason}</source>
            <translation>无法写入 {path}：{reason}</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>'{RECEIVERS}' has another CRS than the heights, or none.</source>
            <translation>“{RECEIVERS}”的 CRS 与高程不同，或没有 CRS。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>'{RECEIVERS}' has no cell with a height: all cells become NoData.</source>
            <translation>“{RECEIVERS}”中没有带高程的像元：所有像元都成为 NoData。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Of a raster, the cells count that are neither 0 nor NoData; of a vector layer, those in its polygons, on its lines or at its points.</source>
            <translation>栅格中既不为 0 也不为 NoData 的像元有效；矢量图层则为其多边形内、线上或点处的像元。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>The system does not let the program start as many threads as it needs.</source>
            <translation>系统不允许程序启动所需数量的线程。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Choose fewer '{THREADS}', or raise the limit of the system.</source>
            <translation>减小“{THREADS}”，或提高系统的限制。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Something that is not a tile has the name of a tile. These tiles are not computed: {tiles}.</source>
            <translation>瓦片的名称已被其他内容占用。以下瓦片未计算：{tiles}。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Move it to another place, then run the algorithm again. All other tiles are done.</source>
            <translation>请将该内容移到别处，然后再次运行该算法。其他瓦片均已完成。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>These tiles are not computed, because the input cannot be read there: {tiles}.</source>
            <translation>以下瓦片未计算，因为无法读取该处的输入：{tiles}。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Copy or download the damaged file again, then run the algorithm again. All other tiles are done.</source>
            <translation>请重新复制或下载损坏的文件，然后再次运行该算法。其他瓦片均已完成。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>The files of these tiles cannot be read now: {tiles}.</source>
            <translation>目前无法读取以下分块的文件：{tiles}。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>The disk, the network or the permissions are the reason. Run the algorithm again later.</source>
            <translation>原因是磁盘、网络或权限。请稍后再次运行该算法。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>These tiles are damaged and are computed again: {tiles}.</source>
            <translation>以下瓦片已损坏，将重新计算：{tiles}。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Tiles: {said}</source>
            <translation>瓦片：{said}</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>A measure is chosen twice.</source>
            <translation>某个指标被选择了两次。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Parameter: {said}</source>
            <translation>参数：{said}</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>'{POINT}': {said}</source>
            <translation>“{POINT}”：{said}</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Check the coordinates, and the CRS in brackets behind them. x comes before y, longitude before latitude.</source>
            <translation>请检查坐标及其后方括号中的 CRS。x 在 y 之前，经度在纬度之前。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>'{TILES}': {said}</source>
            <translation>“{TILES}”：{said}</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>'{EXTENT}' lies outside the raster.</source>
            <translation>“{EXTENT}”位于栅格之外。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>The work folder contains other files: {path}</source>
            <translation>工作文件夹中有其他文件：{path}</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Choose a new or an empty folder.</source>
            <translation>请选择新的或空的文件夹。</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>{first} ... ({count} in all)</source>
            <translation>{first} ...（共 {count} 个）</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/base.py" />
            <source>Layer Properties &gt; Transparency &gt; Additional no data value</source>
            <translation>图层属性 &gt; 透明度 &gt; 附加的无数据值</translation>
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
            <source>The output cannot be a memory layer. Choose a file or a temporary file.</source>
            <translation>输出不能是内存图层。请选择一个文件或临时文件。</translation>
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
            <source>The raster with the heights: a surface model (DSM) for cities, a terrain model (DTM, DEM) for landscapes. It can have any format that GDAL reads, and any size, because the whole raster is never in memory. Heights and cells must have the same unit (see Z factor).</source>
            <translation>高程栅格：城市用地表模型 (DSM)，地形用地形模型 (DTM、DEM)。可用 GDAL 能读取的任何格式和任意大小，因为栅格不会整个读入内存。高程与像元必须使用同一单位（见 Z 系数）。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Band</source>
            <translation>波段</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>The band with the heights.</source>
            <translation>存放高程的波段。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Search radius</source>
            <translation>搜索半径</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>The distance that each cell looks, in units of the layer's CRS, or in metres if the layer is in degrees. Usual values: 100 to 300 m for streets, 500 to 1000 m for a city with towers, 5 to 20 m to show small landforms, 5 to 20 km for mountain valleys on a coarse grid. A radius 16 times as large takes two to three times as long.</source>
            <translation>每个像元向外看多远，单位为图层 CRS 的单位；若图层以度为单位，则为米。常用值：街道 100 至 300 m，有高楼的城市 500 至 1000 m，显示微地形 5 至 20 m，粗网格上的山谷 5 至 20 km。半径增大到 16 倍，用时为两到三倍。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Directions</source>
            <translation>方向数</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Number of sight lines around each cell. 16 are enough for most maps. Use 32 or 64 if there are single towers on open ground. Twice as many directions take twice as long.</source>
            <translation>每个像元周围视线的条数。对大多数地图，16 条就够了。开阔地上有孤立的高塔时，请用 32 或 64。方向数加倍，用时也加倍。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Missing heights</source>
            <translation>缺失高程</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>What a sight line does where heights are missing, and at the edge of the raster.
skip: it continues behind the gap, as in SAGA.
stop: it ends there.
nan: the cell becomes NoData.</source>
            <translation>视线遇到缺失高程或栅格边缘时的处理。
skip：越过缺口继续，与 SAGA 相同。
stop：到此为止。
nan：该像元成为 NoData。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Part of the raster</source>
            <translation>栅格的一部分</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Only the cells in this part are computed. Heights around it are still used. The edges of the part move to the nearest edges of cells. Empty: the whole raster.</source>
            <translation>只计算这一部分的像元，其周围的高程仍会使用。边界移到最近的像元边。留空：整个栅格。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Sampling</source>
            <translation>采样</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Where heights are read on a sight line.
linear: interpolated between the cells, without bias.
crossings: the same, at rows and at columns of cells. Closest to the surface, but slower.
nearest: from the nearest cell, at the distance of its centre, as in RVT. A wall is then half a cell too far away.
divided: from the nearest cell, in equal steps, as in SAGA.</source>
            <translation>在视线上的何处读取高程。
linear：在像元之间插值，无偏差。
crossings：同样插值，在像元的行和列处都读取。最接近表面，但较慢。
nearest：取最近的像元，距离为其中心的距离，与 RVT 相同。墙面因此会远半个像元。
divided：按等步长取最近的像元，与 SAGA 相同。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Divisions of a sight line</source>
            <translation>视线的分段数</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Number of points on a sight line. Only for the sampling 'divided'. Empty: one point for each cell.</source>
            <translation>视线上的点数。只用于采样方式“divided”。留空：每个像元一个点。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Ignore what is nearer than</source>
            <translation>忽略比此更近的地物</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>A distance in the unit of the search radius, and less than it. Small things on the ground that are nearer do not count, as with the noise removal of RVT. Not together with vegetation. Empty: nothing is ignored.</source>
            <translation>一个距离，单位与搜索半径相同，且小于搜索半径。比它更近的地面小物体不计入，类似 RVT 的去噪。不能与植被同时使用。留空：不忽略。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Search</source>
            <translation>搜索</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>How horizons are searched.
exact: everything on a sight line counts.
cascade: much faster if the radius has hundreds of cells, but values differ a little: svf typically by 0.0005 on natural ground and by 0.002 among buildings, at single cells by up to 0.02. Not for rasters in degrees, and not with vegetation.
Empty: exact.</source>
            <translation>如何搜索地平线。
exact：视线上的一切都计入。
cascade：当半径为数百个像元时快得多，但数值略有差异：svf 在自然地形上通常相差 0.0005，在建筑物之间相差 0.002，个别像元最多相差 0.02。不能用于以度为单位的栅格，也不能与植被同时使用。
留空：exact。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>First direction</source>
            <translation>起始方向</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Azimuth of the first direction in degrees, less than the angle between two directions. Half of this angle gives the middles of sectors. Empty: 0, north.</source>
            <translation>第一个方向的方位角（度），须小于相邻两个方向的夹角。取夹角的一半即为各扇区的中线。留空：0，即正北。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>North</source>
            <translation>北方向</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>The north that azimuths count from.
grid: along the columns of the raster.
true: true north in the middle of the raster, as for the position of the sun.
Empty: grid.</source>
            <translation>方位角所用的北方向。
grid：沿栅格的列方向。
true：栅格中心处的真北，与太阳位置一致。
留空：grid。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Observer height</source>
            <translation>观察者高度</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Height of the observer above the surface, in the unit of the cells, or in metres if the layer is in degrees.</source>
            <translation>观察者高出表面的高度，单位为像元的单位；若图层以度为单位，则为米。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Z factor</source>
            <translation>Z 系数</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Number that converts the heights into the unit of the cells. Example: 0.3048 for heights in feet and cells in metres.</source>
            <translation>把高程换算为像元单位的系数。例如高程为英尺、像元为米时为 0.3048。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Coordinates are plain units</source>
            <translation>坐标是普通单位</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Tick this if the coordinates look like degrees but are not, for example those of a model or a sketch.</source>
            <translation>如果坐标看起来像度但并不是度，例如模型或草图的坐标，请勾选。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Curvature of the Earth</source>
            <translation>地球曲率</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Distant heights are lowered by the curvature of the Earth, less the refraction: by 0.07 m at 1 km, by 7 m at 10 km.</source>
            <translation>按地球曲率（扣除折射）降低远处的高程：1 km 处降低 0.07 m，10 km 处降低 7 m。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Refraction</source>
            <translation>折射</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Share of the curvature that is cancelled because the air bends light. Empty: 0.13 on the Earth, 0 on other bodies.</source>
            <translation>因空气使光线弯曲而抵消的曲率份额。留空：地球上为 0.13，其他天体为 0。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Vegetation</source>
            <translation>植被</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Raster with the height of the vegetation above the ground, on the same grid as the heights. The heights must then be those without trees. Crowns let a share of the light through. Empty: all obstacles are solid.</source>
            <translation>植被离地高度的栅格，与高程使用同一网格。此时高程必须不含树木。树冠透过一部分光。留空：所有障碍都不透光。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Transmissivity of vegetation</source>
            <translation>植被透射率</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Share of the light that passes through a crown. Empty: 0.03, for trees in leaf.</source>
            <translation>透过树冠的光的份额。留空：0.03，适用于有叶的树木。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Trunk ratio</source>
            <translation>树干比例</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Height at which the crowns begin, as a share of the height of the vegetation. Empty: 0.25.</source>
            <translation>树冠起始处的高度占植被高度的比例。留空：0.25。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Trunk heights</source>
            <translation>树干高度</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Raster with the height above the ground at which the crowns begin. Use it instead of the trunk ratio.</source>
            <translation>树冠起始处离地高度的栅格。用来代替树干比例。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Only these cells</source>
            <translation>仅这些像元</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Compute only some cells, for example the ground without roofs. All others become NoData. A raster on the same grid as the heights: its cells that are neither 0 nor NoData. Or a vector layer: the cells in its polygons, on its lines or at its points. Heights are still used everywhere. Empty: all cells.</source>
            <translation>只计算部分像元，例如不含屋顶的地面，其余像元成为 NoData。可以是与高程同一网格的栅格：既不是 0 也不是 NoData 的像元；也可以是矢量图层：其多边形内、线上或点处的像元。高程仍在各处使用。留空：所有像元。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>{}: this only applies to measures that are angles, and none is chosen.</source>
            <translation>{}：仅适用于角度类指标，而当前没有选择任何角度类指标。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Unit of angles</source>
            <translation>角度单位</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Unit of the measures that are angles: horizon, slope, aspect, openness. Empty: degree.</source>
            <translation>角度类指标（地平线、坡度、坡向、开阔度）的单位。留空：度（degree）。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>{}: this only applies to the measure svf-anisotropic, which is not chosen.</source>
            <translation>{}：只适用于指标 svf-anisotropic，但未选择该指标。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Brightest direction</source>
            <translation>最亮的方向</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Only for svf-anisotropic: the direction in which the sky is brightest, in degrees clockwise from north (360 minus the azimuth of RVT). Empty: 315, the north-west.</source>
            <translation>只用于 svf-anisotropic：天空最亮的方向，单位为度，从北起顺时针（360 减去 RVT 的方位角）。留空：315，即西北。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Anisotropy</source>
            <translation>各向异性</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Only for svf-anisotropic: how much the brightness of the sky differs.
low: the darkest direction counts 0.4 times as much as the brightest.
high: 0.1 times as much.
Empty: low.</source>
            <translation>只用于 svf-anisotropic：天空亮度的差异程度。
low：最暗方向的权重为最亮方向的 0.4 倍。
high：0.1 倍。
留空：low。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Memory, MB</source>
            <translation>内存，MB</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>The most memory that the run may use, in MB. Empty: the value in the Processing options, or half of the free memory.</source>
            <translation>本次运行最多可用的内存，MB。留空：“数据处理”选项中的值，或空闲内存的一半。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Threads</source>
            <translation>线程数</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Number of threads. The result does not depend on it. Empty: as many as QGIS allows.</source>
            <translation>线程数。结果与它无关。留空：QGIS 允许的数量。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Creation options</source>
            <translation>创建选项</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Options of the GeoTIFF driver. Empty: tiled and compressed, and BigTIFF where needed.</source>
            <translation>GeoTIFF 驱动的选项。留空：分块并压缩，必要时用 BigTIFF。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Work folder</source>
            <translation>工作文件夹</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>For runs that take hours. Finished tiles are kept in this folder. If the run is stopped, run it again with the same folder to resume. Empty: no tiles are kept.</source>
            <translation>用于需要数小时的运行。已完成的瓦片保存在此文件夹中。运行被停止后，用同一文件夹再次运行即可继续。留空：不保留瓦片。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Resolution of the export</source>
            <translation>导出的分辨率</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>For layers that only QGIS can read: WCS, rasters in a database, virtual rasters. QGIS exports such a layer to a temporary file first. This is the size of its cells, in units of the layer's CRS. Empty: the layer's own cells.</source>
            <translation>用于只有 QGIS 能读取的图层：WCS、数据库中的栅格、虚拟栅格。QGIS 会先把这样的图层导出到临时文件。这是该文件的像元大小，单位为图层 CRS 的单位。留空：图层自己的像元。</translation>
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
            <source>Run time in seconds</source>
            <translation>运行时间，秒</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Version of svf_compute</source>
            <translation>svf_compute 的版本</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>The divisions only apply to the sampling 'divided'. Choose that sampling, or leave the divisions empty.</source>
            <translation>分段数只适用于采样方式“divided”。请选择该方式，或将分段数留空。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>{title}, radius {radius:g}</source>
            <translation>{title}，半径 {radius:g}</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>{}: this only applies with the curvature of the Earth, which is not ticked.</source>
            <translation>{}：只在考虑地球曲率时适用，但未勾选地球曲率。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>{}: this only applies with vegetation, which is not chosen.</source>
            <translation>{}：只在有植被时适用，但未选择植被。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>{}: leave either this or the trunk ratio empty.</source>
            <translation>{}：请将它或树干比例之一留空。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>{name}: {min} to {max}, mean {mean}. Cells with a value: {valid}, without: {nodata}.</source>
            <translation>{name}：{min} 至 {max}，平均 {mean}。有值的像元：{valid}，无值的像元：{nodata}。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>More bands: {}</source>
            <translation>其余波段：{}</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/computetiles.py" />
            <source>Plan</source>
            <translation>计划</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/computetiles.py" />
            <source>The plan made by 'Plan tiles'.</source>
            <translation>由“规划瓦片”生成的计划。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/computetiles.py" />
            <source>Compute tiles</source>
            <translation>计算瓦片</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/computetiles.py" />
            <source>Computes the tiles of a plan. If it is stopped, run it again to resume.</source>
            <translation>计算计划中的瓦片。停止后再次运行即可继续。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/computetiles.py" />
            <source>Number of finished tiles</source>
            <translation>已完成的瓦片数</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/computetiles.py" />
            <source>Step 2 of 3 for large rasters. If the run is cancelled or fails, finished tiles are kept: run it again to resume. Several machines can work on one plan at the same time, each on its own tiles.</source>
            <translation>大型栅格的第 2 步，共 3 步。如果运行被取消或失败，已完成的瓦片会保留：再次运行即可继续。多台机器可以同时处理同一计划，各自计算自己的瓦片。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/computetiles.py" />
            <source>Tiles</source>
            <translation>瓦片</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/computetiles.py" />
            <source>Numbers of the tiles to compute, for example 0-99,120. Empty: all tiles.</source>
            <translation>要计算的瓦片编号，例如 0-99,120。留空：全部瓦片。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/horizonangles.py" />
            <source>Horizon angles</source>
            <translation>地平线角</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/horizonangles.py" />
            <source>Angle of the horizon above the horizontal, in degrees. One band for each direction.</source>
            <translation>地平线高出水平面的角度，单位为度。每个方向一个波段。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/horizonangles.py" />
            <source>For each direction, the angle of the horizon above the horizontal, in degrees. Each direction is one band, named by its azimuth, clockwise from north. Models of solar radiation and shadow use such angles.</source>
            <translation>每个方向上地平线高出水平面的角度，单位为度。每个方向是一个波段，以方位角命名，从北起顺时针。太阳辐射和阴影模型使用这样的角度。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/horizonangles.py" />
            <source>Keep angles below the horizontal</source>
            <translation>保留低于水平面的角度</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/horizonangles.py" />
            <source>If the ground falls in a direction, the angle is negative. Without this option, it is 0.</source>
            <translation>某方向上地面下降时，角度为负。不勾选时，该处为 0。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/mosaic.py" />
            <source>Join tiles</source>
            <translation>拼接瓦片</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/mosaic.py" />
            <source>Joins the tiles of a plan into one raster. All tiles must be computed.</source>
            <translation>把计划中的瓦片拼接为一个栅格。所有瓦片必须已计算。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/mosaic.py" />
            <source>Step 3 of 3 for large rasters. All tiles are checked first. If a tile is missing, damaged or from another plan, the run stops and names it.</source>
            <translation>大型栅格的第 3 步，共 3 步。首先检查所有瓦片。如果某个瓦片缺失、损坏或来自其他计划，运行会停止并指出该瓦片。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/mosaic.py" />
            <source>The plan whose tiles were computed.</source>
            <translation>其瓦片已计算的计划。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/mosaic.py" />
            <source>Fill missing tiles with NoData</source>
            <translation>用 NoData 填充缺失的瓦片</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/mosaic.py" />
            <source>Join the tiles that exist. The log lists the missing ones.</source>
            <translation>拼接现有的瓦片。日志会列出缺失的瓦片。</translation>
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
            <source>Mean angle between the zenith, or the nadir, and the horizon, in degrees. Shows ridges and hollows without a light source.</source>
            <translation>天顶或天底与地平线之间的平均角，单位为度。无需光源即可显示山脊与洼地。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/openness.py" />
            <source>Unlike the sky view factor, openness also looks below the horizontal. The formula is that of Yokoyama et al. (2002), as in RVT and SAGA.</source>
            <translation>与天空可视因子不同，开阔度也考虑水平面以下的方向。公式为 Yokoyama 等（2002），与 RVT 和 SAGA 相同。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/openness.py" />
            <source>Measures</source>
            <translation>指标</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/openness.py" />
            <source>Bands of the output.</source>
            <translation>输出的波段。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/openness.py" />
            <source>Positive openness is the mean angle between the zenith and the horizon: 90° on a plane, more on ridges, less in valleys. Negative openness is the same for the surface turned upside down: it is large in hollows.</source>
            <translation>正开阔度是天顶与地平线之间的平均角：平面上为 90°，山脊上更大，山谷中更小。负开阔度是对上下颠倒的表面做同样的计算：洼地处较大。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/options.py" />
            <source>{}: the NoData values that are set in the layer are used: {}</source>
            <translation>{}：使用图层中设置的无数据值：{}</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/options.py" />
            <source>no value</source>
            <translation>无</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/options.py" />
            <source>Choose at least one measure.</source>
            <translation>请至少选择一个指标。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/options.py" />
            <source>{}: it lies outside the raster.</source>
            <translation>{}：位于栅格之外。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/options.py" />
            <source>{}: the raster cannot be opened. Load it as a layer first, then choose the layer.</source>
            <translation>{}：无法打开该栅格。请先将其加载为图层，再选择该图层。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/options.py" />
            <source>{}: only QGIS can read the format {}, not the programs. The file is read again later, without QGIS. Export the layer as a GeoTIFF first (right-click on the layer &gt; Export &gt; Save As) and choose the new file.</source>
            <translation>{}：只有 QGIS 能读取 {} 格式，这些程序不能。稍后会在没有 QGIS 的情况下再次读取该文件。请先将该图层导出为 GeoTIFF（右键图层 &gt; 导出 &gt; 另存为），再选择新文件。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/options.py" />
            <source>{}: the layer has another CRS ({}) than its file ({}). The file is read again later, without QGIS. Write the CRS into the file (Raster &gt; Projections &gt; Assign Projection), or export the layer and choose the new file.</source>
            <translation>{}：图层的 CRS（{}）与其文件的（{}）不同。之后会在没有 QGIS 的情况下再次读取该文件。请将 CRS 写入文件（栅格 &gt; 投影 &gt; 指定投影），或导出图层并选择新文件。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/options.py" />
            <source>{}: the layer is a picture (provider '{}') and has no heights.</source>
            <translation>{}：该图层是图片（数据源“{}”），没有高程。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/options.py" />
            <source>{}: the layer comes from the provider '{}'. It is read again later, without QGIS. Export it as a GeoTIFF first (right-click on the layer &gt; Export &gt; Save As) and choose the new file.</source>
            <translation>{}：该图层来自数据源“{}”，之后会在没有 QGIS 的情况下再次读取。请先导出为 GeoTIFF（右键图层 &gt; 导出 &gt; 另存为），再选择新文件。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/options.py" />
            <source>{}: the layer has no cells of its own. Set the resolution of the export in the advanced parameters.</source>
            <translation>{}：该图层没有自己的像元。请在高级参数中设置导出的分辨率。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/options.py" />
            <source>{}: an export of {} x {} cells is too large. Set a coarser resolution, or choose a part of the raster.</source>
            <translation>{}：导出 {} x {} 个像元过大。请设置更粗的分辨率，或选择栅格的一部分。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/options.py" />
            <source>{} must be greater than 0.</source>
            <translation>{} 必须大于 0。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/options.py" />
            <source>{}: {:g} looks like degrees. For a layer in degrees, enter metres.</source>
            <translation>{}：{:g} 看起来是度。对于以度为单位的图层，请输入米。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/options.py" />
            <source>{}: {}</source>
            <translation>{}：{}</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/options.py" />
            <source>{}: enter two coordinates, for example 500200,5600100 [EPSG:25832].</source>
            <translation>{}：请输入两个坐标，例如 500200,5600100 [EPSG:25832]。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/options.py" />
            <source>{}: the layer is not a file as it is. It is read again later, without QGIS. Export it as a GeoPackage first (right-click on the layer &gt; Export &gt; Save Features As) and choose the new file.</source>
            <translation>{}：该图层目前不是一个文件，之后会在没有 QGIS 的情况下再次读取。请先导出为 GeoPackage（右键图层 &gt; 导出 &gt; 要素另存为），再选择新文件。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/options.py" />
            <source>{}: the CRS of the layer is used ({}), not that of the file ({})</source>
            <translation>{}：使用图层的 CRS（{}），而不是文件的（{}）</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/options.py" />
            <source>{}: NoData that is set in the layer is not used, only that of the file</source>
            <translation>{}：不使用图层中设置的无数据值，只使用文件的</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/options.py" />
            <source>{}: NoData ranges of the layer are not used: {}</source>
            <translation>{}：不使用图层的无数据值范围：{}</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/sightlineprofile.py" />
            <source>Sight lines of a point</source>
            <translation>点的视线</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/sightlineprofile.py" />
            <source>Shows why a point has its sky view factor: its sight lines, its horizon and all measures.</source>
            <translation>说明一个点的天空可视因子从何而来：它的视线、地平线和全部指标。</translation>
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
            <source>Choose either a point or a layer of points.</source>
            <translation>请选择一个点或一个点图层，二者取一。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/sightlineprofile.py" />
            <source>A figure shows only one point. Leave either the layer of points or the figures empty.</source>
            <translation>一幅图只显示一个点。请将点图层或图留空。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/sightlineprofile.py" />
            <source>The values of a single point are also numbers that models can use. The figure shows the heights around the point, the section along each sight line, and the horizon.</source>
            <translation>单个点的值也是模型可以使用的数字。图中显示该点周围的高程、沿每条视线的剖面和地平线。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/sightlineprofile.py" />
            <source>Point</source>
            <translation>点</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/sightlineprofile.py" />
            <source>The place from which to look around, in any CRS. With the button, you choose it on the map. Empty: a layer of points is used.</source>
            <translation>观察的位置，可用任意 CRS。按钮可从地图上取点。留空：使用点图层。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/sightlineprofile.py" />
            <source>Layer of points</source>
            <translation>点图层</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/sightlineprofile.py" />
            <source>Many points instead of a single one, for example stations, in any CRS.</source>
            <translation>用多个点代替单个点，例如观测站，可用任意 CRS。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/sightlineprofile.py" />
            <source>Rows of the table</source>
            <translation>表格的行</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/sightlineprofile.py" />
            <source>What a row of the table is.
points: a point, with all measures.
lines: a sight line, with the angle and the place of its horizon.
samples: a height on a sight line.
Empty: lines for a single point, points for a layer.</source>
            <translation>表格的一行是什么。
points：一个点，含全部指标。
lines：一条视线，含其地平线的角度和位置。
samples：视线上的一个高程。
留空：单个点用 lines，图层用 points。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/sightlineprofile.py" />
            <source>Draw the paths of the sun</source>
            <translation>绘制太阳轨迹</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/sightlineprofile.py" />
            <source>Draws the sun on 21 June, 20 March and 21 December, with the hours of the day, into the fisheye view and the skyline of a single point.</source>
            <translation>在单个点的鱼眼图和天际线图中绘制 6 月 21 日、3 月 20 日和 12 月 21 日的太阳轨迹及各整点时刻。</translation>
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
            <source>Figure: the horizon as a skyline</source>
            <translation>图：天际线</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/sightlineprofile.py" />
            <source>{}: choose a file for the fisheye view or for the skyline.</source>
            <translation>{}：请为鱼眼图或天际线图选择一个文件。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/sightlineprofile.py" />
            <source>Looks around from one point, or from each point of a layer. For every direction you get the sight line and the place that makes the horizon, and for every point all measures. The values are those that 'Sky view factor' writes into the cell of the point.</source>
            <translation>从一个点或图层的每个点环视四周。对每个方向给出视线和形成地平线的位置，对每个点给出全部指标。这些值就是“天空可视因子”写入该点所在像元的值。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/sightlineprofile.py" />
            <source>{} of a single point</source>
            <translation>单个点的 {}</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/skyviewfactor.py" />
            <source>1 - mean of sin g, as in RVT, GRASS r.skyview and Whitebox</source>
            <translation>1 减去 sin g 的平均值，与 RVT、GRASS r.skyview、Whitebox 相同</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/skyviewfactor.py" />
            <source>how uncertain svf is because of the number of directions</source>
            <translation>方向数造成的 svf 的不确定度</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/skyviewfactor.py" />
            <source>mean of cos² g, as in UMEP and SOLWEIG, and in SAGA on flat ground</source>
            <translation>cos² g 的平均值，与 UMEP、SOLWEIG 相同，平地上也与 SAGA 相同</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/skyviewfactor.py" />
            <source>svf-cosine for a surface tilted like the terrain, as in SAGA and topocalc</source>
            <translation>对与地形同样倾斜的表面计算的 svf-cosine，与 SAGA、topocalc 相同</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/skyviewfactor.py" />
            <source>mean of 1 - 2g/180°, as in SAGA</source>
            <translation>1 - 2g/180° 的平均值，与 SAGA 相同</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/skyviewfactor.py" />
            <source>mean of cos g</source>
            <translation>cos g 的平均值</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/skyviewfactor.py" />
            <source>share of the view that is filled by other terrain, as in SAGA</source>
            <translation>视野中被其他地形占据的份额，与 SAGA 相同</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/skyviewfactor.py" />
            <source>mean angle between the zenith and the horizon, in degrees</source>
            <translation>天顶与地平线之间的平均角，单位为度</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/skyviewfactor.py" />
            <source>the same for the surface turned upside down, in degrees</source>
            <translation>对上下颠倒的表面做同样的计算，单位为度</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/skyviewfactor.py" />
            <source>svf for a sky that is brighter in one direction, as in RVT</source>
            <translation>在某一方向更亮的天空下的 svf，与 RVT 相同</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/skyviewfactor.py" />
            <source>svf-cosine of the northern half of the sky, as in UMEP</source>
            <translation>北半边天空的 svf-cosine，与 UMEP 相同</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/skyviewfactor.py" />
            <source>svf-cosine of the eastern half</source>
            <translation>东半边天空的 svf-cosine</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/skyviewfactor.py" />
            <source>svf-cosine of the southern half</source>
            <translation>南半边天空的 svf-cosine</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/skyviewfactor.py" />
            <source>svf-cosine of the western half</source>
            <translation>西半边天空的 svf-cosine</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/skyviewfactor.py" />
            <source>1 - share of the sky that only vegetation blocks, as svfveg in UMEP</source>
            <translation>1 - 仅被植被遮挡的天空比例，同 UMEP 的 svfveg</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/skyviewfactor.py" />
            <source>svf-veg of the northern half</source>
            <translation>北半边天空的 svf-veg</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/skyviewfactor.py" />
            <source>svf-veg of the eastern half</source>
            <translation>东半边天空的 svf-veg</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/skyviewfactor.py" />
            <source>svf-veg of the southern half</source>
            <translation>南半边天空的 svf-veg</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/skyviewfactor.py" />
            <source>svf-veg of the western half</source>
            <translation>西半边天空的 svf-veg</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/skyviewfactor.py" />
            <source>1 - share of the sky with vegetation in front of what blocks it, as svfaveg in UMEP</source>
            <translation>1 - 遮挡物前有植被的天空比例，同 UMEP 的 svfaveg</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/skyviewfactor.py" />
            <source>svf-aveg of the northern half</source>
            <translation>北半边天空的 svf-aveg</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/skyviewfactor.py" />
            <source>svf-aveg of the eastern half</source>
            <translation>东半边天空的 svf-aveg</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/skyviewfactor.py" />
            <source>svf-aveg of the southern half</source>
            <translation>南半边天空的 svf-aveg</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/skyviewfactor.py" />
            <source>svf-aveg of the western half</source>
            <translation>西半边天空的 svf-aveg</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/skyviewfactor.py" />
            <source>g in degrees, one band for each direction</source>
            <translation>g，单位为度，每个方向一个波段</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/skyviewfactor.py" />
            <source>mean distance to the place that makes the horizon</source>
            <translation>到形成地平线的位置的平均距离</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/skyviewfactor.py" />
            <source>slope of the terrain in degrees</source>
            <translation>地形坡度，单位为度</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/skyviewfactor.py" />
            <source>azimuth of its downhill direction in degrees, from north; NoData on level ground</source>
            <translation>其下坡方向的方位角，单位为度，从北起；平地为 NoData</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/skyviewfactor.py" />
            <source>share of the directions in which no height is missing</source>
            <translation>没有缺失高程的方向所占的份额</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/skyviewfactor.py" />
            <source>Bands of the output. g is the angle of the horizon in a direction.</source>
            <translation>输出的波段。g 为某方向上地平线的角度。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/skyviewfactor.py" />
            <source>How much of the sky each cell of a raster of heights sees. For rasters of any size.</source>
            <translation>高程栅格中每个像元能看到多少天空。适用于任意大小的栅格。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/skyviewfactor.py" />
            <source>Coming from SAGA</source>
            <translation>从 SAGA 转来</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/skyviewfactor.py" />
            <source>SAGA's tool keeps the whole raster in memory, and its radius 0 fails for more than 32,768 x 32,768 cells. This algorithm computes such rasters within the memory that you allow. The parameters and outputs of SAGA, and what they are here:</source>
            <translation>SAGA 的工具把整个栅格放在内存中；半径为 0 时，超过 32,768 x 32,768 个像元便会失败。本算法在您允许的内存内计算这样的栅格。SAGA 的参数和输出与此处的对应关系：</translation>
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
            <source>not needed: every cell within the radius is used</source>
            <translation>不需要：半径内的每个像元都会使用</translation>
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
            <source>(1 + cos slope) / 2, with MEASURES slope</source>
            <translation>(1 + cos 坡度) / 2，坡度由 MEASURES slope 得到</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/skyviewfactor.py" />
            <source>0 instead of the radius if nothing rises above the horizontal</source>
            <translation>没有高出水平面的遮挡时为 0，而不是半径</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/skyviewfactor.py" />
            <source>To compare cell by cell, choose the sampling 'divided', which is the rule of SAGA. The default measure here, svf, has another formula (1 - mean of the sines), which SAGA does not offer.</source>
            <translation>要逐像元比较，请选择采样方式“divided”，即 SAGA 的规则。此处默认的指标 svf 使用另一公式（1 减去正弦的平均值），SAGA 没有提供。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/skyviewfactor.py" />
            <source>Rasters larger than the memory are computed in tiles, without seams. If the run is cancelled or fails, no file is left. The svf-tools programs do the work. They are installed separately.</source>
            <translation>大于内存的栅格按瓦片计算，没有接缝。如果运行被取消或失败，不会留下文件。计算由 svf-tools 程序完成，这些程序需另行安装。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/skyviewfactor.py" />
            <source>sky view factor</source>
            <translation>天空可视因子</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/skyviewfactor.py" />
            <source>The share of the sky that each cell sees: 1 on open ground, near 0 in narrow courtyards. From each cell, sight lines go out in all directions, as far as the search radius. The steepest rise on a sight line makes its horizon.</source>
            <translation>每个像元能看到的天空份额：开阔地为 1，狭窄的院落接近 0。视线从每个像元向各个方向延伸，直到搜索半径。视线上最陡的上升形成地平线。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/solweiginput.py" />
            <source>Sky view factors for SOLWEIG</source>
            <translation>SOLWEIG 用天空可视因子</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/solweiginput.py" />
            <source>The file svfs.zip with the 15 rasters that SOLWEIG of UMEP reads. For rasters of any size.</source>
            <translation>UMEP 的 SOLWEIG 读取的 svfs.zip 文件，含 15 个栅格。适用于任意大小的栅格。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/solweiginput.py" />
            <source>To come near the values of UMEP, choose 64 directions and the sampling 'nearest'.</source>
            <translation>要接近 UMEP 的数值，请选择 64 个方向和采样方式“nearest”。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/solweiginput.py" />
            <source>The heights are ground and buildings. The vegetation is a layer of its own, with heights above the ground. In SOLWEIG, choose the result as the file with the sky view factors. The raster SkyViewFactor.tif is written beside it.</source>
            <translation>高程为地面和建筑物。植被是单独的图层，其高度为离地高度。在 SOLWEIG 中，把结果选作天空可视因子文件。栅格 SkyViewFactor.tif 写在其旁边。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/solweiginput.py" />
            <source>Archive</source>
            <translation>压缩包</translation>
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
            <source>Plans the sky view factor of a large raster in tiles. The plan is one file.</source>
            <translation>把大型栅格的天空可视因子规划为瓦片。计划是一个文件。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/tileplan.py" />
            <source>Number of tiles</source>
            <translation>瓦片数</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/tileplan.py" />
            <source>The tiles are kept in a folder next to the plan. Save the plan on a disk with enough room for the whole result.</source>
            <translation>瓦片保存在计划旁边的文件夹中。请把计划保存在足以容纳全部结果的磁盘上。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/tileplan.py" />
            <source>Tile size in cells</source>
            <translation>瓦片大小，像元</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/tileplan.py" />
            <source>Number of rows and columns of a tile. The result does not depend on it. Empty: as large as the memory allows.</source>
            <translation>瓦片的行数和列数。结果与它无关。留空：内存允许的最大值。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/tileplan.py" />
            <source>Footprints of the tiles</source>
            <translation>瓦片范围</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/tileplan.py" />
            <source>The plan is in the temporary folder, and so are its tiles. They are deleted when QGIS closes. Save the plan to a file, on a disk with enough room for the whole result.</source>
            <translation>计划及其瓦片位于临时文件夹中，关闭 QGIS 时会被删除。请将计划保存到文件中，所在磁盘须足以容纳全部结果。</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/tileplan.py" />
            <source>Step 1 of 3 for rasters that take hours: plan the tiles, compute them, join them. The plan holds the grid, the tiles and all parameters. Each step can be stopped and run again, also on several machines. Finished tiles are not computed again.</source>
            <translation>用于需要数小时的栅格的第 1 步，共 3 步：规划瓦片、计算瓦片、拼接瓦片。计划包含网格、瓦片和全部参数。每一步都可以停止后再次运行，也可在多台机器上运行。已完成的瓦片不会重新计算。</translation>
        </message>
    </context>
</TS>
