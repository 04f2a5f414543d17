<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de" sourcelanguage="en">
    <context>
        <name>svf_tools</name>
        <message>
            <location filename="../svf_tools/discovery.py" />
            <source>Empty the setting to search the usual places.</source>
            <translation>Leeren Sie die Einstellung, um an den üblichen Stellen zu suchen.</translation>
        </message>
        <message>
            <location filename="../svf_tools/discovery.py" />
            <source>does not say which version it is</source>
            <translation>sagt nicht, welche Version es ist</translation>
        </message>
        <message>
            <location filename="../svf_tools/discovery.py" />
            <source>The folder of the svf-tools programs in the Processing options is not right: {}</source>
            <translation>Der Ordner der svf-tools-Programme in den Verarbeitungsoptionen stimmt nicht: {}</translation>
        </message>
        <message>
            <location filename="../svf_tools/discovery.py" />
            <source>There is no {} in it.</source>
            <translation>Darin ist kein {}.</translation>
        </message>
        <message>
            <location filename="../svf_tools/discovery.py" />
            <source>update the plugin</source>
            <translation>aktualisieren Sie die Erweiterung</translation>
        </message>
        <message>
            <location filename="../svf_tools/discovery.py" />
            <source>update the programs</source>
            <translation>aktualisieren Sie die Programme</translation>
        </message>
        <message>
            <location filename="../svf_tools/discovery.py" />
            <source>profile of QGIS</source>
            <translation>Profil von QGIS</translation>
        </message>
        <message>
            <location filename="../svf_tools/discovery.py" />
            <source>usual folder</source>
            <translation>üblicher Ordner</translation>
        </message>
        <message>
            <location filename="../svf_tools/discovery.py" />
            <source>Tried:</source>
            <translation>Versucht:</translation>
        </message>
        <message>
            <location filename="../svf_tools/discovery.py" />
            <source>It does not exist.</source>
            <translation>Es gibt ihn nicht.</translation>
        </message>
        <message>
            <location filename="../svf_tools/discovery.py" />
            <source>There is no {} beside it.</source>
            <translation>Daneben ist kein {}.</translation>
        </message>
        <message>
            <location filename="../svf_tools/discovery.py" />
            <source>version {} (contract {}) does not fit this plugin, which needs {} (contract {}): {}</source>
            <translation>Version {} (Schnittstelle {}) passt nicht zu dieser Erweiterung, die {} (Schnittstelle {}) braucht: {}</translation>
        </message>
        <message>
            <location filename="../svf_tools/discovery.py" />
            <source>{name} was not found. This plugin runs the svf-tools programs, which are installed separately: see {url}. If they are installed, name their folder under Settings &gt; Options &gt; Processing &gt; Providers &gt; Sky view factor.</source>
            <translation>{name} wurde nicht gefunden. Diese Erweiterung ruft die Programme von svf-tools auf, die eigens zu installieren sind: siehe {url}. Sind sie installiert, dann nennen Sie ihren Ordner unter Einstellungen &gt; Optionen &gt; Verarbeitung &gt; Datenanbieter &gt; Sky View Factor.</translation>
        </message>
        <message>
            <location filename="../svf_tools/events.py" />
            <source>Looking for empty tiles</source>
            <translation>Suche nach leeren Kacheln</translation>
        </message>
        <message>
            <location filename="../svf_tools/events.py" />
            <source>Checking tiles</source>
            <translation>Prüfung der Kacheln</translation>
        </message>
        <message>
            <location filename="../svf_tools/events.py" />
            <source>Computing</source>
            <translation>Berechnung</translation>
        </message>
        <message>
            <location filename="../svf_tools/events.py" />
            <source>Joining tiles</source>
            <translation>Zusammenfügen der Kacheln</translation>
        </message>
        <message>
            <location filename="../svf_tools/events.py" />
            <source>Looking around</source>
            <translation>Umsehen</translation>
        </message>
        <message>
            <location filename="../svf_tools/events.py" />
            <source>Finishing the output</source>
            <translation>Ausgabe wird abgeschlossen</translation>
        </message>
        <message>
            <location filename="../svf_tools/events.py" />
            <source>{} of {} tiles</source>
            <translation>{} von {} Kacheln</translation>
        </message>
        <message>
            <location filename="../svf_tools/events.py" />
            <source>{} of {} points</source>
            <translation>{} von {} Punkten</translation>
        </message>
        <message>
            <location filename="../svf_tools/events.py" />
            <source>empty the work folder to begin anew, or name another</source>
            <translation>leeren Sie den Arbeitsordner, um neu zu beginnen, oder nennen Sie einen anderen</translation>
        </message>
        <message>
            <location filename="../svf_tools/events.py" />
            <source>set the CRS of the layer of points; behind a point it stands in brackets</source>
            <translation>setzen Sie das KBS des Punktlayers; bei einem Punkt steht es dahinter in Klammern</translation>
        </message>
        <message>
            <location filename="../svf_tools/events.py" />
            <source>make it again with 'Plan tiles'</source>
            <translation>erstellen Sie ihn neu mit „Kacheln planen“</translation>
        </message>
        <message>
            <location filename="../svf_tools/events.py" />
            <source>compute them with 'Compute tiles', then join again</source>
            <translation>berechnen Sie sie mit „Kacheln berechnen“, dann fügen Sie erneut zusammen</translation>
        </message>
        <message>
            <location filename="../svf_tools/events.py" />
            <source>{} ended unexpectedly (crash, or killed by the system, often for lack of memory).</source>
            <translation>{} endete unerwartet (Absturz, oder vom System beendet, oft aus Mangel an Speicher).</translation>
        </message>
        <message>
            <location filename="../svf_tools/events.py" />
            <source>The tool failed without saying why.</source>
            <translation>Das Programm scheiterte, ohne zu sagen, warum.</translation>
        </message>
        <message>
            <location filename="../svf_tools/events.py" />
            <source>make the plan anew with 'Plan tiles'</source>
            <translation>erstellen Sie den Plan neu mit „Kacheln planen“</translation>
        </message>
        <message>
            <location filename="../svf_tools/events.py" />
            <source>Layer Properties &gt; Transparency &gt; Additional no data value</source>
            <translation>Layereigenschaften &gt; Transparenz &gt; Zusätzlicher Leerwert</translation>
        </message>
        <message>
            <location filename="../svf_tools/events.py" />
            <source>{} stopped before the end. Run it again: it goes on where it stopped.</source>
            <translation>{} hörte vor dem Ende auf. Starten Sie es noch einmal: Es macht dort weiter, wo es aufgehört hat.</translation>
        </message>
        <message>
            <location filename="../svf_tools/events.py" />
            <source>{} tiles of up to {} x {} cells, each read with {} cells around it</source>
            <translation>{} Kacheln von bis zu {} x {} Zellen, jede mit {} Zellen ringsum gelesen</translation>
        </message>
        <message>
            <location filename="../svf_tools/events.py" />
            <source>{} failed with exit code {}.</source>
            <translation>{} scheiterte mit dem Rückgabewert {}.</translation>
        </message>
        <message>
            <location filename="../svf_tools/events.py" />
            <source>More warnings are not shown.</source>
            <translation>Weitere Warnungen werden nicht gezeigt.</translation>
        </message>
        <message>
            <location filename="../svf_tools/events.py" />
            <source>about {} left</source>
            <translation>noch etwa {}</translation>
        </message>
        <message>
            <location filename="../svf_tools/events.py" />
            <source>{} ended without reporting a result.</source>
            <translation>{} endete ohne ein Ergebnis zu melden.</translation>
        </message>
        <message>
            <location filename="../svf_tools/events.py" />
            <source>memory: about {}</source>
            <translation>Speicher: etwa {}</translation>
        </message>
        <message>
            <location filename="../svf_tools/events.py" />
            <source>{} reported success, but did not write {}</source>
            <translation>{} meldete Erfolg, hat aber nicht geschrieben: {}</translation>
        </message>
        <message>
            <location filename="../svf_tools/export.py" />
            <source>Cancelled: no output was written.</source>
            <translation>Abgebrochen: Es wurde nichts geschrieben.</translation>
        </message>
        <message>
            <location filename="../svf_tools/export.py" />
            <source>{}: exported for the tool, {} x {} cells</source>
            <translation>{}: für das Programm exportiert, {} x {} Zellen</translation>
        </message>
        <message>
            <location filename="../svf_tools/export.py" />
            <source>{}: the layer could not be exported.</source>
            <translation>{}: Der Layer konnte nicht exportiert werden.</translation>
        </message>
        <message>
            <location filename="../svf_tools/layers.py" />
            <source>none</source>
            <translation>keines</translation>
        </message>
        <message>
            <location filename="../svf_tools/layers.py" />
            <source>user-defined</source>
            <translation>benutzerdefiniert</translation>
        </message>
        <message>
            <location filename="../svf_tools/layers.py" />
            <source>{}: the CRS of the layer is not that of its file, and cannot be passed on. Write it into the file (Raster &gt; Projections &gt; Assign Projection), or export the layer.</source>
            <translation>{}: Das KBS des Layers ist nicht das seiner Datei und lässt sich nicht weitergeben. Schreiben Sie es in die Datei (Raster &gt; Projektionen &gt; Projektion zuweisen), oder exportieren Sie den Layer.</translation>
        </message>
        <message>
            <location filename="../svf_tools/provider.py" />
            <source>Sky view factor</source>
            <translation>Sky View Factor</translation>
        </message>
        <message>
            <location filename="../svf_tools/provider.py" />
            <source>Sky view factor (svf-tools)</source>
            <translation>Sky View Factor (svf-tools)</translation>
        </message>
        <message>
            <location filename="../svf_tools/provider.py" />
            <source>programs not found</source>
            <translation>Programme nicht gefunden</translation>
        </message>
        <message>
            <location filename="../svf_tools/runner.py" />
            <source>does not answer</source>
            <translation>antwortet nicht</translation>
        </message>
        <message>
            <location filename="../svf_tools/runner.py" />
            <source>it is another program, or too old</source>
            <translation>es ist ein anderes Programm, oder zu alt</translation>
        </message>
        <message>
            <location filename="../svf_tools/runner.py" />
            <source>Cancelled. What is finished is kept: run it again to go on.</source>
            <translation>Abgebrochen. Was fertig ist, bleibt erhalten: Starten Sie es noch einmal, um fortzufahren.</translation>
        </message>
        <message>
            <location filename="../svf_tools/runner.py" />
            <source>does not tell its version: {}</source>
            <translation>nennt seine Version nicht: {}</translation>
        </message>
        <message>
            <location filename="../svf_tools/runner.py" />
            <source>Cancelled.</source>
            <translation>Abgebrochen.</translation>
        </message>
        <message>
            <location filename="../svf_tools/runner.py" />
            <source>cannot be started: {}</source>
            <translation>kann nicht gestartet werden: {}</translation>
        </message>
        <message>
            <location filename="../svf_tools/runner.py" />
            <source>It may lack the permission to run, or a library it needs.</source>
            <translation>Vielleicht fehlt ihm das Recht zur Ausführung oder eine Bibliothek.</translation>
        </message>
        <message>
            <location filename="../svf_tools/runner.py" />
            <source>{} cannot be started: {}</source>
            <translation>{} kann nicht gestartet werden: {}</translation>
        </message>
        <message>
            <location filename="../svf_tools/settings.py" />
            <source>The memory is a whole number of MB; 0 lets the tool choose.</source>
            <translation>Der Speicher ist eine ganze Zahl von MB; bei 0 wählt das Programm.</translation>
        </message>
        <message>
            <location filename="../svf_tools/settings.py" />
            <source>Folder of the svf-tools programs (empty: search)</source>
            <translation>Ordner der svf-tools-Programme (leer: suchen)</translation>
        </message>
        <message>
            <location filename="../svf_tools/settings.py" />
            <source>Memory a run may use, in MB (0: half of what is free)</source>
            <translation>Speicher für einen Lauf, in MB (0: die Hälfte des freien)</translation>
        </message>
        <message>
            <location filename="../svf_tools/settings.py" />
            <source>Log every event of the tools</source>
            <translation>Jedes Ereignis der Programme protokollieren</translation>
        </message>
        <message>
            <location filename="../svf_tools/text.py" />
            <source>{} h {} min</source>
            <translation>{} h {} min</translation>
        </message>
        <message>
            <location filename="../svf_tools/text.py" />
            <source>{} s</source>
            <translation>{} s</translation>
        </message>
        <message>
            <location filename="../svf_tools/text.py" />
            <source>{} min</source>
            <translation>{} min</translation>
        </message>
        <message>
            <location filename="../svf_tools/widgets.py" />
            <source>the measures as one text, with commas between them</source>
            <translation>die Maße als ein Text, durch Kommas getrennt</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/base.py" />
            <source>Sky view</source>
            <translation>Himmelssicht</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/base.py" />
            <source>Large rasters in tiles</source>
            <translation>Große Raster in Kacheln</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/base.py" />
            <source>The output cannot be in memory: name a file, or a temporary one.</source>
            <translation>Die Ausgabe kann nicht im Speicher liegen: Nennen Sie eine Datei, oder eine temporäre.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/base.py" />
            <source>The folder of the output does not exist: {}</source>
            <translation>Den Ordner der Ausgabe gibt es nicht: {}</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Heights</source>
            <translation>Höhen</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Raster of heights: a surface model (DSM) for cities, a terrain model (DTM, DEM) for relief. Any format that GDAL reads, any size: it is never in memory as a whole. Heights are in the unit of the cells (see Z factor).</source>
            <translation>Raster mit Höhen: ein Oberflächenmodell (DOM) für Städte, ein Geländemodell (DGM) für Relief. Jedes Format, das GDAL liest, jede Größe: Es steht nie ganz im Speicher. Die Höhen haben die Einheit der Zellen (siehe Z-Faktor).</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Band</source>
            <translation>Kanal</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Band that holds the heights.</source>
            <translation>Kanal mit den Höhen.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Search radius</source>
            <translation>Suchradius</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>How far a sight line looks, in units of the layer's CRS (metres for a layer in degrees). 100 to 300 m for streets, 500 to 1000 m for a city with towers, 5 to 20 m to bring out small forms of relief, 5 to 20 km for mountain valleys on a coarse grid. 16 times the radius takes two to three times as long.</source>
            <translation>Wie weit ein Sehstrahl reicht, in Einheiten des KBS des Layers (Meter bei einem Layer in Grad). 100 bis 300 m für Straßen, 500 bis 1000 m für eine Stadt mit Hochhäusern, 5 bis 20 m um kleine Formen hervorzuheben, 5 bis 20 km für Bergtäler auf grobem Raster. Der 16-fache Radius dauert zwei- bis dreimal so lang.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Directions</source>
            <translation>Richtungen</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Number of sight lines around each cell. 16 is right for most maps; 32 or 64 where single towers stand on open ground. Time grows in proportion.</source>
            <translation>Anzahl der Sehstrahlen um jede Zelle. 16 passt für die meisten Karten; 32 oder 64, wo einzelne Türme in offener Fläche stehen. Die Zeit wächst im selben Verhältnis.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Missing heights</source>
            <translation>Fehlende Höhen</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>What NoData, or the edge of the raster, does to a sight line. skip: it is passed over, as in SAGA. stop: the sight line ends there. nan: the cell becomes NoData.</source>
            <translation>Was NoData oder der Rand des Rasters mit einem Sehstrahl macht. skip: wird übergangen, wie in SAGA. stop: der Sehstrahl endet dort. nan: die Zelle wird NoData.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Part of the raster</source>
            <translation>Teil des Rasters</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Cells to compute; its edges move to the nearest cell edges. Heights outside it still count. Empty: the whole raster.</source>
            <translation>Zu berechnende Zellen; die Ränder rücken auf die nächsten Zellgrenzen. Höhen außerhalb zählen mit. Leer: das ganze Raster.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Sampling</source>
            <translation>Abtastung</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Where on a sight line heights are taken. linear: interpolated between the cells, unbiased. crossings: the same at rows and at columns of cells, closest to the surface, slower. nearest: the nearest cell at the distance of its centre, as in RVT; a wall stands half a cell behind its face. divided: equal steps, the nearest cell, as in SAGA.</source>
            <translation>Wo auf einem Sehstrahl Höhen genommen werden. linear: zwischen den Zellen interpoliert, ohne Verzerrung. crossings: ebenso an Zeilen und an Spalten von Zellen, der Oberfläche am nächsten, langsamer. nearest: die nächste Zelle in der Entfernung ihrer Mitte, wie in RVT; eine Wand steht eine halbe Zelle hinter ihrer Vorderseite. divided: gleiche Schritte, die nächste Zelle, wie in SAGA.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Divisions of a sight line</source>
            <translation>Teilungen eines Sehstrahls</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Number of points on a sight line, for the sampling 'divided'. Empty: one per cell.</source>
            <translation>Anzahl der Punkte auf einem Sehstrahl, für die Abtastung 'divided'. Leer: einer je Zelle.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Observer height</source>
            <translation>Beobachterhöhe</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Height of the observer above the surface, in units of the CRS.</source>
            <translation>Höhe des Beobachters über der Oberfläche, in Einheiten des KBS.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Z factor</source>
            <translation>Z-Faktor</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Factor that turns heights into the unit of the cells: 0.3048 for heights in feet over cells in metres.</source>
            <translation>Faktor, der Höhen in die Einheit der Zellen umrechnet: 0.3048 für Höhen in Fuß über Zellen in Metern.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Coordinates are plain units</source>
            <translation>Koordinaten sind einfache Einheiten</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>The coordinates look like degrees, but are plain units, as of a model or a sketch.</source>
            <translation>Die Koordinaten sehen wie Grad aus, sind aber einfache Einheiten, wie die eines Modells oder einer Skizze.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Curvature of the Earth</source>
            <translation>Erdkrümmung</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Lower distant heights by the Earth's curvature, less refraction: 0.07 m at 1 km, 7 m at 10 km.</source>
            <translation>Entfernte Höhen um die Erdkrümmung absenken, vermindert um die Refraktion: 0,07 m auf 1 km, 7 m auf 10 km.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Refraction</source>
            <translation>Refraktion</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Share of the Earth's curvature that the bending of light in the air makes up for. Empty: 0.13, and 0 on bodies other than the Earth.</source>
            <translation>Anteil der Erdkrümmung, den die Krümmung des Lichts in der Luft ausgleicht. Leer: 0.13, und 0 auf anderen Himmelskörpern als der Erde.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Vegetation</source>
            <translation>Vegetation</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Raster of the height of vegetation above ground, on the grid of the heights, which are then those without trees. Crowns let a share of the light through; solid obstacles do not. Empty: everything is solid.</source>
            <translation>Raster mit der Höhe der Vegetation über Grund, auf dem Gitter der Höhen, die dann ohne Bäume sind. Kronen lassen einen Teil des Lichts durch, feste Hindernisse nicht. Leer: Alles ist fest.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Transmissivity of vegetation</source>
            <translation>Durchlässigkeit der Vegetation</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Share of the light that passes a crown. Empty: 0.03, as for trees in leaf.</source>
            <translation>Anteil des Lichts, der durch eine Krone geht. Leer: 0.03, wie bei belaubten Bäumen.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Share of trunks</source>
            <translation>Anteil der Stämme</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Share of the height of vegetation at which the crowns begin. Empty: 0.25.</source>
            <translation>Anteil an der Höhe der Vegetation, bei dem die Kronen beginnen. Leer: 0.25.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Heights of trunks</source>
            <translation>Höhen der Stämme</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Raster of the height above ground at which the crowns begin, instead of the share of trunks.</source>
            <translation>Raster mit der Höhe über Grund, in der die Kronen beginnen, anstelle des Anteils der Stämme.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Brightest azimuth</source>
            <translation>Hellster Azimut</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>For svf-anisotropic: where the sky is brightest, degrees clockwise from north (360 minus the azimuth of RVT). Empty: 315, the north-west.</source>
            <translation>Für svf-anisotropic: wo der Himmel am hellsten ist, Grad von Norden im Uhrzeigersinn (360 minus Azimut von RVT). Leer: 315, der Nordwesten.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Anisotropy</source>
            <translation>Anisotropie</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>For svf-anisotropic: how much the brightness of the sky differs. low: the darkest azimuth weighs 0.4 of the brightest. high: 0.1. Empty: low.</source>
            <translation>Für svf-anisotropic: wie sehr sich die Helligkeit des Himmels unterscheidet. low: der dunkelste Azimut zählt 0.4 des hellsten. high: 0.1. Leer: low.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Memory, MB</source>
            <translation>Speicher, MB</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Bound on the memory of the run, in MB. Empty: the Processing option, or half of what is free.</source>
            <translation>Grenze für den Speicher des Laufs, in MB. Leer: die Verarbeitungsoption, oder die Hälfte des freien.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Threads</source>
            <translation>Threads</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Empty: as many as QGIS grants. The result is the same, bit by bit, on any number.</source>
            <translation>Leer: so viele, wie QGIS gewährt. Das Ergebnis ist bei jeder Anzahl Bit für Bit dasselbe.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Creation options</source>
            <translation>Erzeugungsoptionen</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Options of the GeoTIFF driver. Empty: tiled, compressed, BigTIFF where needed.</source>
            <translation>Optionen des GeoTIFF-Treibers. Leer: gekachelt, komprimiert, BigTIFF wo nötig.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Work folder</source>
            <translation>Arbeitsordner</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Folder that keeps finished tiles, for runs of hours: stopped for whatever reason, the same run goes on from them. Empty: none.</source>
            <translation>Ordner für fertige Kacheln, für Läufe von Stunden: Aus welchem Grund auch immer angehalten, macht derselbe Lauf damit weiter. Leer: keiner.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Resolution of an export</source>
            <translation>Auflösung eines Exports</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>For layers that only QGIS can read (WCS, rasters in a database, virtual rasters): the size of the cells at which the layer is exported, in units of its CRS. Empty: the layer's own cells.</source>
            <translation>Für Layer, die nur QGIS lesen kann (WCS, Raster in einer Datenbank, virtuelle Raster): die Größe der Zellen, in der der Layer exportiert wird, in Einheiten seines KBS. Leer: die eigenen Zellen des Layers.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Smallest value (first band)</source>
            <translation>Kleinster Wert (erster Kanal)</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Mean value (first band)</source>
            <translation>Mittelwert (erster Kanal)</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Largest value (first band)</source>
            <translation>Größter Wert (erster Kanal)</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Cells with a value (first band)</source>
            <translation>Zellen mit Wert (erster Kanal)</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Cells without a value (first band)</source>
            <translation>Zellen ohne Wert (erster Kanal)</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Seconds</source>
            <translation>Sekunden</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Version of svf_compute</source>
            <translation>Version von svf_compute</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Divisions go with the sampling 'divided': choose it, or leave the divisions empty.</source>
            <translation>Teilungen gehören zur Abtastung 'divided': Wählen Sie diese, oder lassen Sie die Teilungen leer.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>{title}, radius {radius:g}</source>
            <translation>{title}, Radius {radius:g}</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>{}: goes with the curvature of the Earth, which is off.</source>
            <translation>{}: gehört zur Erdkrümmung, die nicht eingeschaltet ist.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>{}: goes with vegetation, which is not given.</source>
            <translation>{}: gehört zu Vegetation, die nicht angegeben ist.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>{}: give them, or the share of trunks, not both.</source>
            <translation>{}: geben Sie diese an oder den Anteil der Stämme, nicht beides.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>{}: goes with the measure svf-anisotropic, which is not chosen.</source>
            <translation>{}: gehört zum Maß svf-anisotropic, das nicht gewählt ist.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>{name}: {min} to {max}, mean {mean}; {valid} cells with a value, {nodata} without</source>
            <translation>{name}: {min} bis {max}, Mittel {mean}; {valid} Zellen mit Wert, {nodata} ohne</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/computetiles.py" />
            <source>Plan</source>
            <translation>Plan</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/computetiles.py" />
            <source>Plan made by 'Plan tiles'.</source>
            <translation>Plan aus 'Kacheln planen'.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/computetiles.py" />
            <source>Compute tiles</source>
            <translation>Kacheln berechnen</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/computetiles.py" />
            <source>Computes the tiles of a plan; stopped, it goes on where it was.</source>
            <translation>Berechnet die Kacheln eines Plans; angehalten, macht es dort weiter, wo es war.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/computetiles.py" />
            <source>Number of tiles done</source>
            <translation>Anzahl der fertigen Kacheln</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/computetiles.py" />
            <source>Second of three steps for large rasters. Tiles that are finished are kept when it is cancelled or fails: run it again, and it goes on. Several machines may work on one plan at a time, each on its own tiles.</source>
            <translation>Zweiter von drei Schritten für große Raster. Fertige Kacheln bleiben erhalten, wenn es abgebrochen wird oder scheitert: Starten Sie es noch einmal, und es macht weiter. Mehrere Rechner können zugleich an einem Plan arbeiten, jeder an eigenen Kacheln.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/computetiles.py" />
            <source>Tiles</source>
            <translation>Kacheln</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/computetiles.py" />
            <source>Numbers of the tiles to compute, as in 0-99,120. Empty: all of the plan.</source>
            <translation>Nummern der zu berechnenden Kacheln, wie in 0-99,120. Leer: alle des Plans.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/horizonangles.py" />
            <source>Horizon angles</source>
            <translation>Horizontwinkel</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/horizonangles.py" />
            <source>Elevation angle of the horizon in every direction, in degrees, a band for each direction.</source>
            <translation>Höhenwinkel des Horizonts in jeder Richtung, in Grad, ein Kanal je Richtung.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/horizonangles.py" />
            <source>The angle by which the horizon stands above the horizontal, in degrees, for each direction: as many bands as directions, named by their azimuth, clockwise from north. Input of solar radiation and shadow models.</source>
            <translation>Der Winkel, um den der Horizont über der Waagerechten steht, in Grad, für jede Richtung: so viele Kanäle wie Richtungen, benannt nach ihrem Azimut, von Norden im Uhrzeigersinn. Eingabe für Strahlungs- und Schattenmodelle.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/horizonangles.py" />
            <source>Keep angles below the horizontal</source>
            <translation>Winkel unter der Waagerechten behalten</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/horizonangles.py" />
            <source>Where the ground falls away on all sides of a direction its angle is negative; otherwise it is 0.</source>
            <translation>Wo das Gelände in einer Richtung abfällt, ist der Winkel negativ; sonst ist er 0.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/mosaic.py" />
            <source>Join tiles</source>
            <translation>Kacheln zusammenfügen</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/mosaic.py" />
            <source>Joins the computed tiles of a plan to one raster; none may be missing or damaged.</source>
            <translation>Fügt die berechneten Kacheln eines Plans zu einem Raster zusammen; keine darf fehlen oder beschädigt sein.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/mosaic.py" />
            <source>Last of three steps for large rasters. Every tile is checked first: one that is missing, damaged or from another plan is an error that names it.</source>
            <translation>Letzter von drei Schritten für große Raster. Zuerst wird jede Kachel geprüft: Eine, die fehlt, beschädigt ist oder aus einem anderen Plan stammt, ist ein Fehler, der sie nennt.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/mosaic.py" />
            <source>Plan whose tiles are computed.</source>
            <translation>Plan, dessen Kacheln berechnet sind.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/mosaic.py" />
            <source>Fill missing tiles with NoData</source>
            <translation>Fehlende Kacheln mit NoData füllen</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/mosaic.py" />
            <source>Join what there is, and say what was missing.</source>
            <translation>Zusammenfügen, was da ist, und sagen, was fehlte.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/mosaic.py" />
            <source>Joined raster</source>
            <translation>Zusammengefügtes Raster</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/openness.py" />
            <source>Topographic openness</source>
            <translation>Topographische Offenheit</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/openness.py" />
            <source>Mean zenith or nadir angle of the horizon, in degrees: ridges and hollows without a light source.</source>
            <translation>Mittlerer Zenit- oder Nadirwinkel des Horizonts, in Grad: Rücken und Senken ohne Lichtquelle.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/openness.py" />
            <source>Unlike the sky view factor it may look below the horizontal. The formula of Yokoyama 2002, RVT and SAGA.</source>
            <translation>Anders als der Sky View Factor darf sie unter die Waagerechte blicken. Die Formel von Yokoyama 2002, RVT und SAGA.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/openness.py" />
            <source>Measures</source>
            <translation>Maße</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/openness.py" />
            <source>Bands of the output, in degrees.</source>
            <translation>Kanäle der Ausgabe, in Grad.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/openness.py" />
            <source>Positive openness is the mean angle between the zenith and the horizon: 90° on a plane, more on ridges, less in valleys. Negative openness is the same on the surface turned upside down: large in hollows.</source>
            <translation>Positive Offenheit ist der mittlere Winkel zwischen Zenit und Horizont: 90° auf einer Ebene, mehr auf Rücken, weniger in Tälern. Negative Offenheit ist dasselbe auf der umgekehrten Oberfläche: groß in Senken.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/options.py" />
            <source>Choose at least one measure.</source>
            <translation>Wählen Sie mindestens ein Maß.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/options.py" />
            <source>{}: it does not touch the raster.</source>
            <translation>{}: berührt das Raster nicht.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/options.py" />
            <source>{}: the raster cannot be opened. Load it as a layer first, then choose the layer.</source>
            <translation>{}: Das Raster kann nicht geöffnet werden. Laden Sie es zuerst als Layer, und wählen Sie dann den Layer.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/options.py" />
            <source>{}: the layer's CRS ({}) is not that of its file ({}), which is read again later, without QGIS. Write it into the file (Raster &gt; Projections &gt; Assign Projection), or export the layer and choose the file.</source>
            <translation>{}: Das KBS des Layers ({}) ist nicht das seiner Datei ({}), die später ohne QGIS wieder gelesen wird. Schreiben Sie es in die Datei (Raster &gt; Projektionen &gt; Projektion zuweisen), oder exportieren Sie den Layer und wählen Sie die Datei.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/options.py" />
            <source>{}: the layer is a picture (of the provider '{}'): it has no heights.</source>
            <translation>{}: Der Layer ist ein Bild (des Datenanbieters '{}'): er hat keine Höhen.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/options.py" />
            <source>{}: the layer comes from the provider '{}', and is read again later, without QGIS. Save it as a GeoTIFF first (right-click on the layer &gt; Export &gt; Save As) and choose the file.</source>
            <translation>{}: Der Layer kommt vom Datenanbieter '{}' und wird später ohne QGIS wieder gelesen. Speichern Sie ihn zuerst als GeoTIFF (Rechtsklick auf den Layer &gt; Export &gt; Speichern als) und wählen Sie die Datei.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/options.py" />
            <source>{}: the layer has no cells of its own; give the resolution at which it is exported.</source>
            <translation>{}: Der Layer hat keine eigenen Zellen; geben Sie die Auflösung an, in der er exportiert wird.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/options.py" />
            <source>{}: {} x {} cells are too many to export: give a coarser resolution, or a part of the raster.</source>
            <translation>{}: {} x {} Zellen sind zu viele für einen Export: geben Sie eine gröbere Auflösung an oder einen Teil des Rasters.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/options.py" />
            <source>{}: NoData as set in the layer: {}</source>
            <translation>{}: Leerwerte, wie im Layer gesetzt: {}</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/options.py" />
            <source>{} must be greater than 0.</source>
            <translation>{} muss größer als 0 sein.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/options.py" />
            <source>{}: {:g} looks like degrees. For a layer in degrees give it in metres.</source>
            <translation>{}: {:g} sieht nach Grad aus. Geben Sie ihn bei einem Layer in Grad in Metern an.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/options.py" />
            <source>{}: a point is two coordinates, as in 500200,5600100 [EPSG:25832].</source>
            <translation>{}: ein Punkt sind zwei Koordinaten, wie in 500200,5600100 [EPSG:25832].</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/options.py" />
            <source>{}: the CRS of the layer is used, {}; that of the file: {}</source>
            <translation>{}: Es gilt das KBS des Layers, {}; das der Datei: {}</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/options.py" />
            <source>{}: NoData that is set in the layer does not count, only that of its file</source>
            <translation>{}: Im Layer gesetzte Leerwerte zählen nicht, nur die der Datei</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/options.py" />
            <source>{}: NoData ranges of the layer do not count: {}</source>
            <translation>{}: Bereiche von Leerwerten des Layers zählen nicht: {}</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/sightlineprofile.py" />
            <source>Sight lines of a point</source>
            <translation>Sehstrahlen eines Punktes</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/sightlineprofile.py" />
            <source>Why the sky view factor of a point is what it is: its sight lines, horizon and every measure.</source>
            <translation>Warum der Sky View Factor eines Punktes ist, wie er ist: seine Sehstrahlen, sein Horizont und jedes Maß.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/sightlineprofile.py" />
            <source>Sky view factor of a single point</source>
            <translation>Sky View Factor eines einzelnen Punktes</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/sightlineprofile.py" />
            <source>Height of a single point</source>
            <translation>Höhe eines einzelnen Punktes</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/sightlineprofile.py" />
            <source>Number of points</source>
            <translation>Anzahl der Punkte</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/sightlineprofile.py" />
            <source>Number of points with a value</source>
            <translation>Anzahl der Punkte mit einem Wert</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/sightlineprofile.py" />
            <source>Version of svf_profile</source>
            <translation>Version von svf_profile</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/sightlineprofile.py" />
            <source>Give a point or a layer of points: one of the two.</source>
            <translation>Geben Sie einen Punkt oder einen Layer mit Punkten an: eines von beiden.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/sightlineprofile.py" />
            <source>A figure shows one point: leave the layer of points empty, or the figures.</source>
            <translation>Eine Abbildung zeigt einen einzigen Punkt: lassen Sie den Layer mit Punkten leer, oder die Abbildungen.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/sightlineprofile.py" />
            <source>The values of a single point are numbers that models can use. A figure shows the heights around the point, the section along every sight line and the horizon.</source>
            <translation>Die Werte eines einzelnen Punktes sind Zahlen, die Modelle verwenden können. Eine Abbildung zeigt die Höhen um den Punkt, den Schnitt entlang jedes Sehstrahls und den Horizont.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/sightlineprofile.py" />
            <source>Point</source>
            <translation>Punkt</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/sightlineprofile.py" />
            <source>Where to look around, in any CRS: the button takes it from the map. Empty: a layer of points.</source>
            <translation>Wo sich umgesehen wird, in beliebigem KBS: der Knopf nimmt den Punkt aus der Karte. Leer: ein Layer mit Punkten.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/sightlineprofile.py" />
            <source>Layer of points</source>
            <translation>Layer mit Punkten</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/sightlineprofile.py" />
            <source>Points to look around from instead of a single one, for example stations; in any CRS.</source>
            <translation>Punkte, von denen aus sich umgesehen wird, statt eines einzelnen: zum Beispiel Messstationen; in beliebigem KBS.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/sightlineprofile.py" />
            <source>Rows of the table</source>
            <translation>Zeilen der Tabelle</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/sightlineprofile.py" />
            <source>points: a row per point, with every measure. lines: a row per sight line, with the horizon and where it is. samples: a row per height on a sight line. Empty: lines for one point, points for a layer.</source>
            <translation>points: eine Zeile je Punkt, mit jedem Maß. lines: eine Zeile je Sehstrahl, mit dem Horizont und wo er liegt. samples: eine Zeile je Höhe auf einem Sehstrahl. Leer: lines für einen Punkt, points für einen Layer.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/sightlineprofile.py" />
            <source>Sight lines</source>
            <translation>Sehstrahlen</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/sightlineprofile.py" />
            <source>Figure: heights, sections, horizon</source>
            <translation>Abbildung: Höhen, Schnitte, Horizont</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/sightlineprofile.py" />
            <source>Figure: the sky through a fisheye lens</source>
            <translation>Abbildung: der Himmel durch ein Fischaugenobjektiv</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/sightlineprofile.py" />
            <source>Looks around from a point, or from each point of a layer: the sight line of every direction, what makes the horizon on it, and every measure. The values are those that 'Sky view factor' writes into the cell that holds the point.</source>
            <translation>Sieht sich von einem Punkt aus um, oder von jedem Punkt eines Layers: der Sehstrahl jeder Richtung, was auf ihm den Horizont bildet, und jedes Maß. Die Werte sind die, die 'Sky View Factor' in die Zelle schreibt, in der der Punkt liegt.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/sightlineprofile.py" />
            <source>{} of a single point</source>
            <translation>{} eines einzelnen Punktes</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/skyviewfactor.py" />
            <source>Bands of the output; g is the horizon angle of a direction. svf: 1 - mean sin g, as RVT, GRASS r.skyview, Whitebox. svf-error: how far the number of directions leaves svf uncertain. svf-cosine: mean cos² g, as UMEP and SOLWEIG, SAGA on flat ground. svf-slope: seen from the cell's own slope, as SAGA and topocalc. visible-sky: mean of 1 - 2g/180°, as SAGA. svf-cos: mean cos g. terrain-view: share of the ground around, as SAGA. openness-positive, openness-negative: degrees. svf-anisotropic: svf under a sky that is brighter in the north-west, as RVT. svf-north, -east, -south, -west: svf-cosine of half the sky, as UMEP. horizon: g of every direction, a band each. horizon-distance: mean distance to what makes the horizon. coverage: share of directions that met no missing height.</source>
            <translation>Kanäle der Ausgabe; g ist der Horizontwinkel einer Richtung. svf: 1 - Mittel von sin g, wie RVT, GRASS r.skyview, Whitebox. svf-error: wie weit die Zahl der Richtungen svf unsicher lässt. svf-cosine: Mittel von cos² g, wie UMEP und SOLWEIG, SAGA auf ebenem Grund. svf-slope: von der Neigung der Zelle aus gesehen, wie SAGA und topocalc. visible-sky: Mittel von 1 - 2g/180°, wie SAGA. svf-cos: Mittel von cos g. terrain-view: Anteil des Geländes ringsum, wie SAGA. openness-positive, openness-negative: Grad. svf-anisotropic: svf unter einem Himmel, der im Nordwesten heller ist, wie RVT. svf-north, -east, -south, -west: svf-cosine des halben Himmels, wie UMEP. horizon: g jeder Richtung, je ein Kanal. horizon-distance: mittlere Entfernung zu dem, was den Horizont bildet. coverage: Anteil der Richtungen, die auf keine fehlende Höhe trafen.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/skyviewfactor.py" />
            <source>How much of the sky each cell of a raster of heights sees; any size, bounded memory.</source>
            <translation>Wie viel vom Himmel jede Zelle eines Höhenrasters sieht; jede Größe, begrenzter Speicher.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/skyviewfactor.py" />
            <source>Coming from SAGA</source>
            <translation>Umstieg von SAGA</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/skyviewfactor.py" />
            <source>SAGA's tool keeps the whole raster in memory; its radius 0 fails above 32,768 x 32,768 cells. This one does such rasters within the memory you allow. Its parameters and outputs, and what they are here:</source>
            <translation>Das Werkzeug von SAGA hält das ganze Raster im Speicher; sein Radius 0 versagt oberhalb von 32.768 x 32.768 Zellen. Dieses hier schafft solche Raster in dem Speicher, den Sie erlauben. Dortige Parameter und Ausgaben, und was sie hier sind:</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/skyviewfactor.py" />
            <source>here</source>
            <translation>hier</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/skyviewfactor.py" />
            <source>greater than 0, in map units</source>
            <translation>größer als 0, in Karteneinheiten</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/skyviewfactor.py" />
            <source>none: every cell within the radius counts</source>
            <translation>keine: Jede Zelle innerhalb des Radius zählt</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/skyviewfactor.py" />
            <source>0 to 1 instead of percent</source>
            <translation>0 bis 1 statt Prozent</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/skyviewfactor.py" />
            <source>MEASURES svf-slope (never below 0); svf-cosine is the same on flat ground</source>
            <translation>MEASURES svf-slope (nie unter 0); svf-cosine ist auf ebenem Grund dasselbe</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/skyviewfactor.py" />
            <source>(1 + cos slope) / 2, from GDAL's slope</source>
            <translation>(1 + cos Neigung) / 2, aus GDALs Neigung</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/skyviewfactor.py" />
            <source>0 instead of the radius where nothing rises</source>
            <translation>0 statt des Radius, wo nichts aufragt</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/skyviewfactor.py" />
            <source>To compare cell by cell choose the sampling 'divided', SAGA's rule. The measure svf, the default here, is another formula (1 - mean of the sines), which SAGA does not offer.</source>
            <translation>Für den Vergleich Zelle für Zelle wählen Sie die Abtastung 'divided', die Regel von SAGA. Das Maß svf, hier die Vorgabe, ist eine andere Formel (1 - Mittel der Sinus), die SAGA nicht anbietet.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/skyviewfactor.py" />
            <source>Rasters larger than memory are computed in tiles without seams. A cancelled or failed run leaves no file. The programs of svf-tools, which do the work, are installed separately.</source>
            <translation>Raster, die nicht in den Speicher passen, werden in Kacheln ohne Nähte berechnet. Ein abgebrochener oder gescheiterter Lauf hinterlässt keine Datei. Die Programme von svf-tools, die die Arbeit tun, werden eigens installiert.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/skyviewfactor.py" />
            <source>sky view factor</source>
            <translation>himmelssichtfaktor</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/skyviewfactor.py" />
            <source>Share of the sky that each cell of a raster of heights sees: 1 on open ground, near 0 in narrow yards. Sight lines go out in all directions up to the search radius; the steepest rise on each is its horizon.</source>
            <translation>Anteil des Himmels, den jede Zelle eines Höhenrasters sieht: 1 auf freier Fläche, nahe 0 in engen Höfen. Sehstrahlen gehen in alle Richtungen bis zum Suchradius; der steilste Anstieg auf jedem ist sein Horizont.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/tileplan.py" />
            <source>Plan (*.json)</source>
            <translation>Plan (*.json)</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/tileplan.py" />
            <source>Plan tiles</source>
            <translation>Kacheln planen</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/tileplan.py" />
            <source>Plans the sky view factor of a large raster in tiles; one file stands for all of them.</source>
            <translation>Plant den Sky View Factor eines großen Rasters in Kacheln; eine Datei steht für alle.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/tileplan.py" />
            <source>Number of tiles</source>
            <translation>Anzahl der Kacheln</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/tileplan.py" />
            <source>Tiles are kept in a folder beside the plan: put the plan on a disk with room for the whole result.</source>
            <translation>Die Kacheln liegen in einem Ordner neben dem Plan: Legen Sie den Plan auf einen Datenträger mit Platz für das ganze Ergebnis.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/tileplan.py" />
            <source>Tile size, cells</source>
            <translation>Kachelgröße, Zellen</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/tileplan.py" />
            <source>Columns and rows of a tile. Empty: as large as the memory allows. The result is the same.</source>
            <translation>Spalten und Zeilen einer Kachel. Leer: so groß, wie der Speicher erlaubt. Das Ergebnis ist dasselbe.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/tileplan.py" />
            <source>Footprints of the tiles</source>
            <translation>Umrisse der Kacheln</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/tileplan.py" />
            <source>The plan is in the temporary folder, and so are its tiles: all of it is gone when QGIS closes. Save the plan to a file, on a disk with room for the whole result.</source>
            <translation>Der Plan liegt im temporären Ordner, und mit ihm seine Kacheln: Alles ist weg, wenn QGIS geschlossen wird. Speichern Sie den Plan in einer Datei, auf einem Datenträger mit Platz für das ganze Ergebnis.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/tileplan.py" />
            <source>First of three steps for rasters that take hours: plan the tiles, compute them, join them. The plan holds the grid, the tiles and every parameter. Steps can be stopped and run again, on several machines too; finished tiles are not computed twice.</source>
            <translation>Erster von drei Schritten für Raster, die Stunden brauchen: die Kacheln planen, berechnen, zusammenfügen. Der Plan enthält das Gitter, die Kacheln und jeden Parameter. Schritte lassen sich anhalten und wieder starten, auch auf mehreren Rechnern; fertige Kacheln werden nicht noch einmal berechnet.</translation>
        </message>
    </context>
</TS>
