# Die Teile, die Seiten mehrerer Bereiche enthalten.

party-waiting = wird benachrichtigt
party-again = konnte nicht benachrichtigt werden; wir versuchen es erneut. Schließen Sie die Anwendung jetzt, wenn andere diesen Computer nutzen
party-confirmed = hat Sie abgemeldet
party-failed = konnte nicht benachrichtigt werden. Bitte melden Sie sich dort ab; schließen Sie die Anwendung auch, wenn andere diesen Computer nutzen
party-asked = wurde aufgefordert, Sie abzumelden, bestätigt dies aber nicht. Schließen Sie die Anwendung, wenn andere diesen Computer nutzen
party-impossible = kann nicht benachrichtigt werden. Bitte melden Sie sich dort ab; schließen Sie die Anwendung auch, wenn andere diesen Computer nutzen
record-type = Datensatztyp
record-key = Nummer oder ID
record-submit = Suchen
help-desk = Benötigen Sie Hilfe?
