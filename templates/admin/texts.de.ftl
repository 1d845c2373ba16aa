# Die Seiten für Administratoren.

## Verwaltung
admin-next-title = Die nächsten Schritte
admin-next-catalogue = Laden Sie die Dienste, Datensatztypen und Clients Ihrer Organisation: Schreiben Sie eine Katalogdatei und führen Sie „usher seed DATEI“ aus.
admin-next-provider = Binden Sie in derselben Datei den Identitätsanbieter Ihrer Organisation ein (OpenID Connect, SAML oder LDAP), damit sich Personen mit ihrem vorhandenen Konto anmelden können.
admin-next-mail = Richten Sie in der Konfiguration den E-Mail-Versand ein ([mail]), damit ein vergessenes Passwort zurückgesetzt werden kann.
admin-next-help-desk = Legen Sie in der Konfiguration die Kontaktdaten des Helpdesks fest ([portal], help_desk_…).
admin-service-unreachable = Dieser Dienst lässt sich nicht öffnen: Er braucht eine Regel, die eine Instanz nennt.
admin-back = Zurück zur Verwaltung
admin-numbers = Übersicht
admin-people = { $count ->
    [one] 1 Person
   *[other] { $count } Personen
  }
admin-people-disabled = { $count ->
    [0] Keine deaktivierten Konten
    [one] 1 deaktiviertes Konto
   *[other] { $count } deaktivierte Konten
  }
admin-people-admins = { $count ->
    [one] 1 Administrator
   *[other] { $count } Administratoren
  }
admin-sessions = { $count ->
    [0] Keine aktiven Sitzungen
    [one] 1 aktive Sitzung
   *[other] { $count } aktive Sitzungen
  }
admin-services-count = { $count ->
    [one] 1 Dienst
   *[other] { $count } Dienste
  }
admin-clients-count = { $count ->
    [one] 1 OpenID-Connect-Client
   *[other] { $count } OpenID-Connect-Clients
  }
admin-providers-count = { $count ->
    [one] 1 Identitätsanbieter
   *[other] { $count } Identitätsanbieter
  }
admin-providers-title = Identitäts{ "\u00AD" }anbieter
admin-providers-lead = Die Anbieter, mit denen sich Personen anmelden. Sie werden in der Katalogdatei konfiguriert.
admin-providers-none = Es gibt noch keine Identitätsanbieter. Laden Sie einen Katalog mit „usher seed“.
admin-providers-back = Zurück zu den Identitätsanbietern
admin-tag-disabled = deaktiviert
admin-tag-default = Standard
admin-tag-hidden = ausgeblendet
admin-tag-known-only = nur vorhandene Konten
admin-tag-allow = durch eine Bedingung eingeschränkt
admin-tag-marked = Gruppen und Anmeldenamen mit Präfix
admin-tag-kept = Gruppen und Anmeldenamen vertrauenswürdig wie vor der Aktualisierung
admin-document-fetched = abgerufen am
admin-document-until = gültig bis
admin-document-no-end = ohne Ablaufdatum
admin-route-title = Anbieterauswahl testen
admin-route-lead = Der Anbieter wird anhand der Eingabe und der IP-Adresse der Person ausgewählt.
admin-route-who = Anmeldename oder E-Mail-Adresse
admin-route-address = IP-Adresse
admin-route-submit = Testen
admin-route-ask = Kein Anbieter wird automatisch ausgewählt. Die Person wählt selbst.
admin-route-named = { $provider }: im Link genannt
admin-route-remembered = { $provider }: in diesem Browser bereits verwendet
admin-route-default = { $provider }: der Standard
admin-route-domain = { $provider }: zuständig für E-Mail-Adressen von { $what }
admin-route-network = { $provider }: zuständig für das Netzwerk { $what }
admin-check = Verbindung testen
admin-check-good = Die Verbindung funktioniert.
admin-check-bad = Beim Testen der Verbindung wurde ein Problem gefunden:
admin-provider-fault = Dieser Identitätsanbieter kann nicht verwendet werden:
admin-refresh = Dokumente aktualisieren
admin-refreshed = Alle fälligen Dokumente wurden aktualisiert.
admin-refresh-failed = Die Dokumente konnten nicht aktualisiert werden:
admin-documents = Dokumente
admin-addresses = Beim Anbieter eintragen
admin-addresses-lead = Tragen Sie diese Adressen genau so beim Anbieter ein.
admin-settings = Einstellungen
admin-settings-lead = Wie in der Katalogdatei konfiguriert. Geheimnisse werden nie angezeigt.
admin-settings-none = Für diesen Typ gibt es keine Einstellungen.
admin-setting-secret = gesetzt (ausgeblendet)
admin-setting-unset = nicht gesetzt
admin-admission = Zugang und Attribute
admin-routing = Anbieterauswahl
admin-preview = Attributzuordnung testen
admin-preview-lead = Fügen Sie die Claims, die Assertion oder die Attribute ein, die der Anbieter für eine Person sendet. Die Eingabe wird nicht gespeichert.
admin-preview-said = Claims oder Attribute
admin-preview-hint = Claims als JSON, eine SAML-Assertion oder -Response als XML oder Attribute, eines pro Zeile: Name (Anzeigename) = Wert
admin-preview-submit = Ergebnis anzeigen
admin-preview-unreadable = Die Eingabe konnte nicht gelesen werden:
admin-preview-admitted = Diese Person könnte sich anmelden.
admin-preview-known-only = Diese Person könnte sich anmelden, wenn sie bereits ein Konto hat.
admin-preview-refused = Die Anmeldung würde abgelehnt: Die Bedingung ist nicht erfüllt.
admin-preview-unknown = Die Anmeldung würde abgelehnt: Der Anbieter hat nicht alle Daten übermittelt, die die Bedingung benötigt.
admin-preview-attribute = Attribut
admin-preview-values = Werte
admin-preview-from = Quelle
admin-preview-nothing = keine
admin-preview-unused = Nicht verwendet:
admin-seen = { $count ->
    [one] { $name } hat 1 Wert
   *[other] { $name } hat { $count } Werte
  }
admin-seen-pattern = { $count ->
    [one] { $name } hat 1 Wert; passend zu { $pattern }: { $fit }
   *[other] { $name } hat { $count } Werte; passend zu { $pattern }: { $fit }
  }
admin-seen-missing = { $name } fehlt
admin-seen-constant = fester Wert
admin-dropped-pattern = „{ $value }“ entspricht nicht dem Muster
admin-dropped-unlisted = „{ $value }“ ist nicht in der Liste
admin-dropped-blank = „{ $value }“ ist leer oder kann nicht angezeigt werden
admin-dropped-too-long = „{ $value }“ ist zu lang
admin-dropped-spare = „{ $value }“ überschreitet die zulässige Anzahl von Werten
admin-gap-elsewhere = Nicht alle Werte sind bekannt: Der Anbieter hat statt der vollständigen Liste nur einen Verweis übermittelt (Microsoft Entra bei Personen in vielen Gruppen). Konfigurieren Sie ihn so, dass er nur die dieser Anwendung zugewiesenen Gruppen oder Anwendungsrollen übermittelt.
admin-gap-too-many = Die Werte sind nicht bekannt: Es sind mehr, als gespeichert werden können. Konfigurieren Sie den Anbieter so, dass er nur die dieser Anwendung zugewiesenen Gruppen oder Anwendungsrollen übermittelt.
admin-gap-too-long = Nicht alle Werte sind bekannt: Einer ist zu lang, um gespeichert zu werden.
admin-import = Metadaten hochladen
admin-import-lead = Für Anbieter, deren Metadaten nicht von einer Adresse abgerufen werden können.
admin-import-label = Metadaten (XML)
admin-import-file = Oder wählen Sie eine Datei
admin-import-submit = Diese Metadaten verwenden
admin-import-done = Die Metadaten werden ab jetzt verwendet.
admin-import-refused = Die Metadaten wurden nicht akzeptiert:
admin-import-weaker = Es wurde noch nichts geändert. Die neuen Metadaten sind weniger streng als die aktuellen:
admin-import-confirm = Ich habe mit dem Anbieter geklärt, dass dies beabsichtigt ist
admin-logouts-title = Abmelde{ "\u00AD" }benach{ "\u00AD" }richtigungen
admin-logouts-lead = Anwendungen, die über das Ende einer Sitzung benachrichtigt wurden; Fehler zuerst
notice-waiting = Ausstehend
notice-again = Wird erneut versucht
notice-confirmed = Bestätigt
notice-failed = Fehlgeschlagen
notice-browser = Wartet auf den Browser
notice-asked = Angefordert, Bestätigung nicht unterstützt
notice-impossible = Keine Abmeldeadresse
admin-logouts-party = Anwendung
admin-logouts-outcome = Ergebnis
admin-logouts-tries = Versuche
admin-logouts-do = Aktion
admin-logouts-again = Erneut versuchen
admin-logouts-again-at = { $party } erneut benachrichtigen
admin-keys-title = Signaturschlüssel
admin-keys-about = Aktuelle und nächste Schlüssel, Wechsel
admin-keys-lead = Mit diesen Schlüsseln prüfen Anwendungen, dass eine Antwort von diesem Portal stammt. Die Schlüssel werden automatisch gewechselt, sofern nicht anders konfiguriert: Der nächste wird veröffentlicht, bevor damit signiert wird, der vorherige bleibt noch eine Weile veröffentlicht.
admin-keys-tokens = OpenID-Connect-Token ({ $algorithm })
admin-keys-saml = SAML-Assertionen
admin-keys-next = Nächster
admin-keys-current = Aktuell: wird zum Signieren verwendet
admin-keys-retiring = Abgelöst: wird nicht mehr zum Signieren verwendet
admin-keys-from = Signiert ab
admin-keys-since = Signiert seit
admin-keys-until = Veröffentlicht bis
admin-keys-due = Nächster Schlüssel
admin-keys-ends = Zertifikat gültig bis
admin-keys-ending = { $count ->
    [one] Das SAML-Zertifikat läuft in einem Tag ab. Erstellen Sie jetzt den nächsten Schlüssel und geben Sie sein Zertifikat jedem Service-Provider, der eine Kopie aufbewahrt.
   *[other] Das SAML-Zertifikat läuft in { $count } Tagen ab. Erstellen Sie jetzt den nächsten Schlüssel und geben Sie sein Zertifikat jedem Service-Provider, der eine Kopie aufbewahrt.
  }
admin-keys-ended = Das SAML-Zertifikat ist abgelaufen. Service-Provider lehnen möglicherweise ab, was damit signiert ist. Erstellen Sie jetzt den nächsten Schlüssel und geben Sie sein Zertifikat jedem Service-Provider, der eine Kopie aufbewahrt.
admin-keys-saml-by-hand = nur manuell (keys.rotate_saml_days ist 0), weil Service-Provider Kopien des Zertifikats aufbewahren
admin-keys-parties-title = Service-Provider (SAML)
admin-keys-parties-lead = Ein Service-Provider, der eine Kopie unseres Zertifikats aufbewahrt, benötigt das nächste, bevor damit signiert wird. Vermerken Sie hier, welche Service-Provider es haben.
admin-keys-party-unknown = Nicht bekannt, ob er das neueste Zertifikat hat
admin-keys-party-newest = Hat das neueste Zertifikat
admin-keys-party-older = Hat ein älteres Zertifikat, das noch veröffentlicht ist
admin-keys-party-gone = Hat ein Zertifikat, das nicht mehr verwendet wird
admin-keys-party-confirm = Neuestes Zertifikat bestätigen
admin-keys-done-confirmed = Gespeichert.
admin-keys-followed = bereits erstellt
admin-keys-by-hand = nur manuell (keys.rotate_days ist 0)
admin-keys-kid = Schlüssel-ID
admin-keys-fingerprint = Zertifikatfingerabdruck (SHA-256)
admin-keys-pairwise = Das Geheimnis für paarweise Kennungen lässt sich nicht wechseln: Anwendungen würden ihre Nutzer nicht wiedererkennen.
admin-keys-master = Der Hauptschlüssel, der diese Geheimnisse in der Datenbank verschlüsselt, wird auf der Kommandozeile mit „usher rekey“ gewechselt.
admin-keys-rotate-title = Schlüssel vorzeitig wechseln
admin-keys-rotate-lead = Von jedem Typ wird jetzt ein neuer Schlüssel erstellt und veröffentlicht. Er wird zum Signieren verwendet, sobald er für die konfigurierte Zeit veröffentlicht war; Anmeldungen werden nicht unterbrochen.
admin-keys-rotate = Jetzt wechseln
admin-keys-emergency-title = Notfallwechsel
admin-keys-emergency-lead = Eine Anwendung, die unsere Schlüssel zwischenspeichert, lehnt Anmeldungen ab, bis sie die Schlüssel erneut abruft. Eine Anwendung, die unser SAML-Zertifikat manuell erhalten hat, lehnt sie ab, bis sie das neue Zertifikat erhält.
admin-keys-at-once = Schlüssel sofort ersetzen
admin-keys-at-once-about = alles mit den aktuellen Schlüsseln Signierte bleibt gültig, und sie bleiben noch zwei Tage veröffentlicht
admin-keys-leaked = Schlüssel widerrufen und ersetzen
admin-keys-leaked-about = für kompromittierte Schlüssel: alles damit Signierte wird ungültig
admin-keys-confirm = Mir ist bewusst, dass Anmeldungen eine Zeit lang abgelehnt werden können
admin-keys-done-early = Neue Schlüssel wurden veröffentlicht. Sie werden nach der konfigurierten Zeit zum Signieren verwendet.
admin-keys-done-at-once = Ab jetzt werden neue Schlüssel zum Signieren verwendet.
admin-keys-done-leaked = Ab jetzt werden neue Schlüssel zum Signieren verwendet, und die bisherigen wurden widerrufen.
admin-keys-waiting = Es wurden keine Schlüssel erstellt: Die nächsten Schlüssel wurden bereits erstellt.
admin-keys-unconfirmed = Es wurde nichts geändert: Bitte aktivieren Sie zuerst das Kontrollkästchen zur Bestätigung.
admin-events-title = Audit-Protokoll
admin-events-lead = Neueste zuerst
admin-events-about = Anmeldungen, Aufrufe, Änderungen
admin-events-kind = Ereignis
admin-events-all = Alle Ereignisse
admin-events-person = Person (Anmeldename oder ID)
admin-events-submit = Anzeigen
admin-events-none = Keine Einträge gefunden.
admin-events-pages = Seiten
admin-events-newest = Neueste
admin-events-older = Ältere
admin-events-at = Zeitpunkt
admin-events-what = Ereignis
admin-events-who = Person
admin-events-actor = Ausgelöst durch
admin-events-service = Dienst
admin-events-detail = Details
admin-events-address = IP-Adresse

## Die Arten der Ereignisse im Audit-Protokoll, wovon sie handeln und wer sie auslöst
event-sign-in-succeeded = Angemeldet
event-sign-in-failed = Anmeldung fehlgeschlagen
event-sign-in-refused = Anmeldung abgelehnt
event-sign-in-confirmed = Identität bestätigt
event-session-ended = Abgemeldet
event-session-others-ended = Andere Geräte abgemeldet
event-logout-delivered = Anwendung über eine Abmeldung benachrichtigt
event-logout-failed = Anwendung konnte nicht über eine Abmeldung benachrichtigt werden
event-logout-retried = Benachrichtigung über eine Abmeldung wiederholt
event-identity-linked = Anmeldemethode verknüpft
event-identity-unlinked = Anmeldemethode entfernt
event-account-exported = Kontodaten heruntergeladen
event-factor-enrolled = Zweiter Faktor hinzugefügt
event-factor-removed = Zweiter Faktor entfernt
event-factor-refused = Zweiter Faktor abgelehnt
event-factor-reset = Alle zweiten Faktoren entfernt
event-device-trusted = Gerät als vertrauenswürdig markiert
event-device-untrusted = Vertrauenswürdige Geräte entfernt
event-recovery-code-created = Wiederherstellungscodes erstellt
event-recovery-code-used = Wiederherstellungscode verwendet
event-launch-departed = Zur Anwendung weitergeleitet
event-launch-landed = In der Anwendung angemeldet
event-launch-refused = Aufruf abgelehnt
event-launch-blocked = Aufruf-Link nicht mehr verwendbar
event-launch-confirmed = Anwendung hat das Öffnen des Datensatzes bestätigt
event-launch-rejected = Anwendung hat den Datensatz nicht geöffnet
event-consent-given = Zugriff erlaubt
event-consent-refused = Zugriff verweigert
event-consent-withdrawn = Zugriff entzogen
event-code-reused = Autorisierungscode zweimal verwendet
event-refresh-token-reused = Refresh-Token zweimal verwendet
event-instance-chosen = Instanz gewählt
event-user-disabled = Konto deaktiviert
event-user-enabled = Konto aktiviert
event-catalog-seeded = Katalog geladen
event-registration-token-created = Registrierungstoken erstellt
event-registration-token-revoked = Registrierungstoken widerrufen
event-client-registered = Client registriert
event-client-changed = Client-Registrierung geändert
event-client-removed = Client entfernt
event-client-disabled = Client deaktiviert
event-client-enabled = Client aktiviert
event-provider-checked = Identitätsanbieter geprüft
event-provider-refreshed = Dokumente eines Identitätsanbieters aktualisiert
event-provider-imported = Metadaten eines Identitätsanbieters importiert
event-recovery-requested = Zurücksetzen des Passworts angefordert
event-password-reset = Passwort über einen Link zurückgesetzt
event-password-changed = Passwort geändert
event-password-refused = Änderung eines Passworts abgelehnt
event-mail-verified = E-Mail-Adresse bestätigt
event-admin-granted = Administratorrechte erteilt
event-admin-revoked = Administratorrechte entzogen
event-key-rotated = Signaturschlüssel erstellt
event-key-withdrawn = Signaturschlüssel widerrufen
event-key-confirmed = Zertifikat bei einem Service-Provider bestätigt
event-master-key-changed = Hauptschlüssel geändert
event-noun-sign-in = Anmeldung
event-noun-session = Sitzung
event-noun-logout = Abmeldebenachrichtigung
event-noun-launch = Aufruf
event-noun-instance = Instanz
event-noun-consent = Einwilligung
event-noun-code = Autorisierungscode
event-noun-refresh-token = Refresh-Token
event-noun-account = Datenexport
event-noun-identity = Anmeldemethode
event-noun-factor = Zweiter Faktor
event-noun-device = Vertrauenswürdiges Gerät
event-noun-recovery-code = Wiederherstellungscode
event-noun-password = Passwort
event-noun-recovery = Zurücksetzen des Passworts
event-noun-mail = E-Mail-Adresse
event-noun-user = Benutzerkonto
event-noun-admin = Administratorrechte
event-noun-provider = Identitätsanbieter
event-noun-client = Client
event-noun-registration-token = Registrierungstoken
event-noun-catalog = Katalog
event-noun-key = Signaturschlüssel
event-noun-master-key = Hauptschlüssel
event-target-application = Anwendung
event-target-service-provider = Service-Provider
event-actor-command = Kommandozeile
event-actor-worker = Hintergrundverarbeitung
event-actor-anonymous = Nicht angemeldet

## Die Einzelheiten der Ereignisse im Audit-Protokoll
event-data-by-session = Angefordert in Sitzung
event-data-certificate = Zertifikat
event-data-count = Anzahl
event-data-link = Link
event-data-protocol = Protokoll
event-data-purpose = Verwendet für
event-data-reason = Grund
event-data-result = Ergebnis
event-data-sessions = Sitzungen

event-reason-account-expired = das Konto ist abgelaufen
event-reason-ambiguous = mehrere Einträge des Verzeichnisses haben diesen Anmeldenamen
event-reason-another-person = eine andere Person als die erwartete hat sich angemeldet
event-reason-by-owner = von der Person selbst beim Anmelden geändert
event-reason-cloned = der Passkey wurde möglicherweise kopiert
event-reason-denied = der Identitätsanbieter hat die Anmeldung abgelehnt
event-reason-disabled = das Konto ist deaktiviert
event-reason-down = der Identitätsanbieter hat nicht geantwortet
event-reason-elsewhere = aus einer anderen Sitzung beendet
event-reason-expired = das Passwort ist abgelaufen
event-reason-first = erster Administrator
event-reason-invalid = die Antwort des Identitätsanbieters war ungültig
event-reason-link-late = das Verknüpfen hat zu lange gedauert
event-reason-link-person = die Person, die das Verknüpfen begonnen hat, war nicht mehr angemeldet
event-reason-linked-elsewhere = die Identität ist mit einem anderen Konto verknüpft
event-reason-locked = das Konto ist im Verzeichnis gesperrt
event-reason-not-allowed = die Zugangsbedingung ist nicht erfüllt
event-reason-not-here = die Anmeldung ist von diesem Gerät aus nicht erlaubt
event-reason-not-known = der Identitätsanbieter hat nicht alle Daten gesendet, die die Zugangsbedingung benötigt
event-reason-not-now = die Anmeldung ist zu dieser Zeit nicht erlaubt
event-reason-password-fixed = dieses Passwort darf nicht geändert werden
event-reason-password-too-young = das Passwort wurde vor zu kurzer Zeit geändert
event-reason-replayed = die Antwort wurde schon einmal verwendet
event-reason-single-logout = eine Anwendung hat die Sitzung beendet
event-reason-stale = der Identitätsanbieter hat keine erneute Anmeldung verlangt
event-reason-surplus = zu viele Sitzungen
event-reason-throttled = zu viele Versuche
event-reason-unknown = es gibt kein Konto für diese Identität
event-reason-unlinked = die Anmeldemethode wurde entfernt
event-reason-unsupported = der Identitätsanbieter unterstützt dies nicht
event-reason-untold = der Identitätsanbieter hat nicht mitgeteilt, wann sich die Person zuletzt angemeldet hat
event-reason-upstream = der Identitätsanbieter hat die Sitzung beendet
event-reason-vouch-again = der Identitätsanbieter muss die Person erneut bestätigen
event-reason-weak-password = das neue Passwort ist zu schwach
event-reason-wrong = falsche Zugangsdaten

event-reason-bad-field = ein Feld des Links ist ungültig
event-reason-bad-key = die Nummer oder ID ist ungültig
event-reason-instance-closed = die Instanz ist deaktiviert
event-reason-instance-not-known = die Instanz konnte nicht ermittelt werden
event-reason-intent-forbidden = diese Person darf die Aktion nicht verwenden
event-reason-launch-expired = der Aufruf ist abgelaufen
event-reason-launch-foreign = der Aufruf wurde in einem anderen Browser oder von einer anderen Person begonnen
event-reason-launch-used = der Aufruf wurde schon einmal verwendet
event-reason-misconfigured = der Dienst ist falsch konfiguriert
event-reason-missing-field = ein Feld des Links fehlt
event-reason-no-access = der Dienst existiert nicht, oder diese Person hat keinen Zugriff
event-reason-no-instance = es ist keine Instanz zugewiesen
event-reason-no-such-record = der Datensatz existiert nicht
event-reason-not-found = nicht gefunden
event-reason-not-opened = der Dienst öffnet diesen Datensatztyp nicht
event-reason-other = sonstiger
event-reason-record-not-allowed = diese Person hat keinen Zugriff auf den Datensatz
event-reason-service-closed = der Dienst ist deaktiviert
event-reason-unknown-field = der Link enthält ein unbekanntes Feld
event-reason-unknown-intent = der Dienst unterstützt die Aktion nicht
event-reason-unknown-type = unbekannter Datensatztyp

event-result-failed = fehlgeschlagen
event-result-fetched = Dokumente abgerufen
event-result-fine = die Verbindung funktioniert
event-result-taken = Metadaten importiert
event-result-taken-weaker = Metadaten importiert, weniger streng als zuvor
event-result-wrong = ein Problem wurde gefunden
event-link-invite = Einladung
event-link-reset = Zurücksetzen des Passworts

## Wie Personen bei Diensten angemeldet werden, für Administratoren
admin-services-title = Dienste
admin-services-lead = Wie Personen bei jedem Dienst angemeldet werden, die schwächste Methode zuerst.
admin-services-none = Es gibt noch keine Dienste.
admin-service-shared = Dieselbe Anwendung ist auch für { $services } registriert. Wer einen dieser Dienste nutzen darf, kann sich dort anmelden; es gilt die strengste Anforderung.
admin-grade = Sicherheit: { $strength }
admin-grade-none = Sicherheit: keine
strength-very-high = sehr hoch
strength-high = hoch
strength-medium = mittel
strength-low = niedrig
grade-none = Nur ein Deep Link: Die Anwendung meldet Personen selbst an.
