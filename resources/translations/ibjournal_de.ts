<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de_DE">
<context>
    <name>AboutPage</name>
    <message>
        <source>Version {version}</source>
        <translation>Version {version}</translation>
    </message>
    <message>
        <source>Your data stays on this computer. The program talks to Interactive Brokers alone and sends nothing to anyone else. It is not a product of Interactive Brokers.</source>
        <translation>Ihre Daten bleiben auf diesem Computer. Das Programm spricht ausschließlich mit Interactive Brokers und sendet niemandem sonst etwas. Es ist kein Produkt von Interactive Brokers.</translation>
    </message>
    <message>
        <source>Built on</source>
        <translation>Aufgebaut auf</translation>
    </message>
    <message>
        <source>with thanks</source>
        <translation>mit Dank</translation>
    </message>
    <message>
        <source>ibjournal itself is free software under the MIT licence.</source>
        <translation>ibjournal selbst ist freie Software unter der MIT-Lizenz.</translation>
    </message>
</context>
<context>
    <name>AccessForm</name>
    <message>
        <source>Copy the Current Token and the numbers of your two Flex queries from the client portal. They are tested as soon as all of them are there.</source>
        <translation>Kopieren Sie aus dem Kundenportal den Aktiven Prüfcode und die Nummern Ihrer beiden Flex-Queries. Geprüft wird, sobald alle Angaben vollständig sind.</translation>
    </message>
    <message>
        <source>Enter the token and the query ids</source>
        <translation>Prüfcode und Abfrage-IDs eintragen</translation>
    </message>
    <message>
        <source>Colour</source>
        <translation>Farbe</translation>
    </message>
    <message>
        <source>&amp;Test now</source>
        <translation>Jetzt &amp;prüfen</translation>
    </message>
    <message>
        <source>Name of the depot</source>
        <translation>Name des Depots</translation>
    </message>
    <message>
        <source>Whose token</source>
        <translation>Welcher Prüfcode</translation>
    </message>
    <message>
        <source>Accounts under one login at IBKR share one token: use the one that is there.</source>
        <translation>Konten unter derselben Anmeldung bei IBKR teilen sich einen Prüfcode: Nehmen Sie den vorhandenen.</translation>
    </message>
    <message>
        <source>Current Token (Flex Web Service)</source>
        <translation>Aktiver Prüfcode (Current Token, Flex-Web-Service)</translation>
    </message>
    <message>
        <source>IBKR proposes 6 hours; choose 1 year there. IBKR does not tell the date, so we remind you 30 days, 7 days and 1 day before.</source>
        <translation>IBKR schlägt 6 Stunden vor; wählen Sie dort 1 Jahr. IBKR verrät das Ablaufdatum nicht. Wir erinnern 30, 7 und 1 Tag vorher.</translation>
    </message>
    <message>
        <source>Valid until</source>
        <translation>Gültig bis</translation>
    </message>
    <message>
        <source>All bookings, once a day</source>
        <translation>Alle Buchungen, einmal täglich</translation>
    </message>
    <message>
        <source>Today&apos;s fills</source>
        <translation>Ausführungen von heute</translation>
    </message>
    <message>
        <source>Query ID: {query}</source>
        <translation>Abfrage-ID: {query}</translation>
    </message>
    <message>
        <source>This depot uses the one that is there. Generating another would make it void at once, for both.</source>
        <translation>Dieses Depot nutzt den vorhandenen. Ein weiterer würde ihn sofort ungültig machen, für beide.</translation>
    </message>
    <message>
        <source>No new token is needed</source>
        <translation>Kein neuer Prüfcode nötig</translation>
    </message>
    <message>
        <source>Fed by files</source>
        <translation>Aus Dateien gespeist</translation>
    </message>
    <message>
        <source>This depot needs no token and no ids. The next page takes the files; a token can be added later in the settings.</source>
        <translation>Dieses Depot braucht weder Prüfcode noch Abfrage-IDs. Die nächste Seite nimmt die Dateien entgegen; ein Prüfcode lässt sich später in den Einstellungen ergänzen.</translation>
    </message>
    <message>
        <source>Where to find this at IBKR</source>
        <translation>Wo Sie das bei IBKR finden</translation>
    </message>
    <message>
        <source>&amp;Open client portal</source>
        <translation>&amp;Kundenportal öffnen</translation>
    </message>
    <message>
        <source>Then enter it here. A new token makes the old one void at once, in other programs too. Depots under one login share one token.</source>
        <translation>Dann tragen Sie ihn ein. Ein neuer Prüfcode macht den alten sofort ungültig, auch in anderen Programmen. Depots unter derselben Anmeldung teilen sich einen Prüfcode.</translation>
    </message>
    <message>
        <source>Do you have a token already?</source>
        <translation>Haben Sie schon einen Prüfcode?</translation>
    </message>
</context>
<context>
    <name>AccessPage</name>
    <message>
        <source>Empty: the token that is there stays.</source>
        <translation>Leer: Der vorhandene Prüfcode bleibt.</translation>
    </message>
    <message>
        <source>A token of its own</source>
        <translation>Ein eigener Prüfcode</translation>
    </message>
    <message>
        <source>The token of {depot}</source>
        <translation>Der Prüfcode von {depot}</translation>
    </message>
    <message>
        <source>Name and colour</source>
        <translation>Name und Farbe</translation>
    </message>
    <message>
        <source>By them you know the depot wherever it is shown.</source>
        <translation>Daran erkennen Sie das Depot überall wieder.</translation>
    </message>
    <message>
        <source>The test did not work. Mend it above, or press Next again to save the depot all the same.</source>
        <translation>Die Prüfung ist fehlgeschlagen. Berichtigen Sie die Angaben oben, oder drücken Sie noch einmal Weiter, um das Depot trotzdem zu speichern.</translation>
    </message>
    <message>
        <source>Saving…</source>
        <translation>Wird gespeichert …</translation>
    </message>
    <message>
        <source>A depot needs a name.</source>
        <translation>Ein Depot braucht einen Namen.</translation>
    </message>
    <message>
        <source>The token is missing. Copy it from the client portal and paste it here.</source>
        <translation>Der Prüfcode fehlt. Kopieren Sie ihn aus dem Kundenportal und fügen Sie ihn hier ein.</translation>
    </message>
    <message>
        <source>The query ids are missing. At least one of them is needed.</source>
        <translation>Die Abfrage-IDs fehlen. Mindestens eine wird gebraucht.</translation>
    </message>
    <message>
        <source>Both ids are the same. Each query has an id of its own.</source>
        <translation>Beide Abfrage-IDs sind gleich. Jede Abfrage hat ihre eigene.</translation>
    </message>
    <message>
        <source>You can go on while IBKR makes the reports.</source>
        <translation>Sie können fortfahren, während IBKR die Berichte erstellt.</translation>
    </message>
    <message>
        <source>Nothing is saved before you press Next.</source>
        <translation>Gespeichert wird erst, wenn Sie Weiter drücken.</translation>
    </message>
</context>
<context>
    <name>AlsoFor</name>
    <message>
        <source>had the same token</source>
        <translation>hatte denselben Prüfcode</translation>
    </message>
    <message>
        <source>has its own login at IBKR</source>
        <translation>eigene Anmeldung bei IBKR</translation>
    </message>
    <message>
        <source>has no token</source>
        <translation>hat keinen Prüfcode</translation>
    </message>
    <message>
        <source>another token, until {day}</source>
        <translation>anderer Prüfcode, bis {day}</translation>
    </message>
    <message>
        <source>another token</source>
        <translation>anderer Prüfcode</translation>
    </message>
</context>
<context>
    <name>AppearancePage</name>
    <message>
        <source>Language and appearance</source>
        <translation>Sprache und Darstellung</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>Sprache</translation>
    </message>
    <message>
        <source>As the system</source>
        <translation>Wie das System</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>Hell</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>Dunkel</translation>
    </message>
    <message>
        <source>Theme</source>
        <translation>Farbschema</translation>
    </message>
    <message>
        <source>Green and red</source>
        <translation>Grün und Rot</translation>
    </message>
    <message>
        <source>Blue and orange</source>
        <translation>Blau und Orange</translation>
    </message>
    <message>
        <source>Gain and loss</source>
        <translation>Gewinn und Verlust</translation>
    </message>
    <message>
        <source>Compact</source>
        <translation>Kompakt</translation>
    </message>
    <message>
        <source>Normal</source>
        <translation>Normal</translation>
    </message>
    <message>
        <source>Roomy</source>
        <translation>Geräumig</translation>
    </message>
    <message>
        <source>Table rows</source>
        <translation>Tabellenzeilen</translation>
    </message>
    <message>
        <source>The window is built again; nothing is lost.</source>
        <translation>Das Fenster wird neu aufgebaut; nichts geht verloren.</translation>
    </message>
    <message>
        <source>Blue and orange can be told apart by everybody.</source>
        <translation>Blau und Orange können alle unterscheiden.</translation>
    </message>
</context>
<context>
    <name>BackupsPanel</name>
    <message>
        <source>On each day on which something changed the journal makes a backup by itself. It keeps one for each of the last {days} days, {weeks} weeks and {months} months.</source>
        <translation>An jedem Tag, an dem sich etwas geändert hat, legt das Journal von selbst eine Sicherung an. Es behält je eine für die letzten {days} Tage, {weeks} Wochen und {months} Monate.</translation>
    </message>
    <message>
        <source>A backup holds trades, notes, depots and the log. The reports as IBKR sent them lie in the archive beside it; tokens lie in the keyring and are in no backup.</source>
        <translation>Eine Sicherung enthält Trades, Notizen, Depots und das Protokoll. Die Berichte, wie IBKR sie geschickt hat, liegen daneben im Archiv; Prüfcodes liegen im Schlüsselbund und sind in keiner Sicherung.</translation>
    </message>
    <message>
        <source>Back up now</source>
        <translation>Jetzt sichern</translation>
    </message>
    <message>
        <source>Save a copy…</source>
        <translation>Kopie speichern …</translation>
    </message>
    <message>
        <source>Put back a file…</source>
        <translation>Aus Datei …</translation>
    </message>
    <message>
        <source>Backups</source>
        <translation>Sicherungen</translation>
    </message>
    <message>
        <source>1 backup</source>
        <translation>1 Sicherung</translation>
    </message>
    <message numerus="yes">
        <source>%n backups</source>
        <translation>
            <numerusform>%n Sicherung</numerusform>
            <numerusform>%n Sicherungen</numerusform>
        </translation>
    </message>
    <message>
        <source>none yet</source>
        <translation>noch keine</translation>
    </message>
    <message>
        <source>The first one is made after the first fetch or import.</source>
        <translation>Die erste entsteht nach dem ersten Abruf oder Import.</translation>
    </message>
    <message>
        <source>Put back…</source>
        <translation>Zurückspielen …</translation>
    </message>
    <message>
        <source>Put back the backup of {moment}</source>
        <translation>Die Sicherung vom {moment} zurückspielen</translation>
    </message>
    <message>
        <source>made by itself</source>
        <translation>von selbst angelegt</translation>
    </message>
    <message>
        <source>made by you</source>
        <translation>von Ihnen angelegt</translation>
    </message>
    <message>
        <source>before a backup was put back</source>
        <translation>vor dem Zurückspielen einer Sicherung</translation>
    </message>
    <message>
        <source>before an update of the program</source>
        <translation>vor einer Aktualisierung des Programms</translation>
    </message>
    <message>
        <source>Making a backup…</source>
        <translation>Sicherung wird angelegt …</translation>
    </message>
    <message>
        <source>The backup is made and checked.</source>
        <translation>Die Sicherung ist angelegt und geprüft.</translation>
    </message>
    <message>
        <source>Save a copy</source>
        <translation>Kopie speichern</translation>
    </message>
    <message>
        <source>Backups (*.db)</source>
        <translation>Sicherungen (*.db)</translation>
    </message>
    <message>
        <source>All files (*)</source>
        <translation>Alle Dateien (*)</translation>
    </message>
    <message>
        <source>The copy is written and checked: {file}</source>
        <translation>Die Kopie ist geschrieben und geprüft: {file}</translation>
    </message>
    <message>
        <source>Put back a backup</source>
        <translation>Sicherung zurückspielen</translation>
    </message>
    <message>
        <source>Put back the backup {name}?</source>
        <translation>Die Sicherung {name} zurückspielen?</translation>
    </message>
    <message>
        <source>Put back</source>
        <translation>Zurückspielen</translation>
    </message>
    <message>
        <source>Leave as it is</source>
        <translation>So lassen</translation>
    </message>
    <message>
        <source>A fetch or an import is under way. Please try again when it has ended.</source>
        <translation>Ein Abruf oder Import läuft gerade. Bitte versuchen Sie es danach noch einmal.</translation>
    </message>
    <message>
        <source>Putting the backup back…</source>
        <translation>Sicherung wird zurückgespielt …</translation>
    </message>
    <message>
        <source>The backup is put back.</source>
        <translation>Die Sicherung ist zurückgespielt.</translation>
    </message>
    <message>
        <source>What was there before is kept as {file}.</source>
        <translation>Was vorher da war, ist als {file} aufgehoben.</translation>
    </message>
    <message>
        <source>Trades, depots and the log are replaced by those of the backup; what is there now is kept as a backup first. Reports that came since are taken in again from the archive.</source>
        <translation>Trades, Depots und Protokoll werden durch die der Sicherung ersetzt; was jetzt da ist, wird vorher selbst gesichert. Berichte, die seitdem kamen, werden aus dem Archiv wieder eingelesen.</translation>
    </message>
    <message>
        <source>Take over notes and decisions that are newer than the backup</source>
        <translation>Notizen und Entscheidungen übernehmen, die neuer sind als die Sicherung</translation>
    </message>
    <message>
        <source>1 report that came since was taken in again.</source>
        <translation>1 Bericht, der seitdem kam, wurde wieder eingelesen.</translation>
    </message>
    <message numerus="yes">
        <source>%Ln reports that came since were taken in again.</source>
        <translation>
            <numerusform>%Ln Bericht, der seitdem kam, wurde wieder eingelesen.</numerusform>
            <numerusform>%Ln Berichte, die seitdem kamen, wurden wieder eingelesen.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>BasisForm</name>
    <message>
        <source>Cost in all, fees included</source>
        <translation>Einstand insgesamt, mit Gebühren</translation>
    </message>
    <message>
        <source>Currency</source>
        <translation>Währung</translation>
    </message>
    <message>
        <source>Save the cost</source>
        <translation>Einstand speichern</translation>
    </message>
    <message>
        <source>Forget it</source>
        <translation>Vergessen</translation>
    </message>
    <message>
        <source>What had these {quantity} units cost, fees included?</source>
        <translation>Was hatten diese {quantity} Stück gekostet, mit Gebühren?</translation>
    </message>
    <message>
        <source>Cost in all</source>
        <translation>Einstand insgesamt</translation>
    </message>
    <message>
        <source>Bought on</source>
        <translation>Gekauft am</translation>
    </message>
    <message>
        <source>Take IBKR’s {amount}</source>
        <translation>IBKRs {amount} nehmen</translation>
    </message>
    <message>
        <source>What IBKR gives as the cost in its report of {day}</source>
        <translation>Was IBKR im Bericht vom {day} als Einstand angibt</translation>
    </message>
    <message>
        <source>Enter an amount, such as {example}.</source>
        <translation>Geben Sie einen Betrag ein, etwa {example}.</translation>
    </message>
    <message>
        <source>Enter the currency’s three letters, such as USD.</source>
        <translation>Geben Sie die drei Buchstaben der Währung ein, etwa USD.</translation>
    </message>
</context>
<context>
    <name>BusyLine</name>
    <message>
        <source>Working</source>
        <translation>In Arbeit</translation>
    </message>
</context>
<context>
    <name>CampaignPane</name>
    <message>
        <source>Previous campaign</source>
        <translation>Vorherige Kampagne</translation>
    </message>
    <message>
        <source>Next campaign</source>
        <translation>Nächste Kampagne</translation>
    </message>
    <message>
        <source>The story</source>
        <translation>Der Verlauf</translation>
    </message>
    <message>
        <source>No campaign selected</source>
        <translation>Keine Kampagne ausgewählt</translation>
    </message>
    <message>
        <source>Choose a campaign to read its story, step by step.</source>
        <translation>Wählen Sie eine Kampagne, um ihren Verlauf Schritt für Schritt zu lesen.</translation>
    </message>
    <message>
        <source>today</source>
        <translation>heute</translation>
    </message>
    <message>
        <source>{since} – {until}</source>
        <translation>{since} – {until}</translation>
    </message>
    <message>
        <source>realised, all parts together</source>
        <translation>realisiert, alles zusammen</translation>
    </message>
    <message>
        <source>1 day</source>
        <translation>1 Tag</translation>
    </message>
    <message numerus="yes">
        <source>%Ln days</source>
        <translation>
            <numerusform>%Ln Tag</numerusform>
            <numerusform>%Ln Tage</numerusform>
        </translation>
    </message>
    <message>
        <source>1 trade</source>
        <translation>1 Trade</translation>
    </message>
    <message numerus="yes">
        <source>%Ln trades</source>
        <translation>
            <numerusform>%Ln Trade</numerusform>
            <numerusform>%Ln Trades</numerusform>
        </translation>
    </message>
    <message>
        <source>waits for you</source>
        <translation>wartet auf Sie</translation>
    </message>
    <message>
        <source>to review</source>
        <translation>zu prüfen</translation>
    </message>
    <message>
        <source>2 trades</source>
        <translation>2 Trades</translation>
    </message>
    <message>
        <source>1 step</source>
        <translation>1 Schritt</translation>
    </message>
    <message numerus="yes">
        <source>%n steps</source>
        <translation>
            <numerusform>%n Schritt</numerusform>
            <numerusform>%n Schritte</numerusform>
        </translation>
    </message>
    <message>
        <source>{steps} · paid, and below it realised</source>
        <translation>{steps} · gezahlt, darunter realisiert</translation>
    </message>
    <message>
        <source>provisional</source>
        <translation>vorläufig</translation>
    </message>
    <message>
        <source>entry not known</source>
        <translation>Einstieg nicht bekannt</translation>
    </message>
    <message>
        <source>Premium</source>
        <translation>Prämien</translation>
    </message>
    <message>
        <source>Shares</source>
        <translation>Aktien</translation>
    </message>
    <message>
        <source>Dividends</source>
        <translation>Dividenden</translation>
    </message>
    <message>
        <source>Withholding tax</source>
        <translation>Quellensteuer</translation>
    </message>
    <message>
        <source>Fees</source>
        <translation>Gebühren</translation>
    </message>
    <message>
        <source>Realised, {currency}</source>
        <translation>Realisiert, {currency}</translation>
    </message>
    <message>
        <source>Price effect, {currency}</source>
        <translation>Kurseffekt, {currency}</translation>
    </message>
    <message>
        <source>Currency effect, {currency}</source>
        <translation>Währungseffekt, {currency}</translation>
    </message>
    <message>
        <source>Result, {currency}</source>
        <translation>Ergebnis, {currency}</translation>
    </message>
    <message>
        <source>Units held</source>
        <translation>Bestand</translation>
    </message>
    <message>
        <source>Premium of open options, {currency}</source>
        <translation>Prämie offener Optionen, {currency}</translation>
    </message>
    <message>
        <source>Received, and not realised before the option is closed or expires</source>
        <translation>Eingenommen; realisiert erst, wenn die Option geschlossen wird oder verfällt</translation>
    </message>
    <message>
        <source>Adjusted basis, {currency}</source>
        <translation>Bereinigter Einstand, {currency}</translation>
    </message>
    <message>
        <source>Adjusted basis with dividends, {currency}</source>
        <translation>Einstand mit Dividenden, {currency}</translation>
    </message>
    <message>
        <source>Break-even of the whole, {currency}</source>
        <translation>Gewinnschwelle insgesamt, {currency}</translation>
    </message>
</context>
<context>
    <name>Campaigns</name>
    <message>
        <source>Campaigns</source>
        <translation>Kampagnen</translation>
    </message>
    <message>
        <source>Rolled?</source>
        <translation>Gerollt?</translation>
    </message>
    <message>
        <source>Do they belong together?</source>
        <translation>Gehören sie zusammen?</translation>
    </message>
    <message>
        <source>Since</source>
        <translation>Seit</translation>
    </message>
    <message>
        <source>Symbol</source>
        <translation>Symbol</translation>
    </message>
    <message>
        <source>Campaign</source>
        <translation>Kampagne</translation>
    </message>
    <message>
        <source>Trades</source>
        <translation>Trades</translation>
    </message>
    <message>
        <source>Premium</source>
        <translation>Prämien</translation>
    </message>
    <message>
        <source>Realised premium of the options, before fees</source>
        <translation>Realisierte Prämien der Optionen, vor Gebühren</translation>
    </message>
    <message>
        <source>Shares</source>
        <translation>Aktien</translation>
    </message>
    <message>
        <source>Realised result of shares or futures, before fees</source>
        <translation>Realisiertes Ergebnis von Aktien oder Futures, vor Gebühren</translation>
    </message>
    <message>
        <source>Dividends</source>
        <translation>Dividenden</translation>
    </message>
    <message>
        <source>Dividends of the shares, after withholding tax</source>
        <translation>Dividenden der Aktien, nach Quellensteuer</translation>
    </message>
    <message>
        <source>Fees</source>
        <translation>Gebühren</translation>
    </message>
    <message>
        <source>Commissions and taxes of trading</source>
        <translation>Provisionen und Steuern des Handels</translation>
    </message>
    <message>
        <source>P&amp;L</source>
        <translation>G&amp;V</translation>
    </message>
    <message>
        <source>What was realised so far: premium, shares, dividends and fees</source>
        <translation>Was bisher realisiert wurde: Prämien, Aktien, Dividenden und Gebühren</translation>
    </message>
    <message>
        <source>Basis</source>
        <translation>Einstand</translation>
    </message>
    <message>
        <source>Adjusted basis of one share: what it cost less the premium, without dividends</source>
        <translation>Bereinigter Einstand je Aktie: ihr Preis abzüglich der Prämien, ohne Dividenden</translation>
    </message>
    <message>
        <source>P&amp;L, base</source>
        <translation>G&amp;V, Basis</translation>
    </message>
    <message>
        <source>The result in the account’s base currency, at the rates of the days it was realised on</source>
        <translation>Das Ergebnis in der Basiswährung des Kontos, zu den Kursen der Tage, an denen es realisiert wurde</translation>
    </message>
    <message>
        <source>to {day}</source>
        <translation>bis {day}</translation>
    </message>
    <message>
        <source>Waits for you: do these trades belong together?</source>
        <translation>Wartet auf Sie: Gehören diese Trades zusammen?</translation>
    </message>
    <message>
        <source>Provisional: Activity has not confirmed every fill yet.</source>
        <translation>Vorläufig: Der Kontoumsatz hat noch nicht jede Ausführung bestätigt.</translation>
    </message>
    <message>
        <source>A trade of it was opened before the reports here begin.</source>
        <translation>Ein Trade davon wurde vor Beginn der Berichte eröffnet.</translation>
    </message>
    <message>
        <source>Put together by you</source>
        <translation>Von Ihnen zusammengestellt</translation>
    </message>
    <message>
        <source>It goes on.</source>
        <translation>Sie läuft noch.</translation>
    </message>
    <message>
        <source>premium so far {amount}</source>
        <translation>Prämie bisher {amount}</translation>
    </message>
    <message>
        <source>basis with dividends {amount}</source>
        <translation>Einstand mit Dividenden {amount}</translation>
    </message>
    <message>
        <source>basis {amount}</source>
        <translation>Einstand {amount}</translation>
    </message>
    <message>
        <source>Steps of the campaign</source>
        <translation>Schritte der Kampagne</translation>
    </message>
    <message>
        <source>Wheel</source>
        <translation>Wheel</translation>
    </message>
    <message>
        <source>Covered writing</source>
        <translation>Covered Writing</translation>
    </message>
    <message>
        <source>Rolled option</source>
        <translation>Gerollte Option</translation>
    </message>
    <message>
        <source>Rolled future</source>
        <translation>Gerollter Future</translation>
    </message>
    <message>
        <source>Exercise</source>
        <translation>Ausübung</translation>
    </message>
    <message>
        <source>put written</source>
        <translation>Put geschrieben</translation>
    </message>
    <message>
        <source>holding shares</source>
        <translation>Aktien im Bestand</translation>
    </message>
    <message>
        <source>call written</source>
        <translation>Call geschrieben</translation>
    </message>
    <message>
        <source>open</source>
        <translation>offen</translation>
    </message>
    <message>
        <source>ended</source>
        <translation>beendet</translation>
    </message>
    <message>
        <source>IBKR executed both as one combination.</source>
        <translation>IBKR hat beides als eine Kombination ausgeführt.</translation>
    </message>
    <message>
        <source>Both carry the same order number.</source>
        <translation>Beide tragen dieselbe Ordernummer.</translation>
    </message>
    <message>
        <source>{seconds} s lie between them.</source>
        <translation>Dazwischen liegen {seconds} s.</translation>
    </message>
    <message>
        <source>As much was closed as was opened, on one day, {minutes} min apart.</source>
        <translation>Am selben Tag wurde so viel geschlossen wie eröffnet, im Abstand von {minutes} min.</translation>
    </message>
    <message>
        <source>IBKR gives both the same number of the exercise.</source>
        <translation>IBKR gibt beiden dieselbe Nummer der Ausübung.</translation>
    </message>
    <message>
        <source>IBKR’s trade numbers follow each other.</source>
        <translation>Die Handelsnummern von IBKR folgen aufeinander.</translation>
    </message>
    <message>
        <source>The underlying was booked at the strike on the day of the exercise.</source>
        <translation>Der Basiswert wurde am Tag der Ausübung zum Basispreis gebucht.</translation>
    </message>
    <message>
        <source>The option was written on {needed} units of {shares} that were held.</source>
        <translation>Die Option wurde auf {needed} von {shares} gehaltenen Stück geschrieben.</translation>
    </message>
    <message>
        <source>The option needs {needed} units; {shares} were held.</source>
        <translation>Die Option braucht {needed} Stück; gehalten wurden {shares}.</translation>
    </message>
    <message>
        <source>The shares came while the option was open.</source>
        <translation>Die Aktien kamen, während die Option offen war.</translation>
    </message>
    <message>
        <source>You put them together.</source>
        <translation>Sie haben sie zusammengestellt.</translation>
    </message>
    <message>
        <source>Expired worthless</source>
        <translation>Wertlos verfallen</translation>
    </message>
    <message>
        <source>Settled in cash</source>
        <translation>Bar abgerechnet</translation>
    </message>
    <message>
        <source>Bought back</source>
        <translation>Zurückgekauft</translation>
    </message>
    <message>
        <source>Sold to close</source>
        <translation>Zur Schließung verkauft</translation>
    </message>
    <message>
        <source>Bought shares</source>
        <translation>Aktien gekauft</translation>
    </message>
    <message>
        <source>Sold shares</source>
        <translation>Aktien verkauft</translation>
    </message>
    <message>
        <source>Dividend</source>
        <translation>Dividende</translation>
    </message>
    <message>
        <source>Withholding tax</source>
        <translation>Quellensteuer</translation>
    </message>
    <message>
        <source>Moved without a fill</source>
        <translation>Ohne Ausführung bewegt</translation>
    </message>
    <message>
        <source>Wrote a put</source>
        <translation>Put geschrieben</translation>
    </message>
    <message>
        <source>Bought a put</source>
        <translation>Put gekauft</translation>
    </message>
    <message>
        <source>Wrote a call</source>
        <translation>Call geschrieben</translation>
    </message>
    <message>
        <source>Bought a call</source>
        <translation>Call gekauft</translation>
    </message>
    <message>
        <source>Sold to open</source>
        <translation>Zur Eröffnung verkauft</translation>
    </message>
    <message>
        <source>Bought to open</source>
        <translation>Zur Eröffnung gekauft</translation>
    </message>
    <message>
        <source>Rolled</source>
        <translation>Gerollt</translation>
    </message>
    <message>
        <source>Rolled out</source>
        <translation>Weitergerollt</translation>
    </message>
    <message>
        <source>Rolled out and up</source>
        <translation>Weiter und hoch gerollt</translation>
    </message>
    <message>
        <source>Rolled up</source>
        <translation>Hoch gerollt</translation>
    </message>
    <message>
        <source>Rolled out and down</source>
        <translation>Weiter und herunter gerollt</translation>
    </message>
    <message>
        <source>Rolled down</source>
        <translation>Herunter gerollt</translation>
    </message>
    <message>
        <source>Assigned</source>
        <translation>Zugeteilt</translation>
    </message>
    <message>
        <source>Exercised</source>
        <translation>Ausgeübt</translation>
    </message>
    <message>
        <source>Called away</source>
        <translation>Abgerufen</translation>
    </message>
    <message>
        <source>took {quantity} at {price}</source>
        <translation>{quantity} erhalten zu {price}</translation>
    </message>
    <message>
        <source>delivered {quantity} at {price}</source>
        <translation>{quantity} geliefert zu {price}</translation>
    </message>
    <message>
        <source>at {price}</source>
        <translation>zu {price}</translation>
    </message>
    <message>
        <source>ex {day}</source>
        <translation>ex {day}</translation>
    </message>
</context>
<context>
    <name>CampaignsPart</name>
    <message>
        <source>Link</source>
        <translation>Verbinden</translation>
    </message>
    <message>
        <source>They belong together</source>
        <translation>Sie gehören zusammen</translation>
    </message>
    <message>
        <source>Keep apart</source>
        <translation>Trennen</translation>
    </message>
    <message>
        <source>They do not belong together</source>
        <translation>Sie gehören nicht zusammen</translation>
    </message>
    <message>
        <source>Rename…</source>
        <translation>Umbenennen …</translation>
    </message>
    <message>
        <source>Give the campaign a name</source>
        <translation>Der Kampagne einen Namen geben</translation>
    </message>
    <message>
        <source>Where does this number come from?</source>
        <translation>Woher kommt diese Zahl?</translation>
    </message>
    <message>
        <source>Save as CSV…</source>
        <translation>Als CSV speichern …</translation>
    </message>
    <message>
        <source>{count} to review</source>
        <translation>{count} zu prüfen</translation>
    </message>
    <message>
        <source>{count} selected</source>
        <translation>{count} ausgewählt</translation>
    </message>
    <message>
        <source>Name the campaign</source>
        <translation>Kampagne benennen</translation>
    </message>
    <message>
        <source>Show a trade</source>
        <translation>Trade anzeigen</translation>
    </message>
    <message>
        <source>Take a trade out</source>
        <translation>Trade herausnehmen</translation>
    </message>
    <message>
        <source>Rolls, assignments and covered calls are linked by themselves; select trades to link more.</source>
        <translation>Wird von selbst verbunden; mehr verbinden Sie unter Trades.</translation>
    </message>
    <message>
        <source>1 link waits for you</source>
        <translation>1 Verbindung wartet auf Sie</translation>
    </message>
    <message numerus="yes">
        <source>%Ln links wait for you</source>
        <translation>
            <numerusform>%Ln Verbindung wartet auf Sie</numerusform>
            <numerusform>%Ln Verbindungen warten auf Sie</numerusform>
        </translation>
    </message>
    <message>
        <source>Rolls, assignments, covered calls and the wheel stand here as one story each.</source>
        <translation>Hier stehen gerollte Optionen, Zuteilungen, gedeckte Optionen und das Wheel, jeweils als ein Verlauf.</translation>
    </message>
    <message>
        <source>Nothing to review</source>
        <translation>Nichts zu prüfen</translation>
    </message>
    <message>
        <source>No link waits for you.</source>
        <translation>Keine Verbindung wartet auf Sie.</translation>
    </message>
    <message>
        <source>Show all</source>
        <translation>Alle anzeigen</translation>
    </message>
    <message>
        <source>1 campaign in this period.</source>
        <translation>1 Kampagne in diesem Zeitraum.</translation>
    </message>
    <message numerus="yes">
        <source>%Ln campaigns in this period.</source>
        <translation>
            <numerusform>%Ln Kampagne in diesem Zeitraum.</numerusform>
            <numerusform>%Ln Kampagnen in diesem Zeitraum.</numerusform>
        </translation>
    </message>
    <message>
        <source>No campaign of this period fits the search.</source>
        <translation>Keine Kampagne dieses Zeitraums passt zur Suche.</translation>
    </message>
    <message>
        <source>No campaigns</source>
        <translation>Keine Kampagnen</translation>
    </message>
    <message>
        <source>No campaigns in this period</source>
        <translation>Keine Kampagnen in diesem Zeitraum</translation>
    </message>
    <message>
        <source>1 campaign</source>
        <translation>1 Kampagne</translation>
    </message>
    <message numerus="yes">
        <source>%Ln campaigns</source>
        <translation>
            <numerusform>%Ln Kampagne</numerusform>
            <numerusform>%Ln Kampagnen</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ChartPanel</name>
    <message>
        <source>TWR</source>
        <translation>TWR</translation>
    </message>
    <message>
        <source>NAV</source>
        <translation>NAV</translation>
    </message>
    <message>
        <source>P&amp;L</source>
        <translation>G&amp;V</translation>
    </message>
    <message>
        <source>What the chart shows</source>
        <translation>Was das Diagramm zeigt</translation>
    </message>
    <message>
        <source>Time-weighted return</source>
        <translation>Zeitgewichtete Rendite</translation>
    </message>
    <message>
        <source>Net asset value</source>
        <translation>Nettoinventarwert</translation>
    </message>
    <message>
        <source>Result of closed trades, added up</source>
        <translation>Ergebnis geschlossener Trades, aufsummiert</translation>
    </message>
    <message>
        <source>When deposits and withdrawals count within their day</source>
        <translation>Wann Ein- und Auszahlungen innerhalb ihres Tages zählen</translation>
    </message>
    <message>
        <source>Save the chart</source>
        <translation>Diagramm speichern</translation>
    </message>
    <message>
        <source>Drawdown</source>
        <translation>Drawdown</translation>
    </message>
    <message>
        <source>Deposit</source>
        <translation>Einzahlung</translation>
    </message>
    <message>
        <source>Withdrawal</source>
        <translation>Auszahlung</translation>
    </message>
    <message>
        <source>Return and drawdown</source>
        <translation>Rendite und Drawdown</translation>
    </message>
    <message>
        <source>{currency}, with deposits ▲ and withdrawals ▼</source>
        <translation>{currency}, mit Einzahlungen ▲ und Auszahlungen ▼</translation>
    </message>
    <message>
        <source>Result of closed trades</source>
        <translation>Ergebnis geschlossener Trades</translation>
    </message>
    <message>
        <source>{currency}, net of fees, added up</source>
        <translation>{currency}, nach Gebühren, aufsummiert</translation>
    </message>
    <message>
        <source>No closed trades in this period.</source>
        <translation>Keine geschlossenen Trades in diesem Zeitraum.</translation>
    </message>
    <message>
        <source>No net asset values in this period.</source>
        <translation>Keine Nettoinventarwerte in diesem Zeitraum.</translation>
    </message>
    <message>
        <source>Save as {format}…</source>
        <translation>Als {format} speichern …</translation>
    </message>
</context>
<context>
    <name>Charts</name>
    <message>
        <source>{value}k</source>
        <comment>thousands on an axis; German: {value} T</comment>
        <translation>{value} Tsd.</translation>
    </message>
    <message>
        <source>{value}M</source>
        <comment>millions on an axis; German: {value} Mio.</comment>
        <translation>{value} Mio.</translation>
    </message>
    <message>
        <source>Drawdown</source>
        <translation>Drawdown</translation>
    </message>
    <message>
        <source>peak {day}</source>
        <translation>Hoch {day}</translation>
    </message>
    <message>
        <source>recovered {day}</source>
        <translation>aufgeholt {day}</translation>
    </message>
    <message>
        <source>{value} on {day}</source>
        <translation>{value} am {day}</translation>
    </message>
</context>
<context>
    <name>Check</name>
    <message>
        <source>Account</source>
        <translation>Konto</translation>
    </message>
    <message>
        <source>Check</source>
        <translation>Abgleich</translation>
    </message>
    <message>
        <source>Figure</source>
        <translation>Größe</translation>
    </message>
    <message>
        <source>From</source>
        <translation>Von</translation>
    </message>
    <message>
        <source>To</source>
        <translation>Bis</translation>
    </message>
    <message>
        <source>Currency</source>
        <translation>Währung</translation>
    </message>
    <message>
        <source>Ours</source>
        <translation>Unsere</translation>
    </message>
    <message>
        <source>IBKR</source>
        <translation>IBKR</translation>
    </message>
    <message>
        <source>Difference</source>
        <translation>Differenz</translation>
    </message>
    <message>
        <source>Result</source>
        <translation>Ergebnis</translation>
    </message>
    <message>
        <source>Reason</source>
        <translation>Grund</translation>
    </message>
    <message>
        <source>Checks</source>
        <translation>Vergleiche</translation>
    </message>
    <message>
        <source>Realised profit and loss</source>
        <translation>Realisierter Gewinn und Verlust</translation>
    </message>
    <message>
        <source>Open positions</source>
        <translation>Offene Positionen</translation>
    </message>
    <message>
        <source>Cash</source>
        <translation>Barmittel</translation>
    </message>
    <message>
        <source>Net asset value</source>
        <translation>Nettoinventarwert</translation>
    </message>
    <message>
        <source>Return</source>
        <translation>Rendite</translation>
    </message>
    <message>
        <source>Income and costs</source>
        <translation>Erträge und Kosten</translation>
    </message>
    <message>
        <source>Other checks</source>
        <translation>Weitere Vergleiche</translation>
    </message>
    <message>
        <source>Quantities, {count} instruments</source>
        <translation>Stückzahlen, {count} Instrumente</translation>
    </message>
    <message>
        <source>Quantity, 1 instrument</source>
        <translation>Stückzahl, 1 Instrument</translation>
    </message>
    <message>
        <source>Day by day, {count} values</source>
        <translation>Tag für Tag, {count} Werte</translation>
    </message>
    <message>
        <source>{count} more that agree</source>
        <translation>{count} weitere stimmen überein</translation>
    </message>
    <message>
        <source>{count} that agree</source>
        <translation>{count} stimmen überein</translation>
    </message>
    <message>
        <source>Cost</source>
        <translation>Einstandswert</translation>
    </message>
    <message>
        <source>agrees</source>
        <translation>stimmt</translation>
    </message>
    <message>
        <source>explained</source>
        <translation>erklärt</translation>
    </message>
    <message>
        <source>differs</source>
        <translation>weicht ab</translation>
    </message>
    <message>
        <source>not in report</source>
        <translation>nicht im Bericht</translation>
    </message>
    <message>
        <source>Together</source>
        <translation>Zusammen</translation>
    </message>
    <message>
        <source>Time-weighted, %</source>
        <translation>Zeitgewichtet, %</translation>
    </message>
    <message>
        <source>Compared as IBKR books it. As it was earned, with the premium at its option, the result is {earned}.</source>
        <translation>Verglichen, wie IBKR es bucht. Wie verdient, mit der Prämie bei ihrer Option, ist das Ergebnis {earned}.</translation>
    </message>
    <message>
        <source>Wash sale</source>
        <translation>Wash Sale</translation>
    </message>
    <message>
        <source>The United States disallow a loss when the same security is bought again within 30 days. IBKR moves it into the new lot; we show the loss where it arose. IBKR’s rows of it close the gap ({n}).</source>
        <translation>Die USA erkennen einen Verlust nicht an, wenn dasselbe Wertpapier binnen 30 Tagen wieder gekauft wird. IBKR schiebt ihn in den neuen Posten; wir zeigen den Verlust dort, wo er entstand. IBKRs Zeilen dazu schließen die Lücke ({n}).</translation>
    </message>
    <message>
        <source>History starts later</source>
        <translation>Historie beginnt später</translation>
    </message>
    <message>
        <source>It was opened before the reports here begin ({since}). Units that were traded where we cannot see it: {quantity}. Older reports would fill the gap.</source>
        <translation>Eröffnet wurde vor dem Beginn der Berichte ({since}). Stückzahl, die gehandelt wurde, wo wir es nicht sehen: {quantity}. Ältere Berichte würden die Lücke füllen.</translation>
    </message>
    <message>
        <source>New account number</source>
        <translation>Neue Kontonummer</translation>
    </message>
    <message>
        <source>The account went on under another number, and the two are not linked yet. Events offers to link them.</source>
        <translation>Das Konto lief unter einer anderen Nummer weiter, und die beiden sind noch nicht verknüpft. Unter Ereignisse lässt sich das nachholen.</translation>
    </message>
    <message>
        <source>Accrued interest</source>
        <translation>Stückzinsen</translation>
    </message>
    <message>
        <source>This report counts the interest that was paid for with the bond as its cost; we keep it apart ({n} fills).</source>
        <translation>Dieser Bericht zählt die mit der Anleihe bezahlten Stückzinsen zu den Anschaffungskosten; wir führen sie getrennt ({n} Ausführungen).</translation>
    </message>
    <message>
        <source>Event not applied</source>
        <translation>Ereignis nicht angewandt</translation>
    </message>
    <message>
        <source>An event changed this position and could not be applied ({type}). It stands under Events, with IBKR’s words.</source>
        <translation>Ein Ereignis hat diese Position verändert und ließ sich nicht anwenden ({type}). Es steht unter Ereignisse, mit IBKRs Worten.</translation>
    </message>
    <message>
        <source>Cost not known yet</source>
        <translation>Einstand noch unbekannt</translation>
    </message>
    <message>
        <source>{quantity} units came from elsewhere and nobody has said yet what they had cost. Enter it under Events.</source>
        <translation>{quantity} Stück kamen von anderswo, und ihr Einstandswert ist noch nicht angegeben. Tragen Sie ihn unter Ereignisse ein.</translation>
    </message>
    <message>
        <source>Not first in, first out</source>
        <translation>Nicht nach FIFO</translation>
    </message>
    <message>
        <source>IBKR did not close the oldest lots first (code {code}): another tax lot method was chosen for this sale. We count first in, first out; over the whole position both come to the same.</source>
        <translation>IBKR hat nicht die ältesten Posten zuerst geschlossen (Code {code}): Für diesen Verkauf galt eine andere Methode. Wir rechnen nach FIFO; über die ganze Position kommt dasselbe heraus.</translation>
    </message>
    <message>
        <source>IBKR restated the cost</source>
        <translation>IBKR hat den Einstand geändert</translation>
    </message>
    <message>
        <source>Over the whole round trip IBKR takes out another cost ({closed}) than its own rows put in ({opened}): the cost was restated afterwards, and the old rows stayed as they were.</source>
        <translation>Über den ganzen Trade nimmt IBKR einen anderen Einstand heraus ({closed}), als seine eigenen Zeilen hineinlegten ({opened}): Er wurde nachträglich geändert, und die alten Zeilen blieben, wie sie waren.</translation>
    </message>
    <message>
        <source>Rounding of the file</source>
        <translation>Rundung der Datei</translation>
    </message>
    <message>
        <source>The file gives only so many digits. {n} rows were added up; their digits alone can make {bound}.</source>
        <translation>Die Datei gibt nur begrenzt viele Stellen an. {n} Zeilen wurden addiert; allein ihre Stellen können {bound} ausmachen.</translation>
    </message>
    <message>
        <source>Premium of an exercise</source>
        <translation>Prämie einer Ausübung</translation>
    </message>
    <message>
        <source>An option was exercised or assigned. IBKR closes it at zero and puts the premium into the shares; we show the premium where it was earned. Together both are equal.</source>
        <translation>Eine Option wurde ausgeübt oder zugeteilt. IBKR schließt sie mit null und legt die Prämie in die Aktien; wir zeigen die Prämie dort, wo sie verdient wurde. Zusammen ist beides gleich.</translation>
    </message>
    <message>
        <source>Cancelled fill</source>
        <translation>Stornierte Ausführung</translation>
    </message>
    <message>
        <source>A fill was cancelled, and its commission or taxes stand with IBKR beside the new booking.</source>
        <translation>Eine Ausführung wurde storniert; ihre Provision oder Steuern stehen bei IBKR neben der neuen Buchung.</translation>
    </message>
    <message>
        <source>Commission adjusted</source>
        <translation>Provision angepasst</translation>
    </message>
    <message>
        <source>IBKR corrected commissions later by bookings of their own ({n}). They stand beside the fills, not in them.</source>
        <translation>IBKR hat Provisionen später durch eigene Buchungen korrigiert ({n}). Sie stehen neben den Ausführungen, nicht in ihnen.</translation>
    </message>
    <message>
        <source>Commission in {currency}</source>
        <translation>Provision in {currency}</translation>
    </message>
    <message>
        <source>The commission was charged in {currency}, and IBKR turned it into the trade’s currency at another rate.</source>
        <translation>Die Provision wurde in {currency} berechnet, und IBKR hat sie zu einem anderen Kurs in die Währung des Trades umgerechnet.</translation>
    </message>
    <message>
        <source>Rates with few digits</source>
        <translation>Kurse mit wenigen Stellen</translation>
    </message>
    <message>
        <source>The exchange rates in the file have few digits. Over {n} rows that alone can make {bound}; IBKR reckons with more.</source>
        <translation>Die Wechselkurse in der Datei haben wenige Stellen. Über {n} Zeilen kann das allein {bound} ausmachen; IBKR rechnet mit mehr.</translation>
    </message>
    <message>
        <source>Rows not in the report</source>
        <translation>Zeilen nicht im Bericht</translation>
    </message>
    <message>
        <source>The report holds IBKR’s sum, but not the rows it is made of. Switch on in the Activity query: {sections}.</source>
        <translation>Der Bericht enthält IBKRs Summe, aber nicht die Zeilen, aus denen sie besteht. Schalten Sie in der Kontoumsatz-Flex-Query ein: {sections}.</translation>
    </message>
    <message>
        <source>Statement of funds</source>
        <translation>Kapitalflussrechnung</translation>
    </message>
    <message>
        <source>Lines of the statement of funds explain it ({n}); they stand in no other section.</source>
        <translation>Zeilen der Kapitalflussrechnung erklären es ({n}); sie stehen in keinem anderen Abschnitt.</translation>
    </message>
    <message>
        <source>Provisional fills</source>
        <translation>Vorläufige Ausführungen</translation>
    </message>
    <message>
        <source>Fills that only a confirmation has told of so far ({n}). The next Activity report settles it.</source>
        <translation>Ausführungen, die bisher nur aus einer Bestätigung bekannt sind ({n}). Der nächste Kontoumsatz-Bericht klärt es.</translation>
    </message>
    <message>
        <source>Fills that are gone</source>
        <translation>Verschwundene Ausführungen</translation>
    </message>
    <message>
        <source>A later report no longer tells of fills that an earlier one had ({n}). We leave them out.</source>
        <translation>Ein späterer Bericht kennt Ausführungen nicht mehr, die ein früherer hatte ({n}). Wir lassen sie weg.</translation>
    </message>
    <message>
        <source>Reports contradict</source>
        <translation>Berichte widersprechen sich</translation>
    </message>
    <message>
        <source>Two reports tell of the same days ({from} – {to}) and contradict each other in {what}: {first} and {second}. Are both really of this account?</source>
        <translation>Zwei Berichte betreffen dieselben Tage ({from} – {to}) und widersprechen sich ({what}): {first} und {second}. Gehören wirklich beide zu diesem Konto?</translation>
    </message>
    <message>
        <source>Several reasons</source>
        <translation>Mehrere Gründe</translation>
    </message>
    <message>
        <source>Several things come together here; the sum below names each of them.</source>
        <translation>Hier kommt mehreres zusammen; die Rechnung unten nennt jedes davon.</translation>
    </message>
    <message>
        <source>Not explained</source>
        <translation>Nicht erklärt</translation>
    </message>
    <message>
        <source>The figures differ, and nothing in the reports says why.</source>
        <translation>Die Zahlen weichen voneinander ab, und nichts in den Berichten sagt, warum.</translation>
    </message>
    <message>
        <source>Report does not add up</source>
        <translation>Bericht geht nicht auf</translation>
    </message>
    <message>
        <source>IBKR’s own lines do not add up to IBKR’s own total; none of our figures is in it.</source>
        <translation>IBKRs eigene Zeilen ergeben nicht IBKRs eigene Summe; keine unserer Zahlen ist darin.</translation>
    </message>
    <message>
        <source>Switch on: {sections}</source>
        <translation>Einschalten: {sections}</translation>
    </message>
    <message>
        <source>The reports do not hold what this check needs. Switch on in the Activity query at IBKR: {sections}.</source>
        <translation>Die Berichte enthalten nicht, was dieser Vergleich braucht. Schalten Sie bei IBKR in der Kontoumsatz-Flex-Query ein: {sections}.</translation>
    </message>
    <message>
        <source>Fields are off</source>
        <translation>Felder fehlen</translation>
    </message>
    <message>
        <source>The section {section} is there without what this check needs. Tick its fields in the query: {fields}.</source>
        <translation>Der Abschnitt {section} ist da, aber ohne das, was dieser Vergleich braucht. Kreuzen Sie in der Abfrage diese Felder an: {fields}.</translation>
    </message>
    <message>
        <source>Empty in the report</source>
        <translation>Im Bericht leer</translation>
    </message>
    <message>
        <source>In {section} the field {field} is there, and empty or zero in every row.</source>
        <translation>In {section} ist das Feld {field} da, und in jeder Zeile leer oder null.</translation>
    </message>
    <message>
        <source>Only IBKR can know</source>
        <translation>Weiß nur IBKR</translation>
    </message>
    <message>
        <source>This line rests on IBKR’s market values or accruals. What IBKR says stands in the sum; we have nothing to check.</source>
        <translation>Diese Zeile beruht auf IBKRs Marktwerten oder Abgrenzungen. Was IBKR sagt, steht in der Summe; zu prüfen haben wir nichts.</translation>
    </message>
    <message>
        <source>Days are missing</source>
        <translation>Tage fehlen</translation>
    </message>
    <message>
        <source>The net asset value of some days is in no report ({n}, the first is {first}).</source>
        <translation>Der Nettoinventarwert einiger Tage steht in keinem Bericht ({n}, der erste ist {first}).</translation>
    </message>
    <message>
        <source>No rate for {currency}</source>
        <translation>Kein Kurs für {currency}</translation>
    </message>
    <message>
        <source>No report tells a rate from {currency} into the base currency for these days.</source>
        <translation>Kein Bericht nennt für diese Tage einen Kurs von {currency} in die Basiswährung.</translation>
    </message>
    <message>
        <source>No settlement price</source>
        <translation>Kein Abrechnungskurs</translation>
    </message>
    <message>
        <source>{symbol} is settled day by day, and no report tells its settlement price of {day}.</source>
        <translation>{symbol} wird täglich abgerechnet, und kein Bericht nennt den Abrechnungskurs vom {day}.</translation>
    </message>
    <message>
        <source>No Activity report</source>
        <translation>Kein Kontoumsatz-Bericht</translation>
    </message>
    <message>
        <source>No Activity report of this account has come yet, so there is nothing to compare with.</source>
        <translation>Für dieses Konto ist noch kein Kontoumsatz-Bericht gekommen; es gibt nichts zu vergleichen.</translation>
    </message>
    <message>
        <source>Nothing happened</source>
        <translation>Nichts geschehen</translation>
    </message>
    <message>
        <source>The reports are complete here, and nothing of this kind happened in the period.</source>
        <translation>Die Berichte sind hier vollständig, und nichts dergleichen ist im Zeitraum geschehen.</translation>
    </message>
    <message>
        <source>Other reason</source>
        <translation>Anderer Grund</translation>
    </message>
    <message>
        <source>Another reason: {reason}.</source>
        <translation>Ein anderer Grund: {reason}.</translation>
    </message>
    <message>
        <source>{name}</source>
        <translation>{name}</translation>
    </message>
    <message>
        <source>Fills ({n})</source>
        <translation>Ausführungen ({n})</translation>
    </message>
    <message>
        <source>Bookings, {type} ({n})</source>
        <translation>Buchungen, {type} ({n})</translation>
    </message>
    <message>
        <source>Ours, as earned</source>
        <translation>Unsere, wie verdient</translation>
    </message>
    <message>
        <source>Cash at the start</source>
        <translation>Barmittel am Anfang</translation>
    </message>
    <message>
        <source>Cash at the end</source>
        <translation>Barmittel am Ende</translation>
    </message>
    <message>
        <source>Trades, net</source>
        <translation>Trades, netto</translation>
    </message>
    <message>
        <source>Sales</source>
        <translation>Verkäufe</translation>
    </message>
    <message>
        <source>Purchases</source>
        <translation>Käufe</translation>
    </message>
    <message>
        <source>Settled day by day</source>
        <translation>Täglich abgerechnet</translation>
    </message>
    <message>
        <source>Commissions</source>
        <translation>Provisionen</translation>
    </message>
    <message>
        <source>Deposits</source>
        <translation>Einzahlungen</translation>
    </message>
    <message>
        <source>Withdrawals</source>
        <translation>Auszahlungen</translation>
    </message>
    <message>
        <source>Deposits and withdrawals</source>
        <translation>Ein- und Auszahlungen</translation>
    </message>
    <message>
        <source>Internal transfers</source>
        <translation>Interne Überträge</translation>
    </message>
    <message>
        <source>Transfers between accounts</source>
        <translation>Überträge zwischen Konten</translation>
    </message>
    <message>
        <source>Internal cash transfers</source>
        <translation>Interne Geldüberträge</translation>
    </message>
    <message>
        <source>Transfers of securities</source>
        <translation>Wertpapierüberträge</translation>
    </message>
    <message>
        <source>Dividends</source>
        <translation>Dividenden</translation>
    </message>
    <message>
        <source>Payments in lieu</source>
        <translation>Ersatzzahlungen</translation>
    </message>
    <message>
        <source>Withholding tax</source>
        <translation>Quellensteuer</translation>
    </message>
    <message>
        <source>Withholding, 871(m)</source>
        <translation>Quellensteuer, 871(m)</translation>
    </message>
    <message>
        <source>Broker interest</source>
        <translation>Brokerzinsen</translation>
    </message>
    <message>
        <source>Bond interest</source>
        <translation>Anleihezinsen</translation>
    </message>
    <message>
        <source>Interest</source>
        <translation>Zinsen</translation>
    </message>
    <message>
        <source>Other fees</source>
        <translation>Sonstige Gebühren</translation>
    </message>
    <message>
        <source>Broker fees</source>
        <translation>Brokergebühren</translation>
    </message>
    <message>
        <source>Advisor fees</source>
        <translation>Beratergebühren</translation>
    </message>
    <message>
        <source>Client fees</source>
        <translation>Kundengebühren</translation>
    </message>
    <message>
        <source>Sales tax</source>
        <translation>Umsatzsteuer</translation>
    </message>
    <message>
        <source>Transaction tax</source>
        <translation>Transaktionssteuer</translation>
    </message>
    <message>
        <source>CFD charges</source>
        <translation>CFD-Kosten</translation>
    </message>
    <message>
        <source>Currency translation</source>
        <translation>Währungsumrechnung</translation>
    </message>
    <message>
        <source>Value at the start</source>
        <translation>Wert am Anfang</translation>
    </message>
    <message>
        <source>Value at the end</source>
        <translation>Wert am Ende</translation>
    </message>
    <message>
        <source>Mark to market</source>
        <translation>Marktbewertung</translation>
    </message>
    <message>
        <source>Realised</source>
        <translation>Realisiert</translation>
    </message>
    <message>
        <source>Change in unrealised</source>
        <translation>Änderung unrealisiert</translation>
    </message>
    <message>
        <source>Dividend accruals</source>
        <translation>Dividendenabgrenzung</translation>
    </message>
    <message>
        <source>Interest accruals</source>
        <translation>Zinsabgrenzung</translation>
    </message>
    <message>
        <source>Time-weighted</source>
        <translation>Zeitgewichtet</translation>
    </message>
    <message>
        <source>All currencies, in base</source>
        <translation>Alle Währungen, in Basis</translation>
    </message>
    <message>
        <source>Sum of the lines</source>
        <translation>Summe der Zeilen</translation>
    </message>
    <message>
        <source>Stocks</source>
        <translation>Aktien</translation>
    </message>
    <message>
        <source>Options</source>
        <translation>Optionen</translation>
    </message>
    <message>
        <source>Bonds</source>
        <translation>Anleihen</translation>
    </message>
    <message>
        <source>Funds</source>
        <translation>Fonds</translation>
    </message>
    <message>
        <source>Crypto</source>
        <translation>Krypto</translation>
    </message>
    <message>
        <source>Closed lots and wash sales</source>
        <translation>Geschlossene Posten und Wash Sales</translation>
    </message>
    <message>
        <source>Realised, together</source>
        <translation>Realisiert, zusammen</translation>
    </message>
    <message>
        <source>Open quantity</source>
        <translation>Offene Stückzahl</translation>
    </message>
    <message>
        <source>Cost of what is open</source>
        <translation>Einstandswert des Offenen</translation>
    </message>
    <message>
        <source>NAV walk</source>
        <translation>Weg des NAV</translation>
    </message>
    <message>
        <source>Net asset value of a day</source>
        <translation>Nettoinventarwert eines Tages</translation>
    </message>
    <message>
        <source>Time-weighted return, %</source>
        <translation>Zeitgewichtete Rendite, %</translation>
    </message>
    <message>
        <source>Fees</source>
        <translation>Gebühren</translation>
    </message>
    <message>
        <source>Account Information</source>
        <translation>Kontoinformationen</translation>
    </message>
    <message>
        <source>Net Asset Value (NAV) in Base</source>
        <translation>NAV in Basiswährung</translation>
    </message>
    <message>
        <source>Change in NAV</source>
        <translation>Veränderung des NAV (Change in NAV)</translation>
    </message>
    <message>
        <source>Cash Report</source>
        <translation>Cash-Bericht</translation>
    </message>
    <message>
        <source>Trades</source>
        <translation>Trades</translation>
    </message>
    <message>
        <source>Option Exercises, Assignments and Expirations</source>
        <translation>Optionsausübungen/-zuteilungen/-fälligkeiten</translation>
    </message>
    <message>
        <source>Open Positions</source>
        <translation>Offene Positionen</translation>
    </message>
    <message>
        <source>Corporate Actions</source>
        <translation>Kapitalmaßnahmen</translation>
    </message>
    <message>
        <source>Cash Transactions</source>
        <translation>Bartransaktionen</translation>
    </message>
    <message>
        <source>Statement of Funds</source>
        <translation>Kapitalflussrechnung</translation>
    </message>
    <message>
        <source>Transfers</source>
        <translation>Transfers</translation>
    </message>
    <message>
        <source>Transaction Fees</source>
        <translation>Transaktionsgebühren</translation>
    </message>
    <message>
        <source>Sales Tax Details</source>
        <translation>Umsatzsteuer-Details</translation>
    </message>
    <message>
        <source>Forex P/L Details</source>
        <translation>Forex-G&amp;V-Details</translation>
    </message>
    <message>
        <source>Trade Confirmation</source>
        <translation>Handelsbestätigung</translation>
    </message>
    <message>
        <source>Realized &amp; Unrealized Performance Summary in Base</source>
        <translation>Realisierte und unrealisierte Performance in Basiswährung (Realized &amp; Unrealized Performance Summary in Base)</translation>
    </message>
    <message>
        <source>Mark-to-Market Performance Summary in Base</source>
        <translation>Mark-to-Market-Performance in Basiswährung (Mark-to-Market Performance Summary in Base)</translation>
    </message>
    <message>
        <source>Include Currency Rates</source>
        <translation>Wechselkurse einschließen (Include Currency Rates)</translation>
    </message>
    <message>
        <source>Financial Instrument Information</source>
        <translation>Informationen zum Finanzinstrument (Financial Instrument Information)</translation>
    </message>
    <message>
        <source>Trades, with Closed Lots</source>
        <translation>Trades, mit Closed Lots</translation>
    </message>
    <message>
        <source>Trades, with Wash Sales</source>
        <translation>Trades, mit Wash Sales</translation>
    </message>
    <message>
        <source>their fills</source>
        <translation>bei den Ausführungen</translation>
    </message>
    <message>
        <source>the base currency</source>
        <translation>bei der Basiswährung</translation>
    </message>
    <message>
        <source>the cash</source>
        <translation>bei den Barmitteln</translation>
    </message>
</context>
<context>
    <name>CheckPanel</name>
    <message>
        <source>Check</source>
        <translation>Prüfung</translation>
    </message>
    <message>
        <source>Looks at every page of the database and reads every archived report. A quick check is made by itself after the program was not ended properly.</source>
        <translation>Sieht jede Seite der Datenbank an und liest jeden archivierten Bericht. Wurde das Programm nicht ordentlich beendet, folgt beim nächsten Start von selbst eine kurze Prüfung.</translation>
    </message>
    <message>
        <source>Check now</source>
        <translation>Jetzt prüfen</translation>
    </message>
    <message>
        <source>Take them in</source>
        <translation>Einlesen</translation>
    </message>
    <message>
        <source>Begin anew from the archive…</source>
        <translation>Aus dem Archiv neu beginnen …</translation>
    </message>
    <message>
        <source>Checking…</source>
        <translation>Prüfung läuft …</translation>
    </message>
    <message numerus="yes">
        <source>… and %Ln more.</source>
        <translation>
            <numerusform>… und %Ln weiterer Fund.</numerusform>
            <numerusform>… und %Ln weitere Funde.</numerusform>
        </translation>
    </message>
    <message>
        <source>1 report in the archive is not in the journal.</source>
        <translation>1 Bericht im Archiv steht nicht im Journal.</translation>
    </message>
    <message numerus="yes">
        <source>%Ln reports in the archive are not in the journal.</source>
        <translation>
            <numerusform>%Ln Bericht im Archiv steht nicht im Journal.</numerusform>
            <numerusform>%Ln Berichte im Archiv stehen nicht im Journal.</numerusform>
        </translation>
    </message>
    <message>
        <source>A fetch or an import is under way. Please try again when it has ended.</source>
        <translation>Ein Abruf oder Import läuft gerade. Bitte versuchen Sie es danach noch einmal.</translation>
    </message>
    <message>
        <source>Begin anew from the archive</source>
        <translation>Aus dem Archiv neu beginnen</translation>
    </message>
    <message>
        <source>Make the journal anew from the archive?</source>
        <translation>Das Journal aus dem Archiv neu aufbauen?</translation>
    </message>
    <message>
        <source>The damaged database is kept. Depots, notes and decisions are taken over as far as they can still be read, and all reports in the archive are taken in again. Where there is a good backup, putting it back is the better way.</source>
        <translation>Die beschädigte Datenbank wird aufgehoben. Depots, Notizen und Entscheidungen werden übernommen, soweit sie noch lesbar sind, und alle Berichte im Archiv werden neu eingelesen. Gibt es eine gute Sicherung, ist es besser, sie zurückzuspielen.</translation>
    </message>
    <message>
        <source>Begin anew</source>
        <translation>Neu beginnen</translation>
    </message>
    <message>
        <source>Leave as it is</source>
        <translation>So lassen</translation>
    </message>
    <message>
        <source>The damaged database is kept as {file}.</source>
        <translation>Die beschädigte Datenbank ist als {file} aufgehoben.</translation>
    </message>
    <message>
        <source>1 report taken in.</source>
        <translation>1 Bericht eingelesen.</translation>
    </message>
    <message numerus="yes">
        <source>%Ln reports taken in.</source>
        <translation>
            <numerusform>%Ln Bericht eingelesen.</numerusform>
            <numerusform>%Ln Berichte eingelesen.</numerusform>
        </translation>
    </message>
    <message>
        <source>Database and archive are sound.</source>
        <translation>Datenbank und Archiv sind in Ordnung.</translation>
    </message>
    <message>
        <source>Reading…</source>
        <translation>Wird gelesen …</translation>
    </message>
</context>
<context>
    <name>CheckScreen</name>
    <message>
        <source>Check</source>
        <translation>Abgleich</translation>
    </message>
    <message>
        <source>Account</source>
        <translation>Konto</translation>
    </message>
    <message>
        <source>Figures</source>
        <translation>Zahlen</translation>
    </message>
    <message>
        <source>Events</source>
        <translation>Ereignisse</translation>
    </message>
    <message>
        <source>Part of the screen</source>
        <translation>Teil der Ansicht</translation>
    </message>
    <message>
        <source>Nothing fetched yet</source>
        <translation>Noch nichts abgerufen</translation>
    </message>
    <message>
        <source>Once the first reports have come, our figures stand here beside IBKR’s.</source>
        <translation>Sobald die ersten Berichte gekommen sind, stehen unsere Zahlen hier neben denen von IBKR.</translation>
    </message>
    <message>
        <source>Fetch reports</source>
        <translation>Berichte abrufen</translation>
    </message>
    <message>
        <source>Nothing to check in this period</source>
        <translation>In diesem Zeitraum gibt es nichts abzugleichen</translation>
    </message>
    <message>
        <source>No report covers it.</source>
        <translation>Kein Bericht deckt ihn ab.</translation>
    </message>
    <message>
        <source>Show all periods</source>
        <translation>Alle Zeiträume anzeigen</translation>
    </message>
    <message>
        <source>Our figures will stand here beside IBKR’s</source>
        <translation>Hier stehen unsere Zahlen neben denen von IBKR</translation>
    </message>
    <message>
        <source>Set up a depot and its reports are fetched from IBKR, or import Flex files you already have.</source>
        <translation>Richten Sie ein Depot ein, dann werden seine Berichte bei IBKR abgerufen, oder importieren Sie Flex-Dateien, die Sie schon haben.</translation>
    </message>
    <message>
        <source>Set up a depot</source>
        <translation>Depot einrichten</translation>
    </message>
    <message>
        <source>Save the checks as CSV</source>
        <translation>Vergleiche als CSV speichern</translation>
    </message>
    <message>
        <source>Where does this number come from?</source>
        <translation>Woher kommt diese Zahl?</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>Kopieren</translation>
    </message>
    <message>
        <source>Save as CSV…</source>
        <translation>Als CSV speichern …</translation>
    </message>
    <message numerus="yes">
        <source>%Ln checks against IBKR’s reports</source>
        <translation>
            <numerusform>%Ln Vergleich mit IBKRs Berichten</numerusform>
            <numerusform>%Ln Vergleiche mit IBKRs Berichten</numerusform>
        </translation>
    </message>
    <message>
        <source>1 check against IBKR’s reports</source>
        <translation>1 Vergleich mit IBKRs Berichten</translation>
    </message>
    <message>
        <source>1 event</source>
        <translation>1 Ereignis</translation>
    </message>
    <message numerus="yes">
        <source>%Ln events</source>
        <translation>
            <numerusform>%Ln Ereignis</numerusform>
            <numerusform>%Ln Ereignisse</numerusform>
        </translation>
    </message>
    <message>
        <source>Half a cent counts</source>
        <translation>Auf einen halben Cent verglichen</translation>
    </message>
    <message numerus="yes">
        <source>%Ln checks</source>
        <translation>
            <numerusform>%Ln Vergleich</numerusform>
            <numerusform>%Ln Vergleiche</numerusform>
        </translation>
    </message>
    <message>
        <source>1 check</source>
        <translation>1 Vergleich</translation>
    </message>
</context>
<context>
    <name>Checklist</name>
    <message>
        <source>tick it</source>
        <translation>ankreuzen</translation>
    </message>
    <message>
        <source>tick it if you like</source>
        <translation>nach Belieben ankreuzen</translation>
    </message>
    <message>
        <source>Without: {option}</source>
        <translation>Ohne: {option}</translation>
    </message>
    <message>
        <source>leave it unticked there</source>
        <translation>dort nicht ankreuzen</translation>
    </message>
    <message>
        <source>needed</source>
        <translation>nötig</translation>
    </message>
    <message>
        <source>should be there</source>
        <translation>sollte dabei sein</translation>
    </message>
    <message>
        <source>nice to have</source>
        <translation>nützlich</translation>
    </message>
    <message>
        <source>Sections:</source>
        <translation>Abschnitte:</translation>
    </message>
    <message>
        <source>Settings below the sections:</source>
        <translation>Einstellungen unter den Abschnitten:</translation>
    </message>
    <message>
        <source>At IBKR</source>
        <translation>Bei IBKR</translation>
    </message>
    <message>
        <source>What for</source>
        <translation>Wofür</translation>
    </message>
    <message>
        <source>Settings below the sections</source>
        <translation>Einstellungen unter den Abschnitten</translation>
    </message>
</context>
<context>
    <name>CountStrip</name>
    <message>
        <source>agree</source>
        <translation>stimmen</translation>
    </message>
    <message>
        <source>explained</source>
        <translation>erklärt</translation>
    </message>
    <message>
        <source>differ, not explained</source>
        <translation>weichen ab, nicht erklärt</translation>
    </message>
    <message>
        <source>not in the report</source>
        <translation>nicht im Bericht</translation>
    </message>
    <message>
        <source>Save the checks as CSV</source>
        <translation>Vergleiche als CSV speichern</translation>
    </message>
</context>
<context>
    <name>CrashDialog</name>
    <message>
        <source>Something went wrong</source>
        <translation>Etwas ist schiefgegangen</translation>
    </message>
    <message>
        <source>A mistake of the program</source>
        <translation>Ein Fehler des Programms</translation>
    </message>
    <message>
        <source>Your data is safe: nothing is stored by halves. The report below is all that is copied: it holds no tokens, no account numbers and no amounts, and it is sent nowhere. Please copy it when you tell us about the mistake.</source>
        <translation>Ihre Daten sind sicher: Nichts wird halb gespeichert. Kopiert wird nur der folgende Bericht: Er enthält keine Prüfcodes, keine Kontonummern und keine Beträge und wird nirgendwohin gesendet. Bitte kopieren Sie ihn, wenn Sie uns den Fehler mitteilen.</translation>
    </message>
    <message>
        <source>Report</source>
        <translation>Bericht</translation>
    </message>
    <message>
        <source>Copy report</source>
        <translation>Bericht kopieren</translation>
    </message>
    <message>
        <source>Go on</source>
        <translation>Weiter</translation>
    </message>
</context>
<context>
    <name>CustomRange</name>
    <message>
        <source>From</source>
        <translation>Von</translation>
    </message>
    <message>
        <source>to</source>
        <translation>bis</translation>
    </message>
    <message>
        <source>Show</source>
        <translation>Anzeigen</translation>
    </message>
</context>
<context>
    <name>DataCare</name>
    <message>
        <source>The journal&apos;s database is damaged.</source>
        <translation>Die Datenbank des Journals ist beschädigt.</translation>
    </message>
    <message>
        <source>Put back a backup, or begin anew from the archive; its reports are not affected.</source>
        <translation>Spielen Sie eine Sicherung zurück, oder beginnen Sie aus dem Archiv neu; dessen Berichte sind nicht betroffen.</translation>
    </message>
    <message>
        <source>The journal was checked and is sound.</source>
        <translation>Das Journal wurde geprüft und ist in Ordnung.</translation>
    </message>
    <message>
        <source>1 report that had arrived was taken in.</source>
        <translation>1 schon angekommener Bericht wurde eingelesen.</translation>
    </message>
    <message numerus="yes">
        <source>%Ln reports that had arrived were taken in.</source>
        <translation>
            <numerusform>%Ln schon angekommener Bericht wurde eingelesen.</numerusform>
            <numerusform>%Ln schon angekommene Berichte wurden eingelesen.</numerusform>
        </translation>
    </message>
    <message>
        <source>The program was not ended properly last time.</source>
        <translation>Das Programm wurde zuletzt nicht ordentlich beendet.</translation>
    </message>
</context>
<context>
    <name>DataPage</name>
    <message>
        <source>Data and backups</source>
        <translation>Daten und Sicherungen</translation>
    </message>
</context>
<context>
    <name>DepotCard</name>
    <message>
        <source>no account known yet</source>
        <translation>noch kein Konto bekannt</translation>
    </message>
    <message>
        <source>This system has no keyring: the token is kept until you quit and has to be entered again after that.</source>
        <translation>Dieses System hat keinen Schlüsselbund: Der Prüfcode gilt bis zum Beenden und ist danach neu einzugeben.</translation>
    </message>
    <message>
        <source>fed by files, no token</source>
        <translation>aus Dateien gespeist, kein Prüfcode</translation>
    </message>
    <message>
        <source>Use of the token</source>
        <translation>Verwendung des Prüfcodes</translation>
    </message>
    <message>
        <source>Query doctor: {count}</source>
        <translation>Abfrage-Doktor: {count}</translation>
    </message>
    <message>
        <source>not used yet</source>
        <translation>noch nicht verwendet</translation>
    </message>
    <message>
        <source>no token</source>
        <translation>kein Prüfcode</translation>
    </message>
    <message>
        <source>token on file, date of expiry not known</source>
        <translation>Prüfcode hinterlegt, Ablaufdatum nicht bekannt</translation>
    </message>
    <message>
        <source>token expired on {time}</source>
        <translation>Prüfcode abgelaufen am {time}</translation>
    </message>
    <message>
        <source>token valid until {time}</source>
        <translation>Prüfcode gültig bis {time}</translation>
    </message>
    <message>
        <source>token expired on {day}</source>
        <translation>Prüfcode am {day} abgelaufen</translation>
    </message>
    <message>
        <source>1 day left</source>
        <translation>noch 1 Tag</translation>
    </message>
    <message numerus="yes">
        <source>%n days left</source>
        <translation>
            <numerusform>noch %n Tag</numerusform>
            <numerusform>noch %n Tage</numerusform>
        </translation>
    </message>
    <message>
        <source>token valid until {day}, {left}</source>
        <translation>Prüfcode gültig bis {day}, {left}</translation>
    </message>
    <message>
        <source>The keyring that is set up would write the token into a file, so it gets none: the token is kept until you quit and has to be entered again after that.</source>
        <translation>Der eingerichtete Schlüsselbund würde den Prüfcode in eine Datei schreiben und bekommt ihn daher nicht: Der Prüfcode gilt bis zum Beenden und ist danach neu einzugeben.</translation>
    </message>
    <message>
        <source>The keyring accepted the token and did not give it back: it is kept until you quit and has to be entered again after that.</source>
        <translation>Der Schlüsselbund hat den Prüfcode angenommen, aber nicht zurückgegeben: Er gilt bis zum Beenden und ist danach neu einzugeben.</translation>
    </message>
    <message>
        <source>paused</source>
        <translation>pausiert</translation>
    </message>
    <message>
        <source>shared token</source>
        <translation>gemeinsamer Prüfcode</translation>
    </message>
    <message>
        <source>Move up</source>
        <translation>Nach oben</translation>
    </message>
    <message>
        <source>Move down</source>
        <translation>Nach unten</translation>
    </message>
    <message>
        <source>none</source>
        <translation>keine</translation>
    </message>
    <message>
        <source>Activity query {activity} · Trade Confirmation query {confirmation}</source>
        <translation>Kontoumsatz-Flex-Query {activity} · Handelsbestätigungs-Flex-Query {confirmation}</translation>
    </message>
    <message>
        <source>Edit</source>
        <translation>Bearbeiten</translation>
    </message>
    <message>
        <source>Test</source>
        <translation>Prüfen</translation>
    </message>
    <message>
        <source>Renew token</source>
        <translation>Prüfcode erneuern</translation>
    </message>
    <message>
        <source>More</source>
        <translation>Mehr</translation>
    </message>
    <message>
        <source>Resume fetching</source>
        <translation>Abruf fortsetzen</translation>
    </message>
    <message>
        <source>Pause fetching</source>
        <translation>Abruf pausieren</translation>
    </message>
    <message>
        <source>Calendar entry for the expiry…</source>
        <translation>Kalendereintrag zum Ablauf …</translation>
    </message>
    <message>
        <source>My token may have leaked…</source>
        <translation>Mein Prüfcode könnte in fremde Hände gelangt sein …</translation>
    </message>
    <message>
        <source>Forget token…</source>
        <translation>Prüfcode vergessen …</translation>
    </message>
    <message>
        <source>Remove…</source>
        <translation>Entfernen …</translation>
    </message>
    <message>
        <source>Ask the keyring again</source>
        <translation>Schlüsselbund erneut fragen</translation>
    </message>
</context>
<context>
    <name>DepotEditor</name>
    <message>
        <source>New depot</source>
        <translation>Neues Depot</translation>
    </message>
    <message>
        <source>Edit {name}</source>
        <translation>{name} bearbeiten</translation>
    </message>
    <message>
        <source>Colour</source>
        <translation>Farbe</translation>
    </message>
    <message>
        <source>Empty: the token that is there stays.</source>
        <translation>Leer: Der vorhandene Prüfcode bleibt.</translation>
    </message>
    <message>
        <source>22 to 24 digits. A depot that is fed by files needs none.</source>
        <translation>22 bis 24 Ziffern. Ein Depot, das aus Dateien gespeist wird, braucht keinen.</translation>
    </message>
    <message>
        <source>Name of the depot</source>
        <translation>Name des Depots</translation>
    </message>
    <message>
        <source>Token (Flex Web Service)</source>
        <translation>Aktiver Prüfcode (Flex-Web-Service)</translation>
    </message>
    <message>
        <source>Token valid until</source>
        <translation>Prüfcode gültig bis</translation>
    </message>
    <message>
        <source>IBKR does not tell the date of expiry.</source>
        <translation>IBKR verrät das Ablaufdatum nicht.</translation>
    </message>
    <message>
        <source>Activity query id</source>
        <translation>Abfrage-ID Kontoumsatz-Flex-Query</translation>
    </message>
    <message>
        <source>Everything, once a day</source>
        <translation>Alle Buchungen, einmal täglich</translation>
    </message>
    <message>
        <source>Trade Confirmation query id</source>
        <translation>Abfrage-ID Handelsbestätigungs-Flex-Query</translation>
    </message>
    <message>
        <source>The fills of today</source>
        <translation>Ausführungen von heute</translation>
    </message>
    <message>
        <source>Where to find this at IBKR</source>
        <translation>Wo Sie das bei IBKR finden</translation>
    </message>
    <message>
        <source>A depot needs a name.</source>
        <translation>Ein Depot braucht einen Namen.</translation>
    </message>
    <message>
        <source>Test</source>
        <translation>Prüfen</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Save depot</source>
        <translation>Depot speichern</translation>
    </message>
    <message>
        <source>Cancel test</source>
        <translation>Prüfung abbrechen</translation>
    </message>
</context>
<context>
    <name>DepotPicker</name>
    <message>
        <source>Depot</source>
        <translation>Depot</translation>
    </message>
    <message>
        <source>All depots</source>
        <translation>Alle Depots</translation>
    </message>
</context>
<context>
    <name>DepotsPage</name>
    <message>
        <source>{name} stays in the list</source>
        <translation>{name} bleibt in der Liste</translation>
    </message>
    <message>
        <source>Remove depot</source>
        <translation>Depot entfernen</translation>
    </message>
    <message>
        <source>Remove the depot {name}?</source>
        <translation>Das Depot {name} entfernen?</translation>
    </message>
    <message>
        <source>Keep</source>
        <translation>Behalten</translation>
    </message>
    <message>
        <source>Forget the token of {depots}?</source>
        <translation>Den Prüfcode von {depots} vergessen?</translation>
    </message>
    <message>
        <source>It is taken out of the keyring, and nothing is fetched until you enter one again. Reports, trades and notes stay.</source>
        <translation>Er wird aus dem Schlüsselbund genommen, und es wird nichts abgerufen, bis Sie wieder einen eingeben. Berichte, Trades und Notizen bleiben.</translation>
    </message>
    <message>
        <source>At IBKR it stays valid until it expires; generating a new one there makes it void at once.</source>
        <translation>Bei IBKR bleibt er bis zu seinem Ablauf gültig; wird dort ein neuer erzeugt, ist er sofort ungültig.</translation>
    </message>
    <message>
        <source>Forget token</source>
        <translation>Prüfcode vergessen</translation>
    </message>
    <message>
        <source>Depots</source>
        <translation>Depots</translation>
    </message>
    <message>
        <source>Add depot</source>
        <translation>Depot hinzufügen</translation>
    </message>
    <message>
        <source>Without the wizard</source>
        <translation>Ohne Assistenten</translation>
    </message>
    <message>
        <source>For those who have the token and the ids at hand</source>
        <translation>Für alle, die Prüfcode und Abfrage-IDs zur Hand haben</translation>
    </message>
    <message>
        <source>A depot is a token and two query ids at IBKR. Its reports may hold several accounts.</source>
        <translation>Ein Depot besteht aus einem Prüfcode und zwei Abfrage-IDs bei IBKR. Seine Berichte können mehrere Konten enthalten.</translation>
    </message>
    <message>
        <source>No depot yet</source>
        <translation>Noch kein Depot</translation>
    </message>
    <message>
        <source>Add one to have its reports fetched, or import Flex files and look at them without one.</source>
        <translation>Fügen Sie eines hinzu, damit seine Berichte abgerufen werden, oder importieren Sie Flex-Dateien und sehen Sie sie ohne Depot an.</translation>
    </message>
</context>
<context>
    <name>DiagnosisPage</name>
    <message>
        <source>Diagnosis</source>
        <translation>Diagnose</translation>
    </message>
    <message>
        <source>Versions, counts, the codes of the last fetches and the end of the log: what somebody needs who is to help you. It holds no tokens, no account numbers, no names of depots and no amounts, and it is sent nowhere.</source>
        <translation>Versionen, Anzahlen, die Codes der letzten Abrufe und das Ende des Protokolls: was jemand braucht, der Ihnen helfen soll. Der Bericht enthält keine Prüfcodes, keine Kontonummern, keine Depotnamen und keine Beträge und wird nirgendwohin gesendet.</translation>
    </message>
    <message>
        <source>Copy report</source>
        <translation>Bericht kopieren</translation>
    </message>
    <message>
        <source>Make it anew</source>
        <translation>Neu erstellen</translation>
    </message>
    <message>
        <source>Report</source>
        <translation>Bericht</translation>
    </message>
    <message>
        <source>Copied.</source>
        <translation>Kopiert.</translation>
    </message>
</context>
<context>
    <name>Doctor</name>
    <message>
        <source>The section {section} is missing. {why}</source>
        <translation>Der Abschnitt {section} fehlt. {why}</translation>
    </message>
    <message>
        <source>The section {section} lacks fields: {fields}.</source>
        <translation>Im Abschnitt {section} fehlen Felder: {fields}.</translation>
    </message>
    <message>
        <source>This is a report of the other kind, {found}; {expected} belongs here. The two ids may be swapped.</source>
        <translation>Dies ist ein Bericht der anderen Art, {found}; hierher gehört {expected}. Die beiden IDs sind wohl vertauscht.</translation>
    </message>
    <message>
        <source>The query makes CSV or text; ibjournal reads XML.</source>
        <translation>Die Abfrage erzeugt CSV oder Text; ibjournal liest XML.</translation>
    </message>
    <message>
        <source>The section {section} holds orders or summaries alone: what ibjournal counts, the single rows, is missing.</source>
        <translation>Der Abschnitt {section} enthält nur Orders oder Summen; die einzelnen Zeilen, mit denen ibjournal rechnet, fehlen.</translation>
    </message>
    <message>
        <source>The report holds one day only, {day}, although the query&apos;s period is longer.</source>
        <translation>Der Bericht enthält nur einen Tag, {day}, obwohl der Zeitraum der Abfrage länger ist.</translation>
    </message>
    <message>
        <source>The report is broken out by day: it is much larger than it need be and slow to make.</source>
        <translation>Der Bericht ist nach Tagen aufgeteilt: Er ist viel größer als nötig, und IBKR braucht lange dafür.</translation>
    </message>
    <message>
        <source>Bookings come twice, as details and as summaries. The summaries are left out.</source>
        <translation>Buchungen kommen doppelt, als Einzelposten und als Summe. Die Summen bleiben außen vor.</translation>
    </message>
    <message>
        <source>The section {section} holds orders or summaries beside the fills. They are left out.</source>
        <translation>Der Abschnitt {section} enthält neben den Ausführungen auch Orders oder Summen. Sie bleiben außen vor.</translation>
    </message>
    <message>
        <source>The report calls the account “{account}” instead of its number.</source>
        <translation>Der Bericht nennt das Konto „{account}“ statt seiner Nummer.</translation>
    </message>
    <message>
        <source>The fills are split by model: IBKR then leaves its own results blank.</source>
        <translation>Die Ausführungen sind nach Modellen aufgeteilt: IBKR lässt dann die eigenen Ergebnisse leer.</translation>
    </message>
    <message>
        <source>The dates can be read in two ways: 03/04 is in March or in April.</source>
        <translation>Die Datumsangaben lassen sich auf zwei Arten lesen: 03/04 liegt im März oder im April.</translation>
    </message>
    <message>
        <source>Fills have a day and no time: their order within a day is a guess.</source>
        <translation>Ausführungen haben einen Tag, aber keine Uhrzeit: Ihre Reihenfolge innerhalb des Tages ist geraten.</translation>
    </message>
    <message>
        <source>The report holds a list of currency rates that nobody needs; it makes the report large.</source>
        <translation>Der Bericht enthält eine Liste von Wechselkursen, die niemand braucht; sie macht ihn groß.</translation>
    </message>
    <message>
        <source>The account {account} belongs to another depot; its rows are left out here.</source>
        <translation>Das Konto {account} gehört zu einem anderen Depot; seine Zeilen bleiben hier außen vor.</translation>
    </message>
    <message>
        <source>Journal</source>
        <translation>Journal</translation>
    </message>
    <message>
        <source>Performance</source>
        <translation>Performance</translation>
    </message>
    <message>
        <source>Positions</source>
        <translation>Positionen</translation>
    </message>
    <message>
        <source>Check</source>
        <translation>Abgleich</translation>
    </message>
    <message>
        <source>Nothing to do, unless the account is meant to be in this depot.</source>
        <translation>Nichts zu tun, es sei denn, das Konto soll in dieses Depot.</translation>
    </message>
    <message>
        <source>Settings → Depots → Edit: exchange the two query ids.</source>
        <translation>Einstellungen → Depots → Bearbeiten: die beiden Abfrage-IDs tauschen.</translation>
    </message>
    <message>
        <source>query</source>
        <translation>Abfrage</translation>
    </message>
    <message>
        <source>{reports} → {queries}: the pencil beside your {query}</source>
        <translation>{reports} → {queries}: der Stift neben Ihrer {query}</translation>
    </message>
    <message>
        <source>Continue → Save Changes; the id stays as it is</source>
        <translation>Continue (Weiter) → Save Changes (Änderungen speichern); die Abfrage-ID bleibt, wie sie ist</translation>
    </message>
    <message>
        <source>Sections: click {section}</source>
        <translation>Sections (Abschnitte): {section} anklicken</translation>
    </message>
    <message>
        <source>Tick {options}</source>
        <translation>{options} ankreuzen</translation>
    </message>
    <message>
        <source>Leave {options} unticked</source>
        <translation>{options} nicht ankreuzen</translation>
    </message>
    <message>
        <source>Select All, but leave Model unticked; then Save</source>
        <translation>Select All (alles auswählen), aber Model nicht ankreuzen; dann speichern</translation>
    </message>
    <message>
        <source>Tick {fields}, or Select All without Model; then Save</source>
        <translation>{fields} ankreuzen, oder Select All (alles auswählen) ohne Model; dann speichern</translation>
    </message>
    <message>
        <source>Take the tick off Model; then Save</source>
        <translation>Das Kreuz bei Model entfernen; dann speichern</translation>
    </message>
    <message>
        <source>Take the tick off {options}; then Save</source>
        <translation>Das Kreuz bei {options} entfernen; dann speichern</translation>
    </message>
    <message>
        <source>Set {setting} to {value}</source>
        <translation>{setting} auf {value} stellen</translation>
    </message>
</context>
<context>
    <name>DoctorNotice</name>
    <message>
        <source>Your queries lack 1 thing.</source>
        <translation>Ihren Abfragen fehlt 1 Angabe.</translation>
    </message>
    <message numerus="yes">
        <source>Your queries lack %Ln things.</source>
        <translation>
            <numerusform>Ihren Abfragen fehlt %Ln Angabe.</numerusform>
            <numerusform>Ihren Abfragen fehlen %Ln Angaben.</numerusform>
        </translation>
    </message>
    <message>
        <source>Some figures suffer from it. The clicks that mend it stand under Reports.</source>
        <translation>Manche Zahlen leiden darunter. Die Klicks, die es beheben, stehen unter Berichte.</translation>
    </message>
    <message>
        <source>Show</source>
        <translation>Anzeigen</translation>
    </message>
</context>
<context>
    <name>DonePage</name>
    <message>
        <source>Done</source>
        <translation>Fertig</translation>
    </message>
    <message>
        <source>The depot is set up. Everything can be changed in the settings at any time.</source>
        <translation>Das Depot ist eingerichtet. Alles lässt sich jederzeit in den Einstellungen ändern.</translation>
    </message>
    <message>
        <source>Set up &amp;another depot</source>
        <translation>Weiteres &amp;Depot einrichten</translation>
    </message>
    <message>
        <source>Save a &amp;calendar entry…</source>
        <translation>&amp;Kalendereintrag speichern …</translation>
    </message>
    <message>
        <source>Depot {name}</source>
        <translation>Depot {name}</translation>
    </message>
    <message>
        <source>Fed by files; no token is needed.</source>
        <translation>Aus Dateien gespeist; es braucht keinen Prüfcode.</translation>
    </message>
    <message>
        <source>Uses the token of another depot; a new token is taken by both.</source>
        <translation>Nutzt den Prüfcode eines anderen Depots; ein neuer gilt dann für beide.</translation>
    </message>
    <message>
        <source>Token valid until {time}. Fetching stops then, until you enter a new one.</source>
        <translation>Prüfcode gültig bis {time}. Dann endet der Abruf, bis Sie einen neuen eintragen.</translation>
    </message>
    <message>
        <source>Token valid until {day}. We remind you 30 days, 7 days and 1 day before.</source>
        <translation>Prüfcode gültig bis {day}. Wir erinnern 30, 7 und 1 Tag vorher.</translation>
    </message>
    <message>
        <source>The first fetch is under way; the journal fills by itself.</source>
        <translation>Der erste Abruf läuft; das Journal füllt sich von selbst.</translation>
    </message>
    <message>
        <source>No report has come yet.</source>
        <translation>Es ist noch kein Bericht da.</translation>
    </message>
    <message>
        <source>Fills of today are provisional until IBKR&apos;s Activity report confirms them the next day. They are marked.</source>
        <translation>Ausführungen von heute sind vorläufig, bis der Kontoumsatz-Bericht von IBKR sie am nächsten Tag bestätigt. Sie sind gekennzeichnet.</translation>
    </message>
    <message>
        <source>The journal is as recent as the files: drop newer ones on the window at any time.</source>
        <translation>Das Journal ist so aktuell wie die Dateien: Neuere können Sie jederzeit auf das Fenster ziehen.</translation>
    </message>
    <message>
        <source>How to go on</source>
        <translation>Wie es weitergeht</translation>
    </message>
    <message>
        <source>Sync at the top right, or Ctrl+R, fetches what is new. Every figure tells where it comes from: Ctrl+E.</source>
        <translation>Abrufen oben rechts oder Strg+R holt, was neu ist. Jede Zahl sagt, woher sie kommt: Strg+E.</translation>
    </message>
    <message>
        <source>New reports</source>
        <translation>Neue Berichte</translation>
    </message>
    <message>
        <source>Download an XML file at IBKR and drop it on the window. Every figure tells where it comes from: Ctrl+E.</source>
        <translation>Laden Sie bei IBKR eine XML-Datei herunter und ziehen Sie sie auf das Fenster. Jede Zahl sagt, woher sie kommt: Strg+E.</translation>
    </message>
    <message>
        <source>Check compares the journal with IBKR&apos;s own figures and gives the reason for each difference.</source>
        <translation>Der Abgleich vergleicht das Journal mit IBKRs eigenen Zahlen und nennt zu jeder Differenz den Grund.</translation>
    </message>
    <message>
        <source>Is it right?</source>
        <translation>Stimmt es?</translation>
    </message>
</context>
<context>
    <name>DropBox</name>
    <message>
        <source>Drop Flex XML files here</source>
        <translation>Flex-XML-Dateien hier ablegen</translation>
    </message>
    <message>
        <source>Choose files…</source>
        <translation>Dateien wählen …</translation>
    </message>
</context>
<context>
    <name>ErrorBar</name>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
    <message>
        <source>1 more</source>
        <translation>1 weitere</translation>
    </message>
    <message numerus="yes">
        <source>%Ln more</source>
        <translation>
            <numerusform>%Ln weitere</numerusform>
            <numerusform>%Ln weitere</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Errors</name>
    <message>
        <source>Please download the report again at IBKR, as XML, and import that file.</source>
        <translation>Bitte laden Sie den Bericht bei IBKR erneut als XML herunter und importieren Sie diese Datei.</translation>
    </message>
    <message>
        <source>Please look up the query ids under Performance &amp; Reports → Flex Queries and correct them.</source>
        <translation>Bitte sehen Sie die Abfrage-IDs unter Performance &amp; Berichte → Flex-Queries nach und berichtigen Sie sie.</translation>
    </message>
    <message>
        <source>The file is not there.</source>
        <translation>Die Datei fehlt.</translation>
    </message>
    <message>
        <source>{file} does not exist.</source>
        <translation>{file} gibt es nicht.</translation>
    </message>
    <message>
        <source>Please check the name and the folder.</source>
        <translation>Bitte prüfen Sie Name und Ordner.</translation>
    </message>
    <message>
        <source>This is a folder.</source>
        <translation>Das ist ein Ordner.</translation>
    </message>
    <message>
        <source>{file} is a folder, not a report.</source>
        <translation>{file} ist ein Ordner, kein Bericht.</translation>
    </message>
    <message>
        <source>Please choose the files in it.</source>
        <translation>Bitte wählen Sie die Dateien darin.</translation>
    </message>
    <message>
        <source>The file cannot be read.</source>
        <translation>Die Datei ist nicht lesbar.</translation>
    </message>
    <message>
        <source>{file} cannot be opened: {reason}</source>
        <translation>{file} lässt sich nicht öffnen: {reason}</translation>
    </message>
    <message>
        <source>Please check whether you may read it.</source>
        <translation>Bitte prüfen Sie, ob Sie die Datei lesen dürfen.</translation>
    </message>
    <message>
        <source>The file is empty.</source>
        <translation>Die Datei ist leer.</translation>
    </message>
    <message>
        <source>There is nothing in {file}.</source>
        <translation>In {file} steht nichts.</translation>
    </message>
    <message>
        <source>This is not a Flex report.</source>
        <translation>Das ist kein Flex-Bericht.</translation>
    </message>
    <message>
        <source>{file} is XML, but not a report of a Flex query.</source>
        <translation>{file} ist XML, aber kein Bericht einer Flex-Query.</translation>
    </message>
    <message>
        <source>{file} is not an XML file.</source>
        <translation>{file} ist keine XML-Datei.</translation>
    </message>
    <message>
        <source>This is an archive.</source>
        <translation>Das ist ein Archiv.</translation>
    </message>
    <message>
        <source>{file} is a ZIP archive; the reports are packed in it.</source>
        <translation>{file} ist ein ZIP-Archiv; die Berichte sind darin verpackt.</translation>
    </message>
    <message>
        <source>Please unpack it and hand in the folder with the XML files.</source>
        <translation>Bitte entpacken Sie es und geben Sie den Ordner mit den XML-Dateien.</translation>
    </message>
    <message>
        <source>The report is a CSV file.</source>
        <translation>Der Bericht ist eine CSV-Datei.</translation>
    </message>
    <message>
        <source>{file} was made with the format CSV; ibjournal reads XML.</source>
        <translation>{file} hat das Format CSV; ibjournal liest XML.</translation>
    </message>
    <message>
        <source>Set the format of the query at IBKR to XML, run it again and import that file.</source>
        <translation>Stellen Sie das Format der Abfrage bei IBKR auf XML, führen Sie sie erneut aus und importieren Sie diese Datei.</translation>
    </message>
    <message>
        <source>This is a web page.</source>
        <translation>Das ist eine Webseite.</translation>
    </message>
    <message>
        <source>{file} is a page or a statement of the client portal, not a Flex report.</source>
        <translation>{file} ist eine Seite oder ein Kontoauszug aus dem Kundenportal, kein Flex-Bericht.</translation>
    </message>
    <message>
        <source>The report is damaged.</source>
        <translation>Der Bericht ist beschädigt.</translation>
    </message>
    <message>
        <source>{file} breaks the rules of XML in line {line}.</source>
        <translation>{file} verletzt in Zeile {line} die Regeln von XML.</translation>
    </message>
    <message>
        <source>The file was refused.</source>
        <translation>Die Datei wurde abgelehnt.</translation>
    </message>
    <message>
        <source>{file} defines entities of its own. No report of IBKR does that.</source>
        <translation>{file} definiert eigene Entitäten. Kein Bericht von IBKR tut das.</translation>
    </message>
    <message>
        <source>The file is too large.</source>
        <translation>Die Datei ist zu groß.</translation>
    </message>
    <message>
        <source>{file} is larger than any report can be ({limit} bytes).</source>
        <translation>{file} ist größer, als ein Bericht sein kann ({limit} Byte).</translation>
    </message>
    <message>
        <source>Please check whether it is the right file.</source>
        <translation>Bitte prüfen Sie, ob es die richtige Datei ist.</translation>
    </message>
    <message>
        <source>The file holds an error message of IBKR.</source>
        <translation>Die Datei enthält eine Fehlermeldung von IBKR.</translation>
    </message>
    <message>
        <source>{file} is an answer of the Flex Web Service, not a report.</source>
        <translation>{file} ist eine Antwort des Flex-Web-Service, kein Bericht.</translation>
    </message>
    <message>
        <source>The dates can be read in two ways.</source>
        <translation>Die Datumsangaben sind nicht eindeutig.</translation>
    </message>
    <message>
        <source>In {file} a date reads {text}: day and month cannot be told apart.</source>
        <translation>In {file} lautet ein Datum {text}: Tag und Monat lassen sich nicht unterscheiden.</translation>
    </message>
    <message>
        <source>Set the date format of the query at IBKR to yyyyMMdd and run it again.</source>
        <translation>Stellen Sie das Datumsformat der Abfrage bei IBKR auf yyyyMMdd und führen Sie sie erneut aus.</translation>
    </message>
    <message>
        <source>A value in the report cannot be read.</source>
        <translation>Ein Wert im Bericht ist nicht lesbar.</translation>
    </message>
    <message>
        <source>{file} holds “{text}” where a value of the kind “{kind}” belongs. Nothing of it was taken in.</source>
        <translation>In {file} steht „{text}“, wo ein Wert der Art „{kind}“ hingehört. Nichts davon wurde übernommen.</translation>
    </message>
    <message>
        <source>The query is of the other kind.</source>
        <translation>Die Abfrage ist von der anderen Art.</translation>
    </message>
    <message>
        <source>The query delivers a report of another kind than its field expects; the two ids may be swapped.</source>
        <translation>Die Abfrage liefert eine andere Art von Bericht, als ihr Feld erwartet; vielleicht sind die beiden Abfrage-IDs vertauscht.</translation>
    </message>
    <message>
        <source>The report does not belong to this depot.</source>
        <translation>Der Bericht gehört nicht zu diesem Depot.</translation>
    </message>
    <message>
        <source>It holds {accounts}, no account of {depot}.</source>
        <translation>Er enthält {accounts}, kein Konto von {depot}.</translation>
    </message>
    <message>
        <source>Choose in the query at IBKR the accounts of this depot only.</source>
        <translation>Wählen Sie in der Abfrage bei IBKR nur die Konten dieses Depots.</translation>
    </message>
    <message>
        <source>The report is incomplete.</source>
        <translation>Der Bericht ist unvollständig.</translation>
    </message>
    <message>
        <source>{file} ends in the middle. Nothing of it was taken in.</source>
        <translation>{file} bricht mittendrin ab. Nichts davon wurde übernommen.</translation>
    </message>
    <message>
        <source>The disk is full.</source>
        <translation>Der Datenträger ist voll.</translation>
    </message>
    <message>
        <source>There is no room left to write {file}. Nothing was stored by halves.</source>
        <translation>Für {file} ist kein Platz mehr. Nichts wurde nur halb gespeichert.</translation>
    </message>
    <message>
        <source>Make room on the disk, then try again.</source>
        <translation>Schaffen Sie Platz und versuchen Sie es erneut.</translation>
    </message>
    <message>
        <source>The journal is in use.</source>
        <translation>Das Journal ist in Benutzung.</translation>
    </message>
    <message>
        <source>Another program holds {file}.</source>
        <translation>Ein anderes Programm hält {file} fest.</translation>
    </message>
    <message>
        <source>Close the other program, then try again.</source>
        <translation>Schließen Sie das andere Programm und versuchen Sie es erneut.</translation>
    </message>
    <message>
        <source>The journal&apos;s database is damaged.</source>
        <translation>Die Datenbank des Journals ist beschädigt.</translation>
    </message>
    <message>
        <source>{file} cannot be read as a database.</source>
        <translation>{file} ist nicht als Datenbank lesbar.</translation>
    </message>
    <message>
        <source>Restore a backup; the reports in the archive are not affected.</source>
        <translation>Spielen Sie eine Sicherung zurück; die Berichte im Archiv sind nicht betroffen.</translation>
    </message>
    <message>
        <source>The journal was written by a newer version.</source>
        <translation>Das Journal stammt von einer neueren Version.</translation>
    </message>
    <message>
        <source>{file} has the version {version}; this program knows {known}. Nothing was changed.</source>
        <translation>{file} hat die Version {version}; dieses Programm kennt {known}. Nichts wurde verändert.</translation>
    </message>
    <message>
        <source>Install the newer version of ibjournal, or restore a backup from {backups}.</source>
        <translation>Installieren Sie die neuere Version von ibjournal oder spielen Sie eine Sicherung aus {backups} zurück.</translation>
    </message>
    <message>
        <source>The backup was written by a newer version.</source>
        <translation>Die Sicherung stammt von einer neueren Version.</translation>
    </message>
    <message>
        <source>Install the newer version of ibjournal, or choose another backup.</source>
        <translation>Installieren Sie die neuere Version von ibjournal oder wählen Sie eine andere Sicherung.</translation>
    </message>
    <message>
        <source>The data folder cannot be written.</source>
        <translation>In den Datenordner kann nicht geschrieben werden.</translation>
    </message>
    <message>
        <source>{file} is write-protected.</source>
        <translation>{file} ist schreibgeschützt.</translation>
    </message>
    <message>
        <source>Please check the permissions of the data folder.</source>
        <translation>Bitte prüfen Sie die Rechte des Datenordners.</translation>
    </message>
    <message>
        <source>The data folder is not there.</source>
        <translation>Der Datenordner ist nicht da.</translation>
    </message>
    <message>
        <source>The journal was moved to {folder}, and there is none now. No new one was begun.</source>
        <translation>Das Journal wurde nach {folder} verschoben, und dort ist jetzt keines. Es wurde kein neues begonnen.</translation>
    </message>
    <message>
        <source>Connect the disk or the stick it lies on, then start ibjournal again.</source>
        <translation>Schließen Sie die Festplatte oder den Stick an, auf dem es liegt, und starten Sie ibjournal neu.</translation>
    </message>
    <message>
        <source>The journal lies in another folder now.</source>
        <translation>Das Journal liegt jetzt in einem anderen Ordner.</translation>
    </message>
    <message>
        <source>Nothing is written to the former folder any more.</source>
        <translation>In den früheren Ordner wird nichts mehr geschrieben.</translation>
    </message>
    <message>
        <source>Please start ibjournal again.</source>
        <translation>Bitte starten Sie ibjournal neu.</translation>
    </message>
    <message>
        <source>There is no journal.</source>
        <translation>Es gibt kein Journal.</translation>
    </message>
    <message>
        <source>{file} does not exist yet.</source>
        <translation>{file} gibt es noch nicht.</translation>
    </message>
    <message>
        <source>The first start of the program makes it.</source>
        <translation>Der erste Start des Programms legt es an.</translation>
    </message>
    <message>
        <source>The backup cannot be used.</source>
        <translation>Die Sicherung ist nicht brauchbar.</translation>
    </message>
    <message>
        <source>{file} is not an intact backup of a journal. Nothing was changed.</source>
        <translation>{file} ist keine unversehrte Sicherung eines Journals. Nichts wurde verändert.</translation>
    </message>
    <message>
        <source>Please choose another backup.</source>
        <translation>Bitte wählen Sie eine andere Sicherung.</translation>
    </message>
    <message>
        <source>The backup is not there.</source>
        <translation>Die Sicherung fehlt.</translation>
    </message>
    <message>
        <source>{file} does not exist. Nothing was changed.</source>
        <translation>{file} gibt es nicht. Nichts wurde verändert.</translation>
    </message>
    <message>
        <source>The archived report is missing.</source>
        <translation>Der archivierte Bericht fehlt.</translation>
    </message>
    <message>
        <source>{file} is no longer in the archive.</source>
        <translation>{file} ist nicht mehr im Archiv.</translation>
    </message>
    <message>
        <source>What was read from it is kept. Do you have the file still? Import it again, and it is put back in its place.</source>
        <translation>Was daraus gelesen wurde, bleibt erhalten. Haben Sie die Datei noch? Importieren Sie sie erneut, dann liegt sie wieder an ihrem Platz.</translation>
    </message>
    <message>
        <source>An archived report is damaged.</source>
        <translation>Ein archivierter Bericht ist beschädigt.</translation>
    </message>
    <message>
        <source>{file} is no longer what it was when it came. Nothing was changed.</source>
        <translation>{file} ist nicht mehr so, wie es ankam. Es wurde nichts geändert.</translation>
    </message>
    <message>
        <source>The disk does not do what it should.</source>
        <translation>Der Datenträger arbeitet nicht, wie er soll.</translation>
    </message>
    <message>
        <source>{file} could not be read or written to its end. Nothing was stored by halves.</source>
        <translation>{file} ließ sich nicht bis zum Ende lesen oder schreiben. Nichts wurde halb gespeichert.</translation>
    </message>
    <message>
        <source>Make sure that the disk has room and is sound, then try again.</source>
        <translation>Prüfen Sie, ob der Datenträger Platz hat und in Ordnung ist, und versuchen Sie es dann noch einmal.</translation>
    </message>
    <message>
        <source>The journal cannot be stored.</source>
        <translation>Das Journal lässt sich nicht speichern.</translation>
    </message>
    <message>
        <source>Writing {file} failed. {detail}</source>
        <translation>Das Schreiben von {file} ist fehlgeschlagen. {detail}</translation>
    </message>
    <message>
        <source>Please try again. Nothing was stored by halves.</source>
        <translation>Bitte versuchen Sie es erneut. Nichts wurde nur halb gespeichert.</translation>
    </message>
    <message>
        <source>There is no keyring.</source>
        <translation>Es gibt keinen Schlüsselbund.</translation>
    </message>
    <message>
        <source>This system has no keyring that could keep the token; it is kept until the program ends.</source>
        <translation>Dieses System hat keinen Schlüsselbund für den Prüfcode; er bleibt bis zum Ende des Programms erhalten.</translation>
    </message>
    <message>
        <source>Set up the system&apos;s keyring to have the token kept.</source>
        <translation>Richten Sie den Schlüsselbund des Systems ein, damit der Prüfcode erhalten bleibt.</translation>
    </message>
    <message>
        <source>The keyring is locked.</source>
        <translation>Der Schlüsselbund ist gesperrt.</translation>
    </message>
    <message>
        <source>The token cannot be read as long as the system&apos;s keyring is locked.</source>
        <translation>Solange der Schlüsselbund des Systems gesperrt ist, lässt sich der Prüfcode nicht lesen.</translation>
    </message>
    <message>
        <source>Unlock the keyring, then try again.</source>
        <translation>Entsperren Sie den Schlüsselbund und versuchen Sie es erneut.</translation>
    </message>
    <message>
        <source>The keyring does not answer.</source>
        <translation>Der Schlüsselbund antwortet nicht.</translation>
    </message>
    <message>
        <source>We waited {seconds} seconds for it. It may be asking you to unlock it, in a window behind this one.</source>
        <translation>Wir haben {seconds} Sekunden auf ihn gewartet. Vielleicht bittet er Sie in einem Fenster hinter diesem, ihn zu entsperren.</translation>
    </message>
    <message>
        <source>Look for its window and unlock it, then try again. Everything here still works meanwhile.</source>
        <translation>Suchen Sie sein Fenster, entsperren Sie ihn und versuchen Sie es erneut. Alles andere funktioniert derweil weiter.</translation>
    </message>
    <message>
        <source>The keyring that is set up would write tokens into a file.</source>
        <translation>Der eingerichtete Schlüsselbund würde Prüfcodes in eine Datei schreiben.</translation>
    </message>
    <message>
        <source>We give it no token; the token is kept until the program ends.</source>
        <translation>Wir geben ihm keinen Prüfcode; er bleibt bis zum Ende des Programms erhalten.</translation>
    </message>
    <message>
        <source>Set up the system&apos;s own keyring to have the token kept.</source>
        <translation>Richten Sie den Schlüsselbund des Systems selbst ein, damit der Prüfcode erhalten bleibt.</translation>
    </message>
    <message>
        <source>The keyring does not keep the token.</source>
        <translation>Der Schlüsselbund behält den Prüfcode nicht.</translation>
    </message>
    <message>
        <source>It accepted the token, but did not return it; the token is kept until the program ends.</source>
        <translation>Er hat den Prüfcode angenommen, aber nicht zurückgegeben; er bleibt bis zum Ende des Programms erhalten.</translation>
    </message>
    <message>
        <source>Please check the system&apos;s keyring.</source>
        <translation>Bitte prüfen Sie den Schlüsselbund des Systems.</translation>
    </message>
    <message>
        <source>The token is kept for this session only.</source>
        <translation>Der Prüfcode bleibt nur für diese Sitzung erhalten.</translation>
    </message>
    <message>
        <source>The keyring cannot keep it, so it is forgotten when the program ends.</source>
        <translation>Der Schlüsselbund kann ihn nicht behalten, daher wird er am Ende des Programms vergessen.</translation>
    </message>
    <message>
        <source>The keyring failed.</source>
        <translation>Der Schlüsselbund meldet einen Fehler.</translation>
    </message>
    <message>
        <source>The system&apos;s keyring did not answer as it should.</source>
        <translation>Der Schlüsselbund des Systems hat nicht wie erwartet geantwortet.</translation>
    </message>
    <message>
        <source>Please try again, or log out of the system and in again.</source>
        <translation>Bitte versuchen Sie es erneut oder melden Sie sich am System ab und wieder an.</translation>
    </message>
    <message>
        <source>The token is missing.</source>
        <translation>Der Prüfcode fehlt.</translation>
    </message>
    <message>
        <source>There is no token for {depot}.</source>
        <translation>Zu {depot} gibt es keinen Prüfcode.</translation>
    </message>
    <message>
        <source>Enter the token; IBKR shows it under Flex Web Service.</source>
        <translation>Geben Sie den Prüfcode ein; IBKR zeigt ihn unter Flex-Web-Service.</translation>
    </message>
    <message>
        <source>There is no display.</source>
        <translation>Es gibt keinen Bildschirm.</translation>
    </message>
    <message>
        <source>The window needs a graphical session; the commands work without one.</source>
        <translation>Das Fenster braucht eine grafische Sitzung; die Befehle gehen auch ohne.</translation>
    </message>
    <message>
        <source>See ibjournal --help for the commands.</source>
        <translation>Die Befehle zeigt ibjournal --help.</translation>
    </message>
    <message>
        <source>Nothing was removed.</source>
        <translation>Es wurde nichts entfernt.</translation>
    </message>
    <message>
        <source>The depot {depot} is as it was.</source>
        <translation>Das Depot {depot} ist, wie es war.</translation>
    </message>
    <message>
        <source>Say yes when you are asked, or add --yes to the command.</source>
        <translation>Antworten Sie auf die Frage mit Ja, oder hängen Sie --yes an den Befehl an.</translation>
    </message>
    <message>
        <source>There is no such depot.</source>
        <translation>Dieses Depot gibt es nicht.</translation>
    </message>
    <message>
        <source>The depot {depot} does not exist.</source>
        <translation>Das Depot {depot} gibt es nicht.</translation>
    </message>
    <message>
        <source>The name is taken.</source>
        <translation>Der Name ist vergeben.</translation>
    </message>
    <message>
        <source>Another depot is called {name}.</source>
        <translation>Ein anderes Depot heißt {name}.</translation>
    </message>
    <message>
        <source>Please choose another name.</source>
        <translation>Bitte wählen Sie einen anderen Namen.</translation>
    </message>
    <message>
        <source>The name is missing.</source>
        <translation>Der Name fehlt.</translation>
    </message>
    <message>
        <source>A depot needs a name.</source>
        <translation>Ein Depot braucht einen Namen.</translation>
    </message>
    <message>
        <source>Please enter a name.</source>
        <translation>Bitte geben Sie einen Namen ein.</translation>
    </message>
    <message>
        <source>That is a token, not a name.</source>
        <translation>Das ist ein Prüfcode, kein Name.</translation>
    </message>
    <message>
        <source>A token stands in the field for the depot&apos;s name. It was not saved.</source>
        <translation>Im Feld für den Namen des Depots steht ein Prüfcode. Er wurde nicht gespeichert.</translation>
    </message>
    <message>
        <source>Please enter a name, and the token in its own field.</source>
        <translation>Geben Sie bitte einen Namen ein, und den Prüfcode in seinem eigenen Feld.</translation>
    </message>
    <message>
        <source>The query id is missing.</source>
        <translation>Die Abfrage-ID fehlt.</translation>
    </message>
    <message>
        <source>The depot has no query that could be fetched.</source>
        <translation>Das Depot hat keine Abfrage, die abgerufen werden könnte.</translation>
    </message>
    <message>
        <source>There is no such report.</source>
        <translation>Diesen Bericht gibt es nicht.</translation>
    </message>
    <message>
        <source>The report is no longer on file.</source>
        <translation>Der Bericht ist nicht mehr vorhanden.</translation>
    </message>
    <message>
        <source>There is no such trade.</source>
        <translation>Diesen Trade gibt es nicht.</translation>
    </message>
    <message>
        <source>The trade no longer exists; newer reports may have changed it.</source>
        <translation>Den Trade gibt es nicht mehr; neuere Berichte können ihn verändert haben.</translation>
    </message>
    <message>
        <source>There is no such campaign.</source>
        <translation>Diese Kampagne gibt es nicht.</translation>
    </message>
    <message>
        <source>The campaign no longer exists; newer reports may have changed it.</source>
        <translation>Die Kampagne gibt es nicht mehr; neuere Berichte haben sie vielleicht geändert.</translation>
    </message>
    <message>
        <source>These trades cannot be one campaign.</source>
        <translation>Diese Trades lassen sich nicht zu einer Kampagne verbinden.</translation>
    </message>
    <message>
        <source>A campaign has one account, one underlying and one currency.</source>
        <translation>Eine Kampagne hat ein Konto, einen Basiswert und eine Währung.</translation>
    </message>
    <message>
        <source>There is no such strategy.</source>
        <translation>Diese Strategie gibt es nicht.</translation>
    </message>
    <message>
        <source>The strategy no longer exists; newer reports may have changed it.</source>
        <translation>Die Strategie gibt es nicht mehr; neuere Berichte haben sie vielleicht verändert.</translation>
    </message>
    <message>
        <source>These trades cannot be one strategy.</source>
        <translation>Diese Trades können keine gemeinsame Strategie sein.</translation>
    </message>
    <message>
        <source>A strategy has one account and one underlying, and at least one option.</source>
        <translation>Eine Strategie hat ein Konto, einen Basiswert und mindestens eine Option.</translation>
    </message>
    <message>
        <source>This journal cannot be moved.</source>
        <translation>Dieses Journal lässt sich nicht verschieben.</translation>
    </message>
    <message>
        <source>The folder {folder} was given at the start.</source>
        <translation>Der Ordner {folder} wurde beim Start angegeben.</translation>
    </message>
    <message>
        <source>End the program, move the folder by hand, and give the new one.</source>
        <translation>Beenden Sie das Programm, verschieben Sie den Ordner von Hand und geben Sie den neuen an.</translation>
    </message>
    <message>
        <source>The journal cannot be moved there.</source>
        <translation>Dorthin lässt sich das Journal nicht verschieben.</translation>
    </message>
    <message>
        <source>{folder} is the data folder, lies in it, or holds it. Nothing was changed.</source>
        <translation>{folder} ist der Datenordner, liegt in ihm oder enthält ihn. Nichts wurde verändert.</translation>
    </message>
    <message>
        <source>Please choose a folder apart from it.</source>
        <translation>Bitte wählen Sie einen Ordner außerhalb.</translation>
    </message>
    <message>
        <source>There is something in {folder} already. Nothing was changed.</source>
        <translation>In {folder} liegt schon etwas. Nichts wurde verändert.</translation>
    </message>
    <message>
        <source>Please choose a folder that is empty.</source>
        <translation>Bitte wählen Sie einen leeren Ordner.</translation>
    </message>
    <message>
        <source>This folder is not the demo&apos;s.</source>
        <translation>Dieser Ordner gehört nicht der Demo.</translation>
    </message>
    <message>
        <source>There is a journal in {folder} that the demo did not make. Nothing was changed.</source>
        <translation>In {folder} liegt ein Journal, das nicht von der Demo stammt. Nichts wurde verändert.</translation>
    </message>
    <message>
        <source>Please give the demo a folder of its own.</source>
        <translation>Bitte geben Sie der Demo einen eigenen Ordner.</translation>
    </message>
    <message>
        <source>There is no such account.</source>
        <translation>Dieses Konto gibt es nicht.</translation>
    </message>
    <message>
        <source>No report holds the account {account}.</source>
        <translation>Kein Bericht enthält das Konto {account}.</translation>
    </message>
    <message>
        <source>There is no such event.</source>
        <translation>Dieses Ereignis gibt es nicht.</translation>
    </message>
    <message>
        <source>The event is no longer on file; newer reports may have changed it.</source>
        <translation>Das Ereignis ist nicht mehr vorhanden; neuere Berichte können es geändert haben.</translation>
    </message>
    <message>
        <source>The accounts cannot be linked.</source>
        <translation>Die Konten können nicht verknüpft werden.</translation>
    </message>
    <message>
        <source>The account {account} already goes on as the older one, or is the same.</source>
        <translation>Das Konto {account} geht bereits als das ältere weiter oder ist dasselbe.</translation>
    </message>
    <message>
        <source>The address was refused.</source>
        <translation>Die Adresse wurde abgelehnt.</translation>
    </message>
    <message>
        <source>Another Flex service can only be one on this computer.</source>
        <translation>Ein anderer Flex-Dienst kann nur einer auf diesem Computer sein.</translation>
    </message>
    <message>
        <source>Something went wrong.</source>
        <translation>Etwas ist schiefgegangen.</translation>
    </message>
    <message>
        <source>The program reports: {code}</source>
        <translation>Das Programm meldet: {code}</translation>
    </message>
    <message>
        <source>Please try again.</source>
        <translation>Bitte versuchen Sie es erneut.</translation>
    </message>
    <message>
        <source>{section} has a field we do not know: {name}. It is kept as it is.</source>
        <translation>{section} hat ein unbekanntes Feld: {name}. Es bleibt, wie es ist, erhalten.</translation>
    </message>
    <message>
        <source>{section} has a note code we do not know: {name}. It is kept as it is.</source>
        <translation>{section} hat einen unbekannten Hinweiscode: {name}. Er bleibt, wie er ist, erhalten.</translation>
    </message>
    <message>
        <source>The section {section} is not read yet. It is kept in the archived report.</source>
        <translation>Der Abschnitt {section} wird noch nicht gelesen. Er bleibt im archivierten Bericht erhalten.</translation>
    </message>
    <message>
        <source>A time stands in a time zone we do not know ({name}); it is read as New York time.</source>
        <translation>Eine Zeit steht in einer unbekannten Zeitzone ({name}); sie wird als New Yorker Zeit gelesen.</translation>
    </message>
    <message>
        <source>A fill in {section} lacks fields; switch on all fields of this section in the query.</source>
        <translation>Einer Ausführung in {section} fehlen Felder; schalten Sie in der Abfrage alle Felder dieses Abschnitts ein.</translation>
    </message>
    <message>
        <source>Summary rows over several accounts were left out, so that nothing counts twice.</source>
        <translation>Summenzeilen über mehrere Konten wurden ausgelassen, damit nichts doppelt zählt.</translation>
    </message>
    <message>
        <source>IBKR&apos;s proceeds are not quantity times price; IBKR&apos;s figure is used.</source>
        <translation>IBKRs Erlös ist nicht Anzahl mal Kurs; IBKRs Zahl gilt.</translation>
    </message>
    <message>
        <source>A commission is in another currency than its trade.</source>
        <translation>Eine Provision hat eine andere Währung als ihr Trade.</translation>
    </message>
    <message>
        <source>Fills without a commission: switch on the field IB Commission in the query.</source>
        <translation>Ausführungen ohne Provision: Schalten Sie in der Abfrage das Feld IB-Provision (IB Commission) ein.</translation>
    </message>
    <message>
        <source>A split concerns a position that the reports do not show.</source>
        <translation>Ein Split betrifft eine Position, die die Berichte nicht zeigen.</translation>
    </message>
    <message>
        <source>A corporate action is not understood yet; the position may differ from IBKR&apos;s.</source>
        <translation>Eine Kapitalmaßnahme wird noch nicht verstanden; die Position kann von IBKRs abweichen.</translation>
    </message>
    <message>
        <source>A corporate action or transfer does not fit the position that it meets; it is not applied.</source>
        <translation>Eine Kapitalmaßnahme oder ein Übertrag passt nicht zur Position, die davon betroffen ist, und wird nicht angewandt.</translation>
    </message>
    <message>
        <source>A corporate action or transfer is in another currency and no report has the rate; it is not applied.</source>
        <translation>Eine Kapitalmaßnahme oder ein Übertrag lautet auf eine andere Währung, deren Kurs kein Bericht nennt, und wird nicht angewandt.</translation>
    </message>
    <message>
        <source>Units came from elsewhere, and no report says what they had cost.</source>
        <translation>Stücke kamen von anderswo, und kein Bericht sagt, was sie gekostet haben.</translation>
    </message>
    <message>
        <source>Cash came with an exchange of shares, and no report says what it earned; it lowers the cost.</source>
        <translation>Mit einem Umtausch kam Bargeld, und kein Bericht sagt, was damit verdient wurde; es mindert die Einstandskosten.</translation>
    </message>
    <message>
        <source>A report of open positions contradicts the fills; nothing is concluded from it.</source>
        <translation>Ein Bericht über offene Positionen widerspricht den Ausführungen; aus ihm wird nichts gefolgert.</translation>
    </message>
    <message>
        <source>A fill has the quantity zero and is left out.</source>
        <translation>Eine Ausführung hat die Anzahl null und wird ausgelassen.</translation>
    </message>
    <message>
        <source>A fill closes and opens at once, but the position before it is not known.</source>
        <translation>Eine Ausführung schließt und eröffnet zugleich, aber die Position davor ist nicht bekannt.</translation>
    </message>
    <message>
        <source>A trade began before the first report; its result is IBKR&apos;s own.</source>
        <translation>Ein Trade begann vor dem ersten Bericht; sein Ergebnis ist IBKRs eigenes.</translation>
    </message>
    <message>
        <source>A trade began before the first report and IBKR gives no result for it.</source>
        <translation>Ein Trade begann vor dem ersten Bericht, und IBKR nennt kein Ergebnis dafür.</translation>
    </message>
    <message>
        <source>The report covers other days than were asked for.</source>
        <translation>Der Bericht umfasst andere Tage als angefragt.</translation>
    </message>
    <message>
        <source>Accounts of another depot were left out: {accounts}.</source>
        <translation>Konten eines anderen Depots wurden ausgelassen: {accounts}.</translation>
    </message>
    <message>
        <source>Fills that an earlier report had are missing in this one; they are marked and left out.</source>
        <translation>Ausführungen eines früheren Berichts fehlen in diesem; sie sind markiert und zählen nicht.</translation>
    </message>
    <message>
        <source>A cancellation concerns a fill that no report shows.</source>
        <translation>Eine Stornierung betrifft eine Ausführung, die kein Bericht zeigt.</translation>
    </message>
    <message>
        <source>Corporate actions that change a position are not in the trades yet; quantity and result of these instruments can be off.</source>
        <translation>Kapitalmaßnahmen, die eine Position ändern, sind in den Trades noch nicht enthalten; Stückzahl und Ergebnis dieser Instrumente können abweichen.</translation>
    </message>
    <message>
        <source>IBKR flags a fill as an opening, but by the fills before it closes a position; it is booked as a close.</source>
        <translation>IBKR kennzeichnet eine Ausführung als Eröffnung, nach den Ausführungen davor schließt sie aber eine Position; sie ist als Schließung gebucht.</translation>
    </message>
    <message>
        <source>What a cancelled fill cost is taken over by no other fill; it is counted in no trade.</source>
        <translation>Die Kosten einer stornierten Ausführung übernimmt keine andere; sie zählen zu keinem Trade.</translation>
    </message>
    <message>
        <source>Note: {code}</source>
        <translation>Hinweis: {code}</translation>
    </message>
    <message>
        <source>We do not ask IBKR again before {retry_at}, unless you enter something new here.</source>
        <translation>Wir fragen IBKR nicht vor {retry_at} wieder, außer Sie geben hier etwas Neues ein.</translation>
    </message>
    <message>
        <source>Renew token</source>
        <translation>Prüfcode erneuern</translation>
    </message>
    <message>
        <source>Edit depot</source>
        <translation>Depot bearbeiten</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>Erneut versuchen</translation>
    </message>
    <message>
        <source>Show backups</source>
        <translation>Sicherungen anzeigen</translation>
    </message>
    <message>
        <source>Enter token</source>
        <translation>Prüfcode eingeben</translation>
    </message>
    <message>
        <source>Everything here still works. Please try again in a few minutes.</source>
        <translation>Hier funktioniert weiter alles. Bitte versuchen Sie es in einigen Minuten erneut.</translation>
    </message>
    <message>
        <source>The token has expired.</source>
        <translation>Der Prüfcode ist abgelaufen.</translation>
    </message>
    <message>
        <source>IBKR no longer accepts the token of {depot} (code 1012).</source>
        <translation>IBKR nimmt den Prüfcode von {depot} nicht mehr an (Code 1012).</translation>
    </message>
    <message>
        <source>Generate a new token at IBKR and enter it here; the query ids stay valid.</source>
        <translation>Erzeugen Sie bei IBKR einen neuen Prüfcode und tragen Sie ihn hier ein; die Abfrage-IDs bleiben gültig.</translation>
    </message>
    <message>
        <source>The token is not valid.</source>
        <translation>Der Prüfcode ist ungültig.</translation>
    </message>
    <message>
        <source>IBKR does not know the token of {depot} (code 1015): it is mistyped, or a newer one has replaced it.</source>
        <translation>IBKR kennt den Prüfcode von {depot} nicht (Code 1015): Er ist falsch eingegeben oder durch einen neueren ersetzt.</translation>
    </message>
    <message>
        <source>Copy the current token at IBKR, or generate a new one, and enter it here.</source>
        <translation>Kopieren Sie bei IBKR den Aktiven Prüfcode oder erzeugen Sie einen neuen und tragen Sie ihn hier ein.</translation>
    </message>
    <message>
        <source>The token is tied to another address.</source>
        <translation>Der Prüfcode gilt für eine andere Adresse.</translation>
    </message>
    <message>
        <source>IBKR accepts this token only from the IP address that was entered with it (code 1013).</source>
        <translation>IBKR nimmt diesen Prüfcode nur von der IP-Adresse an, die mit ihm eingetragen wurde (Code 1013).</translation>
    </message>
    <message>
        <source>Generate a token without an IP address at IBKR, or with the address of this connection.</source>
        <translation>Erzeugen Sie bei IBKR einen Prüfcode ohne IP-Adresse oder mit der Adresse dieses Anschlusses.</translation>
    </message>
    <message>
        <source>The Flex Web Service is switched off.</source>
        <translation>Der Flex-Web-Service ist ausgeschaltet.</translation>
    </message>
    <message>
        <source>IBKR says that the service is not active for this login (code 1011).</source>
        <translation>IBKR meldet, dass der Dienst für diese Anmeldung nicht aktiv ist (Code 1011).</translation>
    </message>
    <message>
        <source>Switch it on under Performance &amp; Reports → Flex Queries → Flex Web Service, then generate a token.</source>
        <translation>Schalten Sie ihn unter Performance &amp; Berichte → Flex-Queries → Flex-Web-Service ein und erzeugen Sie dann einen Prüfcode.</translation>
    </message>
    <message>
        <source>IBKR has locked the token.</source>
        <translation>IBKR hat den Prüfcode gesperrt.</translation>
    </message>
    <message>
        <source>There were too many failed requests (code 1025). Each further request prolongs the lock, so we stop asking.</source>
        <translation>Es gab zu viele fehlgeschlagene Anfragen (Code 1025). Jede weitere verlängert die Sperre, daher fragen wir nicht mehr.</translation>
    </message>
    <message>
        <source>Check the query ids, then generate a new token at IBKR and enter it here.</source>
        <translation>Prüfen Sie die Abfrage-IDs, erzeugen Sie dann bei IBKR einen neuen Prüfcode und tragen Sie ihn hier ein.</translation>
    </message>
    <message>
        <source>We stopped asking IBKR for today.</source>
        <translation>Für heute fragen wir IBKR nicht mehr.</translation>
    </message>
    <message>
        <source>{failures} requests with this token failed; IBKR locks a token that fails too often.</source>
        <translation>{failures} Anfragen mit diesem Prüfcode sind fehlgeschlagen; IBKR sperrt einen Prüfcode, der zu oft scheitert.</translation>
    </message>
    <message>
        <source>Check token and query ids. The next request is possible from {retry_at}.</source>
        <translation>Prüfen Sie Prüfcode und Abfrage-IDs. Die nächste Anfrage ist ab {retry_at} möglich.</translation>
    </message>
    <message>
        <source>IBKR has trouble, so we ask no more for now.</source>
        <translation>IBKR hat Schwierigkeiten, daher fragen wir vorerst nicht mehr an.</translation>
    </message>
    <message>
        <source>IBKR could not make the report {failures} times within a day, for reasons of its own. It locks a token that goes on asking.</source>
        <translation>IBKR konnte den Bericht innerhalb eines Tages {failures}-mal aus eigenen Gründen nicht erstellen. Einen Prüfcode, mit dem weiter angefragt wird, sperrt IBKR.</translation>
    </message>
    <message>
        <source>Nothing of yours is wrong, and there is nothing to mend. ibjournal rests until {retry_at}; everything here still works.</source>
        <translation>Bei Ihnen ist nichts falsch, und Sie müssen nichts ändern. ibjournal pausiert bis {retry_at}; alles hier funktioniert weiter.</translation>
    </message>
    <message>
        <source>A query id is wrong.</source>
        <translation>Eine Abfrage-ID ist falsch.</translation>
    </message>
    <message>
        <source>IBKR does not know the query {query} of {depot} (code 1014).</source>
        <translation>IBKR kennt die Abfrage {query} von {depot} nicht (Code 1014).</translation>
    </message>
    <message>
        <source>The query is of an old kind.</source>
        <translation>Die Abfrage ist veraltet.</translation>
    </message>
    <message>
        <source>IBKR no longer serves legacy Flex queries (code 1010).</source>
        <translation>IBKR bedient alte Flex-Queries nicht mehr (Code 1010).</translation>
    </message>
    <message>
        <source>Create an Activity Flex Query at IBKR and enter its id.</source>
        <translation>Legen Sie bei IBKR eine Kontoumsatz-Flex-Query an und tragen Sie ihre Abfrage-ID ein.</translation>
    </message>
    <message>
        <source>The query names an account that is not valid.</source>
        <translation>Die Abfrage nennt ein ungültiges Konto.</translation>
    </message>
    <message>
        <source>IBKR refuses an account of the query {query} (code 1016).</source>
        <translation>IBKR lehnt ein Konto der Abfrage {query} ab (Code 1016).</translation>
    </message>
    <message>
        <source>Open the query at IBKR, choose its accounts again and save it.</source>
        <translation>Öffnen Sie die Abfrage bei IBKR, wählen Sie ihre Konten neu und speichern Sie sie.</translation>
    </message>
    <message>
        <source>IBKR did not accept the request.</source>
        <translation>IBKR hat die Anfrage nicht angenommen.</translation>
    </message>
    <message>
        <source>It could not be validated (code 1020). This happens with a token or a query made minutes ago.</source>
        <translation>Sie konnte nicht geprüft werden (Code 1020). Das geschieht bei einem Prüfcode oder einer Abfrage, die erst Minuten alt sind.</translation>
    </message>
    <message>
        <source>Please wait ten minutes and try again; then check token and query ids.</source>
        <translation>Bitte warten Sie zehn Minuten und versuchen Sie es erneut; prüfen Sie dann Prüfcode und Abfrage-IDs.</translation>
    </message>
    <message>
        <source>The query delivers text instead of XML.</source>
        <translation>Die Abfrage liefert Text statt XML.</translation>
    </message>
    <message>
        <source>The answer to the query {query} is a CSV file.</source>
        <translation>Die Antwort auf die Abfrage {query} ist eine CSV-Datei.</translation>
    </message>
    <message>
        <source>Open the query at IBKR, set its format to XML and save it.</source>
        <translation>Öffnen Sie die Abfrage bei IBKR, stellen Sie ihr Format auf XML und speichern Sie sie.</translation>
    </message>
    <message>
        <source>IBKR cannot make the report now.</source>
        <translation>IBKR kann den Bericht jetzt nicht erstellen.</translation>
    </message>
    <message>
        <source>The service answered that it cannot generate the statement at this time (code 1001).</source>
        <translation>Der Dienst meldet, dass er den Bericht derzeit nicht erstellen kann (Code 1001).</translation>
    </message>
    <message>
        <source>The report is not available.</source>
        <translation>Der Bericht ist nicht verfügbar.</translation>
    </message>
    <message>
        <source>IBKR has no statement for the days asked for (code 1003).</source>
        <translation>IBKR hat für die angefragten Tage keinen Bericht (Code 1003).</translation>
    </message>
    <message>
        <source>Reports of a day appear the next morning, New York time. Please try again then.</source>
        <translation>Berichte eines Tages erscheinen am nächsten Morgen New Yorker Zeit. Bitte versuchen Sie es dann erneut.</translation>
    </message>
    <message>
        <source>The report is not complete yet.</source>
        <translation>Der Bericht ist noch nicht vollständig.</translation>
    </message>
    <message>
        <source>IBKR is still putting the statement together (code 1004).</source>
        <translation>IBKR stellt den Bericht noch zusammen (Code 1004).</translation>
    </message>
    <message>
        <source>IBKR&apos;s settlement data is not ready.</source>
        <translation>IBKRs Abwicklungsdaten sind noch nicht bereit.</translation>
    </message>
    <message>
        <source>The report needs data that IBKR has not finished yet (code 1005).</source>
        <translation>Der Bericht braucht Daten, mit denen IBKR noch nicht fertig ist (Code 1005).</translation>
    </message>
    <message>
        <source>IBKR&apos;s profit and loss data is not ready.</source>
        <translation>IBKRs Gewinn- und Verlustdaten sind noch nicht bereit.</translation>
    </message>
    <message>
        <source>The report needs data that IBKR has not finished yet (code 1006).</source>
        <translation>Der Bericht braucht Daten, mit denen IBKR noch nicht fertig ist (Code 1006).</translation>
    </message>
    <message>
        <source>IBKR&apos;s valuation is not ready.</source>
        <translation>IBKRs Bewertung ist noch nicht bereit.</translation>
    </message>
    <message>
        <source>The report needs data that IBKR has not finished yet (code 1007).</source>
        <translation>Der Bericht braucht Daten, mit denen IBKR noch nicht fertig ist (Code 1007).</translation>
    </message>
    <message>
        <source>The report needs data that IBKR has not finished yet (code 1008).</source>
        <translation>Der Bericht braucht Daten, mit denen IBKR noch nicht fertig ist (Code 1008).</translation>
    </message>
    <message>
        <source>IBKR is busy.</source>
        <translation>IBKR ist ausgelastet.</translation>
    </message>
    <message>
        <source>The service is under heavy load (code 1009).</source>
        <translation>Der Dienst ist stark ausgelastet (Code 1009).</translation>
    </message>
    <message>
        <source>IBKR lost the request.</source>
        <translation>IBKR hat die Anfrage verloren.</translation>
    </message>
    <message>
        <source>The service no longer knows the report it promised (code 1017).</source>
        <translation>Der Dienst kennt den zugesagten Bericht nicht mehr (Code 1017).</translation>
    </message>
    <message>
        <source>Too many requests with this token.</source>
        <translation>Zu viele Anfragen mit diesem Prüfcode.</translation>
    </message>
    <message>
        <source>IBKR allows one request a second and ten a minute (code 1018). Another program may use the same token.</source>
        <translation>IBKR erlaubt eine Anfrage je Sekunde und zehn je Minute (Code 1018). Vielleicht nutzt ein anderes Programm denselben Prüfcode.</translation>
    </message>
    <message>
        <source>IBKR is still making the report.</source>
        <translation>IBKR erstellt den Bericht noch.</translation>
    </message>
    <message>
        <source>The statement is being generated (code 1019).</source>
        <translation>Der Bericht wird erstellt (Code 1019).</translation>
    </message>
    <message>
        <source>IBKR could not hand over the report.</source>
        <translation>IBKR konnte den Bericht nicht übergeben.</translation>
    </message>
    <message>
        <source>The statement could not be retrieved at this time (code 1021).</source>
        <translation>Der Bericht konnte derzeit nicht abgeholt werden (Code 1021).</translation>
    </message>
    <message>
        <source>IBKR did not finish the report in time.</source>
        <translation>IBKR wurde mit dem Bericht nicht rechtzeitig fertig.</translation>
    </message>
    <message>
        <source>We waited {seconds} seconds for it.</source>
        <translation>Wir haben {seconds} Sekunden darauf gewartet.</translation>
    </message>
    <message>
        <source>IBKR answered with an error we do not know.</source>
        <translation>IBKR hat mit einem unbekannten Fehler geantwortet.</translation>
    </message>
    <message>
        <source>Code {number}: {text}</source>
        <translation>Code {number}: {text}</translation>
    </message>
    <message>
        <source>Please try again later. What is stored here is not affected.</source>
        <translation>Bitte versuchen Sie es später erneut. Was hier gespeichert ist, ist nicht betroffen.</translation>
    </message>
    <message>
        <source>IBKR cannot be reached.</source>
        <translation>IBKR ist nicht erreichbar.</translation>
    </message>
    <message>
        <source>There is no connection to the service.</source>
        <translation>Es gibt keine Verbindung zum Dienst.</translation>
    </message>
    <message>
        <source>Check the network connection. Everything here still works without it.</source>
        <translation>Prüfen Sie die Netzwerkverbindung. Hier funktioniert auch ohne sie alles.</translation>
    </message>
    <message>
        <source>The address of the service could not be looked up; the computer seems to be offline.</source>
        <translation>Die Adresse des Dienstes ließ sich nicht ermitteln; der Computer ist offenbar offline.</translation>
    </message>
    <message>
        <source>The connection to IBKR broke off.</source>
        <translation>Die Verbindung zu IBKR ist abgebrochen.</translation>
    </message>
    <message>
        <source>The service closed the connection before it had answered.</source>
        <translation>Der Dienst hat die Verbindung vor der Antwort geschlossen.</translation>
    </message>
    <message>
        <source>IBKR did not answer.</source>
        <translation>IBKR hat nicht geantwortet.</translation>
    </message>
    <message>
        <source>The answer did not come in time.</source>
        <translation>Die Antwort kam nicht rechtzeitig.</translation>
    </message>
    <message>
        <source>The connection to IBKR is not secure.</source>
        <translation>Die Verbindung zu IBKR ist nicht sicher.</translation>
    </message>
    <message>
        <source>The certificate of the other side could not be verified, so nothing was sent.</source>
        <translation>Das Zertifikat der Gegenseite ließ sich nicht prüfen, daher wurde nichts gesendet.</translation>
    </message>
    <message>
        <source>Check the computer&apos;s clock, and whether a proxy or a virus scanner opens secure connections.</source>
        <translation>Prüfen Sie die Uhr des Computers und ob ein Proxy oder Virenscanner sichere Verbindungen aufbricht.</translation>
    </message>
    <message>
        <source>The proxy refused the connection.</source>
        <translation>Der Proxy hat die Verbindung abgelehnt.</translation>
    </message>
    <message>
        <source>The proxy of this computer did not let the request through.</source>
        <translation>Der Proxy dieses Computers hat die Anfrage nicht durchgelassen.</translation>
    </message>
    <message>
        <source>Check the proxy in the system&apos;s network settings. A proxy that asks for a name and a password needs them in its address: http://name:password@proxy:port in the variable HTTPS_PROXY. SOCKS proxies are not supported.</source>
        <translation>Prüfen Sie den Proxy in den Netzwerkeinstellungen des Systems. Ein Proxy, der nach Name und Kennwort fragt, braucht sie in seiner Adresse: http://Name:Kennwort@Proxy:Port in der Variable HTTPS_PROXY. SOCKS-Proxys werden nicht unterstützt.</translation>
    </message>
    <message>
        <source>IBKR&apos;s service is down.</source>
        <translation>IBKRs Dienst ist gestört.</translation>
    </message>
    <message>
        <source>It answered with HTTP status {status}.</source>
        <translation>Er hat mit dem HTTP-Status {status} geantwortet.</translation>
    </message>
    <message>
        <source>IBKR&apos;s service refused the request.</source>
        <translation>IBKRs Dienst hat die Anfrage abgelehnt.</translation>
    </message>
    <message>
        <source>The request was sent elsewhere.</source>
        <translation>Die Anfrage wurde umgeleitet.</translation>
    </message>
    <message>
        <source>The answer pointed to another address (HTTP status {status}). We do not follow it, to protect the token.</source>
        <translation>Die Antwort verwies auf eine andere Adresse (HTTP-Status {status}). Zum Schutz des Prüfcodes folgen wir ihr nicht.</translation>
    </message>
    <message>
        <source>Are you in a network with a login page? Log in there first, then try again.</source>
        <translation>Sind Sie in einem Netz mit Anmeldeseite? Melden Sie sich zuerst dort an und versuchen Sie es erneut.</translation>
    </message>
    <message>
        <source>The answer names a foreign address.</source>
        <translation>Die Antwort nennt eine fremde Adresse.</translation>
    </message>
    <message>
        <source>The token goes to interactivebrokers.com only, so nothing was sent there.</source>
        <translation>Der Prüfcode geht nur an interactivebrokers.com, daher wurde dorthin nichts gesendet.</translation>
    </message>
    <message>
        <source>Please try again later. If it happens again, check the network you are in.</source>
        <translation>Bitte versuchen Sie es später erneut. Geschieht es wieder, prüfen Sie das Netz, in dem Sie sind.</translation>
    </message>
    <message>
        <source>A web page came instead of a report.</source>
        <translation>Statt eines Berichts kam eine Webseite.</translation>
    </message>
    <message>
        <source>IBKR is under maintenance, or the network shows a login page.</source>
        <translation>IBKR wird gewartet, oder das Netz zeigt eine Anmeldeseite.</translation>
    </message>
    <message>
        <source>IBKR&apos;s answer was empty.</source>
        <translation>IBKRs Antwort war leer.</translation>
    </message>
    <message>
        <source>The service answered without any content.</source>
        <translation>Der Dienst hat ohne Inhalt geantwortet.</translation>
    </message>
    <message>
        <source>The report arrived incomplete.</source>
        <translation>Der Bericht kam unvollständig an.</translation>
    </message>
    <message>
        <source>The connection ended before the end of the report. Nothing of it was taken in.</source>
        <translation>Die Verbindung endete vor dem Ende des Berichts. Nichts davon wurde übernommen.</translation>
    </message>
    <message>
        <source>IBKR&apos;s answer cannot be understood.</source>
        <translation>IBKRs Antwort ist nicht verständlich.</translation>
    </message>
    <message>
        <source>It is neither a report nor one of the known messages.</source>
        <translation>Sie ist weder ein Bericht noch eine der bekannten Meldungen.</translation>
    </message>
    <message>
        <source>The report is too large.</source>
        <translation>Der Bericht ist zu groß.</translation>
    </message>
    <message>
        <source>The answer is larger than we accept ({limit} bytes).</source>
        <translation>Die Antwort ist größer, als wir annehmen ({limit} Byte).</translation>
    </message>
    <message>
        <source>Choose a shorter period in the query at IBKR.</source>
        <translation>Wählen Sie in der Query bei IBKR einen kürzeren Zeitraum.</translation>
    </message>
    <message>
        <source>The request failed.</source>
        <translation>Die Anfrage ist fehlgeschlagen.</translation>
    </message>
    <message>
        <source>The connection to IBKR failed for a technical reason ({kind}).</source>
        <translation>Die Verbindung zu IBKR ist aus einem technischen Grund gescheitert ({kind}).</translation>
    </message>
</context>
<context>
    <name>EventPane</name>
    <message>
        <source>No event selected</source>
        <translation>Kein Ereignis gewählt</translation>
    </message>
    <message>
        <source>Splits, mergers, transfers and the like stand here with what they did.</source>
        <translation>Splits, Fusionen, Überträge und Ähnliches stehen hier mit dem, was sie bewirkt haben.</translation>
    </message>
    <message>
        <source>IBKR’s words</source>
        <translation>IBKRs Worte</translation>
    </message>
    <message>
        <source>What it did</source>
        <translation>Was es bewirkte</translation>
    </message>
    <message>
        <source>Show the rows</source>
        <translation>Zeilen anzeigen</translation>
    </message>
    <message>
        <source>{what}: {ratio} new for one old.</source>
        <translation>{what}: {ratio} neue für ein altes.</translation>
    </message>
</context>
<context>
    <name>Events</name>
    <message>
        <source>Bond conversion</source>
        <translation>Wandlung einer Anleihe</translation>
    </message>
    <message>
        <source>Bond matured</source>
        <translation>Anleihe fällig</translation>
    </message>
    <message>
        <source>Contract, cash compensation</source>
        <translation>Kontrakt, Barausgleich</translation>
    </message>
    <message>
        <source>Contract consolidation</source>
        <translation>Zusammenlegung von Kontrakten</translation>
    </message>
    <message>
        <source>Cash dividend</source>
        <translation>Bardividende</translation>
    </message>
    <message>
        <source>Dividend by choice</source>
        <translation>Wahldividende</translation>
    </message>
    <message>
        <source>Convertible issue</source>
        <translation>Ausgabe einer Wandelanleihe</translation>
    </message>
    <message>
        <source>Contract spin-off</source>
        <translation>Abspaltung bei einem Kontrakt</translation>
    </message>
    <message>
        <source>Coupon payment</source>
        <translation>Kuponzahlung</translation>
    </message>
    <message>
        <source>Contract split</source>
        <translation>Split eines Kontrakts</translation>
    </message>
    <message>
        <source>CFD terminated</source>
        <translation>CFD beendet</translation>
    </message>
    <message>
        <source>Issue of dividend rights</source>
        <translation>Ausgabe von Dividendenrechten</translation>
    </message>
    <message>
        <source>Delisted, worthless</source>
        <translation>Delisting, wertlos</translation>
    </message>
    <message>
        <source>Dividend right expired</source>
        <translation>Dividendenrecht verfallen</translation>
    </message>
    <message>
        <source>Fee allocation</source>
        <translation>Gebührenumlage</translation>
    </message>
    <message>
        <source>Split, new shares issued</source>
        <translation>Split mit Ausgabe neuer Aktien</translation>
    </message>
    <message>
        <source>Split</source>
        <translation>Split</translation>
    </message>
    <message>
        <source>Voluntary offer</source>
        <translation>Freiwilliges Angebot</translation>
    </message>
    <message>
        <source>Choice dividend delivered</source>
        <translation>Wahldividende geliefert</translation>
    </message>
    <message>
        <source>Choice dividend issued</source>
        <translation>Wahldividende ausgegeben</translation>
    </message>
    <message>
        <source>New symbol or ISIN</source>
        <translation>Neues Symbol oder neue ISIN</translation>
    </message>
    <message>
        <source>Asset purchase</source>
        <translation>Übernahme von Vermögenswerten</translation>
    </message>
    <message>
        <source>Issue against payment</source>
        <translation>Ausgabe gegen Zahlung</translation>
    </message>
    <message>
        <source>Proxy vote</source>
        <translation>Stimmrecht</translation>
    </message>
    <message>
        <source>Issue of rights</source>
        <translation>Ausgabe von Bezugsrechten</translation>
    </message>
    <message>
        <source>Reverse split</source>
        <translation>Reverse Split</translation>
    </message>
    <message>
        <source>Stock dividend</source>
        <translation>Stockdividende</translation>
    </message>
    <message>
        <source>Spin-off</source>
        <translation>Abspaltung</translation>
    </message>
    <message>
        <source>Rights subscribed</source>
        <translation>Bezugsrechte ausgeübt</translation>
    </message>
    <message>
        <source>Merger or maturity</source>
        <translation>Fusion oder Fälligkeit</translation>
    </message>
    <message>
        <source>Tender, new shares issued</source>
        <translation>Übernahmeangebot mit neuen Aktien</translation>
    </message>
    <message>
        <source>Treasury bill matured</source>
        <translation>US-Schatzwechsel fällig</translation>
    </message>
    <message>
        <source>Tender offer</source>
        <translation>Übernahmeangebot</translation>
    </message>
    <message>
        <source>Transfer between own accounts</source>
        <translation>Übertrag zwischen eigenen Konten</translation>
    </message>
    <message>
        <source>Transfer from or to a broker (ACATS)</source>
        <translation>Übertrag von oder zu einem Broker (ACATS)</translation>
    </message>
    <message>
        <source>Transfer from or to a broker (ATON)</source>
        <translation>Übertrag von oder zu einem Broker (ATON)</translation>
    </message>
    <message>
        <source>Transfer free of payment</source>
        <translation>Übertrag ohne Zahlung (FOP)</translation>
    </message>
    <message>
        <source>Transfer to or from the registrar (DWAC)</source>
        <translation>Übertrag zum oder vom Register (DWAC)</translation>
    </message>
    <message>
        <source>Transfer to or from the registrar (DRS)</source>
        <translation>Übertrag zum oder vom Register (DRS)</translation>
    </message>
    <message>
        <source>Trade transferred</source>
        <translation>Trade übertragen</translation>
    </message>
    <message>
        <source>Account with a new number</source>
        <translation>Konto mit neuer Nummer</translation>
    </message>
    <message>
        <source>Units change, cost and result stay</source>
        <translation>Stückzahl ändert sich, Einstand und Ergebnis bleiben</translation>
    </message>
    <message>
        <source>Lots move with their cost and dates</source>
        <translation>Posten ziehen um, mit Einstand und Datum</translation>
    </message>
    <message>
        <source>A part of the cost goes to the new units</source>
        <translation>Ein Teil des Einstands geht auf die neuen Stücke über</translation>
    </message>
    <message>
        <source>Units were received</source>
        <translation>Stücke wurden geliefert</translation>
    </message>
    <message>
        <source>The position was closed</source>
        <translation>Die Position wurde geschlossen</translation>
    </message>
    <message>
        <source>Units came from elsewhere</source>
        <translation>Stücke kamen von anderswo</translation>
    </message>
    <message>
        <source>Lots left with their cost</source>
        <translation>Posten gingen ab, mit ihrem Einstand</translation>
    </message>
    <message>
        <source>Not understood</source>
        <translation>Nicht verstanden</translation>
    </message>
    <message>
        <source>Events</source>
        <translation>Ereignisse</translation>
    </message>
    <message>
        <source>Currency conversions</source>
        <translation>Währungsumrechnungen</translation>
    </message>
    <message>
        <source>Day</source>
        <translation>Tag</translation>
    </message>
    <message>
        <source>Event</source>
        <translation>Ereignis</translation>
    </message>
    <message>
        <source>Symbols</source>
        <translation>Symbole</translation>
    </message>
    <message>
        <source>State</source>
        <translation>Stand</translation>
    </message>
    <message>
        <source>Pair</source>
        <translation>Paar</translation>
    </message>
    <message>
        <source>Days</source>
        <translation>Tage</translation>
    </message>
    <message>
        <source>Conversions</source>
        <translation>Umrechnungen</translation>
    </message>
    <message>
        <source>Counts as</source>
        <translation>Gilt als</translation>
    </message>
    <message>
        <source>trades</source>
        <translation>Trades</translation>
    </message>
    <message>
        <source>conversions</source>
        <translation>Umrechnungen</translation>
    </message>
    <message>
        <source>{count}, {automatic} automatic</source>
        <translation>{count}, {automatic} automatisch</translation>
    </message>
    <message>
        <source>applied</source>
        <translation>angewandt</translation>
    </message>
    <message>
        <source>cost asked</source>
        <translation>Einstand gefragt</translation>
    </message>
    <message>
        <source>not applied</source>
        <translation>nicht angewandt</translation>
    </message>
    <message>
        <source>no effect</source>
        <translation>ohne Wirkung</translation>
    </message>
</context>
<context>
    <name>EventsPart</name>
    <message>
        <source>No events</source>
        <translation>Keine Ereignisse</translation>
    </message>
    <message>
        <source>No split, merger or transfer stands in the reports of this period.</source>
        <translation>In den Berichten dieses Zeitraums steht kein Split, keine Fusion und kein Übertrag.</translation>
    </message>
    <message>
        <source>{count} need you</source>
        <translation>{count} warten auf Sie</translation>
    </message>
    <message>
        <source>Events</source>
        <translation>Ereignisse</translation>
    </message>
    <message>
        <source>Currency conversions</source>
        <translation>Währungsumrechnungen</translation>
    </message>
    <message>
        <source>no trades, unless you say so</source>
        <translation>keine Trades, es sei denn, Sie sagen es</translation>
    </message>
    <message>
        <source>Accounts with a new number</source>
        <translation>Konten mit neuer Nummer</translation>
    </message>
    <message>
        <source>{old} goes on as {new}</source>
        <translation>{old} läuft weiter als {new}</translation>
    </message>
    <message>
        <source>Take back</source>
        <translation>Zurücknehmen</translation>
    </message>
    <message>
        <source>{old} looks as if it went on as {new}</source>
        <translation>{old} scheint als {new} weiterzulaufen</translation>
    </message>
    <message>
        <source>Link</source>
        <translation>Verbinden</translation>
    </message>
    <message>
        <source>Call them conversions</source>
        <translation>Als Umrechnungen führen</translation>
    </message>
    <message>
        <source>Call them trades</source>
        <translation>Als Trades führen</translation>
    </message>
</context>
<context>
    <name>ExpiryField</name>
    <message>
        <source>6 hours</source>
        <translation>6 Stunden</translation>
    </message>
    <message>
        <source>12 hours</source>
        <translation>12 Stunden</translation>
    </message>
    <message>
        <source>1 day</source>
        <translation>1 Tag</translation>
    </message>
    <message>
        <source>1 week</source>
        <translation>1 Woche</translation>
    </message>
    <message>
        <source>1 month</source>
        <translation>1 Monat</translation>
    </message>
    <message>
        <source>2 months</source>
        <translation>2 Monate</translation>
    </message>
    <message>
        <source>3 months</source>
        <translation>3 Monate</translation>
    </message>
    <message>
        <source>6 months</source>
        <translation>6 Monate</translation>
    </message>
    <message>
        <source>1 year</source>
        <translation>1 Jahr</translation>
    </message>
    <message>
        <source>until another day</source>
        <translation>bis zu einem anderen Tag</translation>
    </message>
    <message>
        <source>Chosen at IBKR</source>
        <translation>Bei IBKR gewählt</translation>
    </message>
    <message>
        <source>What you chose at IBKR under Should Expire After</source>
        <translation>Was Sie bei IBKR unter Should Expire After gewählt haben</translation>
    </message>
    <message>
        <source>Time of day</source>
        <translation>Uhrzeit</translation>
    </message>
    <message>
        <source>Fetching stops with it, soon. IBKR allows up to 1 year.</source>
        <translation>Mit ihm endet bald auch der Abruf. IBKR erlaubt bis zu 1 Jahr.</translation>
    </message>
</context>
<context>
    <name>ExplanationPane</name>
    <message>
        <source>Rows in the report</source>
        <translation>Zeilen im Bericht</translation>
    </message>
    <message>
        <source>Where from?</source>
        <translation>Woher?</translation>
    </message>
    <message>
        <source>Where does this number come from?</source>
        <translation>Woher kommt diese Zahl?</translation>
    </message>
    <message numerus="yes">
        <source>%Ln more under “Where from?”</source>
        <translation>
            <numerusform>%Ln weitere unter „Woher?“</numerusform>
            <numerusform>%Ln weitere unter „Woher?“</numerusform>
        </translation>
    </message>
    <message>
        <source>No check selected</source>
        <translation>Kein Vergleich gewählt</translation>
    </message>
    <message>
        <source>Choose a line to see how our figure and IBKR’s go together.</source>
        <translation>Wählen Sie eine Zeile, um zu sehen, wie unsere Zahl und die von IBKR zusammenhängen.</translation>
    </message>
    <message>
        <source>Checks below this line: {counts}.</source>
        <translation>Vergleiche unter dieser Zeile: {counts}.</translation>
    </message>
    <message>
        <source>Our figure and IBKR’s are the same, to half a cent.</source>
        <translation>Unsere Zahl und die von IBKR stimmen auf einen halben Cent überein.</translation>
    </message>
    <message>
        <source>The figures differ, and nothing in the reports says why.</source>
        <translation>Die Zahlen weichen voneinander ab, und nichts in den Berichten sagt, warum.</translation>
    </message>
    <message>
        <source>Ours</source>
        <translation>Unsere</translation>
    </message>
    <message>
        <source>Not explained</source>
        <translation>Nicht erklärt</translation>
    </message>
    <message>
        <source>IBKR</source>
        <translation>IBKR</translation>
    </message>
    <message>
        <source>Left after the explanation</source>
        <translation>Rest nach der Erklärung</translation>
    </message>
    <message>
        <source>Difference</source>
        <translation>Differenz</translation>
    </message>
</context>
<context>
    <name>Fatal</name>
    <message>
        <source>Put back the backup of {moment}</source>
        <translation>Die Sicherung vom {moment} zurückspielen</translation>
    </message>
    <message>
        <source>Begin anew from the archive</source>
        <translation>Aus dem Archiv neu beginnen</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>Erneut versuchen</translation>
    </message>
    <message>
        <source>Data folder: {folder}</source>
        <translation>Datenordner: {folder}</translation>
    </message>
    <message>
        <source>The damaged file is kept. Reports that came since the backup are taken in again from the archive, and notes that can still be read are taken over. Without a backup, so are the depots.</source>
        <translation>Die beschädigte Datei wird aufgehoben. Berichte, die seit der Sicherung kamen, werden aus dem Archiv wieder eingelesen, und Notizen, die noch lesbar sind, werden übernommen. Ohne Sicherung gilt das auch für die Depots.</translation>
    </message>
</context>
<context>
    <name>FetchPage</name>
    <message>
        <source>IBKR answers for this year and the four before, one year at a time. You may go on or close the wizard: the fetch runs in the background.</source>
        <translation>IBKR gibt Auskunft über dieses Jahr und die vier davor, Jahr für Jahr. Sie können fortfahren oder den Assistenten schließen: Der Abruf läuft im Hintergrund.</translation>
    </message>
    <message>
        <source>First fetch</source>
        <translation>Erster Abruf</translation>
    </message>
    <message>
        <source>What is fetched</source>
        <translation>Was abgerufen wird</translation>
    </message>
    <message>
        <source>Sto&amp;p</source>
        <translation>&amp;Anhalten</translation>
    </message>
    <message>
        <source>&amp;Try again</source>
        <translation>&amp;Noch einmal versuchen</translation>
    </message>
    <message>
        <source>Back to token and &amp;ids</source>
        <translation>Zurück zu Prüfcode und &amp;IDs</translation>
    </message>
    <message>
        <source>Progress of the fetch</source>
        <translation>Fortschritt des Abrufs</translation>
    </message>
    <message>
        <source>IBKR answers Flex queries from {year} on. If you kept XML files of the years before, drop them here, now or at any later time.</source>
        <translation>IBKR beantwortet Flex-Queries ab {year}. Haben Sie XML-Dateien der Jahre davor aufgehoben, ziehen Sie sie hierher, jetzt oder irgendwann später.</translation>
    </message>
    <message>
        <source>Older years</source>
        <translation>Ältere Jahre</translation>
    </message>
    <message>
        <source>IBKR allows ten requests a minute and takes up to a minute for a year. Nothing has to be watched: what arrived is kept, and a fetch that was stopped goes on where it ended.</source>
        <translation>IBKR erlaubt zehn Anfragen je Minute und braucht für ein Jahr bis zu einer Minute. Sie müssen nicht warten: Was da ist, bleibt, und ein angehaltener Abruf geht weiter, wo er aufgehört hat.</translation>
    </message>
    <message>
        <source>Why does it take so long?</source>
        <translation>Warum dauert das so lange?</translation>
    </message>
    <message>
        <source>The fetch goes on while you look around.</source>
        <translation>Der Abruf läuft weiter, während Sie sich umsehen.</translation>
    </message>
    <message>
        <source>Starting…</source>
        <translation>Wird gestartet …</translation>
    </message>
    <message>
        <source>The files of this depot</source>
        <translation>Die Dateien dieses Depots</translation>
    </message>
    <message>
        <source>Drop the XML files here, all at once or a few at a time, now or later. Each fill counts once.</source>
        <translation>Legen Sie die XML-Dateien hier ab, alle auf einmal oder nach und nach, jetzt oder später. Jede Ausführung zählt nur einmal.</translation>
    </message>
    <message>
        <source>&amp;Go on</source>
        <translation>&amp;Fortsetzen</translation>
    </message>
    <message>
        <source>The fetch was stopped. What arrived is kept; it can go on at any time.</source>
        <translation>Der Abruf wurde angehalten. Was da ist, bleibt; er kann jederzeit weitergehen.</translation>
    </message>
</context>
<context>
    <name>FigureStrip</name>
    <message>
        <source>Time-weighted return</source>
        <translation>Zeitgewichtete Rendite</translation>
    </message>
    <message>
        <source>Money-weighted</source>
        <translation>Geldgewichtet</translation>
    </message>
    <message>
        <source>Profit</source>
        <translation>Gewinn</translation>
    </message>
    <message>
        <source>Maximum drawdown</source>
        <translation>Größter Drawdown</translation>
    </message>
    <message>
        <source>Volatility</source>
        <translation>Volatilität</translation>
    </message>
    <message>
        <source>Sharpe · Sortino</source>
        <translation>Sharpe · Sortino</translation>
    </message>
    <message>
        <source>Win rate</source>
        <translation>Trefferquote</translation>
    </message>
    <message>
        <source>Where does this number come from?</source>
        <translation>Woher kommt diese Zahl?</translation>
    </message>
    <message>
        <source>Profit, {currency}</source>
        <translation>Gewinn, {currency}</translation>
    </message>
    <message>
        <source>without deposits</source>
        <translation>ohne Einzahlungen</translation>
    </message>
    <message>
        <source>{value} a year</source>
        <translation>{value} pro Jahr</translation>
    </message>
    <message>
        <source>a year, XIRR</source>
        <translation>pro Jahr, XIRR</translation>
    </message>
    <message>
        <source>over the period, XIRR</source>
        <translation>im Zeitraum, XIRR</translation>
    </message>
    <message>
        <source>now {value}</source>
        <translation>jetzt {value}</translation>
    </message>
    <message>
        <source>a year, {count} days, too few</source>
        <translation>pro Jahr, {count} Tage, zu wenige</translation>
    </message>
    <message>
        <source>a year, {count} days</source>
        <translation>pro Jahr, {count} Tage</translation>
    </message>
    <message>
        <source>risk-free {rate}, too few days</source>
        <translation>risikofrei {rate}, zu wenige Tage</translation>
    </message>
    <message>
        <source>risk-free {rate}</source>
        <translation>risikofrei {rate}</translation>
    </message>
    <message>
        <source>{wins} of {all} trades, too few</source>
        <translation>{wins} von {all} Trades, zu wenige</translation>
    </message>
    <message>
        <source>{wins} of {all} trades</source>
        <translation>{wins} von {all} Trades</translation>
    </message>
</context>
<context>
    <name>FileImport</name>
    <message>
        <source>Import reports</source>
        <translation>Berichte importieren</translation>
    </message>
    <message>
        <source>Flex reports (*.xml *.xml.gz *.gz)</source>
        <translation>Flex-Berichte (*.xml *.xml.gz *.gz)</translation>
    </message>
    <message>
        <source>All files (*)</source>
        <translation>Alle Dateien (*)</translation>
    </message>
    <message>
        <source>1 report taken in</source>
        <translation>1 Bericht übernommen</translation>
    </message>
    <message numerus="yes">
        <source>%Ln reports taken in</source>
        <translation>
            <numerusform>%Ln Bericht übernommen</numerusform>
            <numerusform>%Ln Berichte übernommen</numerusform>
        </translation>
    </message>
    <message>
        <source>1 new fill</source>
        <translation>1 neue Ausführung</translation>
    </message>
    <message numerus="yes">
        <source>%Ln new fills</source>
        <translation>
            <numerusform>%Ln neue Ausführung</numerusform>
            <numerusform>%Ln neue Ausführungen</numerusform>
        </translation>
    </message>
    <message>
        <source>Import finished.</source>
        <translation>Import abgeschlossen.</translation>
    </message>
    <message numerus="yes">
        <source>%Ln files could not be imported.</source>
        <translation>
            <numerusform>%Ln Datei ließ sich nicht importieren.</numerusform>
            <numerusform>%Ln Dateien ließen sich nicht importieren.</numerusform>
        </translation>
    </message>
    <message>
        <source>{files}. The reason for each stands under Reports.</source>
        <translation>{files}. Der Grund steht jeweils unter Berichte.</translation>
    </message>
</context>
<context>
    <name>FillsTable</name>
    <message>
        <source>Fills</source>
        <translation>Ausführungen</translation>
    </message>
    <message>
        <source>Where does this fill come from?</source>
        <translation>Woher kommt diese Ausführung?</translation>
    </message>
    <message>
        <source>Your time</source>
        <translation>Ihre Zeit</translation>
    </message>
    <message>
        <source>Trading day</source>
        <translation>Handelstag</translation>
    </message>
    <message>
        <source>Realised, as IBKR says</source>
        <translation>Realisiert laut IBKR</translation>
    </message>
    <message>
        <source>Exchange and order</source>
        <translation>Börse und Auftrag</translation>
    </message>
    <message>
        <source>Part of a fill of</source>
        <translation>Teil einer Ausführung über</translation>
    </message>
    <message>
        <source>Confirmation</source>
        <translation>Handelsbestätigung</translation>
    </message>
    <message>
        <source>Activity</source>
        <translation>Kontoumsatz</translation>
    </message>
    <message>
        <source>Known from</source>
        <translation>Bekannt aus</translation>
    </message>
    <message>
        <source>Report</source>
        <translation>Bericht</translation>
    </message>
    <message>
        <source>{field}, changed</source>
        <translation>{field}, geändert</translation>
    </message>
    <message>
        <source>Lots</source>
        <translation>Posten</translation>
    </message>
    <message>
        <source>New York</source>
        <translation>New York</translation>
    </message>
    <message>
        <source>Time of the fill in New York; the tooltip names your own time</source>
        <translation>Zeit der Ausführung in New York; beim Zeigen erscheint Ihre eigene Zeit</translation>
    </message>
    <message>
        <source>Qty</source>
        <translation>Anz.</translation>
    </message>
    <message>
        <source>Price</source>
        <translation>Kurs</translation>
    </message>
    <message>
        <source>Fees</source>
        <translation>Gebühren</translation>
    </message>
    <message>
        <source>Commission and taxes of this fill, as far as it belongs to the trade</source>
        <translation>Provision und Steuern dieser Ausführung, soweit sie zum Trade gehört</translation>
    </message>
    <message>
        <source>Codes</source>
        <translation>Codes</translation>
    </message>
    <message>
        <source>Opening or closing, and IBKR’s note codes</source>
        <translation>Eröffnend oder schließend und IBKRs Hinweiscodes</translation>
    </message>
    <message>
        <source>Net, {currency}</source>
        <translation>Netto, {currency}</translation>
    </message>
    <message>
        <source>Net</source>
        <translation>Netto</translation>
    </message>
    <message>
        <source>Entry</source>
        <translation>Einstieg</translation>
    </message>
    <message>
        <source>Exit</source>
        <translation>Ausstieg</translation>
    </message>
    <message>
        <source>{here} here, {new_york} in New York; trading day {day}</source>
        <translation>{here} hier, {new_york} in New York; Handelstag {day}</translation>
    </message>
    <message>
        <source>? – {closed}</source>
        <translation>? – {closed}</translation>
    </message>
</context>
<context>
    <name>FindingBox</name>
    <message>
        <source>It is missed in: {screen}.</source>
        <translation>Es fehlt unter: {screen}.</translation>
    </message>
    <message>
        <source>How to mend it</source>
        <translation>So ergänzen</translation>
    </message>
    <message>
        <source>Fold</source>
        <translation>Zuklappen</translation>
    </message>
</context>
<context>
    <name>FindingLine</name>
    <message>
        <source>What suffers: {screen}</source>
        <translation>Was darunter leidet: {screen}</translation>
    </message>
    <message>
        <source>How to mend it</source>
        <translation>So beheben Sie es</translation>
    </message>
    <message>
        <source>Edit depot</source>
        <translation>Depot bearbeiten</translation>
    </message>
</context>
<context>
    <name>FindingsPanel</name>
    <message>
        <source>Query doctor</source>
        <translation>Abfrage-Doktor</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>Kopieren</translation>
    </message>
    <message>
        <source>1 thing to mend at IBKR</source>
        <translation>1 Punkt, der bei IBKR zu beheben ist</translation>
    </message>
    <message numerus="yes">
        <source>%Ln things to mend at IBKR</source>
        <translation>
            <numerusform>%Ln Punkt, der bei IBKR zu beheben ist</numerusform>
            <numerusform>%Ln Punkte, die bei IBKR zu beheben sind</numerusform>
        </translation>
    </message>
    <message>
        <source>Activity query {id}</source>
        <translation>Kontoumsatz-Abfrage {id}</translation>
    </message>
    <message>
        <source>Trade Confirmation query {id}</source>
        <translation>Handelsbestätigungs-Abfrage {id}</translation>
    </message>
</context>
<context>
    <name>FolderPanel</name>
    <message>
        <source>Data folder</source>
        <translation>Datenordner</translation>
    </message>
    <message>
        <source>Database, archive and backups lie there. Moving it copies everything, compares the copy, and keeps the former folder until you delete it; tokens stay in the keyring.</source>
        <translation>Dort liegen Datenbank, Archiv und Sicherungen. Beim Verschieben wird alles kopiert und verglichen; der frühere Ordner bleibt, bis Sie ihn löschen. Prüfcodes bleiben im Schlüsselbund.</translation>
    </message>
    <message>
        <source>Open folder</source>
        <translation>Ordner öffnen</translation>
    </message>
    <message>
        <source>Move…</source>
        <translation>Verschieben …</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Progress</source>
        <translation>Fortschritt</translation>
    </message>
    <message>
        <source>This folder was given at the start of the program (--data-dir, or the demo), so the program does not move it: the next start would look for it here. To move it, end the program, move the folder by hand, and give the new one.</source>
        <translation>Dieser Ordner wurde beim Start des Programms angegeben (als Option oder von der Demo), darum verlegt das Programm ihn nicht: Der nächste Start würde ihn hier suchen. Um ihn zu verlegen, beenden Sie das Programm, verschieben Sie den Ordner von Hand und geben Sie den neuen an.</translation>
    </message>
    <message>
        <source>Delete the former folder…</source>
        <translation>Früheren Ordner löschen …</translation>
    </message>
    <message>
        <source>The journal was moved; what it was copied from is still in {folder}.</source>
        <translation>Das Journal wurde verschoben; die Vorlage der Kopie liegt noch in {folder}.</translation>
    </message>
    <message>
        <source>An empty folder for the journal</source>
        <translation>Ein leerer Ordner für das Journal</translation>
    </message>
    <message>
        <source>A fetch or an import is under way. Please try again when it has ended.</source>
        <translation>Ein Abruf oder Import läuft gerade. Bitte versuchen Sie es danach noch einmal.</translation>
    </message>
    <message>
        <source>Copying…</source>
        <translation>Wird kopiert …</translation>
    </message>
    <message>
        <source>Cancelled. The journal is where it was.</source>
        <translation>Abgebrochen. Das Journal ist, wo es war.</translation>
    </message>
    <message>
        <source>The journal lies in {folder} now.</source>
        <translation>Das Journal liegt jetzt in {folder}.</translation>
    </message>
    <message>
        <source>The program ends now. Please start it again; it finds the new place by itself.</source>
        <translation>Das Programm endet jetzt. Bitte starten Sie es neu; es findet den neuen Ort von selbst.</translation>
    </message>
    <message>
        <source>End the program</source>
        <translation>Programm beenden</translation>
    </message>
    <message>
        <source>Delete the former folder</source>
        <translation>Früheren Ordner löschen</translation>
    </message>
    <message>
        <source>Delete the journal in the former folder?</source>
        <translation>Das Journal im früheren Ordner löschen?</translation>
    </message>
    <message>
        <source>Database, archive, backups and logs there are deleted. The journal that is open is not touched.</source>
        <translation>Datenbank, Archiv, Sicherungen und Protokolldateien dort werden gelöscht. Das geöffnete Journal wird nicht berührt.</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>Löschen</translation>
    </message>
    <message>
        <source>Keep</source>
        <translation>Behalten</translation>
    </message>
</context>
<context>
    <name>Foot</name>
    <message>
        <source>&amp;Set up later</source>
        <translation>&amp;Später einrichten</translation>
    </message>
    <message>
        <source>&amp;Back</source>
        <translation>&amp;Zurück</translation>
    </message>
    <message>
        <source>&amp;Next</source>
        <translation>&amp;Weiter</translation>
    </message>
</context>
<context>
    <name>Freshness</name>
    <message>
        <source>Through {day}</source>
        <translation>Bis {day}</translation>
    </message>
    <message>
        <source>fills {time}</source>
        <translation>Ausführungen {time}</translation>
    </message>
    <message>
        <source>asked {moment}</source>
        <translation>abgefragt {moment}</translation>
    </message>
    <message>
        <source>Activity through {day}, made by IBKR {moment}</source>
        <translation>Kontoumsatz bis {day}, von IBKR erstellt {moment}</translation>
    </message>
    <message>
        <source>Trade Confirmations through {day}, made by IBKR {moment}</source>
        <translation>Handelsbestätigungen bis {day}, von IBKR erstellt {moment}</translation>
    </message>
    <message>
        <source>Activity</source>
        <translation>Kontoumsatz</translation>
    </message>
    <message>
        <source>Trade Confirmations</source>
        <translation>Handelsbestätigungen</translation>
    </message>
    <message>
        <source>nothing fetched yet</source>
        <translation>noch nichts abgerufen</translation>
    </message>
    <message>
        <source>not up to date</source>
        <translation>nicht aktuell</translation>
    </message>
</context>
<context>
    <name>Issues</name>
    <message>
        <source>The database is damaged. Put back a backup, or begin anew from the archive; its reports are not affected.</source>
        <translation>Die Datenbank ist beschädigt. Spielen Sie eine Sicherung zurück, oder beginnen Sie aus dem Archiv neu; dessen Berichte sind nicht betroffen.</translation>
    </message>
    <message>
        <source>A row points to one that is not there ({detail}). Build everything anew.</source>
        <translation>Eine Zeile verweist auf eine, die fehlt ({detail}). Bauen Sie alles neu auf.</translation>
    </message>
    <message>
        <source>A table is not as this program made it ({detail}). Put back a backup.</source>
        <translation>Eine Tabelle ist nicht so, wie dieses Programm sie angelegt hat ({detail}). Spielen Sie eine Sicherung zurück.</translation>
    </message>
    <message>
        <source>The archived report {detail} is missing. What was read from it is in the journal.</source>
        <translation>Der archivierte Bericht {detail} fehlt. Was daraus gelesen wurde, steht im Journal.</translation>
    </message>
    <message>
        <source>The archived report {detail} is damaged. What was read from it is in the journal.</source>
        <translation>Der archivierte Bericht {detail} ist beschädigt. Was daraus gelesen wurde, steht im Journal.</translation>
    </message>
</context>
<context>
    <name>JournalFilterBar</name>
    <message>
        <source>Trades</source>
        <translation>Trades</translation>
    </message>
    <message>
        <source>Strategies</source>
        <translation>Strategien</translation>
    </message>
    <message>
        <source>Campaigns</source>
        <translation>Kampagnen</translation>
    </message>
    <message>
        <source>Look at the journal as</source>
        <translation>Journal ansehen als</translation>
    </message>
    <message>
        <source>Trades, strategies or campaigns (Ctrl+Tab)</source>
        <translation>Trades, Strategien oder Kampagnen (Strg+Tab)</translation>
    </message>
    <message>
        <source>Search</source>
        <translation>Suchen</translation>
    </message>
    <message>
        <source>Symbol, description or note; several words must all be found (Ctrl+F)</source>
        <translation>Symbol, Beschreibung oder Notiz; mehrere Wörter müssen alle vorkommen (Strg+F)</translation>
    </message>
    <message>
        <source>All</source>
        <translation>Alle</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>Offen</translation>
    </message>
    <message>
        <source>Closed</source>
        <translation>Geschlossen</translation>
    </message>
    <message>
        <source>To review</source>
        <translation>Zu prüfen</translation>
    </message>
    <message>
        <source>State of the trades</source>
        <translation>Status der Trades</translation>
    </message>
    <message>
        <source>Columns</source>
        <translation>Spalten</translation>
    </message>
    <message>
        <source>Save as CSV</source>
        <translation>Als CSV speichern</translation>
    </message>
</context>
<context>
    <name>JournalPart</name>
    <message>
        <source>Save the table as CSV</source>
        <translation>Tabelle als CSV speichern</translation>
    </message>
    <message>
        <source>Nothing matches</source>
        <translation>Nichts gefunden</translation>
    </message>
    <message>
        <source>Clear filters</source>
        <translation>Filter aufheben</translation>
    </message>
    <message>
        <source>Nothing fetched yet</source>
        <translation>Noch nichts abgerufen</translation>
    </message>
    <message>
        <source>Your trades will stand here once the first reports have come from IBKR.</source>
        <translation>Hier stehen Ihre Trades, sobald die ersten Berichte von IBKR da sind.</translation>
    </message>
    <message>
        <source>Fetch reports</source>
        <translation>Berichte abrufen</translation>
    </message>
    <message>
        <source>Show all periods</source>
        <translation>Alle Zeiträume anzeigen</translation>
    </message>
</context>
<context>
    <name>JournalScreen</name>
    <message>
        <source>Journal</source>
        <translation>Journal</translation>
    </message>
</context>
<context>
    <name>JournalTable</name>
    <message>
        <source>Trades</source>
        <translation>Trades</translation>
    </message>
</context>
<context>
    <name>LinkBox</name>
    <message>
        <source>Link</source>
        <translation>Verbinden</translation>
    </message>
    <message>
        <source>Keep apart</source>
        <translation>Trennen</translation>
    </message>
    <message>
        <source>{reason} ({day})</source>
        <translation>{reason} ({day})</translation>
    </message>
</context>
<context>
    <name>LiveTest</name>
    <message>
        <source>Test with IBKR</source>
        <translation>Prüfung bei IBKR</translation>
    </message>
    <message>
        <source>Sto&amp;p</source>
        <translation>&amp;Anhalten</translation>
    </message>
    <message>
        <source>Token</source>
        <translation>Prüfcode</translation>
    </message>
    <message>
        <source>asking IBKR</source>
        <translation>fragt IBKR</translation>
    </message>
    <message>
        <source>waiting</source>
        <translation>wartet</translation>
    </message>
    <message>
        <source>this depot</source>
        <translation>diesem Depot</translation>
    </message>
    <message>
        <source>not asked: the token comes first</source>
        <translation>nicht abgefragt: erst der Prüfcode</translation>
    </message>
    <message>
        <source>Correct the id</source>
        <translation>ID berichtigen</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>Noch einmal versuchen</translation>
    </message>
    <message>
        <source>not asked</source>
        <translation>nicht abgefragt</translation>
    </message>
    <message>
        <source>Enter another token</source>
        <translation>Anderen Prüfcode eintragen</translation>
    </message>
    <message>
        <source>stopped</source>
        <translation>angehalten</translation>
    </message>
    <message>
        <source>IBKR has taken it</source>
        <translation>IBKR hat ihn angenommen</translation>
    </message>
    <message>
        <source>account {accounts}</source>
        <translation>Konto {accounts}</translation>
    </message>
    <message>
        <source>accounts {accounts}</source>
        <translation>Konten {accounts}</translation>
    </message>
    <message>
        <source>1 fill</source>
        <translation>1 Ausführung</translation>
    </message>
    <message numerus="yes">
        <source>%Ln fills</source>
        <translation>
            <numerusform>%Ln Ausführung</numerusform>
            <numerusform>%Ln Ausführungen</numerusform>
        </translation>
    </message>
    <message>
        <source>running for {seconds} s</source>
        <translation>läuft seit {seconds} s</translation>
    </message>
</context>
<context>
    <name>MainWindow</name>
    <message>
        <source>Fetch reports</source>
        <translation>Berichte abrufen</translation>
    </message>
    <message>
        <source>Import reports…</source>
        <translation>Berichte importieren …</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>Einstellungen</translation>
    </message>
    <message>
        <source>About ibjournal</source>
        <translation>Über ibjournal</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>Beenden</translation>
    </message>
</context>
<context>
    <name>Messages</name>
    <message>
        <source>There is nothing to fetch.</source>
        <translation>Es gibt nichts abzurufen.</translation>
    </message>
    <message>
        <source>No depot has a token and a query id. Reports can be imported as files, too.</source>
        <translation>Kein Depot hat einen Prüfcode und eine Abfrage-ID. Berichte können auch als Dateien importiert werden.</translation>
    </message>
    <message>
        <source>Set up depots</source>
        <translation>Depots einrichten</translation>
    </message>
</context>
<context>
    <name>Mixups</name>
    <message>
        <source>The two ids are swapped: each brings the report of the other one.</source>
        <translation>Die beiden IDs sind vertauscht: Jede bringt den Bericht der anderen.</translation>
    </message>
    <message>
        <source>Swap the ids</source>
        <translation>IDs tauschen</translation>
    </message>
    <message>
        <source>Move to the ids</source>
        <translation>Zu den Abfrage-IDs</translation>
    </message>
    <message>
        <source>That is short for a token: it looks like a query id.</source>
        <translation>Für einen Prüfcode ist das kurz: Es sieht nach einer Abfrage-ID aus.</translation>
    </message>
    <message>
        <source>Move to the token</source>
        <translation>Zum Prüfcode</translation>
    </message>
    <message>
        <source>That is long for a query id: it looks like the token. It was taken out of the field.</source>
        <translation>Für eine Abfrage-ID ist das lang: Es sieht nach dem Prüfcode aus. Es wurde aus dem Feld genommen.</translation>
    </message>
</context>
<context>
    <name>NameDialog</name>
    <message>
        <source>Name</source>
        <translation>Name</translation>
    </message>
    <message>
        <source>What it is</source>
        <translation>Was es ist</translation>
    </message>
    <message>
        <source>An empty name takes yours away.</source>
        <translation>Bleibt das Feld leer, gilt wieder der ursprüngliche Name.</translation>
    </message>
    <message>
        <source>Save</source>
        <translation>Speichern</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
</context>
<context>
    <name>NoteEditor</name>
    <message>
        <source>Note</source>
        <translation>Notiz</translation>
    </message>
    <message>
        <source>What did you see, plan, feel, learn?</source>
        <translation>Was haben Sie gesehen, geplant, gefühlt, gelernt?</translation>
    </message>
    <message>
        <source>Save again</source>
        <translation>Erneut speichern</translation>
    </message>
    <message>
        <source>Saving…</source>
        <translation>Wird gespeichert …</translation>
    </message>
    <message>
        <source>Not saved yet. The text stays here.</source>
        <translation>Noch nicht gespeichert. Der Text bleibt hier.</translation>
    </message>
    <message>
        <source>Saved · {moment}</source>
        <translation>Gespeichert · {moment}</translation>
    </message>
</context>
<context>
    <name>OlderFiles</name>
    <message>
        <source>Stop</source>
        <translation>Anhalten</translation>
    </message>
    <message>
        <source>Older years from files</source>
        <translation>Ältere Jahre aus Dateien</translation>
    </message>
    <message>
        <source>1 more file could not be taken in; the reason stands under Reports.</source>
        <translation>1 weitere Datei wurde nicht übernommen; der Grund steht unter Berichte.</translation>
    </message>
    <message numerus="yes">
        <source>%Ln more files could not be taken in; the reasons stand under Reports.</source>
        <translation>
            <numerusform>%Ln weitere Datei wurde nicht übernommen; der Grund steht unter Berichte.</numerusform>
            <numerusform>%Ln weitere Dateien wurden nicht übernommen; die Gründe stehen unter Berichte.</numerusform>
        </translation>
    </message>
    <message>
        <source>Taking the files in…</source>
        <translation>Dateien werden eingelesen …</translation>
    </message>
    <message>
        <source>Flex files of older years</source>
        <translation>Flex-Dateien älterer Jahre</translation>
    </message>
    <message>
        <source>Flex reports (*.xml *.xml.gz *.gz)</source>
        <translation>Flex-Berichte (*.xml *.xml.gz *.gz)</translation>
    </message>
    <message>
        <source>All files (*)</source>
        <translation>Alle Dateien (*)</translation>
    </message>
</context>
<context>
    <name>PaneFoot</name>
    <message>
        <source>Where from?</source>
        <translation>Woher?</translation>
    </message>
    <message>
        <source>Where does this number come from?</source>
        <translation>Woher kommt diese Zahl?</translation>
    </message>
</context>
<context>
    <name>PaneHead</name>
    <message>
        <source>Close the pane</source>
        <translation>Bereich schließen</translation>
    </message>
</context>
<context>
    <name>Performance</name>
    <message>
        <source>Year</source>
        <translation>Jahr</translation>
    </message>
    <message>
        <source>{when}: {value}, not the whole month</source>
        <translation>{when}: {value}, nicht der ganze Monat</translation>
    </message>
    <message>
        <source>Returns by month</source>
        <translation>Renditen nach Monaten</translation>
    </message>
    <message>
        <source>{month} runs to {day}</source>
        <translation>{month} bis {day}</translation>
    </message>
    <message>
        <source>{month} begins on {day}</source>
        <translation>{month} ab {day}</translation>
    </message>
    <message>
        <source>Statistics</source>
        <translation>Statistik</translation>
    </message>
    <message>
        <source>Closed trades</source>
        <translation>Geschlossene Trades</translation>
    </message>
    <message>
        <source>Value</source>
        <translation>Wert</translation>
    </message>
    <message>
        <source>Together</source>
        <translation>Zusammen</translation>
    </message>
    <message>
        <source>Breakdown</source>
        <translation>Aufschlüsselung</translation>
    </message>
    <message>
        <source>Net</source>
        <translation>Netto</translation>
    </message>
    <message>
        <source>Net, {currency}</source>
        <translation>Netto, {currency}</translation>
    </message>
    <message>
        <source>Group</source>
        <translation>Gruppe</translation>
    </message>
    <message>
        <source>too few to say much</source>
        <translation>zu wenige für eine Aussage</translation>
    </message>
    <message>
        <source>Wins, %</source>
        <translation>Treffer, %</translation>
    </message>
    <message>
        <source>{count} of {all}</source>
        <translation>{count} von {all}</translation>
    </message>
    <message>
        <source>Net result</source>
        <translation>Nettoergebnis</translation>
    </message>
    <message>
        <source>Expectancy</source>
        <translation>Erwartungswert</translation>
    </message>
    <message>
        <source>Average win</source>
        <translation>Durchschnittsgewinn</translation>
    </message>
    <message>
        <source>Average loss</source>
        <translation>Durchschnittsverlust</translation>
    </message>
    <message>
        <source>Best trade</source>
        <translation>Bester Trade</translation>
    </message>
    <message>
        <source>Worst trade</source>
        <translation>Schlechtester Trade</translation>
    </message>
    <message>
        <source>Profit factor</source>
        <translation>Profitfaktor</translation>
    </message>
    <message>
        <source>Average win to loss</source>
        <translation>Gewinn zu Verlust</translation>
    </message>
    <message>
        <source>Kelly fraction</source>
        <translation>Kelly-Anteil</translation>
    </message>
    <message>
        <source>Win rate</source>
        <translation>Trefferquote</translation>
    </message>
    <message>
        <source>Longest winning run</source>
        <translation>Längste Gewinnserie</translation>
    </message>
    <message>
        <source>Longest losing run</source>
        <translation>Längste Verlustserie</translation>
    </message>
    <message>
        <source>Holding time, median</source>
        <translation>Haltedauer, Median</translation>
    </message>
    <message>
        <source>SQN</source>
        <translation>SQN</translation>
    </message>
    <message>
        <source>Average R</source>
        <translation>R im Schnitt</translation>
    </message>
    <message>
        <source>Break-even trades</source>
        <translation>Trades bei null</translation>
    </message>
    <message>
        <source>Sum of the net results of the closed trades, after fees.</source>
        <translation>Summe der Nettoergebnisse der geschlossenen Trades, nach Gebühren.</translation>
    </message>
    <message>
        <source>Mean net result of a trade, break-even trades included.</source>
        <translation>Mittleres Nettoergebnis eines Trades, einschließlich der Trades, die bei null endeten.</translation>
    </message>
    <message>
        <source>Mean of the trades that ended above zero.</source>
        <translation>Mittel der Trades, die über null endeten.</translation>
    </message>
    <message>
        <source>Mean of the trades that ended below zero.</source>
        <translation>Mittel der Trades, die unter null endeten.</translation>
    </message>
    <message>
        <source>Sum of the wins over the sum of the losses.</source>
        <translation>Summe der Gewinne geteilt durch Summe der Verluste.</translation>
    </message>
    <message>
        <source>Average win over average loss.</source>
        <translation>Durchschnittsgewinn geteilt durch Durchschnittsverlust.</translation>
    </message>
    <message>
        <source>Share of capital that Kelly’s formula would stake. Not advice; shaky with few trades.</source>
        <translation>Anteil des Kapitals, den Kellys Formel einsetzen würde. Kein Rat; bei wenigen Trades unsicher.</translation>
    </message>
    <message>
        <source>Wins over wins and losses; break-even trades are left out.</source>
        <translation>Gewinne geteilt durch Gewinne und Verluste; Trades, die bei null endeten, zählen nicht.</translation>
    </message>
    <message>
        <source>Most wins in a row by time of closing; break-even trades do not end a run.</source>
        <translation>Die meisten Gewinne in Folge nach Zeit der Schließung; Trades, die bei null endeten, beenden keine Serie.</translation>
    </message>
    <message>
        <source>Most losses in a row by time of closing; break-even trades do not end a run.</source>
        <translation>Die meisten Verluste in Folge nach Zeit der Schließung; Trades, die bei null endeten, beenden keine Serie.</translation>
    </message>
    <message>
        <source>Half of the trades were held longer, from first fill to last.</source>
        <translation>Die Hälfte der Trades wurde länger gehalten, von der ersten bis zur letzten Ausführung.</translation>
    </message>
    <message>
        <source>System quality number: root of the number of trades (at most 100) times mean R over its deviation.</source>
        <translation>System Quality Number: Wurzel der Anzahl der Trades (höchstens 100) mal mittleres R, geteilt durch seine Streuung.</translation>
    </message>
    <message>
        <source>{count}, too few</source>
        <translation>{count}, zu wenige</translation>
    </message>
    <message>
        <source>no values</source>
        <translation>keine Werte</translation>
    </message>
    <message>
        <source>value was not above zero</source>
        <translation>Wert lag nicht über null</translation>
    </message>
    <message>
        <source>shorter than a year</source>
        <translation>kürzer als ein Jahr</translation>
    </message>
    <message>
        <source>no solution</source>
        <translation>keine Lösung</translation>
    </message>
    <message>
        <source>no unique solution</source>
        <translation>keine eindeutige Lösung</translation>
    </message>
    <message>
        <source>too few different days</source>
        <translation>zu wenige verschiedene Tage</translation>
    </message>
    <message>
        <source>no closed trades</source>
        <translation>keine geschlossenen Trades</translation>
    </message>
    <message>
        <source>no wins</source>
        <translation>keine Gewinne</translation>
    </message>
    <message>
        <source>no losses</source>
        <translation>keine Verluste</translation>
    </message>
    <message>
        <source>No net asset values in this period. Add the section “Net Asset Value (NAV) in Base” to your Activity query to see returns.</source>
        <translation>Keine Nettoinventarwerte in diesem Zeitraum. Nehmen Sie den Abschnitt „NAV in Basiswährung“ in Ihre Kontoumsatz-Flex-Query auf, um Renditen zu sehen.</translation>
    </message>
    <message>
        <source>These accounts have different base currencies. Choose one depot to see its performance.</source>
        <translation>Diese Konten haben verschiedene Basiswährungen. Wählen Sie ein Depot, um seine Performance zu sehen.</translation>
    </message>
    <message>
        <source>On some days the net asset value was zero or below; a return cannot be computed over them.</source>
        <translation>An einigen Tagen war der Nettoinventarwert null oder negativ; über sie lässt sich keine Rendite berechnen.</translation>
    </message>
    <message>
        <source>For some accounts no report names the base currency; they are left out. Add “Account Information” to your Activity query.</source>
        <translation>Für einige Konten nennt kein Bericht die Basiswährung; sie fehlen hier. Nehmen Sie „Kontoinformationen“ in Ihre Kontoumsatz-Flex-Query auf.</translation>
    </message>
    <message>
        <source>A deposit or withdrawal in another currency has no exchange rate; it counts as a gain or loss here.</source>
        <translation>Eine Ein- oder Auszahlung in anderer Währung hat keinen Wechselkurs; sie zählt hier als Gewinn oder Verlust.</translation>
    </message>
    <message>
        <source>Trades without an exchange rate on their closing day are left out of the statistics.</source>
        <translation>Trades ohne Wechselkurs am Tag der Schließung fehlen in der Statistik.</translation>
    </message>
    <message>
        <source>Trades whose entry is older than the reports and whose result is not known are left out of the statistics.</source>
        <translation>Trades, deren Einstieg älter ist als die Berichte und deren Ergebnis nicht bekannt ist, fehlen in der Statistik.</translation>
    </message>
    <message>
        <source>The accounts’ reports end on different days; the last known value of an account stands for later days.</source>
        <translation>Die Berichte der Konten enden an verschiedenen Tagen; für spätere Tage steht der letzte bekannte Wert eines Kontos.</translation>
    </message>
    <message>
        <source>IBKR</source>
        <translation>IBKR</translation>
    </message>
    <message>
        <source>Portfolio Performance</source>
        <translation>Portfolio Performance</translation>
    </message>
    <message>
        <source>Start of day</source>
        <translation>Tagesbeginn</translation>
    </message>
    <message>
        <source>time-weighted, flows at the end of the day (as IBKR)</source>
        <translation>zeitgewichtet, Zahlungen am Tagesende (wie IBKR)</translation>
    </message>
    <message>
        <source>time-weighted, inflows at the start, outflows at the end of the day</source>
        <translation>zeitgewichtet, Einzahlungen am Tagesbeginn, Auszahlungen am Tagesende</translation>
    </message>
    <message>
        <source>time-weighted, flows at the start of the day</source>
        <translation>zeitgewichtet, Zahlungen am Tagesbeginn</translation>
    </message>
    <message>
        <source>Symbol</source>
        <translation>Symbol</translation>
    </message>
    <message>
        <source>By symbol</source>
        <translation>Nach Symbol</translation>
    </message>
    <message>
        <source>Asset class</source>
        <translation>Anlageklasse</translation>
    </message>
    <message>
        <source>By asset class</source>
        <translation>Nach Anlageklasse</translation>
    </message>
    <message>
        <source>Weekday</source>
        <translation>Wochentag</translation>
    </message>
    <message>
        <source>By weekday of closing</source>
        <translation>Nach Wochentag der Schließung</translation>
    </message>
    <message>
        <source>Side</source>
        <translation>Richtung</translation>
    </message>
    <message>
        <source>By side</source>
        <translation>Nach Richtung</translation>
    </message>
    <message>
        <source>Long</source>
        <translation>Long</translation>
    </message>
    <message>
        <source>Short</source>
        <translation>Short</translation>
    </message>
    <message>
        <source>Shares</source>
        <translation>Aktien</translation>
    </message>
    <message>
        <source>Options</source>
        <translation>Optionen</translation>
    </message>
    <message>
        <source>Futures</source>
        <translation>Futures</translation>
    </message>
    <message>
        <source>Options on futures</source>
        <translation>Futures-Optionen</translation>
    </message>
    <message>
        <source>Warrants</source>
        <translation>Optionsscheine</translation>
    </message>
    <message>
        <source>Structured products</source>
        <translation>Strukturierte Produkte</translation>
    </message>
    <message>
        <source>CFDs</source>
        <translation>CFDs</translation>
    </message>
    <message>
        <source>Bonds</source>
        <translation>Anleihen</translation>
    </message>
    <message>
        <source>Treasury bills</source>
        <translation>US-Schatzwechsel</translation>
    </message>
    <message>
        <source>Funds</source>
        <translation>Fonds</translation>
    </message>
    <message>
        <source>Currencies</source>
        <translation>Währungen</translation>
    </message>
    <message>
        <source>Commodities</source>
        <translation>Rohstoffe</translation>
    </message>
    <message>
        <source>Crypto</source>
        <translation>Krypto</translation>
    </message>
    <message>
        <source>Other</source>
        <translation>Andere</translation>
    </message>
    <message>
        <source>{count} h</source>
        <translation>{count} Std.</translation>
    </message>
</context>
<context>
    <name>PerformanceScreen</name>
    <message>
        <source>Performance</source>
        <translation>Performance</translation>
    </message>
    <message>
        <source>Your performance will stand here</source>
        <translation>Hier steht Ihre Performance</translation>
    </message>
    <message>
        <source>Set up a depot and its reports are fetched from IBKR, or import Flex files you already have.</source>
        <translation>Richten Sie ein Depot ein, dann werden seine Berichte bei IBKR abgerufen, oder importieren Sie vorhandene Flex-Dateien.</translation>
    </message>
    <message>
        <source>Set up a depot</source>
        <translation>Depot einrichten</translation>
    </message>
    <message>
        <source>What results are grouped by</source>
        <translation>Wonach Ergebnisse gruppiert werden</translation>
    </message>
    <message>
        <source>Statistics</source>
        <translation>Statistik</translation>
    </message>
    <message>
        <source>closed trades, net of fees</source>
        <translation>geschlossene Trades, nach Gebühren</translation>
    </message>
    <message>
        <source>closed trades, net, {currency}</source>
        <translation>geschlossene Trades, netto, {currency}</translation>
    </message>
    <message>
        <source>Nothing fetched yet</source>
        <translation>Noch nichts abgerufen</translation>
    </message>
    <message>
        <source>Your performance will stand here once the first reports have come from IBKR.</source>
        <translation>Hier steht Ihre Performance, sobald die ersten Berichte von IBKR da sind.</translation>
    </message>
    <message>
        <source>Fetch reports</source>
        <translation>Berichte abrufen</translation>
    </message>
    <message>
        <source>No figures in this period</source>
        <translation>Keine Zahlen in diesem Zeitraum</translation>
    </message>
    <message>
        <source>No trade was closed in it, and no report has a net asset value for it.</source>
        <translation>Es wurde kein Trade geschlossen, und kein Bericht nennt einen Nettoinventarwert.</translation>
    </message>
    <message>
        <source>Show all periods</source>
        <translation>Alle Zeiträume anzeigen</translation>
    </message>
    <message>
        <source>By symbol</source>
        <translation>Nach Symbol</translation>
    </message>
    <message>
        <source>Months</source>
        <translation>Monate</translation>
    </message>
    <message>
        <source>time-weighted return, %</source>
        <translation>zeitgewichtete Rendite, %</translation>
    </message>
    <message>
        <source>Closed trades</source>
        <translation>Geschlossene Trades</translation>
    </message>
    <message>
        <source>Where does this number come from?</source>
        <translation>Woher kommt diese Zahl?</translation>
    </message>
    <message>
        <source>Save as CSV</source>
        <translation>Als CSV speichern</translation>
    </message>
    <message>
        <source>1 day of values</source>
        <translation>1 Tag mit Werten</translation>
    </message>
    <message numerus="yes">
        <source>%Ln days of values</source>
        <translation>
            <numerusform>%Ln Tag mit Werten</numerusform>
            <numerusform>%Ln Tage mit Werten</numerusform>
        </translation>
    </message>
    <message>
        <source>{count} closed trades</source>
        <translation>{count} geschlossene Trades</translation>
    </message>
    <message>
        <source>{count} closed trade</source>
        <translation>{count} geschlossener Trade</translation>
    </message>
    <message>
        <source>{count} provisional left out</source>
        <translation>{count} vorläufige nicht enthalten</translation>
    </message>
    <message>
        <source>Base currency {currency}</source>
        <translation>Basiswährung {currency}</translation>
    </message>
</context>
<context>
    <name>PeriodPicker</name>
    <message>
        <source>Previous period</source>
        <translation>Vorheriger Zeitraum</translation>
    </message>
    <message>
        <source>Next period</source>
        <translation>Nächster Zeitraum</translation>
    </message>
    <message>
        <source>Period</source>
        <translation>Zeitraum</translation>
    </message>
    <message>
        <source>This month</source>
        <translation>Dieser Monat</translation>
    </message>
    <message>
        <source>Last month</source>
        <translation>Letzter Monat</translation>
    </message>
    <message>
        <source>This year</source>
        <translation>Dieses Jahr</translation>
    </message>
    <message>
        <source>Last year</source>
        <translation>Letztes Jahr</translation>
    </message>
    <message>
        <source>Last 30 days</source>
        <translation>Letzte 30 Tage</translation>
    </message>
    <message>
        <source>Last 90 days</source>
        <translation>Letzte 90 Tage</translation>
    </message>
    <message>
        <source>Last 365 days</source>
        <translation>Letzte 365 Tage</translation>
    </message>
    <message>
        <source>Since start</source>
        <translation>Seit Beginn</translation>
    </message>
    <message>
        <source>From – to…</source>
        <translation>Von – bis …</translation>
    </message>
</context>
<context>
    <name>Portal</name>
    <message>
        <source>Log in to the &lt;b&gt;Client Portal&lt;/b&gt;</source>
        <translation>Im Kundenportal (&lt;b&gt;Client Portal&lt;/b&gt;) anmelden</translation>
    </message>
    <message>
        <source>{reports} → {queries} → {service} (gear)</source>
        <translation>{reports} → {queries} → {service} (Zahnrad)</translation>
    </message>
    <message>
        <source>Tick {status} and {save}: that switches the service on</source>
        <translation>{status} ankreuzen, dann {save}: Damit ist der Dienst eingeschaltet</translation>
    </message>
    <message>
        <source>Under {expire_after} choose {one_year}; IBKR proposes 6 hours only</source>
        <translation>Bei {expire_after} {one_year} (1 Jahr) wählen, nicht die vorgeschlagenen 6 Stunden</translation>
    </message>
    <message>
        <source>Leave {address} empty, or enter the address of this connection</source>
        <translation>{address} leer lassen oder die Adresse dieses Anschlusses eintragen</translation>
    </message>
    <message>
        <source>{generate}. The old one is void at once</source>
        <translation>{generate}: Der alte ist sofort ungültig</translation>
    </message>
    <message>
        <source>Copy the {current_token} and paste it here</source>
        <translation>{current_token}: kopieren und hier einfügen</translation>
    </message>
    <message>
        <source>Back at {queries} click the &lt;b&gt;info icon&lt;/b&gt; of each query: there stands its {query_id}</source>
        <translation>Zurück bei {queries} das &lt;b&gt;Info-Symbol&lt;/b&gt; jeder Abfrage anklicken: Dort steht ihre Abfrage-ID ({query_id})</translation>
    </message>
    <message>
        <source>Menu {reports}, then {queries}</source>
        <translation>Menü {reports}, dann {queries}</translation>
    </message>
    <message>
        <source>Click the &lt;b&gt;info icon&lt;/b&gt; of each query: there stands its {query_id}</source>
        <translation>Das &lt;b&gt;Info-Symbol&lt;/b&gt; jeder Abfrage anklicken: Dort steht ihre Abfrage-ID ({query_id})</translation>
    </message>
    <message>
        <source>At {activity} click the &lt;b&gt;+&lt;/b&gt;</source>
        <translation>Bei {activity} auf das &lt;b&gt;+&lt;/b&gt; klicken</translation>
    </message>
    <message>
        <source>{query_name}: for example “ibjournal”</source>
        <translation>{query_name} (Name der Abfrage): zum Beispiel „ibjournal“</translation>
    </message>
    <message>
        <source>{sections}: click each one of the list, tick in its window what the list says, then {save}</source>
        <translation>{sections} (Abschnitte): jeden der Liste anklicken, in seinem Fenster ankreuzen, was die Liste sagt, dann {save}</translation>
    </message>
    <message>
        <source>Below: settings as the list says, above all &lt;b&gt;Format: XML&lt;/b&gt;</source>
        <translation>Darunter: Einstellungen wie in der Liste, vor allem &lt;b&gt;Format: XML&lt;/b&gt;</translation>
    </message>
    <message>
        <source>{continue}, then {create}</source>
        <translation>{continue} (Weiter), dann {create} (Erstellen)</translation>
    </message>
    <message>
        <source>The same at {confirmation} with list 2</source>
        <translation>Dasselbe bei {confirmation} mit Liste 2</translation>
    </message>
    <message>
        <source>On older pages: {settings} → {account_reporting} → {service}</source>
        <translation>Auf älteren Seiten: {settings} → {account_reporting} → {service}</translation>
    </message>
    <message>
        <source>Is there a {current_token} that has not expired? Then copy that one: it replaced the one here</source>
        <translation>Steht dort unter {current_token} einer, der nicht abgelaufen ist? Dann diesen kopieren: Er hat den hier ersetzt</translation>
    </message>
</context>
<context>
    <name>Progress</name>
    <message>
        <source>waiting for the keyring, which may be asking for its password</source>
        <translation>wartet auf den Schlüsselbund, der vielleicht nach seinem Kennwort fragt</translation>
    </message>
    <message>
        <source>waiting for another depot with the same token</source>
        <translation>wartet auf ein anderes Depot mit demselben Prüfcode</translation>
    </message>
    <message>
        <source>keeping IBKR&apos;s pace</source>
        <translation>hält IBKRs Takt ein</translation>
    </message>
    <message>
        <source>asking IBKR</source>
        <translation>fragt IBKR</translation>
    </message>
    <message>
        <source>IBKR is making the report</source>
        <translation>IBKR erstellt den Bericht</translation>
    </message>
    <message>
        <source>IBKR asks for a pause</source>
        <translation>IBKR verlangt eine Pause</translation>
    </message>
    <message>
        <source>no way to IBKR at the moment</source>
        <translation>IBKR ist derzeit nicht erreichbar</translation>
    </message>
    <message>
        <source>IBKR cannot make the report at the moment</source>
        <translation>IBKR kann den Bericht derzeit nicht erstellen</translation>
    </message>
    <message>
        <source>downloading</source>
        <translation>lädt herunter</translation>
    </message>
    <message>
        <source>archiving</source>
        <translation>archiviert</translation>
    </message>
    <message>
        <source>reading</source>
        <translation>liest</translation>
    </message>
    <message>
        <source>storing</source>
        <translation>speichert</translation>
    </message>
    <message>
        <source>matching trades</source>
        <translation>ordnet Trades zu</translation>
    </message>
    <message>
        <source>stored</source>
        <translation>gespeichert</translation>
    </message>
    <message>
        <source>nothing there</source>
        <translation>nichts vorhanden</translation>
    </message>
    <message>
        <source>making the demo&apos;s history</source>
        <translation>erzeugt die Vorgeschichte der Demo</translation>
    </message>
    <message>
        <source>working</source>
        <translation>arbeitet</translation>
    </message>
    <message>
        <source>Activity</source>
        <translation>Kontoumsatz</translation>
    </message>
    <message>
        <source>Trade Confirmation</source>
        <translation>Handelsbestätigung</translation>
    </message>
    <message>
        <source>attempt {number}</source>
        <translation>Versuch {number}</translation>
    </message>
    <message>
        <source>goes on in {seconds} s</source>
        <translation>weiter in {seconds} s</translation>
    </message>
    <message>
        <source>next look in {seconds} s</source>
        <translation>nächste Nachfrage in {seconds} s</translation>
    </message>
    <message>
        <source>next attempt in {seconds} s</source>
        <translation>nächster Versuch in {seconds} s</translation>
    </message>
    <message>
        <source>{done} of {total}</source>
        <translation>{done} von {total}</translation>
    </message>
    <message>
        <source>about {minutes} min left</source>
        <translation>noch etwa {minutes} min</translation>
    </message>
</context>
<context>
    <name>Provenance</name>
    <message>
        <source>Account number</source>
        <translation>Kontonummer</translation>
    </message>
    <message>
        <source>Name of the account</source>
        <translation>Name des Kontos</translation>
    </message>
    <message>
        <source>Currency of the amounts</source>
        <translation>Währung der Beträge</translation>
    </message>
    <message>
        <source>Rate into the base currency</source>
        <translation>Kurs in die Basiswährung</translation>
    </message>
    <message>
        <source>Kind of instrument</source>
        <translation>Art des Instruments</translation>
    </message>
    <message>
        <source>Kind of instrument, closer</source>
        <translation>Art des Instruments, genauer</translation>
    </message>
    <message>
        <source>Symbol</source>
        <translation>Symbol</translation>
    </message>
    <message>
        <source>Description</source>
        <translation>Beschreibung</translation>
    </message>
    <message>
        <source>IBKR’s number of the contract</source>
        <translation>IBKRs Nummer des Kontrakts</translation>
    </message>
    <message>
        <source>ISIN</source>
        <translation>ISIN</translation>
    </message>
    <message>
        <source>CUSIP</source>
        <translation>CUSIP</translation>
    </message>
    <message>
        <source>Home exchange</source>
        <translation>Heimatbörse</translation>
    </message>
    <message>
        <source>Symbol of the underlying</source>
        <translation>Symbol des Basiswerts</translation>
    </message>
    <message>
        <source>IBKR’s number of the underlying</source>
        <translation>IBKRs Nummer des Basiswerts</translation>
    </message>
    <message>
        <source>Units of the underlying in one contract</source>
        <translation>Einheiten des Basiswerts in einem Kontrakt</translation>
    </message>
    <message>
        <source>Strike price</source>
        <translation>Basispreis</translation>
    </message>
    <message>
        <source>Day of expiry</source>
        <translation>Verfallstag</translation>
    </message>
    <message>
        <source>Put or call</source>
        <translation>Put oder Call</translation>
    </message>
    <message>
        <source>Id of the trade</source>
        <translation>Kennung des Handels</translation>
    </message>
    <message>
        <source>Id of the booking</source>
        <translation>Kennung der Buchung</translation>
    </message>
    <message>
        <source>Id of the fill</source>
        <translation>Kennung der Ausführung</translation>
    </message>
    <message>
        <source>Id of the order</source>
        <translation>Kennung der Order</translation>
    </message>
    <message>
        <source>Id of the order as it was entered</source>
        <translation>Kennung der Order, wie sie erteilt wurde</translation>
    </message>
    <message>
        <source>Trade that this one corrects or cancels</source>
        <translation>Handel, den dieser korrigiert oder storniert</translation>
    </message>
    <message>
        <source>Booking that this one corrects or cancels</source>
        <translation>Buchung, die diese korrigiert oder storniert</translation>
    </message>
    <message>
        <source>Links an exercised option to its shares</source>
        <translation>Verbindet eine ausgeübte Option mit ihren Aktien</translation>
    </message>
    <message>
        <source>Id of the corporate action</source>
        <translation>Kennung der Kapitalmaßnahme</translation>
    </message>
    <message>
        <source>Day in IBKR’s books</source>
        <translation>Tag in IBKRs Büchern</translation>
    </message>
    <message>
        <source>Trading day</source>
        <translation>Handelstag</translation>
    </message>
    <message>
        <source>Time of the fill</source>
        <translation>Zeit der Ausführung</translation>
    </message>
    <message>
        <source>Day and time, New York unless a zone is given</source>
        <translation>Tag und Zeit, New York, wenn keine Zone dabeisteht</translation>
    </message>
    <message>
        <source>When the order was given</source>
        <translation>Wann die Order erteilt wurde</translation>
    </message>
    <message>
        <source>When the lot was opened</source>
        <translation>Wann der Posten eröffnet wurde</translation>
    </message>
    <message>
        <source>Start of the holding period for tax</source>
        <translation>Beginn der steuerlichen Haltedauer</translation>
    </message>
    <message>
        <source>Day of settlement</source>
        <translation>Valutatag</translation>
    </message>
    <message>
        <source>Day</source>
        <translation>Tag</translation>
    </message>
    <message>
        <source>First day</source>
        <translation>Erster Tag</translation>
    </message>
    <message>
        <source>Last day</source>
        <translation>Letzter Tag</translation>
    </message>
    <message>
        <source>Where the row comes from: exchange, booking, cancel</source>
        <translation>Woher die Zeile kommt: Börse, Buchung, Storno</translation>
    </message>
    <message>
        <source>Bought or sold; (Ca.) is a cancel</source>
        <translation>Gekauft oder verkauft; (Ca.) ist ein Storno</translation>
    </message>
    <message>
        <source>O opens, C closes, C;O does both</source>
        <translation>O eröffnet, C schließt, C;O tut beides</translation>
    </message>
    <message>
        <source>IBKR’s codes: A assigned, Ex exercised, Ep expired, P partial …</source>
        <translation>IBKRs Codes: A zugeteilt, Ex ausgeübt, Ep verfallen, P Teilausführung …</translation>
    </message>
    <message>
        <source>Units; sold is negative</source>
        <translation>Stückzahl; verkauft ist negativ</translation>
    </message>
    <message>
        <source>Price</source>
        <translation>Kurs</translation>
    </message>
    <message>
        <source>Quantity × price × multiplier</source>
        <translation>Stückzahl × Kurs × Multiplikator</translation>
    </message>
    <message>
        <source>Money from the trade before costs; a purchase is negative</source>
        <translation>Geld aus dem Handel vor Kosten; ein Kauf ist negativ</translation>
    </message>
    <message>
        <source>Taxes</source>
        <translation>Steuern</translation>
    </message>
    <message>
        <source>Commission; a cost is negative</source>
        <translation>Provision; Kosten sind negativ</translation>
    </message>
    <message>
        <source>Currency of the commission</source>
        <translation>Währung der Provision</translation>
    </message>
    <message>
        <source>What it did to the cash</source>
        <translation>Wirkung auf die Barmittel</translation>
    </message>
    <message>
        <source>Closing price of that day</source>
        <translation>Schlusskurs des Tages</translation>
    </message>
    <message>
        <source>Cost basis of what was opened or closed, with fees</source>
        <translation>Einstandswert des Eröffneten oder Geschlossenen, mit Gebühren</translation>
    </message>
    <message>
        <source>Result that IBKR books, after fees</source>
        <translation>Ergebnis, das IBKR bucht, nach Gebühren</translation>
    </message>
    <message>
        <source>Part of the result from the price</source>
        <translation>Anteil des Ergebnisses aus dem Kurs</translation>
    </message>
    <message>
        <source>Part of the result from the currency</source>
        <translation>Anteil des Ergebnisses aus der Währung</translation>
    </message>
    <message>
        <source>Result against that day’s closing price</source>
        <translation>Ergebnis gegen den Schlusskurs des Tages</translation>
    </message>
    <message>
        <source>Accrued interest</source>
        <translation>Stückzinsen</translation>
    </message>
    <message>
        <source>Exchange of the fill</source>
        <translation>Börse der Ausführung</translation>
    </message>
    <message>
        <source>Kind of order</source>
        <translation>Art der Order</translation>
    </message>
    <message>
        <source>Your own word on the order</source>
        <translation>Ihr eigener Vermerk an der Order</translation>
    </message>
    <message>
        <source>How fine the row is: EXECUTION, LOT, SUMMARY …</source>
        <translation>Wie fein die Zeile ist: EXECUTION, LOT, SUMMARY …</translation>
    </message>
    <message>
        <source>Kind of booking or action</source>
        <translation>Art der Buchung oder Maßnahme</translation>
    </message>
    <message>
        <source>Amount</source>
        <translation>Betrag</translation>
    </message>
    <message>
        <source>Market value</source>
        <translation>Marktwert</translation>
    </message>
    <message>
        <source>The corporate action in IBKR’s words</source>
        <translation>Die Kapitalmaßnahme in IBKRs Worten</translation>
    </message>
    <message>
        <source>Units held; short is negative</source>
        <translation>Gehaltene Stückzahl; Short ist negativ</translation>
    </message>
    <message>
        <source>Price at the close</source>
        <translation>Kurs zum Schluss</translation>
    </message>
    <message>
        <source>Market value of the position</source>
        <translation>Marktwert der Position</translation>
    </message>
    <message>
        <source>Price of opening</source>
        <translation>Kurs der Eröffnung</translation>
    </message>
    <message>
        <source>Cost of one unit, with fees</source>
        <translation>Einstand eines Stücks, mit Gebühren</translation>
    </message>
    <message>
        <source>Cost of the position, with fees</source>
        <translation>Einstand der Position, mit Gebühren</translation>
    </message>
    <message>
        <source>Unrealised result</source>
        <translation>Unrealisiertes Ergebnis</translation>
    </message>
    <message>
        <source>Share of the net asset value, %</source>
        <translation>Anteil am Nettoinventarwert, %</translation>
    </message>
    <message>
        <source>Result that IBKR books</source>
        <translation>Ergebnis, das IBKR bucht</translation>
    </message>
    <message>
        <source>Kind of movement</source>
        <translation>Art der Bewegung</translation>
    </message>
    <message>
        <source>The movement in IBKR’s words</source>
        <translation>Die Bewegung in IBKRs Worten</translation>
    </message>
    <message>
        <source>Money out</source>
        <translation>Geldabgang</translation>
    </message>
    <message>
        <source>Money in</source>
        <translation>Geldzugang</translation>
    </message>
    <message>
        <source>Balance after it</source>
        <translation>Saldo danach</translation>
    </message>
    <message>
        <source>In or out</source>
        <translation>Zu- oder Abgang</translation>
    </message>
    <message>
        <source>The other account</source>
        <translation>Das andere Konto</translation>
    </message>
    <message>
        <source>The other broker</source>
        <translation>Der andere Broker</translation>
    </message>
    <message>
        <source>Price of the transfer</source>
        <translation>Kurs des Übertrags</translation>
    </message>
    <message>
        <source>Value of what was transferred</source>
        <translation>Wert des Übertragenen</translation>
    </message>
    <message>
        <source>Cash that was transferred</source>
        <translation>Übertragene Barmittel</translation>
    </message>
    <message>
        <source>Net asset value</source>
        <translation>Nettoinventarwert</translation>
    </message>
    <message>
        <source>Cash</source>
        <translation>Barmittel</translation>
    </message>
    <message>
        <source>Value of the stocks</source>
        <translation>Wert der Aktien</translation>
    </message>
    <message>
        <source>Value of the options</source>
        <translation>Wert der Optionen</translation>
    </message>
    <message>
        <source>Net asset value at the start</source>
        <translation>Nettoinventarwert am Anfang</translation>
    </message>
    <message>
        <source>Net asset value at the end</source>
        <translation>Nettoinventarwert am Ende</translation>
    </message>
    <message>
        <source>Cash at the start</source>
        <translation>Barmittel am Anfang</translation>
    </message>
    <message>
        <source>Cash at the end</source>
        <translation>Barmittel am Ende</translation>
    </message>
    <message>
        <source>Change of market values, realised and not</source>
        <translation>Änderung der Marktwerte, realisiert und nicht</translation>
    </message>
    <message>
        <source>Deposits and withdrawals</source>
        <translation>Ein- und Auszahlungen</translation>
    </message>
    <message>
        <source>Dividends</source>
        <translation>Dividenden</translation>
    </message>
    <message>
        <source>Withholding tax</source>
        <translation>Quellensteuer</translation>
    </message>
    <message>
        <source>Commissions</source>
        <translation>Provisionen</translation>
    </message>
    <message>
        <source>Time-weighted return, %</source>
        <translation>Zeitgewichtete Rendite, %</translation>
    </message>
    <message>
        <source>When the lot was closed</source>
        <translation>Wann der Posten geschlossen wurde</translation>
    </message>
    <message>
        <source>When the wash sale opened it again</source>
        <translation>Wann der Wash Sale ihn wieder eröffnete</translation>
    </message>
    <message>
        <source>Chain from the figure to the rows</source>
        <translation>Kette von der Zahl zu den Zeilen</translation>
    </message>
    <message>
        <source>Looking it up…</source>
        <translation>Wird nachgesehen …</translation>
    </message>
    <message>
        <source>Event</source>
        <translation>Ereignis</translation>
    </message>
    <message>
        <source>A fill that is no longer known</source>
        <translation>Eine Ausführung, die nicht mehr bekannt ist</translation>
    </message>
    <message>
        <source>Trade {symbol}</source>
        <translation>Trade {symbol}</translation>
    </message>
    <message>
        <source>Bought {quantity} {symbol} at {price}</source>
        <translation>Kauf {quantity} {symbol} zu {price}</translation>
    </message>
    <message>
        <source>Sold {quantity} {symbol} at {price}</source>
        <translation>Verkauf {quantity} {symbol} zu {price}</translation>
    </message>
    <message>
        <source>provisional</source>
        <translation>vorläufig</translation>
    </message>
    <message>
        <source>Lot of {quantity}</source>
        <translation>Posten von {quantity}</translation>
    </message>
    <message>
        <source>Open lot of {quantity}</source>
        <translation>Offener Posten von {quantity}</translation>
    </message>
    <message>
        <source>Held before the reports begin</source>
        <translation>Gehalten, bevor die Berichte beginnen</translation>
    </message>
    <message>
        <source>{moment} New York</source>
        <translation>{moment} New York</translation>
    </message>
    <message>
        <source>Cancelled row</source>
        <translation>Stornierte Zeile</translation>
    </message>
    <message>
        <source>Row that was corrected</source>
        <translation>Zeile, die korrigiert wurde</translation>
    </message>
    <message>
        <source>Row that a later report no longer has</source>
        <translation>Zeile, die ein späterer Bericht nicht mehr hat</translation>
    </message>
    <message>
        <source>Row with fields missing</source>
        <translation>Zeile mit fehlenden Feldern</translation>
    </message>
    <message>
        <source>End of the option</source>
        <translation>Ende der Option</translation>
    </message>
    <message>
        <source>IBKR’s figure stands here</source>
        <translation>Hier steht die Zahl von IBKR</translation>
    </message>
    <message>
        <source>Row of the report</source>
        <translation>Zeile des Berichts</translation>
    </message>
    <message>
        <source>code {codes}</source>
        <translation>Code {codes}</translation>
    </message>
    <message>
        <source>realised {value}</source>
        <translation>realisiert {value}</translation>
    </message>
    <message>
        <source>unrealised {value}</source>
        <translation>unrealisiert {value}</translation>
    </message>
    <message>
        <source>cost {value}</source>
        <translation>Einstand {value}</translation>
    </message>
    <message>
        <source>commission {value}</source>
        <translation>Provision {value}</translation>
    </message>
    <message>
        <source>start {value}</source>
        <translation>Anfang {value}</translation>
    </message>
    <message>
        <source>end {value}</source>
        <translation>Ende {value}</translation>
    </message>
    <message>
        <source>total {value}</source>
        <translation>Summe {value}</translation>
    </message>
    <message>
        <source>cash {value}</source>
        <translation>Barmittel {value}</translation>
    </message>
    <message>
        <source>stocks {value}</source>
        <translation>Aktien {value}</translation>
    </message>
    <message>
        <source>at {value}</source>
        <translation>zu {value}</translation>
    </message>
    <message>
        <source>Report</source>
        <translation>Bericht</translation>
    </message>
    <message>
        <source>Query</source>
        <translation>Abfrage</translation>
    </message>
    <message>
        <source>Account</source>
        <translation>Konto</translation>
    </message>
    <message>
        <source>Days</source>
        <translation>Tage</translation>
    </message>
    <message>
        <source>Made by IBKR</source>
        <translation>Von IBKR erstellt</translation>
    </message>
    <message>
        <source>Received</source>
        <translation>Erhalten</translation>
    </message>
</context>
<context>
    <name>QueriesPage</name>
    <message>
        <source>A Flex query is a list of what IBKR writes into a report. ibjournal needs two of them, made once in the client portal.</source>
        <translation>Eine Flex-Query ist eine Liste dessen, was IBKR in einen Bericht schreibt. ibjournal braucht zwei davon, einmal im Kundenportal angelegt.</translation>
    </message>
    <message>
        <source>Create the Flex queries</source>
        <translation>Flex-Queries anlegen</translation>
    </message>
    <message>
        <source>Fetch reports from IBKR by itself</source>
        <translation>Berichte automatisch von IBKR abrufen</translation>
    </message>
    <message>
        <source>1  Activity</source>
        <translation>1  Kontoumsatz</translation>
    </message>
    <message>
        <source>2  Trade Confirmation</source>
        <translation>2  Handelsbestätigung</translation>
    </message>
    <message>
        <source>Flex query</source>
        <translation>Flex-Query</translation>
    </message>
    <message>
        <source>&amp;Copy as text</source>
        <translation>&amp;Als Text kopieren</translation>
    </message>
    <message>
        <source>In each section “Select All” ticks every field; only “Model” has to stay unticked. The ticks here are for you alone.</source>
        <translation>In jedem Abschnitt kreuzt „Select All“ (alles auswählen) alle Felder an; nur „Model“ bleibt frei. Die Häkchen hier sind nur für Sie.</translation>
    </message>
    <message>
        <source>What these files are</source>
        <translation>Was das für Dateien sind</translation>
    </message>
    <message>
        <source>Only from files that I download myself: no token</source>
        <translation>Nur aus Dateien, die ich selbst herunterlade: ohne Prüfcode</translation>
    </message>
    <message>
        <source>XML files of Flex queries that you run in the client portal. If you have none yet, create the queries below and run them there. The next page asks for a name, the one after it for the files. A token can be added later.</source>
        <translation>XML-Dateien von Flex-Queries, die Sie im Kundenportal ausführen. Haben Sie noch keine, legen Sie die Abfragen unten an und führen Sie sie dort aus. Die nächste Seite fragt nach einem Namen, die übernächste nach den Dateien. Ein Prüfcode lässt sich später ergänzen.</translation>
    </message>
    <message>
        <source>You have both queries already? Then go on.</source>
        <translation>Sie haben beide Abfragen schon? Dann weiter.</translation>
    </message>
    <message>
        <source>Where to find this at IBKR</source>
        <translation>Wo Sie das bei IBKR finden</translation>
    </message>
    <message>
        <source>&amp;Open client portal</source>
        <translation>&amp;Kundenportal öffnen</translation>
    </message>
    <message>
        <source>Activity holds everything up to yesterday, with IBKR&apos;s own results to check against. Trade Confirmation holds today&apos;s fills, minutes after they happen.</source>
        <translation>Kontoumsatz enthält alles bis gestern, mit IBKRs eigenen Ergebnissen zum Abgleich. Handelsbestätigung enthält die Ausführungen von heute, Minuten nach dem Handel.</translation>
    </message>
    <message>
        <source>Why two?</source>
        <translation>Warum zwei?</translation>
    </message>
    <message>
        <source>{ticked} of {total} sections and settings ticked</source>
        <translation>{ticked} von {total} Abschnitten und Einstellungen abgehakt</translation>
    </message>
    <message>
        <source>&amp;Copied</source>
        <translation>K&amp;opiert</translation>
    </message>
</context>
<context>
    <name>QueryResult</name>
    <message>
        <source>Test with IBKR</source>
        <translation>Prüfung bei IBKR</translation>
    </message>
    <message>
        <source>running…</source>
        <translation>läuft …</translation>
    </message>
    <message>
        <source>everything works</source>
        <translation>alles funktioniert</translation>
    </message>
    <message>
        <source>Activity query {id}</source>
        <translation>Kontoumsatz-Flex-Query {id}</translation>
    </message>
    <message>
        <source>Trade Confirmation query {id}</source>
        <translation>Handelsbestätigungs-Flex-Query {id}</translation>
    </message>
    <message>
        <source>this depot</source>
        <translation>diesem Depot</translation>
    </message>
    <message>
        <source>The same: {title}</source>
        <translation>Ebenso: {title}</translation>
    </message>
    <message>
        <source>not asked</source>
        <translation>nicht gefragt</translation>
    </message>
    <message>
        <source>account {accounts}</source>
        <translation>Konto {accounts}</translation>
    </message>
    <message>
        <source>accounts {accounts}</source>
        <translation>Konten {accounts}</translation>
    </message>
    <message>
        <source>1 section</source>
        <translation>1 Abschnitt</translation>
    </message>
    <message numerus="yes">
        <source>%n sections</source>
        <translation>
            <numerusform>%n Abschnitt</numerusform>
            <numerusform>%n Abschnitte</numerusform>
        </translation>
    </message>
    <message>
        <source>1 row</source>
        <translation>1 Zeile</translation>
    </message>
    <message numerus="yes">
        <source>%Ln rows</source>
        <translation>
            <numerusform>%Ln Zeile</numerusform>
            <numerusform>%Ln Zeilen</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>RebuildPanel</name>
    <message>
        <source>Build everything anew</source>
        <translation>Alles neu aufbauen</translation>
    </message>
    <message>
        <source>Reads all archived reports once more and makes executions, trades, cash and positions from them. Notes, depots and what you decided about strategies and campaigns are not touched. Until it is done, the journal stays as it is.</source>
        <translation>Liest alle archivierten Berichte noch einmal und bildet daraus Ausführungen, Trades, Barbestände und Positionen. Notizen, Depots und Ihre Entscheidungen zu Strategien und Kampagnen bleiben unberührt. Bis zum Schluss bleibt das Journal, wie es ist.</translation>
    </message>
    <message>
        <source>Build anew</source>
        <translation>Neu aufbauen</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Progress</source>
        <translation>Fortschritt</translation>
    </message>
    <message>
        <source>A fetch or an import is under way. Please try again when it has ended.</source>
        <translation>Ein Abruf oder Import läuft gerade. Bitte versuchen Sie es danach noch einmal.</translation>
    </message>
    <message>
        <source>Reading the archive…</source>
        <translation>Archiv wird gelesen …</translation>
    </message>
    <message>
        <source>Cancelling…</source>
        <translation>Wird abgebrochen …</translation>
    </message>
    <message>
        <source>Cancelled. The journal is as it was.</source>
        <translation>Abgebrochen. Das Journal ist, wie es war.</translation>
    </message>
    <message>
        <source>Everything was built anew from the archive.</source>
        <translation>Alles wurde aus dem Archiv neu aufgebaut.</translation>
    </message>
    <message>
        <source>1 report was found there that the journal did not know.</source>
        <translation>1 Bericht wurde dort gefunden, den das Journal nicht kannte.</translation>
    </message>
    <message numerus="yes">
        <source>%Ln reports were found there that the journal did not know.</source>
        <translation>
            <numerusform>%Ln Bericht wurde dort gefunden, den das Journal nicht kannte.</numerusform>
            <numerusform>%Ln Berichte wurden dort gefunden, die das Journal nicht kannte.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Reminders</name>
    <message>
        <source>The token of {depots} has expired.</source>
        <translation>Der Prüfcode von {depots} ist abgelaufen.</translation>
    </message>
    <message>
        <source>The token of {depots} expires at {time}.</source>
        <translation>Der Prüfcode von {depots} läuft um {time} ab.</translation>
    </message>
    <message>
        <source>The token of {depots} expires today.</source>
        <translation>Der Prüfcode von {depots} läuft heute ab.</translation>
    </message>
    <message>
        <source>The token of {depots} expires tomorrow.</source>
        <translation>Der Prüfcode von {depots} läuft morgen ab.</translation>
    </message>
    <message>
        <source>The token of {depots} expires in {days} days.</source>
        <translation>Der Prüfcode von {depots} läuft in {days} Tagen ab.</translation>
    </message>
    <message>
        <source>It is valid until {day}. A new one takes two minutes; the query ids stay as they are.</source>
        <translation>Er gilt bis {day}. Ein neuer braucht zwei Minuten; die Abfrage-IDs bleiben.</translation>
    </message>
    <message>
        <source>It was valid until {day}. A new one takes two minutes; the query ids stay as they are.</source>
        <translation>Er galt bis {day}. Ein neuer braucht zwei Minuten; die Abfrage-IDs bleiben.</translation>
    </message>
    <message>
        <source>{depots} and {last}</source>
        <translation>{depots} und {last}</translation>
    </message>
    <message>
        <source>{depots} and {count} more</source>
        <translation>{depots} und {count} weiteren</translation>
    </message>
    <message>
        <source>Renew token</source>
        <translation>Prüfcode erneuern</translation>
    </message>
</context>
<context>
    <name>Renewal</name>
    <message>
        <source>{depot} needs a new token</source>
        <translation>{depot} braucht einen neuen Prüfcode</translation>
    </message>
    <message>
        <source>IBKR does not know the token of {depot}</source>
        <translation>IBKR kennt den Prüfcode von {depot} nicht</translation>
    </message>
    <message>
        <source>The token of {depot} is tied to another address</source>
        <translation>Der Prüfcode von {depot} gilt für eine andere Adresse</translation>
    </message>
    <message>
        <source>IBKR has locked the token of {depot}</source>
        <translation>IBKR hat den Prüfcode von {depot} gesperrt</translation>
    </message>
    <message>
        <source>The Flex Web Service is switched off for {depot}</source>
        <translation>Der Flex-Web-Service ist für {depot} ausgeschaltet</translation>
    </message>
    <message>
        <source>The token of {depot} is not there</source>
        <translation>Der Prüfcode von {depot} ist nicht da</translation>
    </message>
    <message>
        <source>Make the old token of {depot} void</source>
        <translation>Den alten Prüfcode von {depot} ungültig machen</translation>
    </message>
    <message>
        <source>New token for {depot}</source>
        <translation>Neuer Prüfcode für {depot}</translation>
    </message>
    <message>
        <source>Generating a new token at IBKR makes the old one void at once, wherever it may have gone. With a token one can read reports; nobody can trade or move money with it.</source>
        <translation>Wird bei IBKR ein neuer Prüfcode erzeugt, ist der alte sofort ungültig, wohin er auch gelangt ist. Mit einem Prüfcode lassen sich Berichte lesen; handeln oder Geld bewegen kann damit niemand.</translation>
    </message>
    <message>
        <source>If you still have it, enter it again: it is as good as before.</source>
        <translation>Wenn Sie ihn noch haben, geben Sie ihn wieder ein: Er gilt wie zuvor.</translation>
    </message>
    <message>
        <source>Until {time} we ask nothing with this token; a new one can be used at once.</source>
        <translation>Bis {time} fragen wir mit diesem Prüfcode nichts; ein neuer lässt sich sofort verwenden.</translation>
    </message>
    <message>
        <source>The token is valid until {day}.</source>
        <translation>Der Prüfcode gilt bis {day}.</translation>
    </message>
    <message>
        <source>Your query ids stay valid.</source>
        <translation>Ihre Abfrage-IDs bleiben gültig.</translation>
    </message>
    <message>
        <source>Your query ids stay valid. You can go on working; this window waits.</source>
        <translation>Ihre Abfrage-IDs bleiben gültig. Sie können in Ruhe weiterarbeiten; dieses Fenster wartet.</translation>
    </message>
    <message>
        <source>Compare the query ids with those under Settings → Depots: a wrong one may have earned the lock</source>
        <translation>Die Abfrage-IDs mit denen unter Einstellungen → Depots vergleichen: Eine falsche kann zur Sperre geführt haben</translation>
    </message>
    <message>
        <source>If not:</source>
        <translation>Wenn nicht:</translation>
    </message>
    <message>
        <source>With Valid for IP Address a token works from that one address only, so that a stolen one is of no use elsewhere. That suits a connection with a fixed address; most at home change, and fetching then stops with code 1013.</source>
        <translation>Mit „Gültig für die IP-Adresse“ (Valid for IP Address) gilt ein Prüfcode nur von dieser einen Adresse aus; ein gestohlener nützt anderswo nichts. Das passt zu einem Anschluss mit fester Adresse; die meisten zu Hause wechseln sie, und der Abruf endet dann mit Code 1013.</translation>
    </message>
    <message>
        <source>A tied token works from that one address only. Most connections at home change their address from time to time, also a VPN or another network does; without an address the token works from everywhere.</source>
        <translation>Ein so gebundener Prüfcode gilt nur von dieser einen Adresse aus. Die meisten Anschlüsse zu Hause wechseln ihre Adresse von Zeit zu Zeit, ein VPN oder ein anderes Netz ebenso; ohne Adresse gilt der Prüfcode von überall.</translation>
    </message>
</context>
<context>
    <name>RenewalWindow</name>
    <message>
        <source>Renew token</source>
        <translation>Prüfcode erneuern</translation>
    </message>
    <message>
        <source>This is how it goes at IBKR</source>
        <translation>So geht es bei IBKR</translation>
    </message>
    <message>
        <source>Also for</source>
        <translation>Gilt auch für</translation>
    </message>
    <message>
        <source>My token may have leaked</source>
        <translation>Mein Prüfcode könnte in fremde Hände gelangt sein</translation>
    </message>
    <message>
        <source>Save a calendar entry for the expiry (.ics)</source>
        <translation>Kalendereintrag zum Ablauf anlegen (.ics)</translation>
    </message>
    <message>
        <source>Token</source>
        <translation>Aktiver Prüfcode</translation>
    </message>
    <message>
        <source>Valid until</source>
        <translation>Gültig bis</translation>
    </message>
    <message>
        <source>The token is first checked with IBKR. This system has no keyring: the token is kept until you quit.</source>
        <translation>Der Prüfcode wird zuerst bei IBKR geprüft. Dieses System hat keinen Schlüsselbund: Der Prüfcode gilt bis zum Beenden.</translation>
    </message>
    <message>
        <source>The token is first checked with IBKR and only then kept in the keyring.</source>
        <translation>Der Prüfcode wird zuerst bei IBKR geprüft und erst dann im Schlüsselbund gespeichert.</translation>
    </message>
    <message>
        <source>After that ibjournal makes up for the fetch that failed.</source>
        <translation>Danach holt ibjournal den unterbrochenen Abruf nach.</translation>
    </message>
    <message>
        <source>Remind me later</source>
        <translation>Später erinnern</translation>
    </message>
    <message>
        <source>Check and save</source>
        <translation>Prüfen und speichern</translation>
    </message>
    <message>
        <source>Save unchecked</source>
        <translation>Ungeprüft speichern</translation>
    </message>
    <message>
        <source>Paste the new token here: IBKR shows it after Generate New Token.</source>
        <translation>Fügen Sie hier den neuen Prüfcode ein: IBKR zeigt ihn nach „Neuen Token generieren“.</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
    <message>
        <source>Saved; the fetch goes on.</source>
        <translation>Gespeichert; der Abruf geht weiter.</translation>
    </message>
    <message>
        <source>Saved.</source>
        <translation>Gespeichert.</translation>
    </message>
    <message>
        <source>It was kept, but IBKR refuses it.</source>
        <translation>Er wurde gespeichert, aber IBKR lehnt ihn ab.</translation>
    </message>
    <message>
        <source>Nothing was kept.</source>
        <translation>Nichts wurde gespeichert.</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Checking with IBKR…</source>
        <translation>Wird bei IBKR geprüft …</translation>
    </message>
</context>
<context>
    <name>Reports</name>
    <message>
        <source>Steps</source>
        <translation>Schritte</translation>
    </message>
    <message>
        <source>Step</source>
        <translation>Schritt</translation>
    </message>
    <message>
        <source>Result</source>
        <translation>Ergebnis</translation>
    </message>
    <message>
        <source>Took</source>
        <translation>Dauer</translation>
    </message>
    <message>
        <source>Reports of this run</source>
        <translation>Berichte dieses Laufs</translation>
    </message>
    <message>
        <source>Report</source>
        <translation>Bericht</translation>
    </message>
    <message>
        <source>Days</source>
        <translation>Tage</translation>
    </message>
    <message>
        <source>New</source>
        <translation>Neu</translation>
    </message>
    <message>
        <source>Fills that were not there before</source>
        <translation>Ausführungen, die vorher nicht da waren</translation>
    </message>
    <message>
        <source>Updated</source>
        <translation>Aktualisiert</translation>
    </message>
    <message>
        <source>Fills it changed or confirmed</source>
        <translation>Ausführungen, die er geändert oder bestätigt hat</translation>
    </message>
    <message>
        <source>Same</source>
        <translation>Gleich</translation>
    </message>
    <message>
        <source>Fills that were there already</source>
        <translation>Ausführungen, die schon da waren</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>Größe</translation>
    </message>
    <message>
        <source>Sections</source>
        <translation>Abschnitte</translation>
    </message>
    <message>
        <source>Section</source>
        <translation>Abschnitt</translation>
    </message>
    <message>
        <source>Rows</source>
        <translation>Zeilen</translation>
    </message>
    <message>
        <source>Price</source>
        <translation>Kurs</translation>
    </message>
    <message>
        <source>Quantity</source>
        <translation>Anzahl</translation>
    </message>
    <message>
        <source>Proceeds</source>
        <translation>Erlös</translation>
    </message>
    <message>
        <source>Commission</source>
        <translation>Provision</translation>
    </message>
    <message>
        <source>Taxes</source>
        <translation>Steuern</translation>
    </message>
    <message>
        <source>Net cash</source>
        <translation>Nettobetrag</translation>
    </message>
    <message>
        <source>Currency of the commission</source>
        <translation>Währung der Provision</translation>
    </message>
    <message>
        <source>Opens or closes</source>
        <translation>Eröffnet oder schließt</translation>
    </message>
    <message>
        <source>Codes</source>
        <translation>Codes</translation>
    </message>
    <message>
        <source>Trade date</source>
        <translation>Handelstag</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>Zeit</translation>
    </message>
    <message>
        <source>Activity replaced the confirmation</source>
        <translation>Der Kontoumsatz hat die Handelsbestätigung ersetzt</translation>
    </message>
    <message>
        <source>A later report tells it otherwise</source>
        <translation>Ein späterer Bericht nennt es anders</translation>
    </message>
    <message>
        <source>IBKR corrected the fill</source>
        <translation>IBKR hat die Ausführung korrigiert</translation>
    </message>
    <message>
        <source>What changed in fills</source>
        <translation>Was sich an Ausführungen geändert hat</translation>
    </message>
    <message>
        <source>Symbol</source>
        <translation>Symbol</translation>
    </message>
    <message>
        <source>Fill</source>
        <translation>Ausführung</translation>
    </message>
    <message>
        <source>Field</source>
        <translation>Feld</translation>
    </message>
    <message>
        <source>Before</source>
        <translation>Vorher</translation>
    </message>
    <message>
        <source>After</source>
        <translation>Nachher</translation>
    </message>
    <message>
        <source>Missing fills</source>
        <translation>Fehlende Ausführungen</translation>
    </message>
    <message>
        <source>Known from</source>
        <translation>Bekannt aus</translation>
    </message>
    <message>
        <source>Depot</source>
        <translation>Depot</translation>
    </message>
    <message>
        <source>Warnings</source>
        <translation>Hinweise</translation>
    </message>
    <message>
        <source>Fetches and imports</source>
        <translation>Abrufe und Importe</translation>
    </message>
    <message>
        <source>with warnings</source>
        <translation>mit Hinweisen</translation>
    </message>
    <message>
        <source>done</source>
        <translation>fertig</translation>
    </message>
    <message>
        <source>failed</source>
        <translation>fehlgeschlagen</translation>
    </message>
    <message>
        <source>cancelled</source>
        <translation>abgebrochen</translation>
    </message>
    <message>
        <source>left out</source>
        <translation>ausgelassen</translation>
    </message>
    <message>
        <source>running</source>
        <translation>läuft</translation>
    </message>
    <message>
        <source>interrupted</source>
        <translation>unterbrochen</translation>
    </message>
    <message>
        <source>Fetch</source>
        <translation>Abruf</translation>
    </message>
    <message>
        <source>Import</source>
        <translation>Import</translation>
    </message>
    <message>
        <source>Files</source>
        <translation>Dateien</translation>
    </message>
    <message>
        <source>Activity</source>
        <translation>Kontoumsatz</translation>
    </message>
    <message>
        <source>Trade Confirmation</source>
        <translation>Handelsbestätigung</translation>
    </message>
    <message>
        <source>Trades rebuilt</source>
        <translation>Trades neu gebildet</translation>
    </message>
    <message>
        <source>No report</source>
        <translation>Kein Bericht</translation>
    </message>
</context>
<context>
    <name>ReportsScreen</name>
    <message>
        <source>Reports</source>
        <translation>Berichte</translation>
    </message>
    <message>
        <source>Every fetch and import will stand here</source>
        <translation>Hier steht jeder Abruf und Import</translation>
    </message>
    <message>
        <source>With what it brought, its warnings, and the report as IBKR wrote it.</source>
        <translation>Mit dem, was er brachte, seinen Hinweisen und dem Bericht, wie IBKR ihn schrieb.</translation>
    </message>
    <message>
        <source>Import files…</source>
        <translation>Dateien importieren …</translation>
    </message>
    <message>
        <source>1 run</source>
        <translation>1 Lauf</translation>
    </message>
    <message numerus="yes">
        <source>%Ln runs</source>
        <translation>
            <numerusform>%Ln Lauf</numerusform>
            <numerusform>%Ln Läufe</numerusform>
        </translation>
    </message>
    <message>
        <source>{count} failed</source>
        <translation>{count} fehlgeschlagen</translation>
    </message>
</context>
<context>
    <name>ReviewBox</name>
    <message>
        <source>Confirm</source>
        <translation>Bestätigen</translation>
    </message>
    <message>
        <source>Split</source>
        <translation>Trennen</translation>
    </message>
    <message>
        <source>Rename…</source>
        <translation>Umbenennen …</translation>
    </message>
    <message>
        <source>{structure}?</source>
        <translation>{structure}?</translation>
    </message>
    <message>
        <source>Or is it: {structure}?</source>
        <translation>Oder ist es: {structure}?</translation>
    </message>
</context>
<context>
    <name>RowPane</name>
    <message>
        <source>Attributes</source>
        <translation>Attribute</translation>
    </message>
    <message>
        <source>XML</source>
        <translation>XML</translation>
    </message>
    <message>
        <source>How the row is shown</source>
        <translation>Wie die Zeile angezeigt wird</translation>
    </message>
    <message>
        <source>Attributes of the row</source>
        <translation>Attribute der Zeile</translation>
    </message>
    <message>
        <source>Row as IBKR wrote it</source>
        <translation>Zeile, wie IBKR sie schrieb</translation>
    </message>
    <message>
        <source>Copy the row</source>
        <translation>Zeile kopieren</translation>
    </message>
    <message>
        <source>Open in Reports</source>
        <translation>In Berichte öffnen</translation>
    </message>
    <message>
        <source>No row of its own</source>
        <translation>Keine eigene Zeile</translation>
    </message>
    <message>
        <source>This link is worked out from those below it. Choose one of them to see its row.</source>
        <translation>Dieses Glied ist aus denen darunter errechnet. Wählen Sie eines davon, um seine Zeile zu sehen.</translation>
    </message>
    <message>
        <source>{section}, row {number}</source>
        <translation>{section}, Zeile {number}</translation>
    </message>
    <message>
        <source>The text is not shown while amounts are hidden.</source>
        <translation>Der Text wird nicht angezeigt, solange Beträge verborgen sind.</translation>
    </message>
    <message>
        <source>Letter by letter as it came</source>
        <translation>Buchstabe für Buchstabe, wie es kam</translation>
    </message>
    <message>
        <source>Attribute</source>
        <translation>Attribut</translation>
    </message>
    <message>
        <source>Value</source>
        <translation>Wert</translation>
    </message>
    <message>
        <source>Meaning</source>
        <translation>Bedeutung</translation>
    </message>
</context>
<context>
    <name>RunPane</name>
    <message>
        <source>Steps</source>
        <translation>Schritte</translation>
    </message>
    <message>
        <source>Reports</source>
        <translation>Berichte</translation>
    </message>
    <message>
        <source>What changed when provisional fills became final</source>
        <translation>Was sich änderte, als vorläufige Ausführungen endgültig wurden</translation>
    </message>
    <message>
        <source>Missing fills</source>
        <translation>Fehlende Ausführungen</translation>
    </message>
    <message>
        <source>A later report over their days leaves them out; they count in no trade</source>
        <translation>Ein späterer Bericht über ihre Tage kennt sie nicht; sie zählen zu keinem Trade</translation>
    </message>
    <message>
        <source>took {time}</source>
        <translation>Dauer {time}</translation>
    </message>
    <message>
        <source>{count} new fills</source>
        <translation>{count} neue Ausführungen</translation>
    </message>
    <message>
        <source>1 provisional fill became final</source>
        <translation>1 vorläufige Ausführung wurde endgültig</translation>
    </message>
    <message numerus="yes">
        <source>%Ln provisional fills became final</source>
        <translation>
            <numerusform>%Ln vorläufige Ausführung wurde endgültig</numerusform>
            <numerusform>%Ln vorläufige Ausführungen wurden endgültig</numerusform>
        </translation>
    </message>
    <message>
        <source>{count} of them changed</source>
        <translation>{count} davon geändert</translation>
    </message>
</context>
<context>
    <name>Safety</name>
    <message>
        <source>its token in the keyring</source>
        <translation>sein Prüfcode im Schlüsselbund</translation>
    </message>
    <message>
        <source>its token, if the keyring holds one (it cannot be asked just now)</source>
        <translation>sein Prüfcode, falls der Schlüsselbund einen hat (er antwortet gerade nicht)</translation>
    </message>
    <message>
        <source>its query id {ids}</source>
        <translation>seine Abfrage-ID {ids}</translation>
    </message>
    <message>
        <source>its query ids {ids}</source>
        <translation>seine Abfrage-IDs {ids}</translation>
    </message>
    <message>
        <source>the depot itself, since it has no accounts</source>
        <translation>das Depot selbst, denn es hat keine Konten</translation>
    </message>
    <message>
        <source>Nothing goes: the depot has no token and no queries.</source>
        <translation>Es geht nichts verloren: Das Depot hat keinen Prüfcode und keine Abfragen.</translation>
    </message>
    <message>
        <source>What goes: {things}. It is fetched no more.</source>
        <translation>Was geht: {things}. Das Depot wird nicht mehr abgerufen.</translation>
    </message>
    <message>
        <source>What stays: {things}.</source>
        <translation>Was bleibt: {things}.</translation>
    </message>
    <message>
        <source>The depot stays in the list, fed by files.</source>
        <translation>Das Depot bleibt in der Liste und wird aus Dateien gespeist.</translation>
    </message>
    <message>
        <source>The token that {depots} holds stays where it is.</source>
        <translation>Der Prüfcode, den {depots} hat, bleibt, wo er ist.</translation>
    </message>
    <message>
        <source>Other depots and all backups are not touched.</source>
        <translation>Andere Depots und alle Sicherungen bleiben unberührt.</translation>
    </message>
    <message>
        <source>Remove it? [y/N]</source>
        <translation>Entfernen? [j/N]</translation>
    </message>
    <message>
        <source>Not everything that you wrote could be read in the damaged database.</source>
        <translation>Nicht alles, was Sie geschrieben haben, war in der beschädigten Datenbank noch lesbar.</translation>
    </message>
    <message>
        <source>{symbol}: “{text}”</source>
        <translation>{symbol}: „{text}“</translation>
    </message>
</context>
<context>
    <name>SchedulePage</name>
    <message>
        <source>Schedule</source>
        <translation>Zeitplan</translation>
    </message>
    <message>
        <source>In the background</source>
        <translation>Im Hintergrund</translation>
    </message>
    <message>
        <source>Fetch reports by itself</source>
        <translation>Berichte automatisch abrufen</translation>
    </message>
    <message>
        <source>When the program starts</source>
        <translation>Beim Start des Programms</translation>
    </message>
    <message>
        <source>Once Activity is due</source>
        <translation>Sobald der Kontoumsatz fällig ist</translation>
    </message>
    <message>
        <source>Daily at</source>
        <translation>Täglich um</translation>
    </message>
    <message>
        <source>Time of the daily fetch</source>
        <translation>Uhrzeit des täglichen Abrufs</translation>
    </message>
    <message>
        <source>IBKR publishes Activity on the morning after each business day, from about {time} on your clock. Where it is late, the program asks again a few times a day, further and further apart.</source>
        <translation>IBKR veröffentlicht den Kontoumsatz am Morgen nach jedem Geschäftstag, etwa ab {time} Ihrer Zeit. Verspätet er sich, fragt das Programm einige Male am Tag nach, in wachsenden Abständen.</translation>
    </message>
    <message>
        <source>A fetch that the computer slept through is made up for when it wakes.</source>
        <translation>Was der Computer im Ruhezustand versäumt, wird nach dem Aufwachen nachgeholt.</translation>
    </message>
    <message>
        <source>Nothing is fetched by itself; the button at the top always works.</source>
        <translation>Nichts wird automatisch abgerufen; die Schaltfläche oben geht immer.</translation>
    </message>
    <message>
        <source>Depots that are paused are left out.</source>
        <translation>Pausierte Depots werden ausgelassen.</translation>
    </message>
    <message>
        <source>Show an icon in the tray</source>
        <translation>Symbol im Infobereich anzeigen</translation>
    </message>
    <message>
        <source>Go on in the tray when the window is closed</source>
        <translation>Nach dem Schließen des Fensters im Infobereich weiterlaufen</translation>
    </message>
    <message>
        <source>Start with the session</source>
        <translation>Mit der Anmeldung starten</translation>
    </message>
    <message>
        <source>This desktop has no tray: fetching goes on as long as the window is open.</source>
        <translation>Diese Oberfläche hat keinen Infobereich: Abgerufen wird, solange das Fenster offen ist.</translation>
    </message>
    <message>
        <source>Begins without a window, where there is a tray.</source>
        <translation>Beginnt ohne Fenster, sofern es einen Infobereich gibt.</translation>
    </message>
    <message>
        <source>The file that starts programs could not be written: {file}</source>
        <translation>Die Autostart-Datei ließ sich nicht schreiben: {file}</translation>
    </message>
</context>
<context>
    <name>SettingsDialog</name>
    <message>
        <source>Settings</source>
        <translation>Einstellungen</translation>
    </message>
    <message>
        <source>Pages</source>
        <translation>Seiten</translation>
    </message>
    <message>
        <source>Depots</source>
        <translation>Depots</translation>
    </message>
    <message>
        <source>Schedule</source>
        <translation>Zeitplan</translation>
    </message>
    <message>
        <source>Data</source>
        <translation>Daten</translation>
    </message>
    <message>
        <source>Appearance</source>
        <translation>Darstellung</translation>
    </message>
    <message>
        <source>Diagnosis</source>
        <translation>Diagnose</translation>
    </message>
    <message>
        <source>About</source>
        <translation>Über</translation>
    </message>
</context>
<context>
    <name>Sidebar</name>
    <message>
        <source>Settings</source>
        <translation>Einstellungen</translation>
    </message>
    <message>
        <source>Navigation</source>
        <translation>Navigation</translation>
    </message>
    <message>
        <source>Menu</source>
        <translation>Menü</translation>
    </message>
</context>
<context>
    <name>StatusLine</name>
    <message>
        <source>Not up to date</source>
        <translation>Nicht aktuell</translation>
    </message>
    <message>
        <source>Starting…</source>
        <translation>Wird gestartet …</translation>
    </message>
    <message>
        <source>{depot}: done</source>
        <translation>{depot}: fertig</translation>
    </message>
    <message>
        <source>{depot}: not fetched</source>
        <translation>{depot}: nicht abgerufen</translation>
    </message>
</context>
<context>
    <name>StepList</name>
    <message>
        <source>Open client portal</source>
        <translation>Kundenportal öffnen</translation>
    </message>
</context>
<context>
    <name>StepsSide</name>
    <message>
        <source>Stays with you</source>
        <translation>Bleibt bei Ihnen</translation>
    </message>
    <message>
        <source>A token is never written into a file. ibjournal talks to IBKR and to nobody else.</source>
        <translation>Der Prüfcode steht nie in einer Datei. ibjournal spricht ausschließlich mit IBKR.</translation>
    </message>
    <message>
        <source>Step {number} of {total}: {name}</source>
        <translation>Schritt {number} von {total}: {name}</translation>
    </message>
</context>
<context>
    <name>Strategies</name>
    <message>
        <source>Legs</source>
        <translation>Beine</translation>
    </message>
    <message>
        <source>A double click shows the trade</source>
        <translation>Ein Doppelklick zeigt den Trade</translation>
    </message>
    <message>
        <source>Qty</source>
        <translation>Anz.</translation>
    </message>
    <message>
        <source>Leg</source>
        <translation>Bein</translation>
    </message>
    <message>
        <source>Expiry</source>
        <translation>Verfall</translation>
    </message>
    <message>
        <source>Price</source>
        <translation>Kurs</translation>
    </message>
    <message>
        <source>open</source>
        <translation>offen</translation>
    </message>
    <message>
        <source>closed</source>
        <translation>geschlossen</translation>
    </message>
    <message>
        <source>To review: {reasons}</source>
        <translation>Zu prüfen: {reasons}</translation>
    </message>
    <message>
        <source>By you</source>
        <translation>Von Ihnen</translation>
    </message>
    <message>
        <source>Net P&amp;L</source>
        <translation>Gewinn netto</translation>
    </message>
    <message>
        <source>Strategies</source>
        <translation>Strategien</translation>
    </message>
    <message>
        <source>Opened</source>
        <translation>Eröffnet</translation>
    </message>
    <message>
        <source>Symbol</source>
        <translation>Symbol</translation>
    </message>
    <message>
        <source>Strategy</source>
        <translation>Strategie</translation>
    </message>
    <message>
        <source>Number of legs; a click, or the right arrow key, shows them</source>
        <translation>Anzahl der Beine; ein Klick oder die Pfeiltaste nach rechts zeigt sie</translation>
    </message>
    <message>
        <source>Credit/debit</source>
        <translation>Prämie</translation>
    </message>
    <message>
        <source>What opening it brought (+) or cost (−), without fees, in its own currency</source>
        <translation>Was die Eröffnung brachte (+, Credit) oder kostete (−, Debit), ohne Gebühren, in der Handelswährung</translation>
    </message>
    <message>
        <source>Closed</source>
        <translation>Geschlossen</translation>
    </message>
    <message>
        <source>Why</source>
        <translation>Warum</translation>
    </message>
    <message>
        <source>How sure it is that the legs belong together, and what speaks for it</source>
        <translation>Wie sicher es ist, dass die Beine zusammengehören, und was dafür spricht</translation>
    </message>
    <message>
        <source>Net, traded</source>
        <translation>Netto, Handelswährung</translation>
    </message>
    <message>
        <source>Net result in the currency of the trade</source>
        <translation>Nettoergebnis in der Währung des Trades</translation>
    </message>
    <message>
        <source>Realised result after fees, at the rates of the closing fills</source>
        <translation>Realisiertes Ergebnis nach Gebühren, zu den Kursen der schließenden Ausführungen</translation>
    </message>
    <message>
        <source>Long call</source>
        <translation>Long Call</translation>
    </message>
    <message>
        <source>Short call</source>
        <translation>Short Call</translation>
    </message>
    <message>
        <source>Long put</source>
        <translation>Long Put</translation>
    </message>
    <message>
        <source>Short put</source>
        <translation>Short Put</translation>
    </message>
    <message>
        <source>Cash-secured put</source>
        <translation>Cash-Secured Put</translation>
    </message>
    <message>
        <source>Bull call spread</source>
        <translation>Bull-Call-Spread</translation>
    </message>
    <message>
        <source>Bear call spread</source>
        <translation>Bear-Call-Spread</translation>
    </message>
    <message>
        <source>Bull put spread</source>
        <translation>Bull-Put-Spread</translation>
    </message>
    <message>
        <source>Bear put spread</source>
        <translation>Bear-Put-Spread</translation>
    </message>
    <message>
        <source>Call ratio spread</source>
        <translation>Call-Ratio-Spread</translation>
    </message>
    <message>
        <source>Put ratio spread</source>
        <translation>Put-Ratio-Spread</translation>
    </message>
    <message>
        <source>Call backspread</source>
        <translation>Call-Backspread</translation>
    </message>
    <message>
        <source>Put backspread</source>
        <translation>Put-Backspread</translation>
    </message>
    <message>
        <source>Long straddle</source>
        <translation>Long Straddle</translation>
    </message>
    <message>
        <source>Short straddle</source>
        <translation>Short Straddle</translation>
    </message>
    <message>
        <source>Long strangle</source>
        <translation>Long Strangle</translation>
    </message>
    <message>
        <source>Short strangle</source>
        <translation>Short Strangle</translation>
    </message>
    <message>
        <source>Long guts</source>
        <translation>Long Guts</translation>
    </message>
    <message>
        <source>Short guts</source>
        <translation>Short Guts</translation>
    </message>
    <message>
        <source>Strap</source>
        <translation>Strap</translation>
    </message>
    <message>
        <source>Strip</source>
        <translation>Strip</translation>
    </message>
    <message>
        <source>Long butterfly</source>
        <translation>Long Butterfly</translation>
    </message>
    <message>
        <source>Short butterfly</source>
        <translation>Short Butterfly</translation>
    </message>
    <message>
        <source>Long broken-wing butterfly</source>
        <translation>Long Broken-Wing-Butterfly</translation>
    </message>
    <message>
        <source>Short broken-wing butterfly</source>
        <translation>Short Broken-Wing-Butterfly</translation>
    </message>
    <message>
        <source>Iron butterfly</source>
        <translation>Iron Butterfly</translation>
    </message>
    <message>
        <source>Reverse iron butterfly</source>
        <translation>Reverse Iron Butterfly</translation>
    </message>
    <message>
        <source>Iron condor</source>
        <translation>Iron Condor</translation>
    </message>
    <message>
        <source>Reverse iron condor</source>
        <translation>Reverse Iron Condor</translation>
    </message>
    <message>
        <source>Long condor</source>
        <translation>Long Condor</translation>
    </message>
    <message>
        <source>Short condor</source>
        <translation>Short Condor</translation>
    </message>
    <message>
        <source>Long box</source>
        <translation>Long Box-Spread</translation>
    </message>
    <message>
        <source>Short box</source>
        <translation>Short Box-Spread</translation>
    </message>
    <message>
        <source>Jade lizard</source>
        <translation>Jade Lizard</translation>
    </message>
    <message>
        <source>Reverse jade lizard</source>
        <translation>Reverse Jade Lizard</translation>
    </message>
    <message>
        <source>Calendar spread</source>
        <translation>Kalender-Spread</translation>
    </message>
    <message>
        <source>Short calendar spread</source>
        <translation>Short Kalender-Spread</translation>
    </message>
    <message>
        <source>Diagonal spread</source>
        <translation>Diagonal-Spread</translation>
    </message>
    <message>
        <source>Short diagonal spread</source>
        <translation>Short Diagonal-Spread</translation>
    </message>
    <message>
        <source>Poor man’s covered call</source>
        <translation>Poor Man’s Covered Call</translation>
    </message>
    <message>
        <source>Poor man’s covered put</source>
        <translation>Poor Man’s Covered Put</translation>
    </message>
    <message>
        <source>Double calendar</source>
        <translation>Doppel-Kalender</translation>
    </message>
    <message>
        <source>Short double calendar</source>
        <translation>Short Doppel-Kalender</translation>
    </message>
    <message>
        <source>Double diagonal</source>
        <translation>Doppel-Diagonal</translation>
    </message>
    <message>
        <source>Short double diagonal</source>
        <translation>Short Doppel-Diagonal</translation>
    </message>
    <message>
        <source>Synthetic long</source>
        <translation>Synthetische Aktie, long</translation>
    </message>
    <message>
        <source>Synthetic short</source>
        <translation>Synthetische Aktie, short</translation>
    </message>
    <message>
        <source>Risk reversal</source>
        <translation>Risk Reversal</translation>
    </message>
    <message>
        <source>Covered call</source>
        <translation>Covered Call</translation>
    </message>
    <message>
        <source>Covered put</source>
        <translation>Covered Put</translation>
    </message>
    <message>
        <source>Protective put</source>
        <translation>Protective Put</translation>
    </message>
    <message>
        <source>Protective call</source>
        <translation>Protective Call</translation>
    </message>
    <message>
        <source>Covered straddle</source>
        <translation>Covered Straddle</translation>
    </message>
    <message>
        <source>Covered strangle</source>
        <translation>Covered Strangle</translation>
    </message>
    <message>
        <source>Collar</source>
        <translation>Collar</translation>
    </message>
    <message>
        <source>Conversion</source>
        <translation>Conversion</translation>
    </message>
    <message>
        <source>Reversal</source>
        <translation>Reversal</translation>
    </message>
    <message>
        <source>Custom</source>
        <translation>Freie Kombination</translation>
    </message>
    <message>
        <source>combination</source>
        <translation>Kombi-Order</translation>
    </message>
    <message>
        <source>same order</source>
        <translation>gleiche Order</translation>
    </message>
    <message>
        <source>stands alone</source>
        <translation>für sich</translation>
    </message>
    <message>
        <source>{seconds} s apart</source>
        <translation>{seconds} s Abstand</translation>
    </message>
    <message>
        <source>same second</source>
        <translation>gleiche Sekunde</translation>
    </message>
    <message>
        <source>makes a {structure}</source>
        <translation>ergibt {structure}</translation>
    </message>
    <message>
        <source>{ratio}</source>
        <translation>{ratio}</translation>
    </message>
    <message>
        <source>in {times} goes</source>
        <translation>in {times} Schritten</translation>
    </message>
    <message>
        <source>shares held</source>
        <translation>Aktien im Bestand</translation>
    </message>
    <message>
        <source>option held</source>
        <translation>Option im Bestand</translation>
    </message>
    <message>
        <source>same day</source>
        <translation>gleicher Tag</translation>
    </message>
    <message>
        <source>rolled</source>
        <translation>gerollt</translation>
    </message>
    <message>
        <source>by you</source>
        <translation>von Ihnen</translation>
    </message>
    <message>
        <source>IBKR executed the {legs} legs as one combination.</source>
        <translation>IBKR hat die {legs} Beine als eine Kombination ausgeführt.</translation>
    </message>
    <message>
        <source>The {legs} legs carry the same order number.</source>
        <translation>Die {legs} Beine tragen dieselbe Ordernummer.</translation>
    </message>
    <message>
        <source>Nothing else was opened in this underlying at about that time.</source>
        <translation>Um diese Zeit wurde in diesem Basiswert sonst nichts eröffnet.</translation>
    </message>
    <message>
        <source>The legs have orders of their own, {seconds} s apart; up to {limit} s are looked at together.</source>
        <translation>Die Beine haben eigene Orders im Abstand von {seconds} s; bis {limit} s werden sie zusammen betrachtet.</translation>
    </message>
    <message>
        <source>The legs have orders of their own, filled in the same second.</source>
        <translation>Die Beine haben eigene Orders, ausgeführt in derselben Sekunde.</translation>
    </message>
    <message>
        <source>Together they make a structure that traders know: {structure}.</source>
        <translation>Zusammen ergeben sie eine bekannte Struktur: {structure}.</translation>
    </message>
    <message>
        <source>Their quantities stand as {ratio}.</source>
        <translation>Ihre Stückzahlen stehen im Verhältnis {ratio}.</translation>
    </message>
    <message>
        <source>It was built up in {times} goes, always in the same proportion.</source>
        <translation>Aufgebaut in {times} Schritten, immer im selben Verhältnis.</translation>
    </message>
    <message>
        <source>{quantity} units of {symbol} were held when it was opened, which is enough to cover it.</source>
        <translation>Bei der Eröffnung waren {quantity} Stück {symbol} im Bestand; das genügt zur Deckung.</translation>
    </message>
    <message>
        <source>{symbol} was held when it was opened.</source>
        <translation>Bei der Eröffnung war {symbol} im Bestand.</translation>
    </message>
    <message>
        <source>The legs were opened on the same day, not together.</source>
        <translation>Die Beine wurden am selben Tag eröffnet, aber nicht gemeinsam.</translation>
    </message>
    <message>
        <source>The order that opened it closed {symbol}: it was rolled.</source>
        <translation>Die eröffnende Order hat {symbol} geschlossen: gerollt.</translation>
    </message>
    <message>
        <source>You put these legs together.</source>
        <translation>Sie haben diese Beine zusammengestellt.</translation>
    </message>
    <message>
        <source>You took these legs apart from others.</source>
        <translation>Sie haben diese Beine von anderen getrennt.</translation>
    </message>
    <message>
        <source>You confirmed it.</source>
        <translation>Sie haben es bestätigt.</translation>
    </message>
    <message>
        <source>You said what it is.</source>
        <translation>Sie haben gesagt, was es ist.</translation>
    </message>
    <message>
        <source>Credit</source>
        <translation>Credit</translation>
    </message>
    <message>
        <source>Debit</source>
        <translation>Debit</translation>
    </message>
    <message>
        <source>Even</source>
        <translation>Ausgeglichen</translation>
    </message>
    <message>
        <source>certain</source>
        <translation>sicher</translation>
    </message>
    <message>
        <source>likely</source>
        <translation>wahrscheinlich</translation>
    </message>
    <message>
        <source>a guess</source>
        <translation>Vermutung</translation>
    </message>
</context>
<context>
    <name>StrategiesPart</name>
    <message>
        <source>It is a…</source>
        <translation>Es ist …</translation>
    </message>
    <message>
        <source>Show the trade {symbol}</source>
        <translation>Trade {symbol} anzeigen</translation>
    </message>
    <message>
        <source>Where does this number come from?</source>
        <translation>Woher kommt diese Zahl?</translation>
    </message>
    <message>
        <source>Save as CSV…</source>
        <translation>Als CSV speichern …</translation>
    </message>
    <message>
        <source>{count} to review</source>
        <translation>{count} zu prüfen</translation>
    </message>
    <message>
        <source>{count} selected</source>
        <translation>{count} ausgewählt</translation>
    </message>
    <message>
        <source>Name the strategy</source>
        <translation>Strategie benennen</translation>
    </message>
    <message>
        <source>Confirm</source>
        <translation>Bestätigen</translation>
    </message>
    <message>
        <source>The guess is right</source>
        <translation>Die Vermutung stimmt</translation>
    </message>
    <message>
        <source>Split</source>
        <translation>Trennen</translation>
    </message>
    <message>
        <source>Each leg by itself</source>
        <translation>Jedes Bein für sich</translation>
    </message>
    <message>
        <source>Merge</source>
        <translation>Vereinen</translation>
    </message>
    <message>
        <source>Make one strategy of the selected ones</source>
        <translation>Die ausgewählten zu einer Strategie vereinen</translation>
    </message>
    <message>
        <source>Rename…</source>
        <translation>Umbenennen …</translation>
    </message>
    <message>
        <source>Name it, or say what it is</source>
        <translation>Benennen oder sagen, was es ist</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>Rückgängig</translation>
    </message>
    <message>
        <source>Take back what you did last</source>
        <translation>Das Letzte zurücknehmen</translation>
    </message>
    <message>
        <source>Nothing to review</source>
        <translation>Nichts zu prüfen</translation>
    </message>
    <message>
        <source>1 to review: Enter confirms it</source>
        <translation>1 zu prüfen: Eingabe bestätigt</translation>
    </message>
    <message numerus="yes">
        <source>%Ln to review: select them, Enter confirms</source>
        <translation>
            <numerusform>%Ln zu prüfen: Eingabe bestätigt</numerusform>
            <numerusform>%Ln zu prüfen: auswählen, Eingabe bestätigt</numerusform>
        </translation>
    </message>
    <message>
        <source>No strategies</source>
        <translation>Keine Strategien</translation>
    </message>
    <message>
        <source>Options and what covers them stand here, leg by leg.</source>
        <translation>Hier stehen Optionen und was sie deckt, Bein für Bein.</translation>
    </message>
    <message>
        <source>Every strategy of this period is certain, or was confirmed by you.</source>
        <translation>Jede Strategie dieses Zeitraums ist sicher oder von Ihnen bestätigt.</translation>
    </message>
    <message>
        <source>Show all</source>
        <translation>Alle anzeigen</translation>
    </message>
    <message>
        <source>No strategies in this period</source>
        <translation>Keine Strategien in diesem Zeitraum</translation>
    </message>
    <message>
        <source>1 strategy in this period.</source>
        <translation>1 Strategie in diesem Zeitraum.</translation>
    </message>
    <message numerus="yes">
        <source>%Ln strategies in this period.</source>
        <translation>
            <numerusform>%Ln Strategie in diesem Zeitraum.</numerusform>
            <numerusform>%Ln Strategien in diesem Zeitraum.</numerusform>
        </translation>
    </message>
    <message>
        <source>No strategy of this period fits the search.</source>
        <translation>Keine Strategie dieses Zeitraums passt zur Suche.</translation>
    </message>
    <message>
        <source>1 strategy</source>
        <translation>1 Strategie</translation>
    </message>
    <message numerus="yes">
        <source>%Ln strategies</source>
        <translation>
            <numerusform>%Ln Strategie</numerusform>
            <numerusform>%Ln Strategien</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>StrategyPane</name>
    <message>
        <source>Previous strategy</source>
        <translation>Vorherige Strategie</translation>
    </message>
    <message>
        <source>Next strategy</source>
        <translation>Nächste Strategie</translation>
    </message>
    <message>
        <source>Belongs to it</source>
        <translation>Gehört dazu</translation>
    </message>
    <message>
        <source>No strategy selected</source>
        <translation>Keine Strategie ausgewählt</translation>
    </message>
    <message>
        <source>Choose a strategy to see its legs and what came of it.</source>
        <translation>Wählen Sie eine Strategie, um ihre Beine und ihr Ergebnis zu sehen.</translation>
    </message>
    <message>
        <source>{count} ×</source>
        <translation>{count} ×</translation>
    </message>
    <message>
        <source>net, at the rates of closing</source>
        <translation>netto, zu Schließungskursen</translation>
    </message>
    <message>
        <source>nothing closed yet</source>
        <translation>noch nichts geschlossen</translation>
    </message>
    <message>
        <source>Gross, {currency}</source>
        <translation>Brutto, {currency}</translation>
    </message>
    <message>
        <source>Fees, {currency}</source>
        <translation>Gebühren, {currency}</translation>
    </message>
    <message>
        <source>Covered by {quantity} {symbol}</source>
        <translation>Gedeckt durch {quantity} {symbol}</translation>
    </message>
    <message>
        <source>net, after fees</source>
        <translation>netto, nach Gebühren</translation>
    </message>
    <message>
        <source>1 leg</source>
        <translation>1 Bein</translation>
    </message>
    <message numerus="yes">
        <source>%n legs</source>
        <translation>
            <numerusform>%n Bein</numerusform>
            <numerusform>%n Beine</numerusform>
        </translation>
    </message>
    <message>
        <source>open</source>
        <translation>offen</translation>
    </message>
    <message>
        <source>to review</source>
        <translation>zu prüfen</translation>
    </message>
    <message>
        <source>by you</source>
        <translation>von Ihnen</translation>
    </message>
    <message>
        <source>Net, {currency}</source>
        <translation>Netto, {currency}</translation>
    </message>
    <message>
        <source>Price effect, {currency}</source>
        <translation>Kurseffekt, {currency}</translation>
    </message>
    <message>
        <source>Currency effect, {currency}</source>
        <translation>Währungseffekt, {currency}</translation>
    </message>
    <message>
        <source>Result, {currency}</source>
        <translation>Ergebnis, {currency}</translation>
    </message>
    <message>
        <source>{day}: opened by a roll</source>
        <translation>{day}: durch Rollen eröffnet</translation>
    </message>
    <message>
        <source>{day}: rolled on into another contract</source>
        <translation>{day}: in einen anderen Kontrakt gerollt</translation>
    </message>
    <message>
        <source>still open</source>
        <translation>noch offen</translation>
    </message>
    <message>
        <source>Opened</source>
        <translation>Eröffnet</translation>
    </message>
    <message>
        <source>Closed</source>
        <translation>Geschlossen</translation>
    </message>
    <message>
        <source>What opening it brought (+) or cost (−), without fees</source>
        <translation>Was die Eröffnung brachte (+) oder kostete (−), ohne Gebühren</translation>
    </message>
    <message>
        <source>unlimited</source>
        <translation>unbegrenzt</translation>
    </message>
    <message>
        <source>Maximum profit, {currency}</source>
        <translation>Höchstgewinn, {currency}</translation>
    </message>
    <message>
        <source>Maximum loss, {currency}</source>
        <translation>Höchstverlust, {currency}</translation>
    </message>
    <message>
        <source>Break-even at expiry</source>
        <translation>Gewinnschwelle bei Verfall</translation>
    </message>
</context>
<context>
    <name>TableExport</name>
    <message>
        <source>CSV files (*.csv)</source>
        <translation>CSV-Dateien (*.csv)</translation>
    </message>
</context>
<context>
    <name>TokenCalendar</name>
    <message>
        <source>IBKR token of {depots} expires</source>
        <translation>IBKR-Prüfcode von {depots} läuft ab</translation>
    </message>
    <message>
        <source>Generate a new token at IBKR (Performance &amp; Reports → Flex Queries → Flex Web Service) and enter it in ibjournal: Settings → Depots → Renew token. The query ids stay as they are.</source>
        <translation>Bei IBKR einen neuen Prüfcode erzeugen (Performance &amp; Berichte → Flex-Queries → Flex-Web-Service) und in ibjournal eingeben: Einstellungen → Depots → Prüfcode erneuern. Die Abfrage-IDs bleiben.</translation>
    </message>
    <message>
        <source>Save calendar entry</source>
        <translation>Kalendereintrag speichern</translation>
    </message>
    <message>
        <source>Calendar entries (*.ics)</source>
        <translation>Kalendereinträge (*.ics)</translation>
    </message>
</context>
<context>
    <name>TokenField</name>
    <message>
        <source>Token</source>
        <translation>Aktiver Prüfcode</translation>
    </message>
    <message>
        <source>Show while held</source>
        <translation>Anzeigen, solange gedrückt</translation>
    </message>
    <message>
        <source>Paste</source>
        <translation>Einfügen</translation>
    </message>
    <message>
        <source>22 to 24 digits</source>
        <translation>22 bis 24 Ziffern</translation>
    </message>
    <message>
        <source>A token usually has digits only.</source>
        <translation>Ein Prüfcode besteht meist nur aus Ziffern.</translation>
    </message>
    <message numerus="yes">
        <source>%n digits, the length is right</source>
        <translation>
            <numerusform>%n Ziffer, Länge stimmt</numerusform>
            <numerusform>%n Ziffern, Länge stimmt</numerusform>
        </translation>
    </message>
    <message>
        <source>1 digit</source>
        <translation>1 Ziffer</translation>
    </message>
    <message numerus="yes">
        <source>%n digits</source>
        <translation>
            <numerusform>%n Ziffer</numerusform>
            <numerusform>%n Ziffern</numerusform>
        </translation>
    </message>
    <message>
        <source>{digits}; a token usually has 22 to 24</source>
        <translation>{digits}; ein Prüfcode hat meist 22 bis 24</translation>
    </message>
</context>
<context>
    <name>TokenUses</name>
    <message>
        <source>Use of the token</source>
        <translation>Verwendung des Prüfcodes</translation>
    </message>
    <message>
        <source>When</source>
        <translation>Wann</translation>
    </message>
    <message>
        <source>What for</source>
        <translation>Wofür</translation>
    </message>
    <message>
        <source>What came of it</source>
        <translation>Was daraus wurde</translation>
    </message>
    <message>
        <source>Fetch</source>
        <translation>Abruf</translation>
    </message>
    <message>
        <source>Test</source>
        <translation>Prüfung</translation>
    </message>
    <message>
        <source>New token</source>
        <translation>Neuer Prüfcode</translation>
    </message>
    <message>
        <source>Report received</source>
        <translation>Bericht erhalten</translation>
    </message>
    <message>
        <source>Cancelled</source>
        <translation>Abgebrochen</translation>
    </message>
    <message>
        <source>Not asked: {reason}</source>
        <translation>Nicht gefragt: {reason}</translation>
    </message>
    <message>
        <source>Activity {id}</source>
        <translation>Kontoumsatz {id}</translation>
    </message>
    <message>
        <source>Confirmation {id}</source>
        <translation>Handelsbestätigung {id}</translation>
    </message>
    <message>
        <source>Days asked for: {days}</source>
        <translation>Angefragte Tage: {days}</translation>
    </message>
</context>
<context>
    <name>Tokens</name>
    <message>
        <source>This says nothing about the token: you can keep it unchecked, and the next fetch shows whether IBKR accepts it.</source>
        <translation>Über den Prüfcode sagt das nichts: Sie können ihn ungeprüft speichern, und der nächste Abruf zeigt, ob IBKR ihn annimmt.</translation>
    </message>
    <message>
        <source>Give --unchecked for that.</source>
        <translation>Geben Sie dazu --unchecked an.</translation>
    </message>
    <message>
        <source>The token is kept, but IBKR could not check it: the next fetch shows whether IBKR accepts it.</source>
        <translation>Der Prüfcode ist gespeichert, IBKR konnte ihn aber nicht prüfen: Der nächste Abruf zeigt, ob IBKR ihn annimmt.</translation>
    </message>
</context>
<context>
    <name>TopBar</name>
    <message>
        <source>Hide amounts</source>
        <translation>Beträge verbergen</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Sync</source>
        <translation>Abrufen</translation>
    </message>
    <message>
        <source>Stop the fetch</source>
        <translation>Abruf abbrechen</translation>
    </message>
    <message>
        <source>Fetch the reports of all depots</source>
        <translation>Berichte aller Depots abrufen</translation>
    </message>
    <message>
        <source>Show amounts</source>
        <translation>Beträge anzeigen</translation>
    </message>
</context>
<context>
    <name>TradePane</name>
    <message>
        <source>Summary</source>
        <translation>Überblick</translation>
    </message>
    <message>
        <source>Fills</source>
        <translation>Ausführungen</translation>
    </message>
    <message>
        <source>Note</source>
        <translation>Notiz</translation>
    </message>
    <message>
        <source>No trade selected</source>
        <translation>Kein Trade ausgewählt</translation>
    </message>
    <message>
        <source>Choose a trade to see its fills, fees and note.</source>
        <translation>Wählen Sie einen Trade, um Ausführungen, Gebühren und Notiz zu sehen.</translation>
    </message>
    <message>
        <source>Previous trade</source>
        <translation>Vorheriger Trade</translation>
    </message>
    <message>
        <source>Next trade</source>
        <translation>Nächster Trade</translation>
    </message>
    <message>
        <source>nothing closed yet</source>
        <translation>noch nichts geschlossen</translation>
    </message>
    <message>
        <source>net, after fees</source>
        <translation>netto, nach Gebühren</translation>
    </message>
    <message>
        <source>net, at the rates of closing</source>
        <translation>netto, zu Schließungskursen</translation>
    </message>
    <message>
        <source>open</source>
        <translation>offen</translation>
    </message>
    <message>
        <source>provisional</source>
        <translation>vorläufig</translation>
    </message>
    <message>
        <source>entry not known</source>
        <translation>Einstieg nicht bekannt</translation>
    </message>
    <message>
        <source>1 fill</source>
        <translation>1 Ausführung</translation>
    </message>
    <message numerus="yes">
        <source>%Ln fills</source>
        <translation>
            <numerusform>%Ln Ausführung</numerusform>
            <numerusform>%Ln Ausführungen</numerusform>
        </translation>
    </message>
    <message>
        <source>{fills}, {count} not confirmed by Activity yet</source>
        <translation>{fills}, {count} noch nicht im Kontoumsatz bestätigt</translation>
    </message>
    <message>
        <source>{fills}, all confirmed by Activity</source>
        <translation>{fills}, alle im Kontoumsatz bestätigt</translation>
    </message>
</context>
<context>
    <name>TradeSummary</name>
    <message>
        <source>Both views of the exercise</source>
        <translation>Beide Sichten der Ausübung</translation>
    </message>
    <message>
        <source>Both come to the same: IBKR moves the premium into the shares, we leave it with the option.</source>
        <translation>Beide ergeben dasselbe: IBKR verschiebt die Prämie in die Aktien, hier bleibt sie bei der Option.</translation>
    </message>
    <message>
        <source>What happened to it</source>
        <translation>Was mit ihm geschah</translation>
    </message>
    <message>
        <source>Belongs to</source>
        <translation>Gehört zu</translation>
    </message>
    <message>
        <source>as earned</source>
        <translation>wie verdient</translation>
    </message>
    <message>
        <source>as IBKR books it</source>
        <translation>wie IBKR bucht</translation>
    </message>
    <message>
        <source>{campaign} since {day}, {count} steps</source>
        <translation>{campaign} seit {day}, {count} Schritte</translation>
    </message>
    <message>
        <source>Cost unknown: units came from elsewhere, and no report says what they had cost.</source>
        <translation>Einstand unbekannt: Stücke kamen von anderswo, und kein Bericht nennt ihren Preis.</translation>
    </message>
    <message>
        <source>Tell it…</source>
        <translation>Angeben …</translation>
    </message>
    <message>
        <source>still open</source>
        <translation>noch offen</translation>
    </message>
    <message>
        <source>Opened</source>
        <translation>Eröffnet</translation>
    </message>
    <message>
        <source>Closed</source>
        <translation>Geschlossen</translation>
    </message>
    <message>
        <source>Entry</source>
        <translation>Einstieg</translation>
    </message>
    <message>
        <source>Exit</source>
        <translation>Ausstieg</translation>
    </message>
    <message>
        <source>Quantity</source>
        <translation>Anzahl</translation>
    </message>
    <message>
        <source>Days held</source>
        <translation>Haltedauer, Tage</translation>
    </message>
    <message>
        <source>Still open</source>
        <translation>Noch offen</translation>
    </message>
    <message>
        <source>Gross, {currency}</source>
        <translation>Brutto, {currency}</translation>
    </message>
    <message>
        <source>Fees, {currency}</source>
        <translation>Gebühren, {currency}</translation>
    </message>
    <message>
        <source>Net, {currency}</source>
        <translation>Netto, {currency}</translation>
    </message>
    <message>
        <source>Entry, % of par</source>
        <translation>Einstieg, % vom Nennwert</translation>
    </message>
    <message>
        <source>Exit, % of par</source>
        <translation>Ausstieg, % vom Nennwert</translation>
    </message>
    <message>
        <source>No exchange rate is known for the day of closing.</source>
        <translation>Für den Tag der Schließung ist kein Wechselkurs bekannt.</translation>
    </message>
    <message>
        <source>Price effect, {currency}</source>
        <translation>Kurseffekt, {currency}</translation>
    </message>
    <message>
        <source>The net result at the rates of the closing fills, as IBKR counts it</source>
        <translation>Das Nettoergebnis zu den Kursen der schließenden Ausführungen, wie IBKR es rechnet</translation>
    </message>
    <message>
        <source>Currency effect, {currency}</source>
        <translation>Währungseffekt, {currency}</translation>
    </message>
    <message>
        <source>What the change of the rate since opening did to the money that was invested</source>
        <translation>Was die Änderung des Wechselkurses seit der Eröffnung mit dem eingesetzten Geld gemacht hat</translation>
    </message>
    <message>
        <source>Result, {currency}</source>
        <translation>Ergebnis, {currency}</translation>
    </message>
    <message>
        <source>Settled day by day: no money is invested, so there is no currency effect.</source>
        <translation>Täglich abgerechnet: Es ist kein Geld gebunden, daher gibt es keinen Währungseffekt.</translation>
    </message>
    <message>
        <source>Prices are in percent of par; accrued interest is counted apart from the result.</source>
        <translation>Kurse in Prozent vom Nennwert; Stückzinsen zählen nicht zum Ergebnis.</translation>
    </message>
    <message>
        <source>IBKR gives no realised figure for these fills yet.</source>
        <translation>IBKR nennt für diese Ausführungen noch kein realisiertes Ergebnis.</translation>
    </message>
    <message>
        <source>The entry is older than the reports here; {amount} is IBKR’s own result.</source>
        <translation>Der Einstieg ist älter als die Berichte; {amount} ist IBKRs eigenes Ergebnis.</translation>
    </message>
    <message>
        <source>IBKR’s realised result is the same: {amount}.</source>
        <translation>IBKRs realisiertes Ergebnis stimmt überein: {amount}.</translation>
    </message>
    <message>
        <source>IBKR books {amount} here, because it moves the premium into the shares. So do we in its view.</source>
        <translation>IBKR bucht hier {amount}, weil es die Prämie in die Aktien verschiebt. In seiner Sicht rechnen wir ebenso.</translation>
    </message>
    <message>
        <source>IBKR’s realised result is {amount}; ours differs by {difference}.</source>
        <translation>IBKRs realisiertes Ergebnis ist {amount}; unseres weicht um {difference} ab.</translation>
    </message>
    <message>
        <source>{contract}, cost of what is open</source>
        <translation>{contract}, Preis des Offenen</translation>
    </message>
    <message>
        <source>Together</source>
        <translation>Zusammen</translation>
    </message>
    <message>
        <source>{symbol} shares</source>
        <translation>{symbol}-Aktien</translation>
    </message>
    <message>
        <source>{quantity} came from {where}</source>
        <translation>{quantity} kamen von {where}</translation>
    </message>
    <message>
        <source>{quantity} went to {where}</source>
        <translation>{quantity} gingen an {where}</translation>
    </message>
</context>
<context>
    <name>TradeTableModel</name>
    <message>
        <source>Net P&amp;L, {currency}</source>
        <translation>Gewinn netto, {currency}</translation>
    </message>
    <message>
        <source>Net P&amp;L</source>
        <translation>Gewinn netto</translation>
    </message>
    <message>
        <source>Closed</source>
        <translation>Geschlossen</translation>
    </message>
    <message>
        <source>Opened</source>
        <translation>Eröffnet</translation>
    </message>
    <message>
        <source>Symbol</source>
        <translation>Symbol</translation>
    </message>
    <message>
        <source>Description</source>
        <translation>Beschreibung</translation>
    </message>
    <message>
        <source>Strategy</source>
        <translation>Strategie</translation>
    </message>
    <message>
        <source>Depot</source>
        <translation>Depot</translation>
    </message>
    <message>
        <source>Account</source>
        <translation>Konto</translation>
    </message>
    <message>
        <source>Qty</source>
        <translation>Anz.</translation>
    </message>
    <message>
        <source>Entry</source>
        <translation>Einstieg</translation>
    </message>
    <message>
        <source>Exit</source>
        <translation>Ausstieg</translation>
    </message>
    <message>
        <source>Days</source>
        <translation>Tage</translation>
    </message>
    <message>
        <source>Fees</source>
        <translation>Gebühren</translation>
    </message>
    <message>
        <source>Net, traded</source>
        <translation>Netto, Handelswährung</translation>
    </message>
    <message>
        <source>Currency</source>
        <translation>Währung</translation>
    </message>
    <message>
        <source>Quantity that was opened in all</source>
        <translation>Insgesamt eröffnete Anzahl</translation>
    </message>
    <message>
        <source>Average price of entry, in the currency of the trade</source>
        <translation>Durchschnittlicher Einstiegskurs in der Währung des Trades</translation>
    </message>
    <message>
        <source>Average price of exit, in the currency of the trade</source>
        <translation>Durchschnittlicher Ausstiegskurs in der Währung des Trades</translation>
    </message>
    <message>
        <source>Days from opening to closing, or to today</source>
        <translation>Tage von der Eröffnung bis zur Schließung oder bis heute</translation>
    </message>
    <message>
        <source>Commissions and taxes, in the currency of the trade</source>
        <translation>Provisionen und Steuern in der Währung des Trades</translation>
    </message>
    <message>
        <source>Net result in the currency of the trade</source>
        <translation>Nettoergebnis in der Währung des Trades</translation>
    </message>
    <message>
        <source>Realised result after fees, at the rates of the closing fills</source>
        <translation>Realisiertes Ergebnis nach Gebühren, zu den Kursen der schließenden Ausführungen</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>Offen</translation>
    </message>
    <message>
        <source>{count} closed</source>
        <translation>{count} geschlossen</translation>
    </message>
    <message>
        <source>Week {number}</source>
        <translation>KW {number}</translation>
    </message>
    <message>
        <source>since {day}</source>
        <translation>seit {day}</translation>
    </message>
    <message>
        <source>{open} of {all} still open</source>
        <translation>{open} von {all} noch offen</translation>
    </message>
</context>
<context>
    <name>TradeWords</name>
    <message>
        <source>expired</source>
        <translation>verfallen</translation>
    </message>
    <message>
        <source>assigned</source>
        <translation>zugeteilt</translation>
    </message>
    <message>
        <source>exercised</source>
        <translation>ausgeübt</translation>
    </message>
    <message>
        <source>settled in cash</source>
        <translation>bar abgerechnet</translation>
    </message>
    <message>
        <source>merged</source>
        <translation>verschmolzen</translation>
    </message>
    <message>
        <source>tendered</source>
        <translation>angedient</translation>
    </message>
    <message>
        <source>matured</source>
        <translation>fällig</translation>
    </message>
    <message>
        <source>worthless</source>
        <translation>wertlos</translation>
    </message>
    <message>
        <source>taken out</source>
        <translation>ausgebucht</translation>
    </message>
    <message>
        <source>transferred</source>
        <translation>übertragen</translation>
    </message>
    <message>
        <source>short</source>
        <translation>short</translation>
    </message>
    <message>
        <source>long</source>
        <translation>long</translation>
    </message>
    <message>
        <source>Provisional: Activity has not confirmed every fill yet.</source>
        <translation>Vorläufig: Der Kontoumsatz hat noch nicht jede Ausführung bestätigt.</translation>
    </message>
    <message>
        <source>To review: is its strategy right?</source>
        <translation>Zu prüfen: Stimmt seine Strategie?</translation>
    </message>
    <message>
        <source>Opened before the reports here begin. The entry is not known; the result is IBKR’s own.</source>
        <translation>Vor Beginn der Berichte eröffnet. Der Einstieg ist nicht bekannt; das Ergebnis ist IBKRs eigenes.</translation>
    </message>
    <message>
        <source>There is a note.</source>
        <translation>Es gibt eine Notiz.</translation>
    </message>
    <message>
        <source>Short call</source>
        <translation>Short Call</translation>
    </message>
    <message>
        <source>Long call</source>
        <translation>Long Call</translation>
    </message>
    <message>
        <source>Short put</source>
        <translation>Short Put</translation>
    </message>
    <message>
        <source>Long put</source>
        <translation>Long Put</translation>
    </message>
    <message>
        <source>Short option</source>
        <translation>Option, short</translation>
    </message>
    <message>
        <source>Long option</source>
        <translation>Option, long</translation>
    </message>
    <message>
        <source>Shares, short</source>
        <translation>Aktien, short</translation>
    </message>
    <message>
        <source>Futures, short</source>
        <translation>Future, short</translation>
    </message>
    <message>
        <source>CFD, short</source>
        <translation>CFD, short</translation>
    </message>
    <message>
        <source>Currency, short</source>
        <translation>Währung, short</translation>
    </message>
    <message>
        <source>Bond, short</source>
        <translation>Anleihe, short</translation>
    </message>
    <message>
        <source>Fund, short</source>
        <translation>Fonds, short</translation>
    </message>
    <message>
        <source>Crypto, short</source>
        <translation>Krypto, short</translation>
    </message>
    <message>
        <source>Commodity, short</source>
        <translation>Rohstoff, short</translation>
    </message>
    <message>
        <source>Shares</source>
        <translation>Aktien</translation>
    </message>
    <message>
        <source>Futures, long</source>
        <translation>Future, long</translation>
    </message>
    <message>
        <source>CFD, long</source>
        <translation>CFD, long</translation>
    </message>
    <message>
        <source>Currency</source>
        <translation>Währung</translation>
    </message>
    <message>
        <source>Bond</source>
        <translation>Anleihe</translation>
    </message>
    <message>
        <source>Treasury bill</source>
        <translation>US-Schatzwechsel</translation>
    </message>
    <message>
        <source>Fund</source>
        <translation>Fonds</translation>
    </message>
    <message>
        <source>Crypto</source>
        <translation>Krypto</translation>
    </message>
    <message>
        <source>Commodity</source>
        <translation>Rohstoff</translation>
    </message>
</context>
<context>
    <name>TradesPart</name>
    <message>
        <source>Show summary</source>
        <translation>Überblick anzeigen</translation>
    </message>
    <message>
        <source>Show fills</source>
        <translation>Ausführungen anzeigen</translation>
    </message>
    <message>
        <source>Write a note</source>
        <translation>Notiz schreiben</translation>
    </message>
    <message>
        <source>Where does this number come from?</source>
        <translation>Woher kommt diese Zahl?</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>Kopieren</translation>
    </message>
    <message>
        <source>Save as CSV…</source>
        <translation>Als CSV speichern …</translation>
    </message>
    <message>
        <source>{count} provisional</source>
        <translation>{count} vorläufig</translation>
    </message>
    <message>
        <source>{count} opened before the reports begin</source>
        <translation>{count} vor Beginn der Berichte eröffnet</translation>
    </message>
    <message>
        <source>{count} open</source>
        <translation>{count} offen</translation>
    </message>
    <message>
        <source>Show the strategy</source>
        <translation>Strategie anzeigen</translation>
    </message>
    <message>
        <source>Make one strategy of these</source>
        <translation>Zu einer Strategie vereinen</translation>
    </message>
    <message>
        <source>Make one campaign of these</source>
        <translation>Zu einer Kampagne verbinden</translation>
    </message>
    <message>
        <source>1 trade in this period.</source>
        <translation>1 Trade in diesem Zeitraum.</translation>
    </message>
    <message numerus="yes">
        <source>%Ln trades in this period.</source>
        <translation>
            <numerusform>%Ln Trade in diesem Zeitraum.</numerusform>
            <numerusform>%Ln Trades in diesem Zeitraum.</numerusform>
        </translation>
    </message>
    <message>
        <source>No trades match</source>
        <translation>Keine Trades gefunden</translation>
    </message>
    <message>
        <source>Clear filters</source>
        <translation>Filter aufheben</translation>
    </message>
    <message>
        <source>Your trades will stand here</source>
        <translation>Hier stehen Ihre Trades</translation>
    </message>
    <message>
        <source>Set up a depot and its reports are fetched from IBKR, or import Flex files you already have.</source>
        <translation>Richten Sie ein Depot ein, dann werden seine Berichte von IBKR abgerufen, oder importieren Sie vorhandene Flex-Dateien.</translation>
    </message>
    <message>
        <source>Set up a depot</source>
        <translation>Depot einrichten</translation>
    </message>
    <message>
        <source>No trades</source>
        <translation>Keine Trades</translation>
    </message>
    <message>
        <source>The reports here hold no trades.</source>
        <translation>Die vorhandenen Berichte enthalten keine Trades.</translation>
    </message>
    <message>
        <source>Neither was one closed in it, nor is one open.</source>
        <translation>Es wurde keiner geschlossen, und es ist keiner offen.</translation>
    </message>
    <message>
        <source>No trades in this period</source>
        <translation>Keine Trades in diesem Zeitraum</translation>
    </message>
    <message>
        <source>1 trade</source>
        <translation>1 Trade</translation>
    </message>
    <message numerus="yes">
        <source>%Ln trades</source>
        <translation>
            <numerusform>%Ln Trade</numerusform>
            <numerusform>%Ln Trades</numerusform>
        </translation>
    </message>
    <message>
        <source>1 win</source>
        <translation>1 Gewinn</translation>
    </message>
    <message numerus="yes">
        <source>%Ln wins</source>
        <translation>
            <numerusform>%Ln Gewinn</numerusform>
            <numerusform>%Ln Gewinne</numerusform>
        </translation>
    </message>
    <message>
        <source>1 loss</source>
        <translation>1 Verlust</translation>
    </message>
    <message numerus="yes">
        <source>%Ln losses</source>
        <translation>
            <numerusform>%Ln Verlust</numerusform>
            <numerusform>%Ln Verluste</numerusform>
        </translation>
    </message>
    <message>
        <source>{wins}, {losses} ({share}%)</source>
        <translation>{wins}, {losses} ({share} %)</translation>
    </message>
    <message>
        <source>fees {amount}</source>
        <translation>Gebühren {amount}</translation>
    </message>
    <message>
        <source>{amount} of it provisional</source>
        <translation>davon {amount} vorläufig</translation>
    </message>
    <message>
        <source>{count} selected</source>
        <translation>{count} ausgewählt</translation>
    </message>
</context>
<context>
    <name>Tray</name>
    <message>
        <source>Open ibjournal</source>
        <translation>ibjournal öffnen</translation>
    </message>
    <message>
        <source>Fetch now</source>
        <translation>Jetzt abrufen</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>Beenden</translation>
    </message>
    <message>
        <source>Up to date</source>
        <translation>Aktuell</translation>
    </message>
    <message>
        <source>Fetching reports</source>
        <translation>Berichte werden abgerufen</translation>
    </message>
    <message>
        <source>The figures are not up to date</source>
        <translation>Die Zahlen sind nicht aktuell</translation>
    </message>
    <message>
        <source>Needs you: open ibjournal</source>
        <translation>Bitte öffnen Sie ibjournal: Es braucht Ihre Hilfe</translation>
    </message>
    <message>
        <source>Stop the fetch</source>
        <translation>Abruf abbrechen</translation>
    </message>
</context>
<context>
    <name>WalkPanel</name>
    <message>
        <source>NAV walk</source>
        <translation>Weg des NAV</translation>
    </message>
    <message>
        <source>Save the chart</source>
        <translation>Diagramm speichern</translation>
    </message>
    <message>
        <source>Save as {format}…</source>
        <translation>Als {format} speichern …</translation>
    </message>
    <message>
        <source>No report tells how the value changed.</source>
        <translation>Kein Bericht sagt, wie sich der Wert verändert hat.</translation>
    </message>
</context>
<context>
    <name>WelcomePage</name>
    <message>
        <source>A trading journal for accounts at Interactive Brokers. It fetches your reports by itself and keeps them on this computer. Setting up takes about ten minutes, and you can stop at any time.</source>
        <translation>Ein Handelsjournal für Konten bei Interactive Brokers. Es ruft Ihre Berichte selbst ab und behält sie auf diesem Computer. Das Einrichten dauert etwa zehn Minuten, und Sie können jederzeit unterbrechen.</translation>
    </message>
    <message>
        <source>Welcome</source>
        <translation>Willkommen</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>Sprache</translation>
    </message>
    <message>
        <source>Green and red</source>
        <translation>Grün und Rot</translation>
    </message>
    <message>
        <source>Blue and orange</source>
        <translation>Blau und Orange</translation>
    </message>
    <message>
        <source>Gain and loss</source>
        <translation>Gewinn und Verlust</translation>
    </message>
    <message>
        <source>Blue and orange can be told apart by everybody.</source>
        <translation>Blau und Orange können alle unterscheiden.</translation>
    </message>
    <message>
        <source>Where your token is kept</source>
        <translation>Wo Ihr Prüfcode liegt</translation>
    </message>
    <message>
        <source>Looking for the system&apos;s keyring…</source>
        <translation>Sucht den Schlüsselbund des Systems …</translation>
    </message>
    <message>
        <source>Where your data is kept</source>
        <translation>Wo Ihre Daten liegen</translation>
    </message>
    <message>
        <source>Reports, trades and notes stay in this folder. Nothing is sent to anybody.</source>
        <translation>Berichte, Trades und Notizen bleiben in diesem Ordner. Nichts wird an Dritte gesendet.</translation>
    </message>
    <message>
        <source>What you need</source>
        <translation>Was Sie brauchen</translation>
    </message>
    <message>
        <source>Your login to IBKR&apos;s client portal</source>
        <translation>Ihre Anmeldung zum Kundenportal von IBKR</translation>
    </message>
    <message>
        <source>Two Flex queries, which the next page shows click by click</source>
        <translation>Zwei Flex-Queries; die nächste Seite zeigt sie Klick für Klick</translation>
    </message>
    <message>
        <source>A token for IBKR&apos;s Flex Web Service: it can read reports and nothing else, neither trade nor pay</source>
        <translation>Einen Prüfcode für IBKRs Flex-Web-Service: Er kann nur Berichte lesen, weder handeln noch überweisen</translation>
    </message>
    <message>
        <source>Open Flex files (XML)…</source>
        <translation>Flex-Dateien (XML) öffnen …</translation>
    </message>
    <message>
        <source>Show demo depots</source>
        <translation>Demo-Depots anzeigen</translation>
    </message>
    <message>
        <source>Open Flex files that you have, or look at the program with made-up depots in a window of their own.</source>
        <translation>Öffnen Sie vorhandene Flex-Dateien, oder sehen Sie sich das Programm mit erfundenen Depots in einem eigenen Fenster an.</translation>
    </message>
    <message>
        <source>Rather look first?</source>
        <translation>Lieber erst ansehen?</translation>
    </message>
    <message>
        <source>In the keyring of your system, and nowhere else.</source>
        <translation>Im Schlüsselbund Ihres Systems und nirgends sonst.</translation>
    </message>
    <message>
        <source>This system has no keyring: a token is kept until you quit and has to be entered again after that. Everything else works as usual.</source>
        <translation>Dieses System hat keinen Schlüsselbund: Ein Prüfcode gilt bis zum Beenden und ist danach neu einzugeben. Alles andere arbeitet wie sonst.</translation>
    </message>
</context>
<context>
    <name>WhereFromWindow</name>
    <message>
        <source>Where does this number come from?</source>
        <translation>Woher kommt diese Zahl?</translation>
    </message>
    <message>
        <source>Copy the chain</source>
        <translation>Kette kopieren</translation>
    </message>
    <message>
        <source>Looking it up…</source>
        <translation>Wird nachgesehen …</translation>
    </message>
    <message>
        <source>No longer there</source>
        <translation>Nicht mehr da</translation>
    </message>
    <message>
        <source>Newer reports have changed what this figure rests on.</source>
        <translation>Neuere Berichte haben verändert, worauf diese Zahl beruht.</translation>
    </message>
    <message numerus="yes">
        <source>%Ln trades</source>
        <translation>
            <numerusform>%Ln Trade</numerusform>
            <numerusform>%Ln Trades</numerusform>
        </translation>
    </message>
    <message>
        <source>Row not found</source>
        <translation>Zeile nicht gefunden</translation>
    </message>
    <message>
        <source>The report does not hold row {number}.</source>
        <translation>Der Bericht enthält die Zeile {number} nicht.</translation>
    </message>
</context>
<context>
    <name>Wizard</name>
    <message>
        <source>Welcome</source>
        <translation>Willkommen</translation>
    </message>
    <message>
        <source>Language and where things lie</source>
        <translation>Sprache und Ablageort</translation>
    </message>
    <message>
        <source>Flex queries</source>
        <translation>Flex-Queries anlegen</translation>
    </message>
    <message>
        <source>Two lists at IBKR</source>
        <translation>Zwei Abfragen bei IBKR</translation>
    </message>
    <message>
        <source>Token and query ids</source>
        <translation>Prüfcode und Abfrage-IDs</translation>
    </message>
    <message>
        <source>Enter and test</source>
        <translation>Eintragen und prüfen</translation>
    </message>
    <message>
        <source>First fetch</source>
        <translation>Erster Abruf</translation>
    </message>
    <message>
        <source>Up to five years back</source>
        <translation>Bis zu fünf Jahre zurück</translation>
    </message>
    <message>
        <source>Done</source>
        <translation>Fertig</translation>
    </message>
    <message>
        <source>Open the journal</source>
        <translation>Journal öffnen</translation>
    </message>
    <message>
        <source>You go on where you stopped; nothing of it has been saved as a depot yet.</source>
        <translation>Sie machen weiter, wo Sie aufgehört haben; als Depot gespeichert ist noch nichts.</translation>
    </message>
    <message>
        <source>You go on where you stopped. The token is never written into a file: please paste it again.</source>
        <translation>Sie machen weiter, wo Sie aufgehört haben. Der Prüfcode wird nie in eine Datei geschrieben: Bitte fügen Sie ihn noch einmal ein.</translation>
    </message>
    <message>
        <source>Start &amp;over</source>
        <translation>&amp;Neu beginnen</translation>
    </message>
    <message>
        <source>&amp;Close</source>
        <translation>&amp;Schließen</translation>
    </message>
    <message>
        <source>&amp;Set up later</source>
        <translation>&amp;Später einrichten</translation>
    </message>
    <message>
        <source>Open the &amp;journal</source>
        <translation>&amp;Journal öffnen</translation>
    </message>
    <message>
        <source>&amp;Next</source>
        <translation>&amp;Weiter</translation>
    </message>
    <message>
        <source>Name and colour</source>
        <translation>Name und Farbe</translation>
    </message>
    <message>
        <source>Of the depot</source>
        <translation>Des Depots</translation>
    </message>
    <message>
        <source>Files</source>
        <translation>Dateien</translation>
    </message>
    <message>
        <source>Now or later</source>
        <translation>Jetzt oder später</translation>
    </message>
    <message>
        <source>The demo opens in a window of its own. That takes some seconds.</source>
        <translation>Die Demo öffnet sich in einem eigenen Fenster. Das dauert einige Sekunden.</translation>
    </message>
    <message>
        <source>The demo could not be started.</source>
        <translation>Die Demo ließ sich nicht starten.</translation>
    </message>
</context>
<context>
    <name>WizardPage</name>
    <message>
        <source>Step {number} of {total}</source>
        <translation>Schritt {number} von {total}</translation>
    </message>
</context>
<context>
    <name>XmlViewer</name>
    <message>
        <source>Report as IBKR wrote it</source>
        <translation>Bericht, wie IBKR ihn schrieb</translation>
    </message>
    <message>
        <source>The first {shown} of {size}. Save the file to see all of it.</source>
        <translation>Die ersten {shown} von {size}. Speichern Sie die Datei, um alles zu sehen.</translation>
    </message>
    <message>
        <source>Save as…</source>
        <translation>Speichern unter …</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
    <message>
        <source>Save the report</source>
        <translation>Bericht speichern</translation>
    </message>
    <message>
        <source>XML files (*.xml)</source>
        <translation>XML-Dateien (*.xml)</translation>
    </message>
</context>
<context>
    <name>YearLines</name>
    <message>
        <source>on its way</source>
        <translation>unterwegs</translation>
    </message>
    <message>
        <source>{came} · more on its way</source>
        <translation>{came} · weitere unterwegs</translation>
    </message>
    <message>
        <source>{came} · asked for once more</source>
        <translation>{came} · erneut angefragt</translation>
    </message>
    <message>
        <source>not fetched yet</source>
        <translation>noch nicht abgerufen</translation>
    </message>
    <message>
        <source>{came} · not complete yet</source>
        <translation>{came} · unvollständig</translation>
    </message>
    <message>
        <source>nothing there</source>
        <translation>nichts vorhanden</translation>
    </message>
    <message>
        <source>Today&apos;s fills</source>
        <translation>Heute</translation>
    </message>
</context>
<context>
    <name>_Came</name>
    <message>
        <source>1 report</source>
        <translation>1 Bericht</translation>
    </message>
    <message numerus="yes">
        <source>%Ln reports</source>
        <translation>
            <numerusform>%Ln Bericht</numerusform>
            <numerusform>%Ln Berichte</numerusform>
        </translation>
    </message>
    <message>
        <source>1 new fill</source>
        <translation>1 neue Ausführung</translation>
    </message>
    <message numerus="yes">
        <source>%Ln new fills</source>
        <translation>
            <numerusform>%Ln neue Ausführung</numerusform>
            <numerusform>%Ln neue Ausführungen</numerusform>
        </translation>
    </message>
    <message>
        <source>account {accounts}</source>
        <translation>Konto {accounts}</translation>
    </message>
    <message>
        <source>accounts {accounts}</source>
        <translation>Konten {accounts}</translation>
    </message>
</context>
<context>
    <name>_CountWords</name>
    <message>
        <source>1 trade</source>
        <translation>1 Trade</translation>
    </message>
    <message numerus="yes">
        <source>%Ln trades</source>
        <translation>
            <numerusform>%Ln Trade</numerusform>
            <numerusform>%Ln Trades</numerusform>
        </translation>
    </message>
    <message>
        <source>1 day</source>
        <translation>1 Tag</translation>
    </message>
    <message numerus="yes">
        <source>%Ln days</source>
        <translation>
            <numerusform>%Ln Tag</numerusform>
            <numerusform>%Ln Tage</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>_Counts</name>
    <message>
        <source>1 account</source>
        <translation>1 Konto</translation>
    </message>
    <message numerus="yes">
        <source>%n accounts</source>
        <translation>
            <numerusform>%n Konto</numerusform>
            <numerusform>%n Konten</numerusform>
        </translation>
    </message>
    <message>
        <source>1 report in the archive</source>
        <translation>1 Bericht im Archiv</translation>
    </message>
    <message numerus="yes">
        <source>%Ln reports in the archive</source>
        <translation>
            <numerusform>%Ln Bericht im Archiv</numerusform>
            <numerusform>%Ln Berichte im Archiv</numerusform>
        </translation>
    </message>
    <message>
        <source>1 fill</source>
        <translation>1 Ausführung</translation>
    </message>
    <message numerus="yes">
        <source>%Ln fills</source>
        <translation>
            <numerusform>%Ln Ausführung</numerusform>
            <numerusform>%Ln Ausführungen</numerusform>
        </translation>
    </message>
    <message>
        <source>1 trade</source>
        <translation>1 Trade</translation>
    </message>
    <message numerus="yes">
        <source>%Ln trades</source>
        <translation>
            <numerusform>%Ln Trade</numerusform>
            <numerusform>%Ln Trades</numerusform>
        </translation>
    </message>
    <message>
        <source>1 note</source>
        <translation>1 Notiz</translation>
    </message>
    <message numerus="yes">
        <source>%Ln notes</source>
        <translation>
            <numerusform>%Ln Notiz</numerusform>
            <numerusform>%Ln Notizen</numerusform>
        </translation>
    </message>
    <message>
        <source>1 note that was written since was taken over.</source>
        <translation>1 seitdem geschriebene Notiz wurde übernommen.</translation>
    </message>
    <message numerus="yes">
        <source>%Ln notes that were written since were taken over.</source>
        <translation>
            <numerusform>%Ln seitdem geschriebene Notiz wurde übernommen.</numerusform>
            <numerusform>%Ln seitdem geschriebene Notizen wurden übernommen.</numerusform>
        </translation>
    </message>
    <message>
        <source>1 decision on strategies, campaigns or positions was taken over.</source>
        <translation>1 Entscheidung zu Strategien, Kampagnen oder Positionen wurde übernommen.</translation>
    </message>
    <message numerus="yes">
        <source>%Ln decisions on strategies, campaigns or positions were taken over.</source>
        <translation>
            <numerusform>%Ln Entscheidung zu Strategien, Kampagnen oder Positionen wurde übernommen.</numerusform>
            <numerusform>%Ln Entscheidungen zu Strategien, Kampagnen oder Positionen wurden übernommen.</numerusform>
        </translation>
    </message>
    <message>
        <source>1 note belongs to a trade that is not in the journal; it is kept:</source>
        <translation>1 Notiz gehört zu einem Trade, der nicht im Journal steht; sie bleibt aufgehoben:</translation>
    </message>
    <message numerus="yes">
        <source>%Ln notes belong to trades that are not in the journal; they are kept:</source>
        <translation>
            <numerusform>%Ln Notiz gehört zu einem Trade, der nicht im Journal steht; sie bleibt aufgehoben:</numerusform>
            <numerusform>%Ln Notizen gehören zu Trades, die nicht im Journal stehen; sie bleiben aufgehoben:</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>_LegBox</name>
    <message>
        <source>received {amount}</source>
        <translation>erhalten {amount}</translation>
    </message>
    <message>
        <source>cost {amount}</source>
        <translation>Einstand {amount}</translation>
    </message>
    <message>
        <source>worth {amount}</source>
        <translation>Wert {amount}</translation>
    </message>
</context>
<context>
    <name>_Line</name>
    <message>
        <source>1 more finding</source>
        <translation>1 weiterer Befund</translation>
    </message>
    <message numerus="yes">
        <source>%Ln more findings</source>
        <translation>
            <numerusform>%Ln weiterer Befund</numerusform>
            <numerusform>%Ln weitere Befunde</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>_ReportBox</name>
    <message>
        <source>Report</source>
        <translation>Bericht</translation>
    </message>
    <message>
        <source>Show XML</source>
        <translation>XML anzeigen</translation>
    </message>
    <message>
        <source>Amounts are masked. Switch the mask off to see the raw report.</source>
        <translation>Beträge sind verborgen. Zeigen Sie sie an, um den rohen Bericht zu sehen.</translation>
    </message>
    <message>
        <source>Days</source>
        <translation>Tage</translation>
    </message>
    <message>
        <source>Accounts</source>
        <translation>Konten</translation>
    </message>
    <message>
        <source>Made by IBKR</source>
        <translation>Von IBKR erstellt</translation>
    </message>
    <message>
        <source>Received</source>
        <translation>Erhalten</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>Größe</translation>
    </message>
    <message>
        <source>Kept as</source>
        <translation>Abgelegt als</translation>
    </message>
    <message>
        <source>1 warning</source>
        <translation>1 Hinweis</translation>
    </message>
    <message numerus="yes">
        <source>%Ln warnings</source>
        <translation>
            <numerusform>%Ln Hinweis</numerusform>
            <numerusform>%Ln Hinweise</numerusform>
        </translation>
    </message>
</context>
</TS>
