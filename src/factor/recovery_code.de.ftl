# Wiederherstellungscodes.

factor-lead-recovery = Geben Sie einen Ihrer Wiederherstellungscodes ein. Jeder kann einmal verwendet werden.
factor-recovery-code = Wiederherstellungscode
factor-by-recovery = Einen Wiederherstellungscode verwenden
factor-wrong-recovery = Der Wiederherstellungscode ist falsch oder wurde bereits verwendet.
codes-title = Speichern Sie Ihre Wieder{ "\u00AD" }herstellungs{ "\u00AD" }codes
codes-lead = Wenn Sie Ihr Telefon oder Ihren Sicherheitsschlüssel verlieren, können Sie sich mit einem dieser Codes anmelden. Jeder kann einmal verwendet werden.
codes-once = Sie werden nur jetzt angezeigt. Drucken Sie sie aus oder speichern Sie sie in einem Passwortmanager, nicht auf dem Gerät, mit dem Sie sich anmelden.
codes-copy = Kopieren
codes-copied = Kopiert
codes-download = Herunterladen
codes-file = wiederherstellungscodes.txt
codes-file-title = Wiederherstellungscodes
codes-file-portal = Portal: { $portal } ({ $address })
codes-file-account = Anmeldename: { $login }
codes-file-created = Erstellt: { $time }
codes-kept = Ich habe sie gespeichert
codes-section = Wieder{ "\u00AD" }herstellungs{ "\u00AD" }codes
codes-left = { $count ->
    [0] Keine Codes mehr verfügbar. Bitte erstellen Sie neue.
    [one] Noch 1 Code verfügbar. Bitte erstellen Sie bald neue.
   *[other] Noch { $count } Codes verfügbar
  }
codes-renew = Neue Codes erstellen
codes-renew-note = Die aktuellen Codes sind dann nicht mehr gültig.
