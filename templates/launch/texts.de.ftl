# Die Seiten auf dem Weg zum Dienst.

## Instanz wählen
choose-title = Instanz wählen
choose-lead = { $service } hat mehrere Instanzen. Welche möchten Sie öffnen?
choose-lead-record = { $record } lässt sich in mehreren Instanzen öffnen. Welche möchten Sie verwenden?

## Auf dem Weg zum Dienst
hand-off-title = { $service } wird geöffnet
hand-off-plain = Einen Moment bitte
hand-off-lead = Wenn nichts geschieht, wählen Sie „Weiter“.
hand-off-submit = Weiter
unvouched-title = Weiter zu { $host }?
unvouched-lead = „{ $application }“ hat sich hier selbst registriert. Die Anwendung wurde nicht von einem Administrator von { $portal } geprüft. Fahren Sie nur fort, wenn Sie diese Adresse kennen.
unvouched-continue = Weiter zu { $host }
unvouched-stay = Auf diesem Portal bleiben
turned-away-nothing = Datensatz in { $service } nicht gefunden
turned-away-no-record = { $record } in { $service } nicht gefunden
turned-away-nothing-advice = Sie waren dort angemeldet, aber der gewünschte Datensatz existiert nicht. Bitte prüfen Sie die Nummer oder ID.
turned-away-no-record-advice = Sie waren dort angemeldet, aber { $record } existiert nicht. Bitte prüfen Sie die Nummer oder ID auf Tippfehler.
turned-away-shut = { $service } verweigert den Zugriff auf diesen Datensatz
turned-away-forbidden = { $service } verweigert den Zugriff auf { $record }
turned-away-shut-advice = { $service } verwaltet die Zugriffsrechte selbst. Wenn Sie Zugriff benötigen, wenden Sie sich bitte an die Administratoren des Dienstes.
turned-away-forbidden-advice = { $service } verwaltet die Zugriffsrechte für { $record } selbst. Wenn Sie Zugriff benötigen, wenden Sie sich bitte an die Administratoren des Dienstes.
turned-away-check = Nummer oder ID prüfen
turned-away-elsewhere = Andere Instanz verwenden
