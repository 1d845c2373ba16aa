# Die Seite, die einen Datensatz öffnet.

open-title = Datensatz öffnen
open-idle = Die Dienste, die den Datensatz öffnen können, werden hier angezeigt.
open-found = Wo möchten Sie { $record } öffnen?
open-none = Kein passender Dienst
open-none-advice = Keiner Ihrer Dienste kann { $record } öffnen.
open-invalid = Diese Nummer oder ID ist ungültig
open-invalid-advice = Bitte prüfen Sie sie auf Tippfehler.
open-unknown-type = Unbekannter Datensatztyp.
open-here = { $record } in { $service }: { $intent }
