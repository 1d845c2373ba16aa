# The mails.

mail-hello = Hello { $name },
mail-hello-unnamed = Hello,
mail-not-you = If you did not request this, you can ignore this email: nothing changes unless the link is used.
mail-reset-subject = Reset your password at { $portal }
mail-reset-lead = Someone – hopefully you – asked to reset your password at { $portal }. Use this link to choose a new one:
mail-reset-after = It can be used once and is valid for 30 minutes. If you have set up a second factor, you will be asked for it.
mail-elsewhere-lead = Someone – hopefully you – asked to reset your password at { $portal }. Your password is not managed there: you sign in with “{ $provider }” and can change it only there.
mail-verify-subject = Confirm your email address for { $portal }
mail-verify-lead = Use this link to confirm your email address for { $portal }:
mail-verify-after = It can be used once and is valid for one day. If you did not expect this email, you can ignore it.
mail-changed-subject = Your password at { $portal } was changed
mail-changed-lead = The password of your account at { $portal } was changed just now, and all your other sessions were signed out.
mail-changed-after = If this was you, no action is needed. If it was not, reset your password immediately and contact your help desk.
