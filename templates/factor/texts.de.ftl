# Die Seiten zu zweiten Faktoren. Die Texte eines einzelnen Faktors sind in `src/factor`.

factor-title = Zweiter Faktor
factor-purpose-view = Bestätigen Sie Ihre Identität, um { $record } in { $service } zu öffnen.
factor-purpose-edit = Bestätigen Sie Ihre Identität, um { $record } in { $service } zu bearbeiten.
factor-purpose-other = Bestätigen Sie Ihre Identität, um mit { $record } in { $service } fortzufahren.
factor-purpose-service = Bestätigen Sie Ihre Identität, um { $service } zu öffnen.
factor-code = Code
factor-submit = Weiter
factor-trust = Diesem Gerät { $count ->
    [one] 1 Tag
   *[other] { $count } Tage
  } lang vertrauen
factor-others = Andere Optionen
factor-offer-title = Schützen Sie Ihr Konto
factor-offer-lead = Zum Fortfahren ist ein zweiter Faktor erforderlich. Wählen Sie einen; die Einrichtung dauert etwa eine Minute.
factor-back = Zurück
factor-name = Name
factor-rename = Name speichern
factor-change = Ändern
factor-change-which = { $name } ändern
factor-remove-title = Zweiten Faktor entfernen
factor-remove-lead = Sie können ihn hier dann nicht mehr zum Anmelden verwenden.
factor-remove-last = Dies ist Ihr letzter zweiter Faktor. Ihre Wiederherstellungscodes werden ebenfalls entfernt, und wo einer erforderlich ist, werden Sie aufgefordert, einen neuen einzurichten.
factor-remove = Entfernen
factor-done-added = Der zweite Faktor wurde hinzugefügt.
factor-done-renamed = Der Name wurde gespeichert.
factor-done-removed = Der zweite Faktor wurde entfernt.
factor-done-devices = Alle vertrauenswürdigen Geräte wurden entfernt.
factor-never-used = Noch nicht verwendet
factor-used = Verwendet { $when }
factors-lead = Wenn Sie einen zweiten Faktor eingerichtet haben, werden Sie bei der Anmeldung danach gefragt, außer auf vertrauenswürdigen Geräten.
factors-lead-rules = Ein zweiter Faktor schützt Ihr Konto zusätzlich zum Passwort. Wann Sie danach gefragt werden, legen die Regeln Ihrer Organisation fest.
factors-none = Sie haben keinen zweiten Faktor eingerichtet. Ohne ihn genügt ein gestohlenes Passwort, um sich bei Ihrem Konto anzumelden.
factors-add = Hinzufügen
devices-title = Vertrauenswürdige Geräte
devices-lead = Auf diesen Geräten werden Sie beim Anmelden nicht nach dem zweiten Faktor gefragt, außer eine Regel verlangt ihn.
device-expires = Läuft { $when } ab
devices-forget = Alle vertrauenswürdigen Geräte entfernen
factors-back = Zurück zu Ihrem Konto
