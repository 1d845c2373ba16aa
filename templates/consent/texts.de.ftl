# Was Anwendungen wissen dürfen, gefragt auf dem Weg dorthin.

consent-title = „{ $application }“ den Zugriff auf Ihre Daten erlauben?
consent-as = Sie sind als { $name } ({ $login }) angemeldet. Wenn Sie dies erlauben, erhält die Anwendung:
consent-registered = Diese Anwendung hat sich selbst unter dem Namen „{ $application }“ registriert. Ihre Antwort wird an { $host } gesendet.
consent-openid = Eine Kennung, an der die Anwendung Sie wiedererkennt
consent-profile = Ihren Namen und Anmeldenamen
consent-email = Ihre E-Mail-Adresse
consent-address = Ihre Postanschrift
consent-phone = Ihre Telefonnummer
consent-groups = Die Gruppen, zu denen Sie gehören
consent-offline = Zugriff, solange Sie hier angemeldet sind, ohne jedes Mal zu fragen
consent-context = Den Datensatz, den Sie öffnen möchten
consent-resource = Die Berechtigung, bei { $resource } in Ihrem Namen zu handeln
consent-scope = Die Berechtigung „{ $scope }“
consent-known = Bereits erlaubt
consent-yes = Erlauben
consent-no = Ablehnen
consent-later = Sie können den Zugriff jederzeit auf Ihrer Kontoseite entziehen.
applications-title = Verbundene Anwendungen
applications-lead = Die Daten und Berechtigungen jeder Anwendung. Wenn Sie den Zugriff entziehen, muss die Anwendung erneut fragen.
applications-none = Keine Anwendung hat Zugriff.
applications-since = Erlaubt
applications-withdraw = Zugriff entziehen
applications-withdraw-one = „{ $application }“ den Zugriff entziehen
applications-done = „{ $application }“ hat keinen Zugriff mehr.
