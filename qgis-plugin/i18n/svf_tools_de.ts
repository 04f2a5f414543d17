<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de" sourcelanguage="en">
    <context>
        <name>svf_tools</name>
        <message>
            <location filename="../svf_tools/discovery.py" />
            <source>Clear the setting to search the usual folders.</source>
            <translation>Leeren Sie die Einstellung, um in den üblichen Ordnern zu suchen.</translation>
        </message>
        <message>
            <location filename="../svf_tools/discovery.py" />
            <source>does not report its version</source>
            <translation>meldet keine Version</translation>
        </message>
        <message>
            <location filename="../svf_tools/discovery.py" />
            <source>The Processing options name a wrong folder for the svf-tools programs: {}</source>
            <translation>In den Verarbeitungsoptionen steht ein falscher Ordner für die Programme von svf-tools: {}</translation>
        </message>
        <message>
            <location filename="../svf_tools/discovery.py" />
            <source>It does not contain {}.</source>
            <translation>{} ist nicht darin.</translation>
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
            <source>QGIS profile</source>
            <translation>QGIS-Profil</translation>
        </message>
        <message>
            <location filename="../svf_tools/discovery.py" />
            <source>usual folder</source>
            <translation>üblicher Ordner</translation>
        </message>
        <message>
            <location filename="../svf_tools/discovery.py" />
            <source>Searched:</source>
            <translation>Durchsucht:</translation>
        </message>
        <message>
            <location filename="../svf_tools/discovery.py" />
            <source>It does not exist.</source>
            <translation>Er existiert nicht.</translation>
        </message>
        <message>
            <location filename="../svf_tools/discovery.py" />
            <source>There is no {} next to it.</source>
            <translation>{} liegt nicht daneben.</translation>
        </message>
        <message>
            <location filename="../svf_tools/discovery.py" />
            <source>version {} (contract {}) does not work with this plugin, which needs {} (contract {}): {}</source>
            <translation>Version {} (Schnittstelle {}) passt nicht zu dieser Erweiterung. Sie braucht {} (Schnittstelle {}): {}</translation>
        </message>
        <message>
            <location filename="../svf_tools/discovery.py" />
            <source>{name} was not found. This plugin needs the svf-tools programs. Get them under Settings &gt; Options &gt; Processing &gt; Providers &gt; Sky view factor, or install them yourself: see {url}. If they are installed already, enter their folder there.</source>
            <translation>{name} wurde nicht gefunden. Diese Erweiterung braucht die Programme von svf-tools. Holen Sie diese unter Einstellungen &gt; Optionen &gt; Verarbeitung &gt; Datenanbieter &gt; Sky View Factor, oder installieren Sie sie selbst: siehe {url}. Wenn sie schon installiert sind, tragen Sie dort ihren Ordner ein.</translation>
        </message>
        <message>
            <location filename="../svf_tools/events.py" />
            <source>Export the layer as a GeoTIFF first (right-click on the layer &gt; Export &gt; Save As). In what follows, put the name of that file in place of {}.</source>
            <translation>Exportieren Sie den Layer zuerst als GeoTIFF (Rechtsklick auf den Layer &gt; Export &gt; Speichern als). Setzen Sie im Folgenden den Namen dieser Datei an die Stelle von {}.</translation>
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
            <source>Reading far ground</source>
            <translation>Lesen des fernen Geländes</translation>
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
            <source>Computing points</source>
            <translation>Berechnung der Punkte</translation>
        </message>
        <message>
            <location filename="../svf_tools/events.py" />
            <source>Finishing the output</source>
            <translation>Ausgabe wird abgeschlossen</translation>
        </message>
        <message>
            <location filename="../svf_tools/events.py" />
            <source>Looking for empty tiles: {done} of {total}</source>
            <translation>Suche nach leeren Kacheln: {done} von {total}</translation>
        </message>
        <message>
            <location filename="../svf_tools/events.py" />
            <source>Checking tiles: {done} of {total}</source>
            <translation>Prüfung der Kacheln: {done} von {total}</translation>
        </message>
        <message>
            <location filename="../svf_tools/events.py" />
            <source>Reading far ground: {done} of {total}</source>
            <translation>Lesen des fernen Geländes: {done} von {total}</translation>
        </message>
        <message>
            <location filename="../svf_tools/events.py" />
            <source>Computing tiles: {done} of {total}</source>
            <translation>Berechnung der Kacheln: {done} von {total}</translation>
        </message>
        <message>
            <location filename="../svf_tools/events.py" />
            <source>Computing points: {done} of {total}</source>
            <translation>Berechnung der Punkte: {done} von {total}</translation>
        </message>
        <message>
            <location filename="../svf_tools/events.py" />
            <source>{} ended unexpectedly. Either it crashed, or the system ended it, often because there was not enough memory.</source>
            <translation>{} wurde unerwartet beendet. Entweder ist es abgestürzt, oder das System hat es beendet, oft aus Mangel an Speicher.</translation>
        </message>
        <message>
            <location filename="../svf_tools/events.py" />
            <source>The program failed without a message.</source>
            <translation>Das Programm ist ohne eine Meldung gescheitert.</translation>
        </message>
        <message>
            <location filename="../svf_tools/events.py" />
            <source>{} stopped before the end. Run it again to resume: finished tiles are kept.</source>
            <translation>{} wurde vor dem Ende angehalten. Starten Sie es noch einmal, um fortzufahren: Fertige Kacheln bleiben erhalten.</translation>
        </message>
        <message>
            <location filename="../svf_tools/events.py" />
            <source>Tiles: {tiles}. Size in cells: {cols} x {rows}, with a margin of {margin} on each side.</source>
            <translation>Kacheln: {tiles}. Größe in Zellen: {cols} x {rows}, mit einem Rand von {margin} auf jeder Seite.</translation>
        </message>
        <message>
            <location filename="../svf_tools/events.py" />
            <source>{} failed with exit code {}.</source>
            <translation>{} ist mit dem Rückgabewert {} gescheitert.</translation>
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
            <source>{} ended without a result.</source>
            <translation>{} endete ohne ein Ergebnis.</translation>
        </message>
        <message>
            <location filename="../svf_tools/events.py" />
            <source>Memory: about {}.</source>
            <translation>Speicher: etwa {}.</translation>
        </message>
        <message>
            <location filename="../svf_tools/events.py" />
            <source>{} reported success, but this file is missing: {}</source>
            <translation>{} meldete Erfolg, aber diese Datei fehlt: {}</translation>
        </message>
        <message>
            <location filename="../svf_tools/export.py" />
            <source>Cancelled. No output was written.</source>
            <translation>Abgebrochen. Es wurde keine Ausgabe geschrieben.</translation>
        </message>
        <message>
            <location filename="../svf_tools/export.py" />
            <source>{}: exported to a temporary file, {} x {} cells</source>
            <translation>{}: in eine temporäre Datei exportiert, {} x {} Zellen</translation>
        </message>
        <message>
            <location filename="../svf_tools/export.py" />
            <source>{}: the layer could not be exported. Is the disk of the temporary files full? Try to export it as a GeoTIFF (right-click on the layer &gt; Export &gt; Save As) and choose the new file.</source>
            <translation>{}: Der Layer konnte nicht exportiert werden. Ist der Datenträger der temporären Dateien voll? Versuchen Sie, ihn als GeoTIFF zu exportieren (Rechtsklick auf den Layer &gt; Export &gt; Speichern als), und wählen Sie die neue Datei.</translation>
        </message>
        <message>
            <location filename="../svf_tools/features.py" />
            <source>{}: the layer had {} features, but none of them can be read now. Is its file still there? Load the layer again.</source>
            <translation>{}: Der Layer hatte {} Objekte, aber keines davon kann jetzt gelesen werden. Gibt es seine Datei noch? Laden Sie den Layer neu.</translation>
        </message>
        <message>
            <location filename="../svf_tools/features.py" />
            <source>{}: the layer could not be exported ({}). Export it as a GeoPackage (right-click on the layer &gt; Export &gt; Save Features As) and choose the new file.</source>
            <translation>{}: Der Layer konnte nicht exportiert werden ({}). Exportieren Sie ihn als GeoPackage (Rechtsklick auf den Layer &gt; Export &gt; Objekte speichern als) und wählen Sie die neue Datei.</translation>
        </message>
        <message>
            <location filename="../svf_tools/fetch.py" />
            <source>The proxy asks for a name and a password (407): enter them under Settings &gt; Options &gt; Network.</source>
            <translation>Der Proxy verlangt Namen und Passwort (407): tragen Sie beides unter Einstellungen &gt; Optionen &gt; Netzwerk ein.</translation>
        </message>
        <message>
            <location filename="../svf_tools/fetch.py" />
            <source>The proxy cannot be reached: check it under Settings &gt; Options &gt; Network.</source>
            <translation>Der Proxy ist nicht erreichbar: prüfen Sie ihn unter Einstellungen &gt; Optionen &gt; Netzwerk.</translation>
        </message>
        <message>
            <location filename="../svf_tools/fetch.py" />
            <source>The file is damaged, or it is not an archive of svf-tools.</source>
            <translation>Die Datei ist beschädigt, oder sie ist kein Archiv von svf-tools.</translation>
        </message>
        <message>
            <location filename="../svf_tools/fetch.py" />
            <source>Download it again.</source>
            <translation>Laden Sie sie noch einmal herunter.</translation>
        </message>
        <message>
            <location filename="../svf_tools/fetch.py" />
            <source>Cancelled, nothing was changed.</source>
            <translation>Abgebrochen, nichts wurde geändert.</translation>
        </message>
        <message>
            <location filename="../svf_tools/fetch.py" />
            <source>{} sends QGIS to another address that is missing, unknown or not safe ({}).</source>
            <translation>{} schickt QGIS zu einer anderen Adresse, die fehlt, unbekannt oder nicht sicher ist ({}).</translation>
        </message>
        <message>
            <location filename="../svf_tools/fetch.py" />
            <source>The file cannot be downloaded from {}. ({})</source>
            <translation>Die Datei ist von {} nicht zu bekommen. ({})</translation>
        </message>
        <message>
            <location filename="../svf_tools/fetch.py" />
            <source>This is svf-tools {}, and this plugin wants {}: get {} from {}.</source>
            <translation>Das ist svf-tools {}, und diese Erweiterung braucht {}: holen Sie {} von {}.</translation>
        </message>
        <message>
            <location filename="../svf_tools/fetch.py" />
            <source>{} cannot be read or written: {}</source>
            <translation>{} kann nicht gelesen oder geschrieben werden: {}</translation>
        </message>
        <message>
            <location filename="../svf_tools/fetch.py" />
            <source>The programs do not agree on their version.</source>
            <translation>Die Programme nennen verschiedene oder unverständliche Versionen.</translation>
        </message>
        <message>
            <location filename="../svf_tools/fetch.py" />
            <source>These programs are for {}, and this computer needs those for {}: {} from {}</source>
            <translation>Diese Programme sind für {}, dieser Rechner braucht die für {}: {} von {}</translation>
        </message>
        <message>
            <location filename="../svf_tools/fetch.py" />
            <source>{} was unpacked but does not run here, perhaps because a policy or a virus scanner blocks it ({}).</source>
            <translation>{} wurde entpackt, läuft hier aber nicht, vielleicht weil eine Richtlinie oder ein Virenscanner es sperrt ({}).</translation>
        </message>
        <message>
            <location filename="../svf_tools/fetch.py" />
            <source>{} sends QGIS from one address to the next without an end.</source>
            <translation>{} schickt QGIS endlos von einer Adresse zur nächsten.</translation>
        </message>
        <message>
            <location filename="../svf_tools/fetch.py" />
            <source>There is no such file (404): {}</source>
            <translation>Diese Datei gibt es nicht (404): {}</translation>
        </message>
        <message>
            <location filename="../svf_tools/fetch.py" />
            <source>There is no secure connection to {}, perhaps because a firewall or a virus scanner intercepts it. ({})</source>
            <translation>Es kommt keine sichere Verbindung zu {} zustande, vielleicht weil eine Firewall oder ein Virenscanner mitliest. ({})</translation>
        </message>
        <message>
            <location filename="../svf_tools/fetch.py" />
            <source>{} was not found: is this computer online?</source>
            <translation>{} wurde nicht gefunden: ist dieser Rechner online?</translation>
        </message>
        <message>
            <location filename="../svf_tools/fetch.py" />
            <source>{} refuses the connection.</source>
            <translation>{} lehnt die Verbindung ab.</translation>
        </message>
        <message>
            <location filename="../svf_tools/fetch.py" />
            <source>{} answers with the error {}. Try again later.</source>
            <translation>{} antwortet mit dem Fehler {}. Versuchen Sie es später noch einmal.</translation>
        </message>
        <message>
            <location filename="../svf_tools/fetch.py" />
            <source>{} answers with the error {}.</source>
            <translation>{} antwortet mit dem Fehler {}.</translation>
        </message>
        <message>
            <location filename="../svf_tools/fetch.py" />
            <source>{} answers with an empty file.</source>
            <translation>{} antwortet mit einer leeren Datei.</translation>
        </message>
        <message>
            <location filename="../svf_tools/fetch.py" />
            <source>The connection to {} was cut off after {}: the file is incomplete. Try again.</source>
            <translation>Die Verbindung zu {} brach nach {} ab: die Datei ist unvollständig. Versuchen Sie es noch einmal.</translation>
        </message>
        <message>
            <location filename="../svf_tools/fetch.py" />
            <source>{} does not answer.</source>
            <translation>{} antwortet nicht.</translation>
        </message>
        <message>
            <location filename="../svf_tools/fetch.py" />
            <source>This is not the released {}, or it is damaged: its SHA-256 is {}.</source>
            <translation>Das ist nicht die veröffentlichte Datei {}, oder sie ist beschädigt: ihr SHA-256 ist {}.</translation>
        </message>
        <message>
            <location filename="../svf_tools/fetch.py" />
            <source>The disk is full: {}</source>
            <translation>Der Datenträger ist voll: {}</translation>
        </message>
        <message>
            <location filename="../svf_tools/fetch.py" />
            <source>QGIS has no permission for {} ({})</source>
            <translation>QGIS hat kein Zugriffsrecht für {} ({})</translation>
        </message>
        <message>
            <location filename="../svf_tools/fetch.py" />
            <source>{} is in the way, because it is not a folder. Remove it or give it another name.</source>
            <translation>{} ist im Weg, weil es kein Ordner ist. Entfernen Sie es oder geben Sie ihm einen anderen Namen.</translation>
        </message>
        <message>
            <location filename="../svf_tools/fetch.py" />
            <source>The archive is too large: {} in {} files.</source>
            <translation>Das Archiv ist zu groß: {} in {} Dateien.</translation>
        </message>
        <message>
            <location filename="../svf_tools/fetch.py" />
            <source>The archive names a file twice.</source>
            <translation>Das Archiv enthält einen Dateinamen zweimal.</translation>
        </message>
        <message>
            <location filename="../svf_tools/fetch.py" />
            <source>The archive contains a file with a name that is not safe ({}).</source>
            <translation>Das Archiv enthält eine Datei mit einem unsicheren Namen ({}).</translation>
        </message>
        <message>
            <location filename="../svf_tools/fetch.py" />
            <source>This is svf-tools {}, which is too new for this plugin, which wants {}: update the plugin.</source>
            <translation>Das ist svf-tools {}, das für diese Erweiterung zu neu ist. Sie braucht {}: aktualisieren Sie die Erweiterung.</translation>
        </message>
        <message>
            <location filename="../svf_tools/fetch.py" />
            <source>{} was removed right after it was unpacked, probably by a virus scanner.</source>
            <translation>{} wurde gleich nach dem Entpacken entfernt, wahrscheinlich von einem Virenscanner.</translation>
        </message>
        <message>
            <location filename="../svf_tools/fetch.py" />
            <source>{} needs a library that this system lacks: {}</source>
            <translation>{} braucht eine Bibliothek, die es auf diesem System nicht gibt: {}</translation>
        </message>
        <message>
            <location filename="../svf_tools/fetch.py" />
            <source>No program may run from the profile, because its file system is mounted with noexec: {}</source>
            <translation>Aus dem Profil darf kein Programm laufen, weil sein Dateisystem mit noexec eingehängt ist: {}</translation>
        </message>
        <message>
            <location filename="../svf_tools/fetch.py" />
            <source>{} was unpacked but does not run, perhaps because macOS blocks it: look under System Settings &gt; Privacy &amp; Security ({})</source>
            <translation>{} wurde entpackt, läuft aber nicht, vielleicht weil macOS es sperrt: sehen Sie unter Systemeinstellungen &gt; Datenschutz &amp; Sicherheit nach ({})</translation>
        </message>
        <message>
            <location filename="../svf_tools/fetch.py" />
            <source>{} sends a file of {} instead of {}: it is another file.</source>
            <translation>{} sendet eine Datei mit {} statt {}: es ist eine andere Datei.</translation>
        </message>
        <message>
            <location filename="../svf_tools/fetch.py" />
            <source>This is a web page and not {}. Perhaps the network wants you to log in: open a web page in a browser, and try again.</source>
            <translation>Das ist eine Webseite und nicht {}. Vielleicht verlangt das Netz eine Anmeldung: öffnen Sie eine Seite im Browser und versuchen Sie es noch einmal.</translation>
        </message>
        <message>
            <location filename="../svf_tools/fetch.py" />
            <source>The disk is full: {} are needed and {} are free in {}</source>
            <translation>Der Datenträger ist voll: {} werden gebraucht, {} sind frei in {}</translation>
        </message>
        <message>
            <location filename="../svf_tools/fetch.py" />
            <source>The archive is not complete: {} lacks a library that comes with it: {}</source>
            <translation>Das Archiv ist nicht vollständig: {} fehlt eine Bibliothek, die dazugehört: {}</translation>
        </message>
        <message>
            <location filename="../svf_tools/fetch.py" />
            <source>This plugin did not make {}. Remove it or give it another name.</source>
            <translation>{} stammt nicht von dieser Erweiterung. Entfernen Sie es oder geben Sie ihm einen anderen Namen.</translation>
        </message>
        <message>
            <location filename="../svf_tools/fetch.py" />
            <source>The programs are in use: {} ({})</source>
            <translation>Die Programme werden gerade benutzt: {} ({})</translation>
        </message>
        <message>
            <location filename="../svf_tools/fetch.py" />
            <source>The archive contains something that is not a file ({}).</source>
            <translation>Das Archiv enthält etwas, das keine Datei ist ({}).</translation>
        </message>
        <message>
            <location filename="../svf_tools/fetch.py" />
            <source>The archive contains a link to nothing ({}).</source>
            <translation>Das Archiv enthält eine Verknüpfung, die ins Leere führt ({}).</translation>
        </message>
        <message>
            <location filename="../svf_tools/fetch.py" />
            <source>The archive does not contain {}: it is not the archive of svf-tools for {}.</source>
            <translation>Im Archiv fehlt {}: es ist nicht das von svf-tools für {}.</translation>
        </message>
        <message>
            <location filename="../svf_tools/getprograms.py" />
            <source>This plugin needs the svf-tools programs, which do the computing. A plugin may not contain programs. QGIS can get them for you now. They are put into the folder of your QGIS profile. Nothing else on this computer is changed, and you need no administrator rights.</source>
            <translation>Diese Erweiterung braucht die Programme von svf-tools, die das Rechnen übernehmen. Eine Erweiterung darf keine Programme enthalten. QGIS kann sie jetzt für Sie holen. Sie kommen in den Ordner Ihres QGIS-Profils. Sonst wird auf diesem Rechner nichts geändert, und ein Administrator wird nicht gebraucht.</translation>
        </message>
        <message>
            <location filename="../svf_tools/getprograms.py" />
            <source>Get the programs…</source>
            <translation>Programme holen…</translation>
        </message>
        <message>
            <location filename="../svf_tools/getprograms.py" />
            <source>Get the svf-tools programs</source>
            <translation>Programme von svf-tools holen</translation>
        </message>
        <message>
            <location filename="../svf_tools/getprograms.py" />
            <source>Used now:</source>
            <translation>Jetzt benutzt:</translation>
        </message>
        <message>
            <location filename="../svf_tools/getprograms.py" />
            <source>Download and install</source>
            <translation>Herunterladen und installieren</translation>
        </message>
        <message>
            <location filename="../svf_tools/getprograms.py" />
            <source>I have the file…</source>
            <translation>Ich habe die Datei…</translation>
        </message>
        <message>
            <location filename="../svf_tools/getprograms.py" />
            <source>Archive of the svf-tools programs</source>
            <translation>Archiv mit den Programmen von svf-tools</translation>
        </message>
        <message>
            <location filename="../svf_tools/getprograms.py" />
            <source>none were found</source>
            <translation>keine gefunden</translation>
        </message>
        <message>
            <location filename="../svf_tools/getprograms.py" />
            <source>{} in {}</source>
            <translation>{} in {}</translation>
        </message>
        <message>
            <location filename="../svf_tools/getprograms.py" />
            <source>svf-tools {} is installed, and the algorithms can be run now.</source>
            <translation>svf-tools {} ist installiert, die Algorithmen können jetzt ausgeführt werden.</translation>
        </message>
        <message>
            <location filename="../svf_tools/getprograms.py" />
            <source>svf-tools {} is installed, but other programs are found first and are used: {} in {}.</source>
            <translation>svf-tools {} ist installiert, aber andere Programme gehen vor und werden benutzt: {} in {}.</translation>
        </message>
        <message>
            <location filename="../svf_tools/getprograms.py" />
            <source>Get or update the svf-tools programs</source>
            <translation>Programme von svf-tools holen oder aktualisieren</translation>
        </message>
        <message>
            <location filename="../svf_tools/getprograms.py" />
            <source>Programs:</source>
            <translation>Programme:</translation>
        </message>
        <message>
            <location filename="../svf_tools/getprograms.py" />
            <source>Licence:</source>
            <translation>Lizenz:</translation>
        </message>
        <message>
            <location filename="../svf_tools/getprograms.py" />
            <source>MIT or Apache-2.0. GDAL, PROJ and other libraries come with them and have open licences of their own, see share/svf-tools/licences in the folder.</source>
            <translation>MIT oder Apache-2.0. GDAL, PROJ und andere Bibliotheken sind dabei und haben eigene freie Lizenzen, siehe share/svf-tools/licences im Ordner.</translation>
        </message>
        <message>
            <location filename="../svf_tools/getprograms.py" />
            <source>Folder:</source>
            <translation>Ordner:</translation>
        </message>
        <message>
            <location filename="../svf_tools/getprograms.py" />
            <source>Close</source>
            <translation>Schließen</translation>
        </message>
        <message>
            <location filename="../svf_tools/getprograms.py" />
            <source>Cancel</source>
            <translation>Abbrechen</translation>
        </message>
        <message>
            <location filename="../svf_tools/getprograms.py" />
            <source>This plugin does not know the file, and cannot tell who made it. Programs in it can do all that you can do. Install it only if you know where it comes from.

{}
SHA-256: {}

Install it?</source>
            <translation>Diese Erweiterung kennt die Datei nicht und kann nicht sagen, wer sie gemacht hat. Programme darin können alles, was Sie können. Installieren Sie sie nur, wenn Sie wissen, woher sie kommt.

{}
SHA-256: {}

Installieren?</translation>
        </message>
        <message>
            <location filename="../svf_tools/getprograms.py" />
            <source>From:</source>
            <translation>Von:</translation>
        </message>
        <message>
            <location filename="../svf_tools/getprograms.py" />
            <source>Size:</source>
            <translation>Größe:</translation>
        </message>
        <message>
            <location filename="../svf_tools/getprograms.py" />
            <source>SHA-256:</source>
            <translation>SHA-256:</translation>
        </message>
        <message>
            <location filename="../svf_tools/getprograms.py" />
            <source>A file?</source>
            <translation>Eine Datei?</translation>
        </message>
        <message>
            <location filename="../svf_tools/getprograms.py" />
            <source>If you have an archive with programs for this computer, choose 'I have the file'.</source>
            <translation>Wenn Sie ein Archiv mit Programmen für diesen Rechner haben, wählen Sie „Ich habe die Datei“.</translation>
        </message>
        <message>
            <location filename="../svf_tools/getprograms.py" />
            <source>No internet?</source>
            <translation>Kein Internet?</translation>
        </message>
        <message>
            <location filename="../svf_tools/getprograms.py" />
            <source>The programs were not installed because of an unexpected error. The log has the details (View &gt; Panels &gt; Log Messages &gt; {}). Please report them: {}</source>
            <translation>Die Programme wurden wegen eines unerwarteten Fehlers nicht installiert. Einzelheiten stehen im Protokoll (Ansicht &gt; Bedienfelder &gt; Protokoll &gt; {}). Bitte melden Sie sie: {}</translation>
        </message>
        <message>
            <location filename="../svf_tools/getprograms.py" />
            <source>svf-tools {} for {}</source>
            <translation>svf-tools {} für {}</translation>
        </message>
        <message>
            <location filename="../svf_tools/getprograms.py" />
            <source>{} is not a file.</source>
            <translation>{} ist keine Datei.</translation>
        </message>
        <message>
            <location filename="../svf_tools/getprograms.py" />
            <source>{} to download, {} on the disk</source>
            <translation>{} zum Herunterladen, {} auf dem Datenträger</translation>
        </message>
        <message>
            <location filename="../svf_tools/getprograms.py" />
            <source>Download {} on another computer from {}, and choose 'I have the file'.</source>
            <translation>Laden Sie {} auf einem anderen Rechner von {} herunter, und wählen Sie „Ich habe die Datei“.</translation>
        </message>
        <message>
            <location filename="../svf_tools/getprograms.py" />
            <source>svf-tools {} is installed, but not used:</source>
            <translation>svf-tools {} ist installiert, wird aber nicht benutzt:</translation>
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
            <source>{}: the layer has another CRS than its file, but the program reads the CRS from the file. Write the CRS into the file (Raster &gt; Projections &gt; Assign Projection), or export the layer.</source>
            <translation>{}: Der Layer hat ein anderes KBS als seine Datei, aber das Programm liest das KBS aus der Datei. Schreiben Sie das KBS in die Datei (Raster &gt; Projektionen &gt; Projektion zuweisen), oder exportieren Sie den Layer.</translation>
        </message>
        <message>
            <location filename="../svf_tools/platforms.py" />
            <source>32 bits</source>
            <translation>32 Bit</translation>
        </message>
        <message>
            <location filename="../svf_tools/platforms.py" />
            <source>ARM with 32 bits</source>
            <translation>ARM mit 32 Bit</translation>
        </message>
        <message>
            <location filename="../svf_tools/platforms.py" />
            <source>another processor</source>
            <translation>anderer Prozessor</translation>
        </message>
        <message>
            <location filename="../svf_tools/platforms.py" />
            <source>There are no programs to download for {}: build them from source, see {}</source>
            <translation>Für {} gibt es keine Programme zum Herunterladen: bauen Sie sie aus dem Quelltext, siehe {}</translation>
        </message>
        <message>
            <location filename="../svf_tools/platforms.py" />
            <source>Programs {} for {} have not been released yet.</source>
            <translation>Programme {} für {} sind noch nicht veröffentlicht.</translation>
        </message>
        <message>
            <location filename="../svf_tools/platforms.py" />
            <source>The programs need glibc {}, and this system has another C library (musl?): build them from source, see {}</source>
            <translation>Die Programme brauchen glibc {}, dieses System hat eine andere C-Bibliothek (musl?): bauen Sie sie aus dem Quelltext, siehe {}</translation>
        </message>
        <message>
            <location filename="../svf_tools/platforms.py" />
            <source>The programs need glibc {} or later, and this system has {}: build them from source, see {}</source>
            <translation>Die Programme brauchen glibc {} oder neuer, dieses System hat {}: bauen Sie sie aus dem Quelltext, siehe {}</translation>
        </message>
        <message>
            <location filename="../svf_tools/platforms.py" />
            <source>The programs need macOS {} or later, and this is macOS {}: build them from source, see {}</source>
            <translation>Die Programme brauchen macOS {} oder neuer, dies ist macOS {}: bauen Sie sie aus dem Quelltext, siehe {}</translation>
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
            <source>crashes, or is stopped by the system</source>
            <translation>stürzt ab oder wird vom System beendet</translation>
        </message>
        <message>
            <location filename="../svf_tools/runner.py" />
            <source>it is another program, or an old version</source>
            <translation>es ist ein anderes Programm oder eine alte Version</translation>
        </message>
        <message>
            <location filename="../svf_tools/runner.py" />
            <source>Cancelled. Finished tiles are kept. Run it again to resume.</source>
            <translation>Abgebrochen. Fertige Kacheln bleiben erhalten. Starten Sie es noch einmal, um fortzufahren.</translation>
        </message>
        <message>
            <location filename="../svf_tools/runner.py" />
            <source>does not report its version: {}</source>
            <translation>meldet keine Version: {}</translation>
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
            <source>writes without an end</source>
            <translation>schreibt ohne Ende</translation>
        </message>
        <message>
            <location filename="../svf_tools/runner.py" />
            <source>does not answer</source>
            <translation>antwortet nicht</translation>
        </message>
        <message>
            <location filename="../svf_tools/runner.py" />
            <source>it ends with exit code {}</source>
            <translation>es endet mit dem Rückgabewert {}</translation>
        </message>
        <message>
            <location filename="../svf_tools/runner.py" />
            <source>It may not be executable, or a library may be missing.</source>
            <translation>Vielleicht ist es nicht ausführbar, oder eine Bibliothek fehlt.</translation>
        </message>
        <message>
            <location filename="../svf_tools/runner.py" />
            <source>{} cannot be started: {}</source>
            <translation>{} kann nicht gestartet werden: {}</translation>
        </message>
        <message>
            <location filename="../svf_tools/settings.py" />
            <source>The memory must be a whole number of MB. With 0 the program chooses.</source>
            <translation>Der Speicher muss eine ganze Zahl in MB sein. Bei 0 wählt das Programm.</translation>
        </message>
        <message>
            <location filename="../svf_tools/settings.py" />
            <source>Folder of the svf-tools programs (empty: search)</source>
            <translation>Ordner der svf-tools-Programme (leer: suchen)</translation>
        </message>
        <message>
            <location filename="../svf_tools/settings.py" />
            <source>Memory for a run, in MB (0: half of the free memory)</source>
            <translation>Speicher für einen Lauf, in MB (0: die Hälfte des freien Speichers)</translation>
        </message>
        <message>
            <location filename="../svf_tools/settings.py" />
            <source>Write every event of the programs to the log</source>
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
            <translation>die Kenngrößen als ein Text, durch Kommas getrennt</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>If so, enter {value} under Layer Properties &gt; Transparency &gt; Additional no data value.</source>
            <translation>Wenn ja, tragen Sie {value} ein unter Layereigenschaften &gt; Transparenz &gt; Zusätzlicher Leerwert.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Make the plan again with '{TILEPLAN}'.</source>
            <translation>Erstellen Sie den Plan neu mit „{TILEPLAN}“.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Empty the work folder to start again, or choose another one.</source>
            <translation>Leeren Sie den Arbeitsordner, um neu zu beginnen, oder wählen Sie einen anderen.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Usually the disk is full, or you do not have permission to write there.</source>
            <translation>Meist ist der Datenträger voll, oder Sie dürfen dort nicht schreiben.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Reproject the layer to the CRS of the raster first: QGIS says then which grid makes it more exact, and where to get it.</source>
            <translation>Projizieren Sie den Layer zuerst in das KBS des Rasters: QGIS sagt dann, welches Gitter genauer ist und woher man es bekommt.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>The vegetation has another CRS than the heights.</source>
            <translation>Die Vegetation hat ein anderes KBS als die Höhen.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>The coordinates of both are compared as they are, without reprojection.</source>
            <translation>Die Koordinaten beider werden verglichen, wie sie sind, ohne Reprojektion.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>{share} of the cells of {path} have the value {value}, far from all others. Is this undeclared NoData?</source>
            <translation>{share} der Zellen von {path} haben den Wert {value}, weit entfernt von allen anderen. Ist das nicht deklariertes NoData?</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>If so, declare it in the file: Raster &gt; Conversion &gt; Translate.</source>
            <translation>Wenn ja, deklarieren Sie es in der Datei: Raster &gt; Konvertierung &gt; Umwandeln.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>{path} has vegetation that is {high} high. Trees do not grow so high.</source>
            <translation>{path} hat Vegetation, die {high} hoch ist. So hoch wachsen keine Bäume.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Vegetation is given as its height above the ground. If these are heights above sea level, subtract the ground first (Raster &gt; Raster Calculator).</source>
            <translation>Vegetation wird als Höhe über dem Boden angegeben. Wenn dies Höhen über dem Meer sind, ziehen Sie zuerst den Boden ab (Raster &gt; Rasterrechner).</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>{path} has vegetation below the ground, down to {low}. It counts as no vegetation.</source>
            <translation>{path} hat Vegetation unter dem Boden, bis {low}. Sie zählt nicht als Vegetation.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Vegetation is given as its height above the ground. If these are heights above sea level, subtract the ground first (Raster &gt; Raster Calculator). If the sign is wrong, multiply by -1.</source>
            <translation>Vegetation wird als Höhe über dem Boden angegeben. Wenn dies Höhen über dem Meer sind, ziehen Sie zuerst den Boden ab (Raster &gt; Rasterrechner). Wenn das Vorzeichen falsch ist, multiplizieren Sie mit -1.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Vegetation: {said}</source>
            <translation>Vegetation: {said}</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>'{CANOPY}' has no effect on {measures}.</source>
            <translation>„{CANOPY}“ wirkt nicht auf {measures}.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Only measures that are a share of the sky take vegetation into account.</source>
            <translation>Nur Kenngrößen, die ein Anteil des Himmels sind, berücksichtigen Vegetation.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>'{CANOPY}' has no effect on some of the measures.</source>
            <translation>„{CANOPY}“ wirkt auf einige der Kenngrößen nicht.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>There is no vegetation: every value of svf-veg and svf-aveg is 1.</source>
            <translation>Es gibt keine Vegetation: Jeder Wert von svf-veg und svf-aveg ist 1.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>They are what crowns block: give their heights above the ground as '{CANOPY}'.</source>
            <translation>Diese Kenngrößen sind das, was Kronen verdecken: Geben Sie deren Höhen über dem Boden als „{CANOPY}“ an.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>'{TRUNK_RATIO}' is {ratio}: crowns begin at their tops, so there are none.</source>
            <translation>„{TRUNK_RATIO}“ ist {ratio}: Kronen beginnen an ihrer Oberkante, also gibt es keine.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>It is the height of the lower edge of a crown divided by the height of its top, usually 0.25.</source>
            <translation>Es ist die Höhe der Unterkante einer Krone geteilt durch die Höhe ihrer Oberkante, üblicherweise 0.25.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>In {share} of the cells with vegetation, '{TRUNK}' is at or above '{CANOPY}': there are no crowns there.</source>
            <translation>In {share} der Zellen mit Vegetation liegt „{TRUNK}“ auf oder über „{CANOPY}“: Dort gibt es keine Kronen.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Are the two layers swapped? '{TRUNK}' is the height above the ground of the lower edges of crowns.</source>
            <translation>Sind die beiden Layer vertauscht? „{TRUNK}“ ist die Höhe der Unterkanten der Kronen über dem Boden.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>'{TRUNK}' is the height above the ground of the lower edges of crowns.</source>
            <translation>„{TRUNK}“ ist die Höhe der Unterkanten der Kronen über dem Boden.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>The raster covers all longitudes.</source>
            <translation>Das Raster umfasst alle Längengrade.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Sight lines end at its left and right edge, as at any other edge.</source>
            <translation>Sichtlinien enden an seinem linken und rechten Rand, wie an jedem anderen Rand.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>The raster is not on the Earth. The radius of its own body is used, {radius_km} km.</source>
            <translation>Das Raster zeigt nicht die Erde. Der Radius seines eigenen Himmelskörpers wird verwendet, {radius_km} km.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>'{REFRACTION}' is 0 unless you set it.</source>
            <translation>„{REFRACTION}“ ist 0, wenn Sie nichts anderes angeben.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>The raster is not on the Earth. The radius of its own body is used.</source>
            <translation>Das Raster zeigt nicht die Erde. Der Radius seines eigenen Himmelskörpers wird verwendet.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>The raster is in degrees.</source>
            <translation>Das Raster ist in Grad.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>The cell sizes are converted to metres on the ellipsoid. '{RADIUS}' and the heights are assumed to be in metres. '{Z_FACTOR}' converts heights in another unit.</source>
            <translation>Die Zellgrößen werden auf dem Ellipsoid in Meter umgerechnet. Es wird angenommen, dass „{RADIUS}“ und die Höhen in Metern sind. „{Z_FACTOR}“ rechnet Höhen in einer anderen Einheit um.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>The coordinates of {path} look like degrees, but its CRS is not in degrees.</source>
            <translation>Die Koordinaten von {path} sehen wie Grad aus, aber sein KBS ist nicht in Grad.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>If they are degrees, set the right CRS for the layer (right-click on the layer &gt; Layer CRS). If they are not, tick '{PLAIN_UNITS}' in the advanced parameters.</source>
            <translation>Wenn es Grad sind, setzen Sie das richtige KBS für den Layer (Rechtsklick auf den Layer &gt; Layer-KBS). Wenn nicht, haken Sie „{PLAIN_UNITS}“ in den fortgeschrittenen Parametern an.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>The coordinates of {path} look like kilometres, but its heights are in another unit.</source>
            <translation>Die Koordinaten von {path} sehen wie Kilometer aus, aber seine Höhen haben eine andere Einheit.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>If they are kilometres, convert them to metres first (Raster &gt; Conversion &gt; Translate, with -a_ullr). If they are not, tick '{PLAIN_UNITS}' in the advanced parameters.</source>
            <translation>Wenn es Kilometer sind, rechnen Sie sie zuerst in Meter um (Raster &gt; Konvertierung &gt; Übersetzen, mit -a_ullr). Wenn nicht, haken Sie „{PLAIN_UNITS}“ in den fortgeschrittenen Parametern an.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Coordinates are converted from {from} to {to} within about {accuracy_m} m, and cells are {cell_m} m wide.</source>
            <translation>Koordinaten werden von {from} nach {to} auf etwa {accuracy_m} m genau umgerechnet, und Zellen sind {cell_m} m breit.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>There is no conversion of the coordinates to the datum of the raster: both are taken as the same, and places can be some 100 m off.</source>
            <translation>Es gibt keine Umrechnung der Koordinaten in das Datum des Rasters: beide Datumsangaben gelten als gleich, und Orte können um etwa 100 m falsch sein.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>The raster has no CRS. Its axes are in {unit}.</source>
            <translation>Das Raster hat kein KBS. Seine Achsen sind in {unit}.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>The heights and '{RADIUS}' are assumed to be in {unit}, too. If you know the CRS, set it for the layer (right-click on the layer &gt; Layer CRS).</source>
            <translation>Es wird angenommen, dass auch die Höhen und „{RADIUS}“ in {unit} sind. Wenn Sie das KBS kennen, setzen Sie es für den Layer (Rechtsklick auf den Layer &gt; Layer-KBS).</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>The raster has no CRS.</source>
            <translation>Das Raster hat kein KBS.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Its cell size, the heights and '{RADIUS}' are assumed to be in the same unit. If you know the CRS, set it for the layer (right-click on the layer &gt; Layer CRS).</source>
            <translation>Es wird angenommen, dass seine Zellgröße, die Höhen und „{RADIUS}“ dieselbe Einheit haben. Wenn Sie das KBS kennen, setzen Sie es für den Layer (Rechtsklick auf den Layer &gt; Layer-KBS).</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Lengths on this map are {scale} times as long as on the ground in one direction, {across} times across it.</source>
            <translation>Längen auf dieser Karte sind in einer Richtung {scale}-mal so lang wie am Boden, quer dazu {across}-mal.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Reproject the raster first (Raster &gt; Projections &gt; Warp).</source>
            <translation>Reprojizieren Sie das Raster zuerst (Raster &gt; Projektionen &gt; Transformieren).</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Lengths on this map are {scale} times as long as on the ground.</source>
            <translation>Längen auf dieser Karte sind {scale}-mal so lang wie am Boden.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Set '{Z_FACTOR}' to {factor} and multiply '{RADIUS}' by {scale}. Or reproject the raster first (Raster &gt; Projections &gt; Warp).</source>
            <translation>Setzen Sie „{Z_FACTOR}“ auf {factor} und multiplizieren Sie „{RADIUS}“ mit {scale}. Oder reprojizieren Sie das Raster zuerst (Raster &gt; Projektionen &gt; Transformieren).</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Scale of the map: {said}</source>
            <translation>Maßstab der Karte: {said}</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Vegetation is in units of {unit_m} m, but heights are in units of {ground_m} m.</source>
            <translation>Die Vegetation ist in Einheiten von {unit_m} m, die Höhen aber in Einheiten von {ground_m} m.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Multiply the vegetation by {canopy_factor} first (Raster &gt; Raster Calculator).</source>
            <translation>Multiplizieren Sie die Vegetation zuerst mit {canopy_factor} (Raster &gt; Rasterrechner).</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>The heights are in units of {unit_m} m, but the cells are in {cells}.</source>
            <translation>Die Höhen sind in Einheiten von {unit_m} m, die Zellen aber in {cells}.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Set '{Z_FACTOR}' to {factor}.</source>
            <translation>Setzen Sie „{Z_FACTOR}“ auf {factor}.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Vegetation and heights are in different units.</source>
            <translation>Vegetation und Höhen haben verschiedene Einheiten.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>The heights are in another unit than the cells.</source>
            <translation>Die Höhen haben eine andere Einheit als die Zellen.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>The CRS is in {unit}, not in metres.</source>
            <translation>Das KBS ist in {unit}, nicht in Metern.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>The heights and '{RADIUS}' are assumed to be in {unit}, too. '{Z_FACTOR}' converts heights in another unit.</source>
            <translation>Es wird angenommen, dass auch die Höhen und „{RADIUS}“ in {unit} sind. „{Z_FACTOR}“ rechnet Höhen in einer anderen Einheit um.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Units: {said}</source>
            <translation>Einheiten: {said}</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Band {band} of {path} is called '{name}'. Are its values depths? They are used as heights.</source>
            <translation>Kanal {band} von {path} heißt „{name}“. Sind seine Werte Tiefen? Sie werden als Höhen verwendet.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>If they are depths, multiply them by -1 first (Raster &gt; Raster Calculator).</source>
            <translation>Wenn es Tiefen sind, multiplizieren Sie sie zuerst mit -1 (Raster &gt; Rasterrechner).</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Depths: {said}</source>
            <translation>Tiefen: {said}</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>The file says that its values are depths. They are converted to heights.</source>
            <translation>Laut der Datei sind ihre Werte Tiefen. Sie werden in Höhen umgerechnet.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>If the values are heights already, first remove the vertical CRS, or the attribute 'positive', from the file.</source>
            <translation>Wenn die Werte schon Höhen sind, entfernen Sie zuerst das vertikale KBS oder das Attribut „positive“ aus der Datei.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>{path} looks like a raster that was computed from heights, such as slopes.</source>
            <translation>{path} sieht wie ein Raster aus, das aus Höhen berechnet wurde, etwa Neigungen.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Choose the raster that it was computed from. If these are heights, ignore this warning.</source>
            <translation>Wählen Sie das Raster, aus dem es berechnet wurde. Wenn dies Höhen sind, können Sie diese Warnung ignorieren.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>{path} looks like a hillshade, which is a picture of heights and not heights.</source>
            <translation>{path} sieht wie eine Schummerung aus. Das ist ein Bild von Höhen, keine Höhen.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Choose the raster that the hillshade was made from. If these are heights, ignore this warning.</source>
            <translation>Wählen Sie das Raster, aus dem die Schummerung erstellt wurde. Wenn dies Höhen sind, können Sie diese Warnung ignorieren.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>The heights of {path} go from {low} to {high}. Is {value} undeclared NoData?</source>
            <translation>Die Höhen von {path} reichen von {low} bis {high}. Ist {value} nicht deklariertes NoData?</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>NoData: {said}</source>
            <translation>NoData: {said}</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>If so, enter it under Layer Properties &gt; Transparency &gt; Additional no data value.</source>
            <translation>Wenn ja, tragen Sie es ein unter Layereigenschaften &gt; Transparenz &gt; Zusätzlicher Leerwert.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>{path} has the type {type}, which cannot store all of these NoData values: {values}</source>
            <translation>{path} hat den Typ {type}. Dieser kann nicht alle diese NoData-Werte speichern: {values}</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Check Layer Properties &gt; Transparency &gt; Additional no data value.</source>
            <translation>Prüfen Sie Layereigenschaften &gt; Transparenz &gt; Zusätzlicher Leerwert.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>No cell of {path} has a height, so every cell of the result is NoData.</source>
            <translation>Keine Zelle von {path} hat eine Höhe, also ist jede Zelle des Ergebnisses NoData.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Check '{BAND}', and the NoData value under Layer Properties &gt; Transparency.</source>
            <translation>Prüfen Sie „{BAND}“ und den Leerwert unter Layereigenschaften &gt; Transparenz.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>{path} has heights that are coded as colours ({coding}). A single band of it is not a height.</source>
            <translation>{path} enthält Höhen, die in Farben kodiert sind ({coding}). Ein Kanal allein ist keine Höhe.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Compute the heights first (Raster &gt; Raster Calculator), with A, B, C for the red, green and blue band: {formula}</source>
            <translation>Berechnen Sie zuerst die Höhen (Raster &gt; Rasterrechner), mit A, B, C für den roten, grünen und blauen Kanal: {formula}</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Band {band} of {path} is a colour of a picture, not heights.</source>
            <translation>Kanal {band} von {path} ist die Farbe eines Bildes, keine Höhen.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Choose a raster of heights, or another '{BAND}'.</source>
            <translation>Wählen Sie ein Höhenraster oder einen anderen „{BAND}“.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Picture: {said}</source>
            <translation>Bild: {said}</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>The heights of {path} go from {low} to {high}. No place on Earth has such a relief.</source>
            <translation>Die Höhen von {path} reichen von {low} bis {high}. Ein solches Relief gibt es nirgends auf der Erde.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>If there is undeclared NoData, enter it under Layer Properties &gt; Transparency &gt; Additional no data value. If the heights are in another unit, '{Z_FACTOR}' converts them.</source>
            <translation>Wenn es NoData gibt, das nicht deklariert ist, tragen Sie es ein unter Layereigenschaften &gt; Transparenz &gt; Zusätzlicher Leerwert. Wenn die Höhen eine andere Einheit haben, rechnet „{Z_FACTOR}“ sie um.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Relief: {said}</source>
            <translation>Relief: {said}</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>{path} looks like a result of these tools, not like heights.</source>
            <translation>{path} sieht wie ein Ergebnis dieser Werkzeuge aus, nicht wie Höhen.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Choose the raster that the result was made from.</source>
            <translation>Wählen Sie das Raster, aus dem das Ergebnis berechnet wurde.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>{path} declares the NoData value {value}, but its values are from 0 to 255. Are these signed bytes whose sign was lost?</source>
            <translation>{path} deklariert den Leerwert {value}, aber die Werte reichen von 0 bis 255. Sind dies vorzeichenbehaftete Bytes, deren Vorzeichen verloren ging?</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>If so, 255 should be -1: subtract 256 from all values above 127 first (Raster &gt; Raster Calculator).</source>
            <translation>Wenn ja, müsste 255 der Wert -1 sein: Ziehen Sie zuerst von allen Werten über 127 den Wert 256 ab (Raster &gt; Rasterrechner).</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Values of {path} up to {low} lie beside values from {high} on, with none in between. Are these signed bytes whose sign was lost?</source>
            <translation>Werte von {path} bis {low} liegen neben Werten ab {high}, ohne Werte dazwischen. Sind dies vorzeichenbehaftete Bytes, deren Vorzeichen verloren ging?</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Values: {said}</source>
            <translation>Werte: {said}</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>{share} of the cells of {path} have values that are too large for a height, up to {largest}. They are treated as missing.</source>
            <translation>{share} der Zellen von {path} haben Werte, die für eine Höhe zu groß sind, bis zu {largest}. Sie gelten als fehlend.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>If this value means NoData, nothing needs to be done.</source>
            <translation>Wenn dieser Wert NoData bedeutet, ist nichts zu tun.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>The unit of the heights, "{unit}", is not known. The heights are assumed to be in {cells}.</source>
            <translation>Die Einheit der Höhen, „{unit}“, ist nicht bekannt. Es wird angenommen, dass sie in {cells} sind.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>'{Z_FACTOR}' converts them.</source>
            <translation>„{Z_FACTOR}“ rechnet sie um.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>The unit of the band, "{unit}", is not a length. Are these heights?</source>
            <translation>Die Einheit des Kanals, „{unit}“, ist keine Länge. Sind das Höhen?</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>If not, choose another '{BAND}'.</source>
            <translation>Wenn nicht, wählen Sie einen anderen „{BAND}“.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>The band is in units of {band_m} m, but its vertical CRS is in units of {crs_m} m. The CRS counts.</source>
            <translation>Der Kanal ist in Einheiten von {band_m} m, aber sein vertikales KBS in Einheiten von {crs_m} m. Das KBS gilt.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>If the unit of the band is right, set '{Z_FACTOR}' to {factor}.</source>
            <translation>Wenn die Einheit des Kanals stimmt, setzen Sie „{Z_FACTOR}“ auf {factor}.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>The heights are in units of {unit_m} m, but the unit of the cells is not known. They are assumed to be in the same unit.</source>
            <translation>Die Höhen sind in Einheiten von {unit_m} m, aber die Einheit der Zellen ist nicht bekannt. Es wird angenommen, dass sie dieselbe Einheit haben.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>If the cells are in metres, set '{Z_FACTOR}' to {unit_m}.</source>
            <translation>Wenn die Zellen in Metern sind, setzen Sie „{Z_FACTOR}“ auf {unit_m}.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Unit of the heights: {said}</source>
            <translation>Einheit der Höhen: {said}</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>A bug in the program: {said}</source>
            <translation>Ein Fehler im Programm: {said}</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Please report it at {REPORT_TO}, with the command from the log.</source>
            <translation>Bitte melden Sie ihn unter {REPORT_TO}, mit dem Befehl aus dem Protokoll.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>These tiles are missing or damaged: {tiles}.</source>
            <translation>Diese Kacheln fehlen oder sind beschädigt: {tiles}.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Run the algorithm again: it computes them.</source>
            <translation>Starten Sie den Algorithmus noch einmal: Er berechnet sie.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Compute them with '{COMPUTETILES}', then join again.</source>
            <translation>Berechnen Sie sie mit „{COMPUTETILES}“, dann fügen Sie noch einmal zusammen.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>{path} was there before, and is not a part of this result.</source>
            <translation>{path} war schon da und gehört nicht zu diesem Ergebnis.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Delete it, or keep it under another name.</source>
            <translation>Löschen Sie die Datei, oder behalten Sie sie unter einem anderen Namen.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Files of an earlier run with this name are still there.</source>
            <translation>Dateien eines früheren Laufs mit diesem Namen sind noch da.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Delete them: they are not a part of this result.</source>
            <translation>Löschen Sie sie: Sie gehören nicht zu diesem Ergebnis.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>{path} changes the cell size of its files while they are read ({method}): GDAL's values then depend on the part that is read, so results depend on the size of the tiles.</source>
            <translation>{path} ändert die Zellgröße seiner Dateien beim Lesen ({method}): die Werte von GDAL hängen dann vom gelesenen Ausschnitt ab, die Ergebnisse also von der Größe der Kacheln.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Write the files in one cell size first, with 'Warp (reproject)', and use the result.</source>
            <translation>Schreiben Sie die Dateien zuerst mit „Transformieren (Reprojizieren)“ in einer einheitlichen Zellgröße, und verwenden Sie das Ergebnis.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>A raster changes the cell size of its files while they are read: results depend on the size of the tiles.</source>
            <translation>Ein Raster ändert die Zellgröße seiner Dateien beim Lesen: die Ergebnisse hängen von der Größe der Kacheln ab.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>The server does not say which version of {path} it has.</source>
            <translation>Der Server sagt nicht, welche Version von {path} er hat.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>A change that leaves the size as it is will not be noticed.</source>
            <translation>Eine Änderung, die die Größe nicht ändert, wird nicht bemerkt.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>These tiles are missing or damaged and become NoData: {tiles}.</source>
            <translation>Diese Kacheln fehlen oder sind beschädigt und werden NoData: {tiles}.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>The output already exists and is the result of this run. It is not changed.</source>
            <translation>Die Ausgabe ist schon vorhanden und ist das Ergebnis dieses Laufs. Sie wird nicht geändert.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>{path} belongs to the input. The output would destroy it.</source>
            <translation>{path} gehört zur Eingabe. Dorthin zu schreiben würde sie zerstören.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Choose another output.</source>
            <translation>Wählen Sie eine andere Ausgabe.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>The format of the output cannot store all of it: {said}</source>
            <translation>Das Format der Ausgabe kann nicht alles speichern: {said}</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Say it again where the file is read, or choose a GeoTIFF (.tif), which stores it.</source>
            <translation>Geben Sie es dort wieder an, wo die Datei gelesen wird, oder wählen Sie ein GeoTIFF (.tif), das es speichert.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Work folder of another run: {said}</source>
            <translation>Arbeitsordner eines anderen Laufs: {said}</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Plan: {said}</source>
            <translation>Plan: {said}</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>'{MEMORY}' is {limit}, but this run needs {least_mb} MB or more.</source>
            <translation>„{MEMORY}“ ist {limit}, aber dieser Lauf braucht {least_mb} MB oder mehr.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Set '{MEMORY}' higher. A smaller '{RADIUS}' or fewer '{THREADS}' need less.</source>
            <translation>Setzen Sie „{MEMORY}“ höher. Mit einem kleineren „{RADIUS}“ oder weniger „{THREADS}“ wird weniger gebraucht.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>This run needs {least_mb} MB of memory or more.</source>
            <translation>Dieser Lauf braucht {least_mb} MB Speicher oder mehr.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Memory: {said}</source>
            <translation>Speicher: {said}</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Work folder: {said}</source>
            <translation>Arbeitsordner: {said}</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>The point lies on NoData: it has no height, and so no value.</source>
            <translation>Der Punkt liegt auf NoData: Er hat keine Höhe und darum keinen Wert.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>The layer of points has no CRS. Its coordinates are assumed to be in the CRS of the heights.</source>
            <translation>Der Punktlayer hat kein KBS. Es wird angenommen, dass seine Koordinaten im KBS der Höhen sind.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>If that is wrong, set the CRS of the layer of points.</source>
            <translation>Wenn das falsch ist, setzen Sie das KBS des Punktlayers.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Layer of points: {said}</source>
            <translation>Punktlayer: {said}</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Points: {said}</source>
            <translation>Punkte: {said}</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Do the points lie on the raster? Check the CRS of the layer of points.</source>
            <translation>Liegen die Punkte auf dem Raster? Prüfen Sie das KBS des Punktlayers.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Points without a value: {skipped} of {total}.</source>
            <translation>Punkte ohne Wert: {skipped} von {total}.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>The column 'status' of the table says why.</source>
            <translation>Die Spalte „status“ der Tabelle sagt, warum.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>'{RADIUS}' is larger than the raster: {used} is used.</source>
            <translation>„{RADIUS}“ ist größer als das Raster: {used} wird verwendet.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>'{RADIUS}': {said}</source>
            <translation>„{RADIUS}“: {said}</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>This band of {path} cannot be used: {reason}</source>
            <translation>Dieser Kanal von {path} kann nicht verwendet werden: {reason}</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Choose another '{BAND}'.</source>
            <translation>Wählen Sie einen anderen „{BAND}“.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Band: {said}</source>
            <translation>Kanal: {said}</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>{path} cannot be created: {reason}</source>
            <translation>{path} kann nicht angelegt werden: {reason}</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Output: {said}</source>
            <translation>Ausgabe: {said}</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>{path} cannot be completed: {reason}</source>
            <translation>{path} kann nicht fertiggestellt werden: {reason}</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>The grid of {path} cannot be used: {reason}</source>
            <translation>Das Gitter von {path} kann nicht verwendet werden: {reason}</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Grid: {said}</source>
            <translation>Gitter: {said}</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>{path} cannot be opened: {reason}</source>
            <translation>{path} kann nicht geöffnet werden: {reason}</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Input: {said}</source>
            <translation>Eingabe: {said}</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>{path} cannot be read: {reason}</source>
            <translation>{path} kann nicht gelesen werden: {reason}</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>The file is damaged there, or its disk or network failed.</source>
            <translation>Die Datei ist dort beschädigt, oder ihr Datenträger oder Netzwerk ist ausgefallen.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>The file has a scale and an offset: its values are multiplied by {scale}, and {offset} is added.</source>
            <translation>Die Datei hat einen Faktor und einen Versatz: Ihre Werte werden mit {scale} multipliziert, und {offset} wird addiert.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>{path} cannot be written: {reason}</source>
            <translation>{path} kann nicht geschrieben werden: {reason}</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>'{RECEIVERS}' has another CRS than the heights, or none.</source>
            <translation>„{RECEIVERS}“ hat ein anderes KBS als die Höhen, oder keines.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>'{RECEIVERS}' has no cell with a height: all cells become NoData.</source>
            <translation>„{RECEIVERS}“ hat keine Zelle mit einer Höhe: Alle Zellen werden NoData.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Of a raster, the cells count that are neither 0 nor NoData; of a vector layer, those in its polygons, on its lines or at its points.</source>
            <translation>Von einem Raster zählen die Zellen, die weder 0 noch NoData sind; von einem Vektorlayer die in seinen Polygonen, auf seinen Linien oder an seinen Punkten.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>The system does not let the program start as many threads as it needs.</source>
            <translation>Das System lässt das Programm nicht so viele Threads starten, wie es braucht.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Choose fewer '{THREADS}', or raise the limit of the system.</source>
            <translation>Wählen Sie weniger „{THREADS}“, oder erhöhen Sie die Grenze des Systems.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Something that is not a tile has the name of a tile. These tiles are not computed: {tiles}.</source>
            <translation>Etwas, das keine Kachel ist, trägt den Namen einer Kachel. Diese Kacheln werden nicht berechnet: {tiles}.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Move it to another place, then run the algorithm again. All other tiles are done.</source>
            <translation>Verschieben Sie es an einen anderen Ort, und starten Sie den Algorithmus noch einmal. Alle anderen Kacheln sind fertig.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>These tiles are not computed, because the input cannot be read there: {tiles}.</source>
            <translation>Diese Kacheln werden nicht berechnet, weil die Eingabe dort nicht gelesen werden kann: {tiles}.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Copy or download the damaged file again, then run the algorithm again. All other tiles are done.</source>
            <translation>Kopieren Sie die beschädigte Datei noch einmal, oder laden Sie sie noch einmal herunter. Starten Sie dann den Algorithmus noch einmal. Alle anderen Kacheln sind fertig.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>The files of these tiles cannot be read now: {tiles}.</source>
            <translation>Die Dateien dieser Kacheln können zurzeit nicht gelesen werden: {tiles}.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>The disk, the network or the permissions are the reason. Run the algorithm again later.</source>
            <translation>Der Grund ist die Festplatte, das Netzwerk oder eine fehlende Berechtigung. Führen Sie den Algorithmus später erneut aus.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>These tiles are damaged and are computed again: {tiles}.</source>
            <translation>Diese Kacheln sind beschädigt und werden neu berechnet: {tiles}.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Tiles: {said}</source>
            <translation>Kacheln: {said}</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>A measure is chosen twice.</source>
            <translation>Eine Kenngröße ist zweimal gewählt.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Parameter: {said}</source>
            <translation>Parameter: {said}</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>'{POINT}': {said}</source>
            <translation>„{POINT}“: {said}</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Check the coordinates, and the CRS in brackets behind them. x comes before y, longitude before latitude.</source>
            <translation>Prüfen Sie die Koordinaten und das KBS dahinter in Klammern. x steht vor y, Länge vor Breite.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>'{TILES}': {said}</source>
            <translation>„{TILES}“: {said}</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>'{EXTENT}' lies outside the raster.</source>
            <translation>„{EXTENT}“ liegt außerhalb des Rasters.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>The work folder contains other files: {path}</source>
            <translation>Der Arbeitsordner enthält andere Dateien: {path}</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>Choose a new or an empty folder.</source>
            <translation>Wählen Sie einen neuen oder einen leeren Ordner.</translation>
        </message>
        <message>
            <location filename="../svf_tools/words.py" />
            <source>{first} ... ({count} in all)</source>
            <translation>{first} ... (insgesamt {count})</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/base.py" />
            <source>Layer Properties &gt; Transparency &gt; Additional no data value</source>
            <translation>Layereigenschaften &gt; Transparenz &gt; Zusätzlicher Leerwert</translation>
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
            <source>The output cannot be a memory layer. Choose a file or a temporary file.</source>
            <translation>Die Ausgabe kann kein Layer im Speicher sein. Wählen Sie eine Datei oder eine temporäre Datei.</translation>
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
            <source>The raster with the heights: a surface model (DSM) for cities, a terrain model (DTM, DEM) for landscapes. It can have any format that GDAL reads, and any size, because the whole raster is never in memory. Heights and cells must have the same unit (see Z factor).</source>
            <translation>Das Raster mit den Höhen: ein Oberflächenmodell (DOM) für Städte, ein Geländemodell (DGM) für Landschaften. Jedes Format, das GDAL liest, und jede Größe, denn das Raster ist nie als Ganzes im Speicher. Höhen und Zellen müssen dieselbe Einheit haben (siehe Z-Faktor).</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Band</source>
            <translation>Kanal</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>The band with the heights.</source>
            <translation>Der Kanal mit den Höhen.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Search radius</source>
            <translation>Suchradius</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>The distance that each cell looks, in units of the layer's CRS, or in metres if the layer is in degrees. Usual values: 100 to 300 m for streets, 500 to 1000 m for a city with towers, 5 to 20 m to show small landforms, 5 to 20 km for mountain valleys on a coarse grid. A radius 16 times as large takes two to three times as long.</source>
            <translation>Wie weit jede Zelle blickt, in Einheiten des KBS des Layers, oder in Metern, wenn der Layer in Grad ist. Übliche Werte: 100 bis 300 m für Straßen, 500 bis 1000 m für eine Stadt mit Hochhäusern, 5 bis 20 m für kleine Geländeformen, 5 bis 20 km für Gebirgstäler auf grobem Raster. Ein 16-mal so großer Radius dauert zwei- bis dreimal so lang.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Directions</source>
            <translation>Richtungen</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Number of sight lines around each cell. 16 are enough for most maps. Use 32 or 64 if there are single towers on open ground. Twice as many directions take twice as long.</source>
            <translation>Anzahl der Sichtlinien um jede Zelle. 16 genügen für die meisten Karten. Nehmen Sie 32 oder 64, wenn einzelne Türme auf freier Fläche stehen. Doppelt so viele Richtungen dauern doppelt so lang.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Missing heights</source>
            <translation>Fehlende Höhen</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>What a sight line does where heights are missing, and at the edge of the raster.
skip: it continues behind the gap, as in SAGA.
stop: it ends there.
nan: the cell becomes NoData.</source>
            <translation>Was eine Sichtlinie tut, wo Höhen fehlen, und am Rand des Rasters.
skip: Sie geht hinter der Lücke weiter, wie in SAGA.
stop: Sie endet dort.
nan: Die Zelle wird NoData.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Part of the raster</source>
            <translation>Teil des Rasters</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Only the cells in this part are computed. Heights around it are still used. The edges of the part move to the nearest edges of cells. Empty: the whole raster.</source>
            <translation>Nur die Zellen in diesem Teil werden berechnet. Höhen ringsum werden trotzdem verwendet. Die Ränder des Teils rücken auf die nächsten Zellgrenzen. Leer: das ganze Raster.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Sampling</source>
            <translation>Abtastung</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Where heights are read on a sight line.
linear: interpolated between the cells, without bias.
crossings: the same, at rows and at columns of cells. Closest to the surface, but slower.
nearest: from the nearest cell, at the distance of its centre, as in RVT. A wall is then half a cell too far away.
divided: from the nearest cell, in equal steps, as in SAGA.</source>
            <translation>Wo auf einer Sichtlinie Höhen gelesen werden.
linear: zwischen den Zellen interpoliert, ohne systematische Abweichung.
crossings: ebenso, an Zeilen und an Spalten von Zellen. Der Oberfläche am nächsten, aber langsamer.
nearest: aus der nächsten Zelle, in der Entfernung ihrer Mitte, wie in RVT. Eine Wand ist dann eine halbe Zelle zu weit entfernt.
divided: aus der nächsten Zelle, in gleichen Schritten, wie in SAGA.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Divisions of a sight line</source>
            <translation>Teilungen einer Sichtlinie</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Number of points on a sight line. Only for the sampling 'divided'. Empty: one point for each cell.</source>
            <translation>Anzahl der Punkte auf einer Sichtlinie. Nur für die Abtastung „divided“. Leer: ein Punkt je Zelle.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Ignore what is nearer than</source>
            <translation>Näheres nicht beachten bis</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>A distance in the unit of the search radius, and less than it. Small things on the ground that are nearer do not count, as with the noise removal of RVT. Not together with vegetation. Empty: nothing is ignored.</source>
            <translation>Eine Entfernung in der Einheit des Suchradius und kleiner als dieser. Kleine Dinge am Boden, die näher sind, zählen nicht, wie bei der Rauschunterdrückung von RVT. Nicht zusammen mit Vegetation. Leer: Alles zählt.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Search</source>
            <translation>Suche</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>How horizons are searched.
exact: everything on a sight line counts.
cascade: much faster if the radius has hundreds of cells, but values differ a little: svf typically by 0.0005 on natural ground and by 0.002 among buildings, at single cells by up to 0.02. Not for rasters in degrees, and not with vegetation.
Empty: exact.</source>
            <translation>Wie Horizonte gesucht werden.
exact: Alles auf einer Sichtlinie zählt.
cascade: Viel schneller, wenn der Radius Hunderte von Zellen hat, aber die Werte weichen etwas ab: svf meist um 0,0005 in natürlichem Gelände und um 0,002 zwischen Gebäuden, an einzelnen Zellen um bis zu 0,02. Nicht für Raster in Grad und nicht mit Vegetation.
Leer: exact.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>First direction</source>
            <translation>Erste Richtung</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Azimuth of the first direction in degrees, less than the angle between two directions. Half of this angle gives the middles of sectors. Empty: 0, north.</source>
            <translation>Azimut der ersten Richtung in Grad, kleiner als der Winkel zwischen zwei Richtungen. Die Hälfte dieses Winkels ergibt die Mitten von Sektoren. Leer: 0, Norden.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>North</source>
            <translation>Norden</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>The north that azimuths count from.
grid: along the columns of the raster.
true: true north in the middle of the raster, as for the position of the sun.
Empty: grid.</source>
            <translation>Von welchem Norden aus Azimute zählen.
grid: entlang der Spalten des Rasters.
true: geographisch Nord in der Mitte des Rasters, wie beim Sonnenstand.
Leer: grid.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Observer height</source>
            <translation>Beobachterhöhe</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Height of the observer above the surface, in the unit of the cells, or in metres if the layer is in degrees.</source>
            <translation>Höhe des Beobachters über der Oberfläche, in der Einheit der Zellen, oder in Metern, wenn der Layer in Grad ist.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Z factor</source>
            <translation>Z-Faktor</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Number that converts the heights into the unit of the cells. Example: 0.3048 for heights in feet and cells in metres.</source>
            <translation>Zahl, die die Höhen in die Einheit der Zellen umrechnet. Beispiel: 0.3048 für Höhen in Fuß und Zellen in Metern.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Coordinates are plain units</source>
            <translation>Koordinaten sind einfache Einheiten</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Tick this if the coordinates look like degrees but are not, for example those of a model or a sketch.</source>
            <translation>Anhaken, wenn die Koordinaten wie Grad aussehen, aber keine sind, zum Beispiel die eines Modells oder einer Skizze.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Curvature of the Earth</source>
            <translation>Erdkrümmung</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Distant heights are lowered by the curvature of the Earth, less the refraction: by 0.07 m at 1 km, by 7 m at 10 km.</source>
            <translation>Entfernte Höhen werden um die Erdkrümmung abgesenkt, vermindert um die Refraktion: um 0,07 m auf 1 km, um 7 m auf 10 km.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Refraction</source>
            <translation>Refraktion</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Share of the curvature that is cancelled because the air bends light. Empty: 0.13 on the Earth, 0 on other bodies.</source>
            <translation>Anteil der Krümmung, der sich aufhebt, weil die Luft das Licht krümmt. Leer: 0.13 auf der Erde, 0 auf anderen Himmelskörpern.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Vegetation</source>
            <translation>Vegetation</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Raster with the height of the vegetation above the ground, on the same grid as the heights. The heights must then be those without trees. Crowns let a share of the light through. Empty: all obstacles are solid.</source>
            <translation>Raster mit der Höhe der Vegetation über dem Boden, auf demselben Gitter wie die Höhen. Die Höhen müssen dann die ohne Bäume sein. Kronen lassen einen Teil des Lichts durch. Leer: Alle Hindernisse sind undurchlässig.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Transmissivity of vegetation</source>
            <translation>Durchlässigkeit der Vegetation</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Share of the light that passes through a crown. Empty: 0.03, for trees in leaf.</source>
            <translation>Anteil des Lichts, der durch eine Krone dringt. Leer: 0.03, für belaubte Bäume.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Trunk ratio</source>
            <translation>Stammverhältnis</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Height at which the crowns begin, as a share of the height of the vegetation. Empty: 0.25.</source>
            <translation>Höhe, in der die Kronen beginnen, als Anteil an der Höhe der Vegetation. Leer: 0.25.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Trunk heights</source>
            <translation>Stammhöhen</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Raster with the height above the ground at which the crowns begin. Use it instead of the trunk ratio.</source>
            <translation>Raster mit der Höhe über dem Boden, in der die Kronen beginnen. Verwenden Sie es anstelle des Stammverhältnisses.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Only these cells</source>
            <translation>Nur diese Zellen</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Compute only some cells, for example the ground without roofs. All others become NoData. A raster on the same grid as the heights: its cells that are neither 0 nor NoData. Or a vector layer: the cells in its polygons, on its lines or at its points. Heights are still used everywhere. Empty: all cells.</source>
            <translation>Nur manche Zellen berechnen, zum Beispiel den Boden ohne Dächer. Alle anderen werden NoData. Ein Raster auf demselben Gitter wie die Höhen: seine Zellen, die weder 0 noch NoData sind. Oder ein Vektorlayer: die Zellen in seinen Polygonen, auf seinen Linien oder an seinen Punkten. Höhen werden weiterhin überall verwendet. Leer: alle Zellen.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>{}: this only applies to measures that are angles, and none is chosen.</source>
            <translation>{}: das gilt nur für Kenngrößen, die Winkel sind, und keine davon ist gewählt.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Unit of angles</source>
            <translation>Einheit der Winkel</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Unit of the measures that are angles: horizon, slope, aspect, openness. Empty: degree.</source>
            <translation>Einheit der Kenngrößen, die Winkel sind: Horizont, Hangneigung, Exposition, Offenheit. Leer: Grad (degree).</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>{}: this only applies to the measure svf-anisotropic, which is not chosen.</source>
            <translation>{}: gilt nur für die Kenngröße svf-anisotropic, die nicht gewählt ist.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Brightest direction</source>
            <translation>Hellste Richtung</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Only for svf-anisotropic: the direction in which the sky is brightest, in degrees clockwise from north (360 minus the azimuth of RVT). Empty: 315, the north-west.</source>
            <translation>Nur für svf-anisotropic: die Richtung, in der der Himmel am hellsten ist, in Grad im Uhrzeigersinn von Norden (360 minus dem Azimut von RVT). Leer: 315, der Nordwesten.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Anisotropy</source>
            <translation>Anisotropie</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Only for svf-anisotropic: how much the brightness of the sky differs.
low: the darkest direction counts 0.4 times as much as the brightest.
high: 0.1 times as much.
Empty: low.</source>
            <translation>Nur für svf-anisotropic: wie stark sich die Helligkeit des Himmels unterscheidet.
low: Die dunkelste Richtung zählt das 0,4-Fache der hellsten.
high: das 0,1-Fache.
Leer: low.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Memory, MB</source>
            <translation>Speicher, MB</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>The most memory that the run may use, in MB. Empty: the value in the Processing options, or half of the free memory.</source>
            <translation>So viel Speicher darf der Lauf höchstens verwenden, in MB. Leer: der Wert in den Verarbeitungsoptionen, oder die Hälfte des freien Speichers.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Threads</source>
            <translation>Threads</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Number of threads. The result does not depend on it. Empty: as many as QGIS allows.</source>
            <translation>Anzahl der Threads. Das Ergebnis hängt nicht davon ab. Leer: so viele, wie QGIS erlaubt.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Creation options</source>
            <translation>Erzeugungsoptionen</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Options of the GeoTIFF driver. Empty: tiled and compressed, and BigTIFF where needed.</source>
            <translation>Optionen des GeoTIFF-Treibers. Leer: gekachelt und komprimiert, und BigTIFF wo nötig.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Work folder</source>
            <translation>Arbeitsordner</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>For runs that take hours. Finished tiles are kept in this folder. If the run is stopped, run it again with the same folder to resume. Empty: no tiles are kept.</source>
            <translation>Für Läufe, die Stunden dauern. Fertige Kacheln bleiben in diesem Ordner. Wird der Lauf angehalten, starten Sie ihn mit demselben Ordner noch einmal, um fortzufahren. Leer: Es bleiben keine Kacheln.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Resolution of the export</source>
            <translation>Auflösung des Exports</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>For layers that only QGIS can read: WCS, rasters in a database, virtual rasters. QGIS exports such a layer to a temporary file first. This is the size of its cells, in units of the layer's CRS. Empty: the layer's own cells.</source>
            <translation>Für Layer, die nur QGIS lesen kann: WCS, Raster in einer Datenbank, virtuelle Raster. QGIS exportiert einen solchen Layer zuerst in eine temporäre Datei. Dies ist die Größe ihrer Zellen, in Einheiten des KBS des Layers. Leer: die eigenen Zellen des Layers.</translation>
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
            <source>Run time in seconds</source>
            <translation>Laufzeit in Sekunden</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>Version of svf_compute</source>
            <translation>Version von svf_compute</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>The divisions only apply to the sampling 'divided'. Choose that sampling, or leave the divisions empty.</source>
            <translation>Die Teilungen gelten nur für die Abtastung „divided“. Wählen Sie diese Abtastung, oder lassen Sie die Teilungen leer.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>{title}, radius {radius:g}</source>
            <translation>{title}, Radius {radius:g}</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>{}: this only applies with the curvature of the Earth, which is not ticked.</source>
            <translation>{}: gilt nur mit der Erdkrümmung, die nicht angehakt ist.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>{}: this only applies with vegetation, which is not chosen.</source>
            <translation>{}: gilt nur mit Vegetation, die nicht gewählt ist.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>{}: leave either this or the trunk ratio empty.</source>
            <translation>{}: Lassen Sie entweder dies oder das Stammverhältnis leer.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>{name}: {min} to {max}, mean {mean}. Cells with a value: {valid}, without: {nodata}.</source>
            <translation>{name}: {min} bis {max}, Mittel {mean}. Zellen mit Wert: {valid}, ohne: {nodata}.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/compute.py" />
            <source>More bands: {}</source>
            <translation>Weitere Kanäle: {}</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/computetiles.py" />
            <source>Plan</source>
            <translation>Plan</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/computetiles.py" />
            <source>The plan made by 'Plan tiles'.</source>
            <translation>Der mit „Kacheln planen“ erstellte Plan.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/computetiles.py" />
            <source>Compute tiles</source>
            <translation>Kacheln berechnen</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/computetiles.py" />
            <source>Computes the tiles of a plan. If it is stopped, run it again to resume.</source>
            <translation>Berechnet die Kacheln eines Plans. Wird es angehalten, starten Sie es noch einmal, um fortzufahren.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/computetiles.py" />
            <source>Number of finished tiles</source>
            <translation>Anzahl der fertigen Kacheln</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/computetiles.py" />
            <source>Step 2 of 3 for large rasters. If the run is cancelled or fails, finished tiles are kept: run it again to resume. Several machines can work on one plan at the same time, each on its own tiles.</source>
            <translation>Schritt 2 von 3 für große Raster. Wird der Lauf abgebrochen oder scheitert er, bleiben fertige Kacheln erhalten: Starten Sie ihn noch einmal, um fortzufahren. Mehrere Rechner können gleichzeitig an einem Plan arbeiten, jeder an eigenen Kacheln.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/computetiles.py" />
            <source>Tiles</source>
            <translation>Kacheln</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/computetiles.py" />
            <source>Numbers of the tiles to compute, for example 0-99,120. Empty: all tiles.</source>
            <translation>Nummern der zu berechnenden Kacheln, zum Beispiel 0-99,120. Leer: alle Kacheln.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/horizonangles.py" />
            <source>Horizon angles</source>
            <translation>Horizontwinkel</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/horizonangles.py" />
            <source>Angle of the horizon above the horizontal, in degrees. One band for each direction.</source>
            <translation>Winkel des Horizonts über der Waagerechten, in Grad. Ein Kanal je Richtung.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/horizonangles.py" />
            <source>For each direction, the angle of the horizon above the horizontal, in degrees. Each direction is one band, named by its azimuth, clockwise from north. Models of solar radiation and shadow use such angles.</source>
            <translation>Für jede Richtung der Winkel des Horizonts über der Waagerechten, in Grad. Jede Richtung ist ein Kanal, benannt nach ihrem Azimut, im Uhrzeigersinn von Norden. Modelle für Sonneneinstrahlung und Schatten verwenden solche Winkel.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/horizonangles.py" />
            <source>Keep angles below the horizontal</source>
            <translation>Winkel unter der Waagerechten behalten</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/horizonangles.py" />
            <source>If the ground falls in a direction, the angle is negative. Without this option, it is 0.</source>
            <translation>Wo das Gelände in einer Richtung abfällt, ist der Winkel negativ. Ohne diese Option ist er dort 0.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/mosaic.py" />
            <source>Join tiles</source>
            <translation>Kacheln zusammenfügen</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/mosaic.py" />
            <source>Joins the tiles of a plan into one raster. All tiles must be computed.</source>
            <translation>Fügt die Kacheln eines Plans zu einem Raster zusammen. Alle Kacheln müssen berechnet sein.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/mosaic.py" />
            <source>Step 3 of 3 for large rasters. All tiles are checked first. If a tile is missing, damaged or from another plan, the run stops and names it.</source>
            <translation>Schritt 3 von 3 für große Raster. Zuerst werden alle Kacheln geprüft. Wenn eine Kachel fehlt, beschädigt ist oder aus einem anderen Plan stammt, hält der Lauf an und nennt sie.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/mosaic.py" />
            <source>The plan whose tiles were computed.</source>
            <translation>Der Plan, dessen Kacheln berechnet wurden.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/mosaic.py" />
            <source>Fill missing tiles with NoData</source>
            <translation>Fehlende Kacheln mit NoData füllen</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/mosaic.py" />
            <source>Join the tiles that exist. The log lists the missing ones.</source>
            <translation>Die vorhandenen Kacheln zusammenfügen. Das Protokoll nennt die fehlenden.</translation>
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
            <source>Mean angle between the zenith, or the nadir, and the horizon, in degrees. Shows ridges and hollows without a light source.</source>
            <translation>Mittlerer Winkel zwischen Zenit oder Nadir und Horizont, in Grad. Zeigt Rücken und Senken ohne Lichtquelle.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/openness.py" />
            <source>Unlike the sky view factor, openness also looks below the horizontal. The formula is that of Yokoyama et al. (2002), as in RVT and SAGA.</source>
            <translation>Anders als der Sky View Factor blickt die Offenheit auch unter die Waagerechte. Die Formel ist die von Yokoyama et al. (2002), wie in RVT und SAGA.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/openness.py" />
            <source>Measures</source>
            <translation>Kenngrößen</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/openness.py" />
            <source>Bands of the output.</source>
            <translation>Kanäle der Ausgabe.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/openness.py" />
            <source>Positive openness is the mean angle between the zenith and the horizon: 90° on a plane, more on ridges, less in valleys. Negative openness is the same for the surface turned upside down: it is large in hollows.</source>
            <translation>Positive Offenheit ist der mittlere Winkel zwischen Zenit und Horizont: 90° auf einer Ebene, mehr auf Rücken, weniger in Tälern. Negative Offenheit ist dasselbe für die auf den Kopf gestellte Oberfläche: Sie ist groß in Senken.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/options.py" />
            <source>{}: the NoData values that are set in the layer are used: {}</source>
            <translation>{}: Die NoData-Werte, die im Layer gesetzt sind, werden verwendet: {}</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/options.py" />
            <source>no value</source>
            <translation>kein Wert</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/options.py" />
            <source>Choose at least one measure.</source>
            <translation>Wählen Sie mindestens eine Kenngröße.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/options.py" />
            <source>{}: it lies outside the raster.</source>
            <translation>{}: liegt außerhalb des Rasters.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/options.py" />
            <source>{}: the raster cannot be opened. Load it as a layer first, then choose the layer.</source>
            <translation>{}: Das Raster kann nicht geöffnet werden. Laden Sie es zuerst als Layer, und wählen Sie dann den Layer.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/options.py" />
            <source>{}: only QGIS can read the format {}, not the programs. The file is read again later, without QGIS. Export the layer as a GeoTIFF first (right-click on the layer &gt; Export &gt; Save As) and choose the new file.</source>
            <translation>{}: Nur QGIS kann das Format {} lesen, die Programme nicht. Die Datei wird später ohne QGIS noch einmal gelesen. Exportieren Sie den Layer zuerst als GeoTIFF (Rechtsklick auf den Layer &gt; Export &gt; Speichern als) und wählen Sie die neue Datei.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/options.py" />
            <source>{}: the layer has another CRS ({}) than its file ({}). The file is read again later, without QGIS. Write the CRS into the file (Raster &gt; Projections &gt; Assign Projection), or export the layer and choose the new file.</source>
            <translation>{}: Der Layer hat ein anderes KBS ({}) als seine Datei ({}). Die Datei wird später ohne QGIS noch einmal gelesen. Schreiben Sie das KBS in die Datei (Raster &gt; Projektionen &gt; Projektion zuweisen), oder exportieren Sie den Layer und wählen Sie die neue Datei.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/options.py" />
            <source>{}: the layer is a picture (provider '{}') and has no heights.</source>
            <translation>{}: Der Layer ist ein Bild (Datenanbieter „{}“) und hat keine Höhen.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/options.py" />
            <source>{}: the layer comes from the provider '{}'. It is read again later, without QGIS. Export it as a GeoTIFF first (right-click on the layer &gt; Export &gt; Save As) and choose the new file.</source>
            <translation>{}: Der Layer kommt vom Datenanbieter „{}“. Er wird später ohne QGIS noch einmal gelesen. Exportieren Sie ihn zuerst als GeoTIFF (Rechtsklick auf den Layer &gt; Export &gt; Speichern als) und wählen Sie die neue Datei.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/options.py" />
            <source>{}: the layer has no cells of its own. Set the resolution of the export in the advanced parameters.</source>
            <translation>{}: Der Layer hat keine eigenen Zellen. Setzen Sie die Auflösung des Exports in den fortgeschrittenen Parametern.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/options.py" />
            <source>{}: an export of {} x {} cells is too large. Set a coarser resolution, or choose a part of the raster.</source>
            <translation>{}: Ein Export von {} x {} Zellen ist zu groß. Setzen Sie eine gröbere Auflösung, oder wählen Sie einen Teil des Rasters.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/options.py" />
            <source>{} must be greater than 0.</source>
            <translation>{} muss größer als 0 sein.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/options.py" />
            <source>{}: {:g} looks like degrees. For a layer in degrees, enter metres.</source>
            <translation>{}: {:g} sieht nach Grad aus. Geben Sie bei einem Layer in Grad Meter ein.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/options.py" />
            <source>{}: {}</source>
            <translation>{}: {}</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/options.py" />
            <source>{}: enter two coordinates, for example 500200,5600100 [EPSG:25832].</source>
            <translation>{}: Geben Sie zwei Koordinaten ein, zum Beispiel 500200,5600100 [EPSG:25832].</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/options.py" />
            <source>{}: the layer is not a file as it is. It is read again later, without QGIS. Export it as a GeoPackage first (right-click on the layer &gt; Export &gt; Save Features As) and choose the new file.</source>
            <translation>{}: Der Layer ist so keine Datei. Er wird später ohne QGIS noch einmal gelesen. Exportieren Sie ihn zuerst als GeoPackage (Rechtsklick auf den Layer &gt; Export &gt; Objekte speichern als) und wählen Sie die neue Datei.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/options.py" />
            <source>{}: the CRS of the layer is used ({}), not that of the file ({})</source>
            <translation>{}: Das KBS des Layers wird verwendet ({}), nicht das der Datei ({})</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/options.py" />
            <source>{}: NoData that is set in the layer is not used, only that of the file</source>
            <translation>{}: Im Layer gesetztes NoData wird nicht verwendet, nur das der Datei</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/options.py" />
            <source>{}: NoData ranges of the layer are not used: {}</source>
            <translation>{}: NoData-Bereiche des Layers werden nicht verwendet: {}</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/sightlineprofile.py" />
            <source>Sight lines of a point</source>
            <translation>Sichtlinien eines Punktes</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/sightlineprofile.py" />
            <source>Shows why a point has its sky view factor: its sight lines, its horizon and all measures.</source>
            <translation>Zeigt, warum ein Punkt seinen Sky View Factor hat: seine Sichtlinien, seinen Horizont und alle Kenngrößen.</translation>
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
            <source>Choose either a point or a layer of points.</source>
            <translation>Wählen Sie entweder einen Punkt oder einen Punktlayer.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/sightlineprofile.py" />
            <source>A figure shows only one point. Leave either the layer of points or the figures empty.</source>
            <translation>Eine Abbildung zeigt nur einen Punkt. Lassen Sie entweder den Punktlayer oder die Abbildungen leer.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/sightlineprofile.py" />
            <source>The values of a single point are also numbers that models can use. The figure shows the heights around the point, the section along each sight line, and the horizon.</source>
            <translation>Die Werte eines einzelnen Punktes sind auch Zahlen, die Modelle verwenden können. Die Abbildung zeigt die Höhen um den Punkt, den Schnitt entlang jeder Sichtlinie und den Horizont.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/sightlineprofile.py" />
            <source>Point</source>
            <translation>Punkt</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/sightlineprofile.py" />
            <source>The place from which to look around, in any CRS. With the button, you choose it on the map. Empty: a layer of points is used.</source>
            <translation>Der Ort, von dem aus geblickt wird, in beliebigem KBS. Die Schaltfläche nimmt ihn aus der Karte. Leer: Ein Punktlayer wird verwendet.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/sightlineprofile.py" />
            <source>Layer of points</source>
            <translation>Punktlayer</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/sightlineprofile.py" />
            <source>Many points instead of a single one, for example stations, in any CRS.</source>
            <translation>Viele Punkte statt eines einzelnen, zum Beispiel Messstationen, in beliebigem KBS.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/sightlineprofile.py" />
            <source>Rows of the table</source>
            <translation>Zeilen der Tabelle</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/sightlineprofile.py" />
            <source>What a row of the table is.
points: a point, with all measures.
lines: a sight line, with the angle and the place of its horizon.
samples: a height on a sight line.
Empty: lines for a single point, points for a layer.</source>
            <translation>Was eine Zeile der Tabelle ist.
points: ein Punkt, mit allen Kenngrößen.
lines: eine Sichtlinie, mit Winkel und Ort ihres Horizonts.
samples: eine Höhe auf einer Sichtlinie.
Leer: lines für einen einzelnen Punkt, points für einen Layer.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/sightlineprofile.py" />
            <source>Draw the paths of the sun</source>
            <translation>Sonnenbahnen zeichnen</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/sightlineprofile.py" />
            <source>Draws the sun on 21 June, 20 March and 21 December, with the hours of the day, into the fisheye view and the skyline of a single point.</source>
            <translation>Zeichnet die Sonne am 21. Juni, 20. März und 21. Dezember mit den Stunden des Tages in die Fischaugenansicht und die Rundumansicht eines einzelnen Punktes.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/sightlineprofile.py" />
            <source>Sight lines</source>
            <translation>Sichtlinien</translation>
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
            <source>Figure: the horizon as a skyline</source>
            <translation>Abbildung: der Horizont als Rundumansicht</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/sightlineprofile.py" />
            <source>{}: choose a file for the fisheye view or for the skyline.</source>
            <translation>{}: Wählen Sie eine Datei für die Fischaugenansicht oder die Rundumansicht.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/sightlineprofile.py" />
            <source>Looks around from one point, or from each point of a layer. For every direction you get the sight line and the place that makes the horizon, and for every point all measures. The values are those that 'Sky view factor' writes into the cell of the point.</source>
            <translation>Blickt von einem Punkt aus ringsum, oder von jedem Punkt eines Layers. Für jede Richtung erhalten Sie die Sichtlinie und die Stelle, die den Horizont bildet, und für jeden Punkt alle Kenngrößen. Die Werte sind die, die „Sky View Factor“ in die Zelle des Punktes schreibt.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/sightlineprofile.py" />
            <source>{} of a single point</source>
            <translation>{} eines einzelnen Punktes</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/skyviewfactor.py" />
            <source>1 - mean of sin g, as in RVT, GRASS r.skyview and Whitebox</source>
            <translation>1 - Mittel von sin g, wie in RVT, GRASS r.skyview und Whitebox</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/skyviewfactor.py" />
            <source>how uncertain svf is because of the number of directions</source>
            <translation>wie unsicher svf wegen der Anzahl der Richtungen ist</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/skyviewfactor.py" />
            <source>mean of cos² g, as in UMEP and SOLWEIG, and in SAGA on flat ground</source>
            <translation>Mittel von cos² g, wie in UMEP und SOLWEIG, und auf ebenem Grund in SAGA</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/skyviewfactor.py" />
            <source>svf-cosine for a surface tilted like the terrain, as in SAGA and topocalc</source>
            <translation>svf-cosine für eine Fläche, die wie das Gelände geneigt ist, wie in SAGA und topocalc</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/skyviewfactor.py" />
            <source>mean of 1 - 2g/180°, as in SAGA</source>
            <translation>Mittel von 1 - 2g/180°, wie in SAGA</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/skyviewfactor.py" />
            <source>mean of cos g</source>
            <translation>Mittel von cos g</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/skyviewfactor.py" />
            <source>share of the view that is filled by other terrain, as in SAGA</source>
            <translation>Anteil des Blickfelds, den anderes Gelände einnimmt, wie in SAGA</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/skyviewfactor.py" />
            <source>mean angle between the zenith and the horizon, in degrees</source>
            <translation>mittlerer Winkel zwischen Zenit und Horizont, in Grad</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/skyviewfactor.py" />
            <source>the same for the surface turned upside down, in degrees</source>
            <translation>dasselbe für die auf den Kopf gestellte Oberfläche, in Grad</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/skyviewfactor.py" />
            <source>svf for a sky that is brighter in one direction, as in RVT</source>
            <translation>svf unter einem Himmel, der in einer Richtung heller ist, wie in RVT</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/skyviewfactor.py" />
            <source>svf-cosine of the northern half of the sky, as in UMEP</source>
            <translation>svf-cosine der nördlichen Himmelshälfte, wie in UMEP</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/skyviewfactor.py" />
            <source>svf-cosine of the eastern half</source>
            <translation>svf-cosine der östlichen Hälfte</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/skyviewfactor.py" />
            <source>svf-cosine of the southern half</source>
            <translation>svf-cosine der südlichen Hälfte</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/skyviewfactor.py" />
            <source>svf-cosine of the western half</source>
            <translation>svf-cosine der westlichen Hälfte</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/skyviewfactor.py" />
            <source>1 - share of the sky that only vegetation blocks, as svfveg in UMEP</source>
            <translation>1 - Anteil des Himmels, den nur Vegetation verdeckt, wie svfveg in UMEP</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/skyviewfactor.py" />
            <source>svf-veg of the northern half</source>
            <translation>svf-veg der nördlichen Hälfte</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/skyviewfactor.py" />
            <source>svf-veg of the eastern half</source>
            <translation>svf-veg der östlichen Hälfte</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/skyviewfactor.py" />
            <source>svf-veg of the southern half</source>
            <translation>svf-veg der südlichen Hälfte</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/skyviewfactor.py" />
            <source>svf-veg of the western half</source>
            <translation>svf-veg der westlichen Hälfte</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/skyviewfactor.py" />
            <source>1 - share of the sky with vegetation in front of what blocks it, as svfaveg in UMEP</source>
            <translation>1 - Anteil des Himmels mit Vegetation vor dem, was ihn verdeckt, wie svfaveg in UMEP</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/skyviewfactor.py" />
            <source>svf-aveg of the northern half</source>
            <translation>svf-aveg der nördlichen Hälfte</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/skyviewfactor.py" />
            <source>svf-aveg of the eastern half</source>
            <translation>svf-aveg der östlichen Hälfte</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/skyviewfactor.py" />
            <source>svf-aveg of the southern half</source>
            <translation>svf-aveg der südlichen Hälfte</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/skyviewfactor.py" />
            <source>svf-aveg of the western half</source>
            <translation>svf-aveg der westlichen Hälfte</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/skyviewfactor.py" />
            <source>g in degrees, one band for each direction</source>
            <translation>g in Grad, ein Kanal je Richtung</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/skyviewfactor.py" />
            <source>mean distance to the place that makes the horizon</source>
            <translation>mittlere Entfernung zu der Stelle, die den Horizont bildet</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/skyviewfactor.py" />
            <source>slope of the terrain in degrees</source>
            <translation>Neigung des Geländes in Grad</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/skyviewfactor.py" />
            <source>azimuth of its downhill direction in degrees, from north; NoData on level ground</source>
            <translation>Azimut seiner Richtung hangabwärts in Grad, von Norden; NoData auf ebenem Gelände</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/skyviewfactor.py" />
            <source>share of the directions in which no height is missing</source>
            <translation>Anteil der Richtungen, in denen keine Höhe fehlt</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/skyviewfactor.py" />
            <source>Bands of the output. g is the angle of the horizon in a direction.</source>
            <translation>Kanäle der Ausgabe. g ist der Winkel des Horizonts in einer Richtung.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/skyviewfactor.py" />
            <source>How much of the sky each cell of a raster of heights sees. For rasters of any size.</source>
            <translation>Wie viel vom Himmel jede Zelle eines Höhenrasters sieht. Für Raster beliebiger Größe.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/skyviewfactor.py" />
            <source>Coming from SAGA</source>
            <translation>Umstieg von SAGA</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/skyviewfactor.py" />
            <source>SAGA's tool keeps the whole raster in memory, and its radius 0 fails for more than 32,768 x 32,768 cells. This algorithm computes such rasters within the memory that you allow. The parameters and outputs of SAGA, and what they are here:</source>
            <translation>Das Werkzeug von SAGA hält das ganze Raster im Speicher, und sein Radius 0 versagt oberhalb von 32.768 x 32.768 Zellen. Dieser Algorithmus berechnet solche Raster in dem Speicher, den Sie erlauben. Die Parameter und Ausgaben von SAGA, und was sie hier sind:</translation>
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
            <source>not needed: every cell within the radius is used</source>
            <translation>nicht nötig: Jede Zelle innerhalb des Radius wird verwendet</translation>
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
            <source>(1 + cos slope) / 2, with MEASURES slope</source>
            <translation>(1 + cos Neigung) / 2, mit MEASURES slope</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/skyviewfactor.py" />
            <source>0 instead of the radius if nothing rises above the horizontal</source>
            <translation>0 statt des Radius, wenn nichts über die Waagerechte ragt</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/skyviewfactor.py" />
            <source>To compare cell by cell, choose the sampling 'divided', which is the rule of SAGA. The default measure here, svf, has another formula (1 - mean of the sines), which SAGA does not offer.</source>
            <translation>Für einen Vergleich Zelle für Zelle wählen Sie die Abtastung „divided“, das ist die Regel von SAGA. Die Kenngröße, die hier voreingestellt ist, svf, hat eine andere Formel (1 - Mittel der Sinus), die SAGA nicht anbietet.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/skyviewfactor.py" />
            <source>Rasters larger than the memory are computed in tiles, without seams. If the run is cancelled or fails, no file is left. The svf-tools programs do the work. They are installed separately.</source>
            <translation>Raster, die größer sind als der Speicher, werden in Kacheln berechnet, ohne Nähte. Wird der Lauf abgebrochen oder scheitert er, bleibt keine Datei zurück. Die Arbeit tun die Programme von svf-tools. Sie werden gesondert installiert.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/skyviewfactor.py" />
            <source>sky view factor</source>
            <translation>himmelssichtfaktor</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/skyviewfactor.py" />
            <source>The share of the sky that each cell sees: 1 on open ground, near 0 in narrow courtyards. From each cell, sight lines go out in all directions, as far as the search radius. The steepest rise on a sight line makes its horizon.</source>
            <translation>Der Anteil des Himmels, den jede Zelle sieht: 1 auf freier Fläche, nahe 0 in engen Höfen. Von jeder Zelle gehen Sichtlinien in alle Richtungen, so weit wie der Suchradius. Der steilste Anstieg auf einer Sichtlinie bildet ihren Horizont.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/solweiginput.py" />
            <source>Sky view factors for SOLWEIG</source>
            <translation>Sky View Factors für SOLWEIG</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/solweiginput.py" />
            <source>The file svfs.zip with the 15 rasters that SOLWEIG of UMEP reads. For rasters of any size.</source>
            <translation>Die Datei svfs.zip mit den 15 Rastern, die SOLWEIG von UMEP liest. Für Raster jeder Größe.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/solweiginput.py" />
            <source>To come near the values of UMEP, choose 64 directions and the sampling 'nearest'.</source>
            <translation>Um den Werten von UMEP nahezukommen, wählen Sie 64 Richtungen und die Abtastung „nearest“.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/solweiginput.py" />
            <source>The heights are ground and buildings. The vegetation is a layer of its own, with heights above the ground. In SOLWEIG, choose the result as the file with the sky view factors. The raster SkyViewFactor.tif is written beside it.</source>
            <translation>Die Höhen sind Boden und Gebäude. Die Vegetation ist ein eigener Layer mit Höhen über dem Boden. Wählen Sie das Ergebnis in SOLWEIG als Datei mit den Sky View Factors. Daneben wird das Raster SkyViewFactor.tif geschrieben.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/solweiginput.py" />
            <source>Archive</source>
            <translation>Archiv</translation>
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
            <source>Plans the sky view factor of a large raster in tiles. The plan is one file.</source>
            <translation>Plant den Sky View Factor eines großen Rasters in Kacheln. Der Plan ist eine Datei.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/tileplan.py" />
            <source>Number of tiles</source>
            <translation>Anzahl der Kacheln</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/tileplan.py" />
            <source>The tiles are kept in a folder next to the plan. Save the plan on a disk with enough room for the whole result.</source>
            <translation>Die Kacheln liegen in einem Ordner neben dem Plan. Speichern Sie den Plan auf einem Datenträger mit genug Platz für das ganze Ergebnis.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/tileplan.py" />
            <source>Tile size in cells</source>
            <translation>Kachelgröße in Zellen</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/tileplan.py" />
            <source>Number of rows and columns of a tile. The result does not depend on it. Empty: as large as the memory allows.</source>
            <translation>Anzahl der Zeilen und Spalten einer Kachel. Das Ergebnis hängt nicht davon ab. Leer: so groß, wie der Speicher erlaubt.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/tileplan.py" />
            <source>Footprints of the tiles</source>
            <translation>Umrisse der Kacheln</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/tileplan.py" />
            <source>The plan is in the temporary folder, and so are its tiles. They are deleted when QGIS closes. Save the plan to a file, on a disk with enough room for the whole result.</source>
            <translation>Der Plan liegt im temporären Ordner, und seine Kacheln ebenso. Sie werden gelöscht, wenn QGIS geschlossen wird. Speichern Sie den Plan in einer Datei, auf einem Datenträger mit genug Platz für das ganze Ergebnis.</translation>
        </message>
        <message>
            <location filename="../svf_tools/algorithms/tileplan.py" />
            <source>Step 1 of 3 for rasters that take hours: plan the tiles, compute them, join them. The plan holds the grid, the tiles and all parameters. Each step can be stopped and run again, also on several machines. Finished tiles are not computed again.</source>
            <translation>Schritt 1 von 3 für Raster, die Stunden brauchen: die Kacheln planen, berechnen, zusammenfügen. Der Plan enthält das Gitter, die Kacheln und alle Parameter. Jeder Schritt kann angehalten und noch einmal gestartet werden, auch auf mehreren Rechnern. Fertige Kacheln werden nicht noch einmal berechnet.</translation>
        </message>
    </context>
</TS>
