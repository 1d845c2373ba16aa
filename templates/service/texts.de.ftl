# Instanz eines Dienstes und ihre Begründung.

service-title = { $service }: Ihre Instanz
service-open = { $service } öffnen
service-why = Regeln
service-why-lead = Die Regeln Ihrer Organisation werden von oben nach unten geprüft. Die erste Regel, die zutrifft, entscheidet.
service-rules-none = Es gibt keine Regeln: Alle Personen gelangen zur selben Instanz.
service-rules-missing = Für diesen Dienst ist noch keine Regel eingerichtet; er lässt sich deshalb nicht öffnen. Bitte wenden Sie sich an Ihren Helpdesk.
rule-matched = Trifft zu
rule-passed-over = Trifft nicht zu
rule-unanswered = Nicht ermittelbar
rule-not-reached = Nicht geprüft
verdict-rule = Sie gelangen zu { $instance }, weil die Regel „{ $rule }“ auf Sie zutrifft.
verdict-default = Sie gelangen zu { $instance }, der Standardinstanz, weil keine besondere Regel auf Sie zutrifft.
verdict-only = Sie gelangen zu { $instance }. Es ist die einzige Instanz.
verdict-override = Sie gelangen zu { $instance }, weil Sie diese Instanz gewählt haben.
verdict-choose = Für Sie sind mehrere Instanzen verfügbar. Sie wählen jedes Mal eine aus.
verdict-none = Keine Regel trifft auf Sie zu; deshalb ist Ihnen keine Instanz zugeordnet.
verdict-unknown = Ihr Identitätsanbieter hat nicht alle Daten übermittelt, die eine Regel benötigt. Deshalb konnte Ihre Instanz nicht ermittelt werden. Ihr Administrator kann dort einstellen, dass nur die diesem Portal zugewiesenen Gruppen oder Anwendungsrollen übermittelt werden.
verdict-closed = Sie würden zu { $instance } gelangen, doch diese Instanz ist vorübergehend nicht verfügbar.
finding-not = darf nicht erfüllt sein: { $finding }
finding-always = diese Regel gilt für alle Personen
override-title = Andere Instanz verwenden
override-lead = Eine Woche lang gelangen Sie stattdessen zur gewählten Instanz.
override-label = Instanz
override-submit = Eine Woche lang verwenden
override-clear = Zugeordnete Instanz verwenden
handoff-title = So werden Sie angemeldet
