# Recovery, new passwords, the first administrator.

recover-title = Can’t sign in?
recover-lead = Enter your username or email address and we’ll send you a reset link.
recover-who = Username or email address
recover-submit = Send reset link
recover-no-mail = This portal cannot send email. Please contact your help desk for a link.
recover-back = Back to sign-in
recover-sent-title = Check your email
recover-sent-lead = If there is an account for this entry, you will receive an email. Its link is valid for 30 minutes and can be used once.
recover-sent-hint = No email after a few minutes? Check your spam folder, or contact your help desk.
recover-done-title = Your password has been set
recover-done-lead = You can now sign in with it.
link-open-title = Choose a new password
link-open-lead = You requested a new password. All your sessions here will be signed out.
link-open-invited = An account has been created for you. Choose a password to activate it.
link-open-submit = Continue
link-open-hint = Once you continue, the link works in this browser only.
link-password-title = Your new password
link-password-submit = Set password
link-password-hint = You will then sign in with this password.
password-new = New password
password-rule = At least { $count ->
    [one] 1 character
   *[other] { $count } characters
  }. Several words in a row are easy to remember and hard to guess.
password-short = This password is too short. Please use at least { $count ->
    [one] 1 character
   *[other] { $count } characters
  }.
password-long = This password is too long. Please use fewer characters.
password-personal = This password contains little more than your name, your address or the name of this portal. Please choose another.
password-guessable = This password is too common. Please choose another.
own-password-title = Change your password
own-password-lead = You stay signed in here. All other sessions will be signed out.
own-password-current = Current password
own-password-submit = Change password
own-password-wrong = The current password is incorrect. Please try again.
own-password-same = This is your current password. Please choose another.
own-password-changed = Your password has been changed.
own-mail-title = Password reset by email
own-mail-known = If you forget your password, a reset link can be sent to { $mail }.
own-mail-unknown = If you forget your password, a reset link can be sent to { $mail } once you have confirmed this address.
own-mail-submit = Send confirmation email
own-mail-sent = A confirmation email is on its way. Please open the link in it.
verify-mail-title = Confirm your email address
verify-mail-lead = Please confirm that { $mail } is your email address.
verify-mail-submit = Confirm
mail-verified-title = Email address confirmed
mail-verified-lead = If you forget your password, we can send you a reset link.
welcome-title = Welcome to { $portal }
welcome-lead = You are creating the first administrator account of this portal.
welcome-login = Username
welcome-name = Display name
welcome-mail = Email address (optional)
welcome-submit = Create account
welcome-login-odd = A username can contain only letters, digits and . _ - + @.
welcome-login-taken = This username is taken. Please choose another.
welcome-name-odd = Please enter your name, using at most 100 characters.
welcome-mail-odd = Please enter a valid email address.
