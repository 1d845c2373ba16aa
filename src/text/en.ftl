# The texts of the user interface: short, in plain standard words, without blame.
# A line that starts with a key is a message; `count` is a number, every other variable is text.

## Around every page
skip-to-content = Skip to content
person-menu = Your account
sign-out = Sign out
language = Language
footer-about = Single sign-on to your services.
back-to-portal = Back to the portal

## Sign-in
sign-in-title = Sign in
sign-in-name = Username
sign-in-password = Password
sign-in-submit = Sign in
confirm-title = Confirm your identity to open { $target }
confirm-title-plain = Confirm your identity
confirm-lead = This requires a recent sign-in. Please sign in again to continue.
sign-in-remember = Keep me signed in on this device
sign-in-continue = Continue
repost-lead = Returning from { $provider } …
repost-unasked = { $provider } wants to sign you in here. Continue only if you have just come from there.
sign-in-onward = After signing in, you will be taken to { $target }.
sign-in-others = Other ways to sign in
show-password = Show password
hide-password = Hide password
trouble-wrong = Incorrect username or password. Please try again.
trouble-throttled = Too many attempts. Please try again { $when }.
trouble-down = “{ $provider }” is not responding. Please try again in a minute.
trouble-down-other-way = “{ $provider }” is not responding. Try again in a minute, or choose another way to sign in below.
trouble-denied = Sign-in with “{ $provider }” was cancelled or refused. Try again, or contact your help desk.
trouble-invalid = “{ $provider }” sent a response that could not be accepted. Please try again; if the problem persists, contact your help desk.
trouble-stale = “{ $provider }” did not ask you to sign in again, which is required here. Sign out there, then try again.
trouble-another-person = That account belongs to another person. Please use your own, or sign out first.
trouble-refused = You cannot sign in this way. Please contact your help desk.
trouble-expired = Your password has expired. Change it where your organisation manages passwords, then sign in again.
trouble-disabled = Your account is disabled. Please contact your help desk.
trouble-busy = Many people are signing in right now. Please try again in a moment.
destination = { $record } in { $service }

## Sign-out
sign-out-title = Sign out?
sign-out-advice = You will be signed out here, and the applications you have opened will be notified.
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
party-waiting = is being notified
party-again = could not be notified; we will try again. On a shared computer, please close it now
party-confirmed = has signed you out
party-failed = could not be notified. Please sign out there; on a shared computer, close it as well
party-asked = was asked to sign you out, but does not confirm it. On a shared computer, please close it
party-impossible = cannot be notified. Please sign out there; on a shared computer, close it as well
logouts-title = Sign-out report
logouts-lead = Applications that were notified when you signed out, in the last seven days.
logouts-none = No sign-outs yet.
logouts-link = Sign-out report

## Portal
portal-title = Your services
portal-greeting = Hello, { $name }
portal-lead = Where would you like to go?
search-label = Search your services
search-placeholder = Search services
search-submit = Search
search-key-hint = Press / to search
search-clear = Show all
search-none = No services found.
search-count = { $count ->
    [one] 1 service
   *[other] { $count } services
  }
services-title = Services
services-none = No services available
services-none-advice = No service has been set up for you yet. Please contact your help desk.
tile-choose = Several instances
tile-about = Service details
tile-about-service = Details of { $service }
tile-nowhere = No instance assigned
tile-unknown = Your access could not be determined
tile-closed = Not available
records-title = Open a record
records-lead = Select the record type and enter the number or ID.
record-type = Record type
record-key = Number or ID
record-submit = Find
recent-title = Recently opened
recent-none = Records you open will appear here.
recent-in = in { $service }
recent-arrived = Sent
recent-confirmed = Opened
recent-no-such-record = Not found
recent-not-allowed = Access denied
recent-refused = Not opened
when-now = just now
when-minutes = { $count ->
    [one] 1 minute ago
   *[other] { $count } minutes ago
  }
when-hours = { $count ->
    [one] 1 hour ago
   *[other] { $count } hours ago
  }
when-days = { $count ->
    [one] yesterday
   *[other] { $count } days ago
  }
when-future-minutes = { $count ->
    [one] in 1 minute
   *[other] in { $count } minutes
  }
when-future-hours = { $count ->
    [one] in 1 hour
   *[other] in { $count } hours
  }
when-future-days = { $count ->
    [one] tomorrow
   *[other] in { $count } days
  }

## Open a record
open-title = Open a record
open-idle = The services that can open the record will appear here.
open-found = Where to open { $record }?
open-none = No matching service
open-none-advice = None of your services can open { $record }.
open-invalid = This number or ID is not valid
open-invalid-advice = Please check it for typing errors.
open-unknown-type = Unknown record type.
open-here = { $intent } { $record } in { $service }
intent-view = Open
intent-edit = Edit
intent-create = Create

## Choose an instance
choose-title = Choose an instance
choose-lead = { $service } has more than one instance. Which one would you like to open?
choose-lead-record = { $record } can be opened in more than one instance. Which one would you like to use?

## The instance of a service, and why
service-title = { $service }: your instance
service-open = Open { $service }
service-why = Rules
service-why-lead = Your organisation’s rules are checked from top to bottom. The first rule that applies decides.
service-rules-none = There are no rules: everyone is taken to the same instance.
service-rules-missing = No rule has been set up for this service yet, so it cannot be opened. Please contact your help desk.
rule-matched = Applies
rule-passed-over = Does not apply
rule-unanswered = Cannot be determined
rule-not-reached = Not checked
verdict-rule = You are taken to { $instance }, because the rule “{ $rule }” applies to you.
verdict-default = You are taken to { $instance }, the default, because no specific rule applies to you.
verdict-only = You are taken to { $instance }. It is the only instance.
verdict-override = You are taken to { $instance }, because you chose it.
verdict-choose = More than one instance is available to you. You choose one each time.
verdict-none = No rule applies to you, so no instance is assigned to you.
verdict-unknown = Your identity provider did not send all the data that a rule needs, so your instance cannot be determined. Your administrator can configure it to send only the groups assigned to this portal, or application roles.
verdict-closed = You would be taken to { $instance }, but it is temporarily unavailable.
finding-equals = { $attribute } is “{ $value }” ({ $source }); condition: “{ $wanted }”
finding-in = { $attribute } is “{ $value }” ({ $source }); condition: one of { $wanted }
finding-contains = { $attribute } contains { $value } ({ $source }); condition: contains “{ $wanted }”
finding-matches = { $attribute } is “{ $value }” ({ $source }); condition: matches “{ $wanted }”
finding-missing = { $attribute } has no value; condition: “{ $wanted }”
finding-unknown = the values of { $attribute } are incomplete ({ $source }), so the condition “{ $wanted }” cannot be checked
finding-not = must not be met: { $finding }
finding-always = this rule applies to everyone
source-local = from your local account
source-provider = from { $provider }
override-title = Use a different instance
override-lead = For one week, you will be taken to the selected instance instead.
override-label = Instance
override-submit = Use for one week
override-clear = Use the assigned instance
handoff-title = How you are signed in
handoff-oidc = You are signed in automatically, and the record is passed on.
handoff-code = You are signed in with a one-time code, and the record is passed on.
handoff-cas = You are signed in with a ticket, and the record is passed on.
handoff-form_jwt = You are signed in with a signed form, and the record is passed on.
handoff-request_init = The application asks this portal who you are and receives the record.
handoff-saml = You are signed in automatically, and the record is passed on.
handoff-forward_auth = The page is protected by a gateway that asks this portal who you are.
handoff-link = The right page is opened. The application asks this portal who you are.
handoff-discourse = The forum asks this portal who you are and opens the topic.
handoff-jwt = You are signed in with a token of the type the application expects, and the record is opened.

## On the way to a service
hand-off-title = Opening { $service }
hand-off-lead = If nothing happens, select Continue.
hand-off-submit = Continue
unvouched-title = Continue to { $host }?
unvouched-lead = “{ $application }” registered itself here. It has not been verified by an administrator of { $portal }. Continue only if you know this address.
unvouched-continue = Continue to { $host }
unvouched-stay = Stay on this portal
turned-away-nothing = Record not found in { $service }
turned-away-no-record = { $record } not found in { $service }
turned-away-nothing-advice = You were signed in there, but the record you requested does not exist. Please check the number or ID.
turned-away-no-record-advice = You were signed in there, but { $record } does not exist. Please check the number or ID for typing errors.
turned-away-shut = { $service } denied access to this record
turned-away-forbidden = { $service } denied access to { $record }
turned-away-shut-advice = { $service } manages its own permissions. If you need access, please contact the administrators of the service.
turned-away-forbidden-advice = { $service } manages its own permissions for { $record }. If you need access, please contact the administrators of the service.
turned-away-check = Check the number or ID
turned-away-elsewhere = Use a different instance
already-title = You are already signed in
already-lead = You have already signed in on this page.
already-again = Open { $target } again

## When something is wrong
problem-request = Request ID: { $id }
problem-why = Show details
problem-try-again = Try again
problem-open-again = Open again
problem-not-found = Page not found
problem-not-found-advice = The address may be mistyped, or you do not have access to this page.
problem-no-access = You do not have access
problem-no-access-advice = You are signed in as { $name }. This account does not have access to what this link opens, or the link may be mistyped. If you need access, please contact your help desk.
problem-not-set-up = This portal is not set up yet
problem-not-set-up-advice = To set it up, open the link that “usher serve” printed when it started, or load a catalogue with “usher seed”.
problem-first-admin-used = This link has already been used
problem-first-admin-used-advice = The portal already has its first administrator. If that is you, sign in. If it is not, contact the operator of this portal.
problem-first-admin-expired = This link is no longer valid
problem-first-admin-expired-advice = It is valid for one hour, and only until the portal is restarted. Restart “usher serve” to get a new one.
help-desk = Need help?
problem-no-instance = No instance of { $service } is assigned to you
problem-no-instance-advice = None of the rules applies to you. Please contact your help desk and give the name of the service.
problem-not-known = Your instance of { $service } could not be determined
problem-not-known-advice = Your identity provider did not send all your groups. Your help desk can have it configured to send only the groups assigned to this portal, or application roles.
problem-instance-closed = { $instance } is not available
problem-instance-closed-advice = An administrator has disabled this instance. Please try again later, or contact your help desk.
problem-service-closed = { $service } is not available
problem-service-closed-advice = An administrator has disabled this service. Please try again later, or contact your help desk.
problem-key-invalid = “{ $key }” is not a valid number or ID
problem-key-invalid-advice = Please check it for typing errors. Expected format: { $hint }
problem-type-unknown = Unknown record type
problem-type-unknown-advice = The link may be outdated or mistyped. Please contact the sender of the link.
problem-service-cannot-open = { $service } cannot open this record type
problem-service-cannot-open-advice = Another service may be able to. Search for the record in the portal.
problem-intent-unknown = { $service } does not support this action
problem-intent-unknown-advice = The link requests an action that is not available for this record. You can still open the record.
problem-field-unknown = This link contains an unknown part
problem-field-unknown-advice = The part “{ $field }” is not supported. Please contact the sender of the link.
problem-field-invalid = Part of this link is not valid
problem-field-invalid-advice = The part “{ $field }” is missing or not valid. Please contact the sender of the link.
problem-launch-expired = This request has expired
problem-launch-expired-advice = For your security, it is valid for a short time only. Please open the link again.
problem-launch-used = This request has already been used
problem-launch-used-advice = It can be used only once. Please open the link again.
problem-launch-foreign = This request was started elsewhere
problem-launch-foreign-advice = It was started in another browser or by another person. Please open the link again here.
problem-page-expired = This page has expired
problem-page-expired-advice = Please sign in again, or open the link again.
problem-session-ended = Your session has ended
problem-session-ended-advice = Please sign in again. Nothing was changed.
problem-cookies-blocked = Cookies are blocked
problem-cookies-blocked-advice = Sign-in requires a cookie from this site, but your browser did not send it back. Please allow cookies for this site, or use another browser, then try again.
notice-session-ended = Your session has ended. Sign in to continue where you left off.
notice-page-expired = This page has expired. Sign in to continue.
kept-title = Send this form?
kept-lead = Your session had ended when you sent this form, so nothing has been changed yet.
kept-typed = What you entered
kept-send = Send
kept-back = Do not send
problem-forbidden = Access denied
problem-forbidden-advice = If you need access for your work, please contact your help desk.
problem-database-away = The portal is temporarily unavailable
problem-database-away-advice = Please try again in a moment. If the problem persists, contact your help desk.
problem-timeout = The request timed out
problem-timeout-advice = Please try again in a moment.
problem-internal = Something went wrong
problem-internal-advice = An internal error occurred. If it happens again, contact your help desk and give the request ID below.
problem-cross-site = This form came from another site
problem-cross-site-advice = For your security, it was not processed. Please go to the portal and try again.
problem-bad-ask = The application sent an invalid request
problem-bad-ask-advice = Please go back and start again there. If it happens again, give its administrators this information: { $why }.
problem-bad-request = This request could not be processed
problem-bad-request-advice = Something in the request was missing or not valid. Please go back and try again.
problem-method = This action is not available here
problem-method-advice = Please start from the portal.
problem-too-large = The form is too large
problem-too-large-advice = Please shorten your input and try again.
problem-too-many = Too many requests
problem-too-many-advice = Too many requests came from your network in a short time. Please wait a moment and try again.
problem-client-unknown = Unknown application
problem-client-unknown-advice = Its client ID is not registered here. Please contact its administrators.
problem-redirect-unknown = Unknown redirect address
problem-redirect-unknown-advice = The application asked to return to an address that is not registered here. Please contact its administrators.

## A person's own account
account-title = Your account
account-back = Back to your account
account-login = You sign in as { $login }.
account-sessions = Active sessions
account-sessions-lead = If you do not recognise a session, sign it out, then change your password.
session-present = This device
session-where = IP address
session-since = Signed in
session-seen = Last seen
session-proved = Authentication
session-by = with “{ $provider }”
session-by-passkey = with a passkey
session-plain = single-factor
session-strong = two-factor
session-end-named = Sign out { $device }
session-end-others = Sign out everywhere else
device = { $browser } on { $system }
device-unknown = Unknown device
device-says = Reported as
place-internal = { $address } (internal network)
moment = { $day } { $month ->
    [m1] January
    [m2] February
    [m3] March
    [m4] April
    [m5] May
    [m6] June
    [m7] July
    [m8] August
    [m9] September
    [m10] October
    [m11] November
   *[m12] December
  } { $year }, { $time } UTC
account-ways = Sign-in methods
identity-subject = Account ID
identity-linked = Linked
identity-used = Last used
identity-unused = Not used yet
identity-remove = Remove
identity-remove-named = Remove “{ $provider }”
link-another = Link another sign-in method
link-title = Link “{ $provider }”
link-lead = You sign in there once. After that, you can also use it to sign in to this account.
link-submit = Sign in there
sign-in-linking = This will be added as a sign-in method for the account of { $name }.
unlink-title = Remove “{ $provider }” as a sign-in method?
unlink-lead = Sessions that were started with it are signed out, and data that only this provider sent about you is deleted. You can link it again later.
unlink-present = Your current session was started with it, so you will have to sign in again.
unlink-submit = Remove
unlink-keep = Cancel
trouble-linked-elsewhere = This sign-in method is already linked to another account, so it cannot be linked to yours.
trouble-link-void = This request is no longer valid. Go back to your account and start again.
passkey = Passkey
account-factors-none = None set up. Once you add one, you will be asked for it when you sign in.
account-factors-none-rules = None set up. Your organisation’s rules decide when one is required.
account-factors = { $count ->
    [one] 1 set up
   *[other] { $count } set up
  }
account-password = Change your password
account-known = Your profile data
account-known-lead = Applications you open may receive this data. To correct it, contact the source shown.
account-known-nothing = No attributes other than your name.
fact-incomplete = Not complete: your identity provider did not send all values. Your administrator can set it to send only the groups assigned to this portal, or application roles.
fact-name = Attribute
fact-values = Value
fact-source = Source
source-here = set in this portal
attribute-mail = Email address
attribute-groups = Groups
attribute-department = Department
attribute-region = Region
attribute-phone = Phone
attribute-title = Title
attribute-language = Language
attribute-company = Company
attribute-office = Office
attribute-employee = Employee number
account-history = Recent activity
account-history-lead = Sign-ins and changes to your account, newest first.
account-history-all = Show all
account-export = Export your data
account-export-lead = The data stored about you, in one file that people and programs can read.
account-export-submit = Download your data
account-done-session = The device has been signed out.
account-done-sessions = All other sessions have been signed out.
account-done-linked = Linked. You can now sign in with this method.
account-done-known = This sign-in method was already linked to your account.
account-done-unlinked = Removed. It can no longer be used to sign in to your account.
history-none = No activity yet.
history-pages = Pages
history-newest = Newest
history-older = Older
history-signed-in = Signed in with “{ $provider }”
history-confirmed = Identity confirmed
history-failed = Incorrect password for your username at “{ $provider }”
history-throttled = Too many attempts to sign in with “{ $provider }”
history-disabled = Sign-in refused: your account was disabled
history-expired = Sign-in refused: your password at “{ $provider }” had expired
history-down = Sign-in failed: “{ $provider }” did not respond
history-refused = Sign-in with “{ $provider }” was refused
history-ended = Signed out
history-ended-elsewhere = Signed out from another of your devices
history-ended-upstream = Signed out by “{ $provider }”
history-ended-surplus = Signed out because you signed in on too many other devices
history-ended-unlinked = Signed out because the sign-in method was removed
history-ended-others = { $count ->
    [one] Signed out 1 other device
   *[other] Signed out { $count } other devices
  }
history-linked = Linked “{ $provider }” as a sign-in method
history-unlinked = Removed “{ $provider }” as a sign-in method
history-consent-given = You allowed access for “{ $application }”
history-consent-refused = You denied access for “{ $application }”
history-consent-withdrawn = You removed access for “{ $application }”
history-exported = Your data was downloaded
history-factor-enrolled = A passkey or authenticator app was added
history-factors-reset = All your second factors were removed by an administrator, and you were signed out
history-device-trusted = You marked a device as trusted: you are not asked for a second factor there until the trust expires
history-devices-forgotten = You removed all trusted devices
history-codes-made = Recovery codes were created
history-code-used = A recovery code was used to sign in
history-factor-removed = A passkey or authenticator app was removed
history-factor-refused = An incorrect second factor was entered
history-recovery-asked = A password reset was requested for your account
history-password-reset = Your password was reset with a link
history-password-changed = Your password was changed
history-password-refused = A change of your password was refused
history-mail-verified = Your email address was confirmed
history-admin-granted = You were made an administrator of this portal
history-admin-revoked = You are no longer an administrator of this portal
history-administered = You managed “{ $provider }” as an administrator
history-key-rotated = You rotated the signing keys
history-key-withdrawn = You revoked a signing key
history-key-confirmed = You confirmed that a service provider has a certificate
history-user-disabled = Your account was disabled
history-user-enabled = Your account was enabled again
history-chosen = You chose your instance of { $service }
history-code-reused = An application used an authorization code twice; the access issued for it was revoked
history-other = Other activity
## A new password on the way in
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
change-history = Password changed at “{ $provider }”
change-fixed = Your password cannot be changed here. Please contact your help desk.
trouble-account-expired = Your account has expired. Please contact your help desk.
trouble-not-now = Your account cannot be used at this time of day.
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

## Administration
admin-title = Administration
admin-next-title = What to do next
admin-next-catalogue = Load the services, record types and clients of your organisation: write a catalogue file and run “usher seed FILE”.
admin-next-provider = Connect the identity provider of your organisation (OpenID Connect, SAML or LDAP) in the same file, so that people can sign in with their existing account.
admin-next-mail = Set up email in the configuration ([mail]), so that people can reset a forgotten password.
admin-next-help-desk = Set the help desk contact in the configuration ([portal], help_desk_…).
admin-service-unreachable = This service cannot be opened: it needs a rule that names an instance.
admin-back = Back to administration
admin-numbers = Overview
admin-people = { $count ->
    [one] 1 person
   *[other] { $count } people
  }
admin-people-disabled = { $count ->
    [0] No disabled accounts
    [one] 1 disabled account
   *[other] { $count } disabled accounts
  }
admin-people-admins = { $count ->
    [one] 1 administrator
   *[other] { $count } administrators
  }
admin-sessions = { $count ->
    [0] No active sessions
    [one] 1 active session
   *[other] { $count } active sessions
  }
admin-services-count = { $count ->
    [one] 1 service
   *[other] { $count } services
  }
admin-clients-count = { $count ->
    [one] 1 OpenID Connect client
   *[other] { $count } OpenID Connect clients
  }
admin-providers-count = { $count ->
    [one] 1 identity provider
   *[other] { $count } identity providers
  }
admin-providers-title = Identity providers
admin-providers-lead = The providers that people sign in with. They are configured in the catalogue file.
admin-providers-none = There are no identity providers yet. Load a catalogue with “usher seed”.
admin-providers-back = Back to identity providers
admin-tag-disabled = disabled
admin-tag-default = default
admin-tag-hidden = hidden
admin-tag-known-only = existing accounts only
admin-tag-allow = restricted by a condition
admin-tag-marked = groups and usernames prefixed
admin-tag-kept = groups and usernames trusted as before the upgrade
admin-document-fetched = fetched
admin-document-until = valid until
admin-document-no-end = no expiry date
admin-route-title = Test provider selection
admin-route-lead = The provider is selected by what a person enters and by their IP address.
admin-route-who = Username or email address
admin-route-address = IP address
admin-route-submit = Test
admin-route-ask = No provider is selected automatically. The person is asked to choose.
admin-route-named = { $provider }: named in the link
admin-route-remembered = { $provider }: used before in this browser
admin-route-default = { $provider }: the default
admin-route-domain = { $provider }: responsible for email addresses of { $what }
admin-route-network = { $provider }: responsible for the network { $what }
admin-check = Test connection
admin-refresh = Refresh documents
admin-refreshed = All documents that were due have been refreshed.
admin-documents = Documents
admin-addresses = Register at the provider
admin-addresses-lead = Register these addresses at the provider exactly as shown.
admin-settings = Settings
admin-settings-lead = As configured in the catalogue file. Secrets are never shown.
admin-settings-none = There are no settings for this type.
admin-setting-secret = set (hidden)
admin-setting-unset = not set
admin-admission = Access and attributes
admin-routing = Provider selection
admin-preview = Test attribute mapping
admin-preview-lead = Paste the claims, assertion or attributes that the provider sends for a person. It is not stored.
admin-preview-said = Claims or attributes
admin-preview-hint = Claims as JSON, a SAML assertion or response as XML, or attributes, one per line: name (friendly name) = value
admin-preview-submit = Show result
admin-preview-unreadable = This could not be read:
admin-preview-admitted = This person could sign in.
admin-preview-known-only = This person could sign in if they already have an account.
admin-preview-refused = Sign-in would be refused: the condition is not met.
admin-preview-unknown = Sign-in would be refused: the provider did not send all the data that the condition needs.
admin-preview-attribute = Attribute
admin-preview-values = Values
admin-preview-from = Source
admin-preview-nothing = none
admin-preview-unused = Not used:
admin-seen = { $count ->
    [one] { $name } has 1 value
   *[other] { $name } has { $count } values
  }
admin-seen-pattern = { $count ->
    [one] { $name } has 1 value; matching { $pattern }: { $fit }
   *[other] { $name } has { $count } values; matching { $pattern }: { $fit }
  }
admin-seen-missing = { $name } is missing
admin-seen-constant = fixed value
admin-dropped-pattern = “{ $value }” does not match the pattern
admin-dropped-unlisted = “{ $value }” is not in the list
admin-dropped-blank = “{ $value }” is empty or cannot be displayed
admin-dropped-too-long = “{ $value }” is too long
admin-dropped-spare = “{ $value }” exceeds the number of allowed values
admin-gap-elsewhere = Not all values are known: the provider sent a reference instead of the full list (Microsoft Entra does this for people in many groups). Configure it to send only the groups assigned to this application, or application roles.
admin-gap-too-many = The values are not known: there are more than can be stored. Configure the provider to send only the groups assigned to this application, or application roles.
admin-gap-too-long = Not all values are known: one is too long to be stored.
admin-import = Upload metadata
admin-import-lead = For providers whose metadata cannot be fetched from an address.
admin-import-label = Metadata (XML)
admin-import-file = Or choose a file
admin-import-submit = Use this metadata
admin-import-weaker = Nothing has been changed yet. The new metadata is less strict than the current metadata:
admin-import-confirm = I have confirmed with the provider that this is intended
admin-logouts-title = Sign-out notifications
admin-logouts-lead = Applications notified that a session ended; failures first
notice-waiting = Pending
notice-again = Will be retried
notice-confirmed = Confirmed
notice-failed = Failed
notice-browser = Waiting for the browser
notice-asked = Requested, confirmation not supported
notice-impossible = No sign-out address
admin-logouts-party = Application
admin-logouts-outcome = Outcome
admin-logouts-tries = Attempts
admin-logouts-do = Action
admin-logouts-again = Try again
admin-logouts-again-at = Notify { $party } again
admin-keys-title = Signing keys
admin-keys-about = Current and next keys, rotation
admin-keys-lead = Applications use these keys to verify that a response comes from this portal. Keys are rotated automatically unless configured otherwise: the next key is published before it is used for signing, and the previous key stays published for a while.
admin-keys-tokens = OpenID Connect tokens ({ $algorithm })
admin-keys-saml = SAML assertions
admin-keys-next = Next
admin-keys-current = Current: used for signing
admin-keys-retiring = Retiring: no longer used for signing
admin-keys-from = Used for signing from
admin-keys-since = Used for signing since
admin-keys-until = Published until
admin-keys-due = Next key
admin-keys-ends = Certificate valid until
admin-keys-ending = { $count ->
    [one] The SAML certificate expires in one day. Create the next key now, and give its certificate to every service provider that keeps a copy.
   *[other] The SAML certificate expires in { $count } days. Create the next key now, and give its certificate to every service provider that keeps a copy.
  }
admin-keys-ended = The SAML certificate has expired. Service providers may reject what is signed with it. Create the next key now, and give its certificate to every service provider that keeps a copy.
admin-keys-saml-by-hand = manual only (keys.rotate_saml_days is 0), because service providers keep copies of the certificate
admin-keys-parties-title = Service providers (SAML)
admin-keys-parties-lead = A service provider that keeps a copy of our certificate must have the next one before it is used for signing. Record here which service providers have it.
admin-keys-party-unknown = Not known whether it has the latest certificate
admin-keys-party-newest = Has the latest certificate
admin-keys-party-older = Has an older certificate that is still published
admin-keys-party-gone = Has a certificate that is no longer used
admin-keys-party-confirm = Confirm latest certificate
admin-keys-done-confirmed = Saved.
admin-keys-followed = already created
admin-keys-by-hand = manual only (keys.rotate_days is 0)
admin-keys-kid = Key ID
admin-keys-fingerprint = Certificate fingerprint (SHA-256)
admin-keys-pairwise = The secret for pairwise identifiers cannot be rotated: applications would no longer recognise their users.
admin-keys-master = The master key, which encrypts these secrets in the database, is changed on the command line with “usher rekey”.
admin-keys-rotate-title = Rotate keys early
admin-keys-rotate-lead = A new key of each type is created and published now. It is used for signing after it has been published for the configured time; sign-in is not interrupted.
admin-keys-rotate = Rotate now
admin-keys-emergency-title = Emergency rotation
admin-keys-emergency-lead = An application that caches our keys refuses sign-ins until it fetches them again. An application that was given our SAML certificate manually refuses them until it is given the new certificate.
admin-keys-at-once = Replace keys immediately
admin-keys-at-once-about = everything signed with the current keys remains valid, and they stay published for two more days
admin-keys-leaked = Revoke and replace keys
admin-keys-leaked-about = for compromised keys: everything signed with them becomes invalid
admin-keys-confirm = I understand that sign-ins may be refused for a while
admin-keys-done-early = New keys have been published. They will be used for signing after the configured time.
admin-keys-done-at-once = New keys are now used for signing.
admin-keys-done-leaked = New keys are now used for signing, and the previous keys have been revoked.
admin-keys-waiting = No keys were created: the next keys have already been created.
admin-keys-unconfirmed = Nothing was changed: please tick the box to confirm first.
admin-events-title = Audit log
admin-events-lead = Newest first
admin-events-about = Sign-ins, launches, changes
admin-events-kind = Event
admin-events-all = All events
admin-events-person = Person (username or ID)
admin-events-submit = Show
admin-events-none = No entries match.
admin-events-pages = Pages
admin-events-newest = Newest
admin-events-older = Older
admin-events-at = Time
admin-events-what = Event
admin-events-who = Person
admin-events-service = Service
admin-events-detail = Details
admin-events-address = IP address
## Recovery, new passwords, the first administrator
sign-in-forgot = Can’t sign in?
recover-title = Can’t sign in?
recover-lead = Enter your username or email address and we’ll send you a reset link.
recover-who = Username or email address
recover-submit = Send reset link
recover-no-mail = This portal cannot send email. Please contact your help desk for a link.
recover-back = Back to sign-in
recover-again = Request a new link
recover-sent-title = Check your email
recover-sent-lead = If there is an account for this entry, you will receive an email. Its link is valid for 30 minutes and can be used once.
recover-sent-hint = No email after a few minutes? Check your spam folder, or contact your help desk.
recover-done-title = Your password has been set
recover-done-lead = You can now sign in with it.
link-door-title = Choose a new password
link-door-lead = You requested a new password. All your sessions here will be signed out.
link-door-invited = An account has been created for you. Choose a password to activate it.
link-door-submit = Continue
link-door-hint = Once you continue, the link works in this browser only.
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
local-provider-title = Sign in with your { $portal } account
problem-link-void = This link is no longer valid
problem-link-void-advice = It can be used once, for a limited time, and only until a newer link is created. If you still need it, request a new one.
problem-link-foreign = This link was opened in another browser
problem-link-foreign-advice = It works only in the browser in which it was first opened. If that was not you, request a new one.
mail-hello = Hello { $name },
mail-hello-nobody = Hello,
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
## Second factors
factor-title = Second factor
factor-purpose-view = Confirm your identity to open { $record } in { $service }.
factor-purpose-edit = Confirm your identity to edit { $record } in { $service }.
factor-purpose-other = Confirm your identity to continue to { $record } in { $service }.
factor-purpose-service = Confirm your identity to open { $service }.
factor-app = Authenticator app
factor-app-about = A code from your phone
factor-passkey = Passkey
factor-passkey-about = Your fingerprint, face or security key
factor-lead-app = Enter the code shown in your authenticator app.
factor-lead-passkey = Use your passkey or security key.
factor-lead-recovery = Enter one of your recovery codes. Each can be used once.
factor-code = Code
factor-recovery-code = Recovery code
factor-submit = Continue
factor-trust = Trust this device for { $count ->
    [one] 1 day
   *[other] { $count } days
  }
factor-use-passkey = Use my passkey
factor-others = Other options
factor-by-app = Use my authenticator app
factor-by-passkey = Use my passkey or security key
factor-by-recovery = Use a recovery code
factor-wrong-app = The code is incorrect or was used before. Please enter the code shown in your app now.
factor-wrong-recovery = The recovery code is incorrect or was used before.
factor-wrong-passkey = Verification failed. Please try again, or choose another option.
factor-cloned = This passkey may have been copied, so it was rejected. Please choose another option, and contact your help desk.
factor-taken = This passkey is already registered.
factor-offer-title = Protect your account
factor-offer-lead = A second factor is required to continue. Choose one; setting it up takes about a minute.
factor-back = Back
factor-name = Name
factor-rename = Save name
factor-change = Change
factor-change-which = Change { $name }
factor-remove-title = Remove second factor
factor-remove-lead = You will no longer be able to use it to sign in here.
factor-remove-last = This is your last second factor. Your recovery codes will be removed as well, and you will be asked to set up another where one is required.
factor-remove = Remove
factor-never-used = Not used yet
factor-used = Used { $when }
app-title = Set up your authenticator app
app-scan = Scan this QR code with your authenticator app.
app-picture = QR code with the key below
app-type = Or enter this key in the app:
app-code = Code shown in the app
app-submit = Verify
passkey-title = Add a passkey
passkey-lead = Your device will ask for your fingerprint, your face or a PIN. You can also use a security key.
passkey-create = Create passkey
passkey-failed = That did not work. Please try again.
passkey-known = This device already has a passkey for your account.
passkey-no-script = Passkeys require JavaScript, which is disabled in your browser. Please choose another option.
passkey-no-browser = This browser does not support passkeys. Please choose another option.
passkey-not-here = Passkeys are not available at this address because it is not a host name. Please use an authenticator app.
passkey-sign-in = Sign in with a passkey
passkey-again = Please sign in with your account once. After that, you can use your passkey again.
passkey-unknown = This passkey is not registered here. Please choose another way to sign in.
codes-title = Save your recovery codes
codes-lead = If you lose your phone or security key, you can sign in with one of these codes. Each can be used once.
codes-once = They are shown only now. Print them or save them in a password manager, not on the device you sign in with.
codes-kept = I have saved them
codes-section = Recovery codes
codes-left = { $count ->
    [0] No codes left. Please create new ones.
    [one] 1 code left. Please create new ones soon.
   *[other] { $count } codes left
  }
codes-renew = Create new codes
codes-renew-note = The current codes will no longer be valid.
factors-title = Second factors
factors-lead = If you have set up a second factor, you are asked for it when you sign in, except on trusted devices.
factors-lead-rules = A second factor protects your account in addition to your password. Your organisation’s rules decide when you are asked for it.
factors-none = You have not set up a second factor. Without one, a stolen password is enough to sign in to your account.
factors-add = Add
devices-title = Trusted devices
devices-lead = On these devices you are not asked for a second factor when you sign in, unless a rule requires it.
device-expires = Expires { $when }
devices-forget = Remove all trusted devices
factors-back = Back to your account

# What applications may know, asked on the way to one.
consent-title = Allow “{ $application }” to access your data?
consent-as = You are signed in as { $name } ({ $login }). If you allow this, the application receives:
consent-registered = This application registered itself under the name “{ $application }”. Your response is sent to { $host }.
consent-openid = An identifier by which it can recognise you
consent-profile = Your name and username
consent-email = Your email address
consent-address = Your postal address
consent-phone = Your phone number
consent-groups = The groups you belong to
consent-offline = Access while you are signed in here, without asking you each time
consent-context = The record you want to open
consent-resource = Permission to act on your behalf at { $resource }
consent-scope = The permission “{ $scope }”
consent-known = Already allowed
consent-yes = Allow
consent-no = Deny
consent-later = You can remove access at any time on your account page.
applications-title = Connected applications
applications-lead = The data and permissions of each application. If you remove access, the application has to ask again.
applications-none = No application has access.
applications-link = Connected applications
applications-since = Allowed
applications-withdraw = Remove access
applications-withdraw-one = Remove access for “{ $application }”

# How people are signed in to services, for administrators.
admin-services-title = Services
admin-services-lead = How people are signed in to each service, the weakest method first.
admin-services-none = There are no services yet.
admin-service-shared = The same application is also registered for { $services }. People who may use any of these services can sign in there, and the strictest requirement applies.
admin-rung = Strength: { $strength }
admin-rung-none = Strength: none
strength-very-high = very high
strength-high = high
strength-medium = medium
strength-low = low
rung-none = Only a deep link: the application signs people in itself.
rung-link = The application itself asks this portal who the person is. There is no stronger method.
rung-oidc = The application starts sign-in itself and verifies the person with this portal; intercepted data is useless.
rung-request_init = The application starts sign-in itself and verifies the person with this portal by SAML.
rung-code = A one-time code passes through the browser; only the application can redeem it. If the application supports OpenID Connect, use oidc.
rung-cas = A ticket passes through the browser and is validated by the application. If the application supports OpenID Connect, use oidc.
rung-saml = An unsolicited assertion: some applications accept it twice. If the application has an address that starts sign-in, use request_init.
rung-form_jwt = The signed identity passes through the browser. If the application can call this portal, use code.
rung-forward_auth = The page trusts its gateway. It should verify the signed header.
rung-discourse = Forum and portal share a secret. If the forum supports OpenID Connect, use oidc.
rung-jwt = The application expects a token, usually with a shared secret. If the application supports OpenID Connect, use oidc.
