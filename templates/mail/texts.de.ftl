# Die E-Mails.

mail-hello = Guten Tag, { $name }!
mail-hello-unnamed = Guten Tag!
mail-not-you = Wenn Sie dies nicht angefordert haben, können Sie diese E-Mail ignorieren: Ohne den Link ändert sich nichts.
mail-reset-subject = Ihr Passwort bei { $portal } zurücksetzen
mail-reset-lead = Für Ihr Konto bei { $portal } wurde ein neues Passwort angefordert. Mit diesem Link wählen Sie es:
mail-reset-after = Er kann einmal verwendet werden und ist 30 Minuten gültig. Wenn Sie einen zweiten Faktor eingerichtet haben, werden Sie danach gefragt.
mail-elsewhere-lead = Für Ihr Konto bei { $portal } wurde ein neues Passwort angefordert. Ihr Passwort wird nicht dort verwaltet: Sie melden sich mit „{ $provider }“ an und können es nur dort ändern.
mail-verify-subject = E-Mail-Adresse für { $portal } bestätigen
mail-verify-lead = Bestätigen Sie mit diesem Link Ihre E-Mail-Adresse für { $portal }:
mail-verify-after = Er kann einmal verwendet werden und ist einen Tag gültig. Wenn Sie diese E-Mail nicht erwartet haben, können Sie sie ignorieren.
mail-changed-subject = Ihr Passwort bei { $portal } wurde geändert
mail-changed-lead = Das Passwort Ihres Kontos bei { $portal } wurde gerade geändert, und alle Ihre anderen Sitzungen wurden abgemeldet.
mail-changed-after = Wenn Sie das waren, müssen Sie nichts tun. Wenn nicht, fordern Sie sofort ein neues Passwort an und wenden Sie sich an Ihren Helpdesk.
