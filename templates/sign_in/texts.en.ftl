# The pages for signing in and out.

## Sign-in
sign-in-title = Sign in
sign-in-name = Username
confirm-title = Confirm your identity to open { $target }
confirm-title-plain = Confirm your identity
confirm-lead = This requires a recent sign-in. Please sign in again to continue.
sign-in-remember = Keep me signed in on this device
sign-in-continue = Continue
repost-lead = Returning from { $provider } …
repost-unasked = { $provider } wants to sign you in here. Continue only if you have just come from there.
sign-in-onward = After signing in, you will be taken to { $target }.
sign-in-others = Other ways to sign in
trouble-wrong = Incorrect username or password. Please try again.
trouble-down = “{ $provider }” is not responding. Please try again in a minute.
trouble-down-other-way = “{ $provider }” is not responding. Try again in a minute, or choose another way to sign in below.
trouble-denied = Sign-in with “{ $provider }” was cancelled or refused. Try again, or contact your help desk.
trouble-invalid = “{ $provider }” sent a response that could not be accepted. Please try again; if the problem persists, contact your help desk.
trouble-stale = “{ $provider }” did not ask you to sign in again, which is required here. Sign out there, then try again.
trouble-another-person = That account belongs to another person. Please use your own, or sign out first.
trouble-expired = Your password has expired. Change it where your organisation manages passwords, then sign in again.

## Sign-out
sign-out-title = Sign out?
sign-out-advice = You will be signed out here, and the applications you have opened will be notified.
sign-out-switch = You will be signed out first, and the applications you have opened will be notified. Then you can sign in as another user and continue where you are now.
sign-out-stay = Stay signed in
signed-out-title = You are signed out
signed-out-advice = On a shared computer, please close the browser as well.
sign-in-again = Sign in again
parties-title = Your applications
parties-soon = Notifying your applications…
parties-next = An application signs you out on its own page. You will then return to this page; if not, use the Back button of your browser.
parties-go-on = Continue
parties-look-again = Check again
parties-frame = An application signs you out

## On the way to a service
already-title = You are already signed in
already-lead = You have already signed in on this page.
already-again = Open { $target } again

## When something is wrong
notice-session-ended = Your session has ended. Sign in to continue where you left off.
notice-page-expired = This page has expired. Sign in to continue.
kept-title = Send this form?
kept-lead = Your session had ended when you sent this form, so nothing has been changed yet.
kept-typed = What you entered
kept-send = Send
kept-back = Do not send

## A user's own account
sign-in-linking = This will be added as a sign-in method for the account of { $name }.
trouble-linked-elsewhere = This sign-in method is already linked to another account, so it cannot be linked to yours.
trouble-link-void = This request is no longer valid. Go back to your account and start again.

## A new password during sign-in
change-title = Choose a new password
change-lead = For “{ $provider }”. You will be signed in once it has been changed.
change-link = Change your password
change-due = Your password is correct, but it must be changed before you can continue.
change-old = Current password
change-new = New password
change-again = Confirm new password
change-submit = Change password and sign in
change-back = Back to sign-in
change-differ = The new passwords do not match. Please enter them again.
change-same = This is your current password. Please choose another.
change-weak = This password does not meet your organisation’s password policy. Try a longer one that you have not used before.
change-too-young = Your password was changed recently and cannot be changed again yet.
change-fixed = Your password cannot be changed here. Please contact your help desk.
trouble-untold = “{ $provider }” did not report when you last signed in there, and this requires a recent sign-in. Choose another way to sign in, or contact your help desk.

## Home realm discovery, and access
realm-title = Sign in
realm-label = Username or email address
realm-choices = Or choose a sign-in method
realm-another = Choose another way to sign in
realm-lost = No sign-in method was found for this entry. Please check it, or choose one below.
realm-nothing = Please enter your username or email address.
trouble-not-allowed = You signed in with “{ $provider }”, but this account does not have access to this portal. If you need access, please contact your help desk.
trouble-not-known = “{ $provider }” did not send all your groups, so your access could not be determined. Your help desk can have it configured to send only the groups assigned to this portal, or application roles.
trouble-unknown = You signed in with “{ $provider }”, but you do not have an account here yet. Please contact your help desk.

## Recovery, new passwords, the first administrator
sign-in-forgot = Can’t sign in?
