# Das Portal: Dienste, Suche, zuletzt geöffnete Datensätze.

portal-title = Ihre Dienste
portal-greeting = Hallo, { $name }
portal-lead = Wohin möchten Sie?
search-label = Ihre Dienste durchsuchen
search-placeholder = Dienste suchen
search-submit = Suchen
search-key-hint = Mit / zur Suche
search-clear = Alle anzeigen
search-none = Keine Dienste gefunden.
search-count = { $count ->
    [one] 1 Dienst
   *[other] { $count } Dienste
  }
services-title = Dienste
services-none = Keine Dienste verfügbar
services-none-advice = Für Sie ist noch kein Dienst eingerichtet. Bitte wenden Sie sich an Ihren Helpdesk.
tile-about = Details zum Dienst
tile-about-service = Details zu { $service }
tile-nowhere = Keine Instanz zugeordnet
tile-unknown = Ihr Zugriff konnte nicht ermittelt werden
tile-closed = Nicht verfügbar
records-title = Datensatz öffnen
recent-title = Zuletzt geöffnet
recent-none = Geöffnete Datensätze werden hier angezeigt.
recent-in = in { $service }
recent-arrived = Gesendet
recent-confirmed = Geöffnet
recent-no-such-record = Nicht gefunden
recent-not-allowed = Zugriff verweigert
recent-refused = Nicht geöffnet
