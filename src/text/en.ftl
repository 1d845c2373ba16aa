# The words of the user interface: short, human, no jargon, no blame.
# A line that starts with a key is a message; `count` is a number, every other variable is text.

## Around every page
skip-to-content = Skip to content
person-menu = Your account
sign-out = Sign out
language = Language
footer-about = Takes you to the right place, already signed in.
back-to-portal = Back to the portal

## Sign-in
sign-in-title = Sign in
sign-in-name = Username
sign-in-password = Password
sign-in-submit = Sign in
confirm-title = Confirm to open { $target }
confirm-title-plain = Confirm that it is you
confirm-lead = This needs a recent sign-in. Please sign in again to continue.
sign-in-remember = Keep me signed in on this device
sign-in-continue = Continue
repost-lead = Returning from { $provider } …
repost-unasked = { $provider } wants to sign you in here. Continue only if you have just come from there.
sign-in-onward = Then on to { $target }.
sign-in-others = Other ways to sign in
show-password = Show password
hide-password = Hide password
trouble-wrong = Incorrect username or password. Please try again.
trouble-throttled = Too many attempts. Please try again { $when }.
trouble-down = “{ $provider }” is not responding. Please try again in a minute.
trouble-down-other-way = “{ $provider }” is not responding. Try again in a minute, or choose another way to sign in below.
trouble-denied = “{ $provider }” did not sign you in. Try again, or ask its administrators.
trouble-invalid = “{ $provider }” sent an answer that we cannot accept. Please try again; if the problem persists, tell your help desk.
trouble-stale = “{ $provider }” did not ask you to sign in again, which is required here. Sign out there, then try again.
trouble-another-person = That account belongs to another user. Please use your own, or sign out first.
trouble-refused = You cannot sign in this way. Please ask your help desk.
trouble-expired = Your password has expired. Change it where you usually do, then come back.
trouble-disabled = Your account is disabled. Please ask your help desk.
trouble-busy = Many people are signing in right now. Please try again in a moment.
destination = { $record } in { $service }

## Sign-out
sign-out-title = Sign out?
sign-out-advice = You will be signed out here, and the applications you have opened will be told.
sign-out-stay = Stay signed in
signed-out-title = You are signed out
signed-out-advice = On a shared computer, please close the browser as well.
sign-in-again = Sign in again
parties-title = Your applications
parties-soon = We are telling your applications…
parties-next = An application signs you out on a page of its own. You will then return to this page; if not, go back.
parties-go-on = Continue
parties-look-again = Look again
parties-frame = An application signs you out
party-waiting = is being told
party-again = could not be reached; we will try again
party-confirmed = has signed you out
party-failed = could not be reached. Please close it, or sign out there
party-asked = was asked to sign you out; it does not say whether it did
party-impossible = cannot be told. Please close it, or sign out there
logouts-title = Ended sessions
logouts-lead = Applications that were notified when you signed out, in the last seven days.
logouts-none = Nothing yet.
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
search-none = No service matches.
search-count = { $count ->
    [one] 1 service
   *[other] { $count } services
  }
services-title = Services
services-none = Nothing here yet
services-none-advice = No service has been set up for you. Your help desk can change that.
tile-choose = You choose where
tile-about = Where does this lead?
tile-about-service = Where does { $service } lead?
tile-nowhere = Not set up for you
tile-unknown = Your access could not be determined
tile-closed = Not available
records-title = Open a record
records-lead = Type its number. We know where it lives.
record-type = Kind of record
record-key = Number
record-submit = Find
recent-title = Recently opened
recent-none = Records you open will wait for you here.
recent-in = in { $service }
recent-arrived = Arrived
recent-confirmed = Opened
recent-no-such-record = Does not exist there
recent-not-allowed = Not allowed there
recent-refused = Not opened there
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
open-idle = Type a number to see where you can open it.
open-found = Where to open { $record }?
open-none = Nothing opens this
open-none-advice = None of your services can open { $record }.
open-invalid = That number does not look right
open-invalid-advice = Please check it for a typing mistake.
open-unknown-type = Unknown kind of record.
open-here = { $intent } { $record } in { $service }
intent-view = Open
intent-edit = Edit
intent-create = Create

## Choose an instance
choose-title = Which one?
choose-lead = { $service } lives in more than one place. Where should we take you?
choose-lead-record = { $record } can be opened in more than one place. Where should we take you?

## Where a service leads, and why
service-title = { $service }: your instance
service-open = Open { $service }
service-why = Why
service-why-lead = Your organisation’s rules are checked from the top. The first that applies decides.
service-rules-none = There are no rules: all users are taken to the same instance.
service-rules-missing = No rule has been set up for this service yet, so it cannot be opened. Please tell your help desk.
rule-matched = Applies
rule-passed-over = Does not apply
rule-unanswered = Cannot be determined
rule-not-reached = Not checked
verdict-rule = You are taken to { $instance }, because the rule “{ $rule }” applies to you.
verdict-default = You are taken to { $instance }, the default, because no specific rule applies to you.
verdict-only = You are taken to { $instance }. It is the only instance.
verdict-override = You are taken to { $instance }, because you chose it.
verdict-choose = More than one instance applies to you. You choose each time.
verdict-none = No rule applies to you, so we cannot tell which instance is yours.
verdict-unknown = Your identity provider did not send everything that a rule asks about, so we cannot tell where to take you. Your administrator can set it to send only the groups assigned to this portal, or application roles.
verdict-closed = You would be taken to { $instance }, but it is closed for now.
finding-equals = { $attribute } is “{ $value }” ({ $source }); the rule wants “{ $wanted }”
finding-in = { $attribute } is “{ $value }” ({ $source }); the rule wants one of { $wanted }
finding-contains = { $attribute } holds { $value } ({ $source }); the rule looks for “{ $wanted }”
finding-matches = { $attribute } is “{ $value }” ({ $source }); the rule wants the form “{ $wanted }”
finding-missing = we do not know your { $attribute }; the rule wants “{ $wanted }”
finding-unknown = what is known of { $attribute } is not complete ({ $source }), so it is not known whether it fits “{ $wanted }”
finding-not = must not be so: { $finding }
finding-always = this rule applies to all users
source-local = from your local account
source-provider = from { $provider }
override-title = Use a different instance
override-lead = For one week you will be taken there instead.
override-label = Instance
override-submit = Use for one week
override-clear = Follow the rules again
handoff-title = How you are signed in
handoff-oidc = We sign you in there and hand over the record.
handoff-code = We sign you in there with a one-time code and hand over the record.
handoff-cas = We sign you in there with a ticket and hand over the record.
handoff-form_jwt = We sign you in there with a signed form and hand over the record.
handoff-request_init = The application asks us who you are, and we hand over the record.
handoff-saml = We sign you in there and hand over the record.
handoff-forward_auth = The page stands behind a gateway that asks us who you are.
handoff-link = We open the right page. The application asks us who you are.
handoff-discourse = The forum asks us who you are, and opens the topic.
handoff-jwt = We sign you in there with a token of the kind it asks for, and open the record.

## On the way
hand-off-title = Taking you to { $service }
hand-off-lead = If nothing happens, please select the button.
hand-off-submit = Continue
unvouched-title = Continue to { $host }?
unvouched-lead = “{ $application }” is an application that registered itself here. No administrator of { $portal } has checked it. Continue only if you know this address.
unvouched-continue = Continue to { $host }
unvouched-stay = Stay on this portal
turned-away-nothing = { $service } has no such record
turned-away-no-record = { $service } has no record { $record }
turned-away-nothing-advice = You were signed in there, but the record you asked for does not exist in it. Please check the number.
turned-away-no-record-advice = You were signed in there, but { $record } does not exist in it. Please check the number for a typing mistake.
turned-away-shut = { $service } does not open this record for you
turned-away-forbidden = { $service } does not open { $record } for you
turned-away-shut-advice = { $service } decides itself who may see what. Please ask the people who look after it whether you should have access.
turned-away-forbidden-advice = { $service } decides itself who may see { $record }. Please ask the people who look after it whether you should have access.
turned-away-check = Check the number
turned-away-elsewhere = Look in another place
already-title = You are already signed in
already-lead = You have already signed in on this page.
already-again = Open { $target } again

## When something is wrong
problem-request = Request { $id }
problem-why = Why is that?
problem-try-again = Try again
problem-open-again = Open it again
problem-not-found = We cannot find this page
problem-not-found-advice = The address may be mistyped, or the page is not meant for you.
problem-no-access = You do not have access to this
problem-no-access-advice = You are signed in as { $name }. You do not have access to what this link opens. If you need it, please ask your help desk.
problem-not-set-up = This portal is not set up yet
problem-not-set-up-advice = To set it up, open the link that “usher serve” gave when it started, or load a catalogue with “usher seed”.
problem-first-admin-used = This link was used
problem-first-admin-used-advice = The portal has its first administrator. If that is you, sign in. If it is not, tell the people who run this portal.
problem-first-admin-expired = This link no longer works
problem-first-admin-expired-advice = It is valid for one hour, and only until the portal is started again. Start “usher serve” again for a new one.
help-desk = Need help?
problem-no-instance = We could not tell which { $service } is yours
problem-no-instance-advice = None of the rules fits you. Your help desk can add one; tell them the name of the service.
problem-not-known = We could not tell which { $service } is yours
problem-not-known-advice = Your identity provider did not send your whole list of groups. Your help desk can have it send only the groups assigned to this portal, or application roles.
problem-instance-closed = { $instance } is not available
problem-instance-closed-advice = Its administrators have disabled it. Please try later or ask your help desk.
problem-service-closed = { $service } is not available
problem-service-closed-advice = Its administrators have disabled it. Please try later or ask your help desk.
problem-key-invalid = “{ $key }” does not look right
problem-key-invalid-advice = Please check it for a typing mistake. { $hint }
problem-type-unknown = Unknown kind of record
problem-type-unknown-advice = The link may be old or mistyped. Please ask the sender of the link.
problem-service-cannot-open = { $service } does not open this kind of record
problem-service-cannot-open-advice = Another service may. Look for the record in the portal.
problem-intent-unknown = { $service } cannot do that with this record
problem-intent-unknown-advice = The link asks for something it does not offer. You can still open the record.
problem-field-unknown = This link contains an unknown part
problem-field-unknown-advice = It has a part named “{ $field }” that does not belong there. Please ask the sender of the link.
problem-field-invalid = Part of this link does not look right
problem-field-invalid-advice = The part named “{ $field }” is missing or mistyped. Please ask the sender of the link.
problem-launch-expired = This took too long
problem-launch-expired-advice = For your safety a link is only good for a short while. Please open it again.
problem-launch-used = This was opened already
problem-launch-used-advice = Each opening works once. Please open the link again.
problem-launch-foreign = This was opened somewhere else
problem-launch-foreign-advice = It began in another browser or for another person. Please open the link again here.
problem-page-expired = This page has expired
problem-page-expired-advice = Please sign in again, or open the link again.
problem-session-ended = Your session has ended
problem-session-ended-advice = Please sign in again. Nothing was changed.
problem-cookies-blocked = Cookies are blocked
problem-cookies-blocked-advice = Signing in needs a cookie from this site, and your browser did not send it back. Please allow cookies for this site, or use another browser, then try again.
notice-session-ended = Your session has ended. Sign in to continue where you were.
notice-page-expired = This page had expired. Sign in to continue.
kept-title = Send this form?
kept-lead = Your session had ended when you sent this form, so nothing has been changed yet.
kept-typed = What you entered
kept-send = Send
kept-back = Do not send
problem-forbidden = This is not open to you
problem-forbidden-advice = If you need it for your work, your help desk can change that.
problem-database-away = The portal is temporarily unavailable
problem-database-away-advice = Nothing is lost. Please try again in a moment.
problem-timeout = This took too long
problem-timeout-advice = We stopped waiting. Please try again in a moment.
problem-internal = Something went wrong here
problem-internal-advice = The fault is ours. If it happens again, give your help desk the number below.
problem-cross-site = This form came from another site
problem-cross-site-advice = For your safety it was not processed. Please go to the portal and try again.
problem-bad-ask = The application sent a request that we cannot answer
problem-bad-ask-advice = Please go back and start again there. If it happens again, show its administrator this: { $why }.
problem-bad-request = This request could not be read
problem-bad-request-advice = Something in the request was missing or wrong. Please go back and try again.
problem-method = That does not work here
problem-method-advice = Please go to the portal and start from there.
problem-too-large = The form is too large
problem-too-large-advice = Please send less at once.
problem-too-many = Too many requests
problem-too-many-advice = Too many requests came from your network in a short time. Please wait a moment and try again.
problem-client-unknown = Unknown application
problem-client-unknown-advice = Please tell its administrators: its client id is not registered here.
problem-redirect-unknown = Unknown return address
problem-redirect-unknown-advice = The application asked for an address that is not registered here. Please tell the people who run it.

## A person's own account
account-title = Your account
account-back = Back to your account
account-login = You sign in as { $login }.
account-sessions = Where you are signed in
account-sessions-lead = If you do not know one of these, sign it out, then change your password.
session-present = This device
session-where = Network
session-since = Signed in
session-seen = Last seen
session-proved = Proved by
session-by = with “{ $provider }”
session-by-passkey = with a passkey
session-plain = one factor
session-strong = two factors
session-end-named = Sign out { $device }
session-end-others = Sign out everywhere else
device = { $browser } on { $system }
device-unknown = A device we do not recognise
device-says = It calls itself
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
account-ways = How you sign in
identity-subject = Known there as
identity-linked = Linked
identity-used = Last used
identity-unused = Not used yet
identity-remove = Remove
identity-remove-named = Remove “{ $provider }”
link-another = Link another way to sign in
link-title = Link “{ $provider }”
link-lead = You will sign in there once. From then on it opens this account, too.
link-submit = Sign in there
sign-in-linking = This becomes another way into the account of { $name }.
unlink-title = Stop signing in with “{ $provider }”?
unlink-lead = Whoever signed in this way is signed out, and we forget what only this provider told us about you. You can link it again.
unlink-present = You are signed in this way right now, so you will have to sign in again.
unlink-submit = Remove it
unlink-keep = Keep it
trouble-linked-elsewhere = This way in belongs to an account already, so it cannot be linked to yours.
trouble-link-void = We can no longer tell whose account this was meant for. Go back to your account and begin again.
passkey = Passkey
account-factors-none = None yet. Once you add one, you are asked for it when you sign in.
account-factors-none-rules = None yet. Your organisation’s rules decide when one is needed.
account-factors = { $count ->
    [one] You have 1.
   *[other] You have { $count }.
  }
account-password = Change your password
account-known = What we know about you
account-known-lead = Applications you open may receive this data. To correct it, contact the source shown.
account-known-nothing = Nothing but your name.
fact-incomplete = Not complete: your identity provider did not send all values. Your administrator can set it to send only the groups assigned to this portal, or application roles.
fact-name = What
fact-values = Value
fact-source = Where it comes from
source-here = set here
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
account-history = What happened lately
account-history-lead = Sign-ins and changes to your account, newest first.
account-history-all = Show all
account-export = Take your data with you
account-export-lead = Everything we keep about you in one file, readable by people and by programs.
account-export-submit = Download your data
account-done-session = That device is signed out.
account-done-sessions = You are signed out everywhere else.
account-done-linked = Linked. You can sign in that way from now on.
account-done-known = That was linked to your account already.
account-done-unlinked = Removed. It no longer opens your account.
history-none = Nothing yet.
history-pages = Pages
history-newest = Newest
history-older = Older
history-signed-in = Signed in with “{ $provider }”
history-confirmed = Confirmed that it was you
history-failed = Incorrect password for your username at “{ $provider }”
history-throttled = Too many attempts to sign in with “{ $provider }”
history-disabled = Sign-in refused: your account was disabled
history-expired = Sign-in refused: your password at “{ $provider }” had expired
history-down = Sign-in did not work: “{ $provider }” did not answer
history-refused = Sign-in with “{ $provider }” was refused
history-ended = Signed out
history-ended-elsewhere = Signed out from another device of yours
history-ended-upstream = Signed out by “{ $provider }”
history-ended-surplus = Signed out, because you signed in on too many other devices
history-ended-unlinked = Signed out, because its way to sign in was removed
history-ended-others = { $count ->
    [one] Signed out 1 other device
   *[other] Signed out { $count } other devices
  }
history-linked = Linked “{ $provider }” as a way to sign in
history-unlinked = Removed “{ $provider }” as a way to sign in
history-consent-given = You allowed “{ $application }” to know who you are
history-consent-refused = You did not allow “{ $application }” to know who you are
history-consent-withdrawn = You removed access for “{ $application }”
history-exported = Your data was downloaded
history-factor-enrolled = A passkey or authenticator app was added
history-factors-reset = All your second factors were removed by an administrator, and you were signed out
history-device-trusted = You trusted a device: your second factor is not asked for there for a while
history-devices-forgotten = You ended your trust in all devices
history-codes-made = New recovery codes were made; the old ones stopped working
history-code-used = A recovery code was used to sign in
history-factor-removed = A passkey or authenticator app was removed
history-factor-refused = A second factor was wrong
history-recovery-asked = A new password was requested for your account
history-password-reset = A new password was chosen by a link we sent
history-password-changed = Your password was changed
history-password-refused = A change of your password was refused
history-mail-verified = Your email address was confirmed
history-admin-granted = You may administer this portal
history-admin-revoked = You no longer administer this portal
history-administered = You worked on “{ $provider }” as an administrator
history-key-rotated = You had new signing keys made
history-key-withdrawn = You withdrew a signing key
history-key-confirmed = You noted that a service provider has a certificate
history-user-disabled = Your account was disabled
history-user-enabled = Your account was enabled again
history-chosen = You chose your instance of { $service }
history-code-reused = An application used a code twice; we took back what it had been given
history-other = Other activity
## A new password on the way in
change-title = Choose a new password
change-lead = For “{ $provider }”. You are signed in as soon as it is changed.
change-link = Change your password
change-due = Your password is right, but it has to be changed before you go on.
change-old = Current password
change-new = New password
change-again = New password, once more
change-submit = Change it and sign in
change-back = Back to sign-in
change-differ = The two new passwords are not the same. Please type them again.
change-same = That is the password you have. Please choose another.
change-weak = Your organisation does not accept this new password. Try a longer one that you have not used before.
change-too-young = Your password was changed only a short while ago and cannot be changed again yet.
change-history = Changed your password at “{ $provider }”
change-fixed = Your password cannot be changed here. Please ask your help desk.
trouble-account-expired = Your account has expired. Please ask your help desk.
trouble-not-now = Your account may not be used at this time of day.
trouble-untold = “{ $provider }” did not say when you last signed in there, and this needs a recent sign-in. Choose another way to sign in, or ask your help desk.
## Who are you? (home realm discovery), and who is let in
realm-title = Who are you?
realm-label = Username or email address
realm-choices = Or choose how you sign in
realm-another = Choose another way to sign in
realm-lost = We cannot tell from this where you sign in. Please check it, or choose below.
realm-nothing = Please enter your username or your email address.
trouble-not-allowed = “{ $provider }” knows you, but your organisation has not opened this portal to you. Your help desk can change that.
trouble-not-known = “{ $provider }” did not send your whole list of groups, so we cannot tell whether you have access. Your help desk can have it send only the groups assigned to this portal, or application roles.
trouble-unknown = “{ $provider }” knows you, but there is no account for you here yet. Please ask your help desk to set one up.

## Administration
admin-title = Administration
admin-next-title = What to do next
admin-next-catalogue = Load the services, record types and clients of your organisation: write a catalogue file and run “usher seed FILE”.
admin-next-provider = Connect the identity provider of your organisation (OpenID Connect, SAML or LDAP) in the same file, so that users sign in with the account they have.
admin-next-mail = Set up mail in the configuration ([mail]), so that users can reset a forgotten password.
admin-next-help-desk = Say in the configuration whom users ask for help ([portal], help_desk_…).
admin-service-unreachable = No user can reach this service: it needs a rule that names an instance.
admin-back = Back to administration
admin-numbers = In numbers
admin-people = { $count ->
    [one] 1 person
   *[other] { $count } people
  }
admin-people-disabled = { $count ->
    [one] 1 of them is switched off
   *[other] { $count } of them are switched off
  }
admin-people-admins = { $count ->
    [one] 1 administrator
   *[other] { $count } administrators
  }
admin-sessions = { $count ->
    [one] 1 open session
   *[other] { $count } open sessions
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
    [one] 1 way to sign in
   *[other] { $count } ways to sign in
  }
admin-providers-title = Identity providers
admin-providers-lead = Where people come from. They are set up in the catalogue file.
admin-providers-none = There is none yet. Load a catalogue with “usher seed”.
admin-providers-back = Back to the identity providers
admin-tag-disabled = disabled
admin-tag-default = default
admin-tag-hidden = not listed
admin-tag-known-only = only people who are known
admin-tag-allow = only whom the condition allows
admin-tag-marked = its groups and names are marked as its own
admin-tag-kept = groups and names trusted as before the upgrade
admin-document-fetched = fetched
admin-document-until = good until
admin-document-no-end = no end given
admin-route-title = Who is sent where?
admin-route-lead = What somebody types, and the address they come from, decide.
admin-route-who = Username or email address
admin-route-address = Network address
admin-route-submit = Try
admin-route-ask = They are asked: nothing is known that decides.
admin-route-named = To { $provider }: the link names it.
admin-route-remembered = To { $provider }: this browser used it before.
admin-route-default = To { $provider }: it is the default.
admin-route-domain = To { $provider }: mail addresses of { $what } belong there.
admin-route-network = To { $provider }: the network { $what } belongs there.
admin-check = Try the connection
admin-refresh = Fetch its documents now
admin-refreshed = Everything that is due has been fetched.
admin-documents = Documents
admin-addresses = Register at the provider
admin-addresses-lead = Register these addresses at the provider exactly as shown.
admin-settings = Settings
admin-settings-lead = As the catalogue file has them. Secrets are never shown.
admin-settings-none = This kind has nothing to set.
admin-setting-secret = is set, not shown
admin-setting-unset = not set
admin-admission = Who comes in, and as what
admin-routing = Whose provider it is
admin-preview = Test attribute mapping
admin-preview-lead = Paste what the provider says of somebody. Nothing of it is kept.
admin-preview-said = Claims or attributes
admin-preview-hint = Claims as JSON, or SAML attributes a line each: name (friendly name) = value
admin-preview-submit = Show what it gives
admin-preview-unreadable = We cannot read this:
admin-preview-admitted = This person would come in.
admin-preview-known-only = This person would come in if they are known already.
admin-preview-refused = This person would be turned away: the condition does not hold.
admin-preview-unknown = This user would be turned away: the provider did not send everything that the condition asks about.
admin-preview-attribute = Attribute
admin-preview-values = Values
admin-preview-from = Where from
admin-preview-nothing = nothing
admin-preview-unused = Not used:
admin-seen = { $count ->
    [one] { $name } has 1 value
   *[other] { $name } has { $count } values
  }
admin-seen-pattern = { $count ->
    [one] { $name } has 1 value; { $fit } like { $pattern }
   *[other] { $name } has { $count } values; { $fit } like { $pattern }
  }
admin-seen-missing = { $name } is not there
admin-seen-constant = always the same
admin-dropped-pattern = “{ $value }” does not look like that
admin-dropped-unlisted = “{ $value }” is not in the list
admin-dropped-blank = “{ $value }” is empty or cannot be shown
admin-dropped-too-long = “{ $value }” is too long
admin-dropped-spare = “{ $value }” is one too many
admin-gap-elsewhere = Not all values are known: the provider sent a pointer instead of the whole list (Microsoft Entra does so for users in many groups). Set it to send only the groups assigned to this application, or application roles.
admin-gap-too-many = The values are not known: there are more than are kept. Set the provider to send only the groups assigned to this application, or application roles.
admin-gap-too-long = Not all values are known: one is longer than any that is kept.
admin-import = Upload metadata
admin-import-lead = For providers whose metadata has no address to be fetched from.
admin-import-label = Metadata (XML)
admin-import-file = Or choose a file
admin-import-submit = Use this metadata
admin-import-weaker = Nothing was changed yet. The new metadata checks less than what is there:
admin-import-confirm = I have checked with the provider that this is meant so
admin-logouts-title = Sign-out notifications
admin-logouts-lead = Applications notified that a session ended; failures first
notice-waiting = Being notified
notice-again = Will be tried again
notice-confirmed = Confirmed
notice-failed = Given up
notice-browser = Waits for the browser
notice-asked = Asked, no confirmation possible
notice-impossible = No address to tell
admin-logouts-party = Application
admin-logouts-outcome = Outcome
admin-logouts-tries = Attempts
admin-logouts-do = What to do
admin-logouts-again = Try again
admin-logouts-again-at = Notify { $party } again
admin-keys-title = Signing keys
admin-keys-about = What applications know us by, and when the next ones come
admin-keys-lead = Applications know by these that an answer is ours. They take turns by themselves: the next one is published before it signs, the last one for a while after.
admin-keys-tokens = OpenID Connect tokens ({ $algorithm })
admin-keys-saml = SAML assertions
admin-keys-next = Next
admin-keys-current = Current: it signs
admin-keys-retiring = Retiring: it signs no more
admin-keys-from = Signs from
admin-keys-since = Has signed since
admin-keys-until = Published until
admin-keys-due = The next one is made
admin-keys-ends = Certificate valid until
admin-keys-ending = { $count ->
    [one] The SAML certificate ends in one day. Make the next key now, and give its certificate to every service provider that keeps a copy.
   *[other] The SAML certificate ends in { $count } days. Make the next key now, and give its certificate to every service provider that keeps a copy.
  }
admin-keys-ended = The SAML certificate has ended. Service providers may refuse what it signs. Make the next key now, and give its certificate to every service provider that keeps a copy.
admin-keys-saml-by-hand = by hand only (keys.rotate_saml_days is 0), because service providers keep copies of the certificate
admin-keys-parties-title = Service providers (SAML)
admin-keys-parties-lead = A service provider that keeps a copy of our certificate must have the next one before it signs. Note here who has it.
admin-keys-party-unknown = Not known whether it has the newest certificate
admin-keys-party-newest = Has the newest certificate
admin-keys-party-older = Has an older certificate that is still published
admin-keys-party-gone = Has a certificate that is no longer used
admin-keys-party-confirm = It has the newest certificate
admin-keys-done-confirmed = Noted.
admin-keys-followed = it is waiting already
admin-keys-by-hand = by hand only (keys.rotate_days is 0)
admin-keys-kid = Key id
admin-keys-fingerprint = Fingerprint of the certificate (SHA-256)
admin-keys-pairwise = The secret for pairwise identifiers cannot be rotated: applications would no longer recognise their users.
admin-keys-master = The master key, which seals all of this in the database, is changed on the command line, by “usher rekey”.
admin-keys-rotate-title = Make new keys before their time
admin-keys-rotate-lead = { $count ->
    [0] A new key of each kind is made and signs at once.
    [one] A new key of each kind is made and published now. It signs in an hour, when applications have fetched it; nobody notices.
   *[other] A new key of each kind is made and published now. It signs in { $count } hours, when applications have fetched it; nobody notices.
  }
admin-keys-rotate = Rotate now
admin-keys-emergency-title = In an emergency
admin-keys-emergency-lead = An application that keeps our keys for some time turns people away until it fetches them again; one that was given our SAML certificate by hand, until somebody gives it the new one.
admin-keys-at-once = Sign with new keys at once
admin-keys-at-once-about = what the present ones signed stays good, and they are published for two more days
admin-keys-leaked = Withdraw the present keys
admin-keys-leaked-about = for compromised keys: everything signed with them becomes invalid
admin-keys-confirm = I know that people may be turned away for a while
admin-keys-done-early = New keys are published. They sign when their time has come.
admin-keys-done-at-once = New keys sign from now on.
admin-keys-done-leaked = New keys sign from now on, and those before are withdrawn.
admin-keys-waiting = Nothing was made: the next keys are waiting already.
admin-keys-unconfirmed = Nothing was done: tick the box first that you know what this does.
admin-events-title = Audit log
admin-events-lead = Newest first
admin-events-kind = What
admin-events-all = Everything
admin-events-person = User (username or id)
admin-events-submit = Show
admin-events-none = No entries match.
admin-events-pages = Pages
admin-events-newest = Newest
admin-events-older = Older
admin-events-at = When
admin-events-what = What
admin-events-who = Who
admin-events-service = Service
admin-events-detail = Detail
admin-events-address = From
## Recovery, new passwords, the first admin
sign-in-forgot = Can’t sign in?
recover-title = Can’t sign in?
recover-lead = Enter your username or email address and we’ll send you a reset link.
recover-who = Username or email address
recover-submit = Send reset link
recover-no-mail = This portal cannot send mail. Your help desk can give you a link.
recover-back = Back to sign-in
recover-again = Ask for a new link
recover-sent-title = Check your email
recover-sent-lead = If there is an account, a mail is on its way. Its link works once, for half an hour.
recover-sent-hint = Nothing there after a few minutes? Check your spam folder, or ask your help desk.
recover-done-title = Your password is set
recover-done-lead = You can sign in with it now.
link-door-title = Choose a new password
link-door-lead = You asked for a new password. Everything you are signed in to here will be signed out.
link-door-invited = You have been given an account. It is yours as soon as you have chosen a password.
link-door-submit = Continue
link-door-hint = From here on the link works in this browser only.
link-password-title = Your new password
link-password-submit = Set password
link-password-hint = Afterwards you sign in with it.
password-new = New password
password-rule = At least { $count ->
    [one] 1 character
   *[other] { $count } characters
  }. Several words in a row are easy to remember and hard to guess.
password-short = That is too short. Please use at least { $count ->
    [one] 1 character
   *[other] { $count } characters
  }.
password-long = That is too long for us. Please use fewer characters.
password-personal = This password contains little more than your name, your address or the name of this portal. Please choose another.
password-guessable = This password is too common. Please choose another.
own-password-title = Change your password
own-password-lead = You stay signed in here and are signed out everywhere else.
own-password-current = Current password
own-password-submit = Change password
own-password-wrong = That is not your current password. Please try again.
own-password-same = That is the password you have. Please choose another.
own-password-changed = Your password is changed.
own-mail-title = If you forget it
own-mail-known = We would send a link to { $mail }.
own-mail-unknown = We would send a link to { $mail }, once we know that you read it.
own-mail-submit = Send a mail to confirm the address
own-mail-sent = A mail is on its way to you. Please open its link.
verify-mail-title = Is this your address?
verify-mail-lead = Please confirm that mail to { $mail } reaches you.
verify-mail-submit = Yes, it is mine
mail-verified-title = Thank you
mail-verified-lead = If you forget your password, we can send you a link.
welcome-title = Welcome to { $portal }
welcome-lead = You are its first admin. Who are you?
welcome-login = Username
welcome-name = Your name, as others see it
welcome-mail = Email address (optional)
welcome-submit = Create my account
welcome-login-odd = A username has letters, digits and . _ - + @ only.
welcome-login-taken = This username is taken. Please choose another.
welcome-name-odd = Please type your name, in at most 100 characters.
welcome-mail-odd = That email address does not look right.
local-provider-title = Sign in with your { $portal } account
problem-link-void = This link no longer works
problem-link-void-advice = It works once, for a short while, and only until a newer one is made. If you still need it, ask for a new one.
problem-link-foreign = This link was opened somewhere else
problem-link-foreign-advice = It goes on in the browser it was opened with first. If that was not you, ask for a new one.
mail-hello = Hello { $name },
mail-hello-nobody = Hello,
mail-not-you = If you did not ask for this, you need do nothing: without the link nothing changes.
mail-reset-subject = Your password at { $portal }
mail-reset-lead = Someone – hopefully you – asked to reset your password at { $portal }. This link lets you choose a new one:
mail-reset-after = It works once, for half an hour. If you have a second step for signing in, you will be asked for it.
mail-elsewhere-lead = Someone – hopefully you – asked to reset your password at { $portal }. Your password is not kept there: you sign in with “{ $provider }” and can change it only there.
mail-verify-subject = Please confirm your address for { $portal }
mail-verify-lead = This link confirms to { $portal } that mail reaches you here:
mail-verify-after = It works once, for a day. If you do not know what this is about, you need do nothing.
mail-changed-subject = Your password at { $portal } was changed
mail-changed-lead = The password of your account at { $portal } was changed just now, and you were signed out everywhere else.
mail-changed-after = If it was you, all is well. If it was not, ask for a new password at once and tell your help desk.
## Second factors
factor-title = One more step
factor-purpose-view = Confirm to open { $record } in { $service }.
factor-purpose-edit = Confirm to edit { $record } in { $service }.
factor-purpose-other = Confirm to go to { $record } in { $service }.
factor-purpose-service = Confirm to open { $service }.
factor-app = Authenticator app
factor-app-about = A code from your phone
factor-passkey = Passkey
factor-passkey-about = Your fingerprint, face or security key
factor-lead-app = Enter the code that your authenticator app shows now.
factor-lead-passkey = Use your passkey or security key.
factor-lead-recovery = Enter one of your recovery codes. Each works once.
factor-code = Code
factor-recovery-code = Recovery code
factor-submit = Continue
factor-trust = Trust this device for { $count ->
    [one] 1 day
   *[other] { $count } days
  }
factor-use-passkey = Use my passkey
factor-others = Other ways
factor-by-app = Use my authenticator app
factor-by-passkey = Use my passkey or security key
factor-by-recovery = Use a recovery code
factor-wrong-app = That code is not right, or it was used before. Please type the one your app shows now.
factor-wrong-recovery = That recovery code is incorrect or was used before.
factor-wrong-passkey = That did not work. Please try again, or use another way.
factor-cloned = This key looks as if there were two of it, so we did not take it. Please use another way, and tell your help desk.
factor-taken = This passkey is in use already.
factor-offer-title = Protect your account
factor-offer-lead = A second factor is required to continue. Choose one; it takes a minute, and then we go on.
factor-back = Back
factor-name = Name
factor-rename = Save the name
factor-change = Change
factor-change-which = Change { $name }
factor-remove-title = Remove it
factor-remove-lead = It will no longer work here.
factor-remove-last = It is your last one. Your recovery codes go with it, and you will be asked to set up another where one is needed.
factor-remove = Remove
factor-never-used = Not used yet
factor-used = Used { $when }
app-title = Set up your authenticator app
app-scan = Scan this QR code with your authenticator app.
app-picture = QR code with the key below
app-type = Or type this key into it:
app-code = Code that the app shows now
app-submit = Verify
passkey-title = Add a passkey
passkey-lead = Your device will ask for your fingerprint, your face or a PIN. You can also use a security key.
passkey-create = Create the passkey
passkey-failed = That did not work. Please try again.
passkey-known = This device has a passkey of yours already.
passkey-no-script = Passkeys need JavaScript, which is switched off in your browser. Please use another way.
passkey-no-browser = This browser cannot use passkeys. Please use another way.
passkey-not-here = Passkeys do not work at this address, because it is not a name. Please use an authenticator app.
passkey-sign-in = Sign in with a passkey
passkey-again = Please sign in with your account once. After that your passkey works again.
passkey-unknown = We do not know this passkey. Please sign in another way.
codes-title = Keep these recovery codes
codes-lead = If you lose your phone or key, one of these lets you in. Each works once.
codes-once = We show them only now. Print them or keep them in a password manager, not on the device you sign in with.
codes-kept = I have kept them
codes-section = Recovery codes
codes-left = { $count ->
    [0] You have none left. Please make new ones.
    [one] You have 1 left. Please make new ones soon.
   *[other] You have { $count } left.
  }
codes-renew = Make new codes
codes-renew-note = The old ones stop working.
factors-title = Passkeys and codes
factors-lead = Your second factor: you are asked for it each time you sign in, besides your password.
factors-lead-rules = Your second factor, besides your password. Your organisation’s rules decide when you are asked for it.
factors-none = You have not set up a second factor. A stolen password is enough to sign in as you.
factors-add = Add
devices-title = Trusted devices
devices-lead = On these you are not asked for your second factor when you sign in, unless a rule demands it.
device-expires = Expires { $when }
devices-forget = Ask for it everywhere again
factors-back = Back to your account

# What applications may know, asked on the way to one.
consent-title = Let “{ $application }” know who you are?
consent-as = You are signed in as { $name } ({ $login }). If you agree, this application gets:
consent-registered = “{ $application }” is the name this application gave itself. Your answer goes to { $host }.
consent-openid = An identifier of yours, so that it knows you again
consent-profile = Your name and your sign-in name
consent-email = Your email address
consent-address = Your postal address
consent-phone = Your phone number
consent-groups = The groups you belong to
consent-offline = Access while you are signed in here, without asking you each time
consent-context = Which record you were going to open
consent-resource = Permission to act for you at { $resource }
consent-scope = The permission “{ $scope }”
consent-known = You have allowed this before
consent-yes = Agree
consent-no = Do not agree
consent-later = You can remove access at any time on your account page.
applications-title = Connected applications
applications-lead = What each may know about you or do for you. If you remove access, it has to ask again.
applications-none = No application has access.
applications-link = Connected applications
applications-since = Allowed
applications-withdraw = Remove access
applications-withdraw-one = Remove access for “{ $application }”

# How people arrive at services, for admins: rungs of a ladder.
admin-services-title = Services
admin-services-lead = How users are signed in to each, the weakest first.
admin-services-none = There is no service yet.
admin-rung = Strength: { $strength }
admin-rung-none = Strength: none
strength-very-high = very high
strength-high = high
strength-medium = medium
strength-low = low
rung-none = Only a deep link: the application signs users in by itself.
rung-link = The application asks us itself who the user is. There is no stronger way.
rung-oidc = The application starts sign-in itself and verifies the user with us; intercepted data is useless.
rung-request_init = The application starts sign-in itself and verifies the user with us by SAML.
rung-code = A one-time code goes through the browser; only the application can redeem it. If it can be an OpenID client, use oidc.
rung-cas = A ticket goes through the browser and is validated behind it. If the application can be an OpenID client, use oidc.
rung-saml = An unsolicited assertion: some applications accept it twice. If it has an address that starts its sign-in, use request_init.
rung-form_jwt = The signed identity goes through the browser. If the application can call us back, use code.
rung-forward_auth = The page trusts its gateway. It should verify the signed header.
rung-discourse = Forum and portal share a secret. If the forum can be an OpenID client, use oidc.
rung-jwt = The application expects a token, mostly with a shared secret. If it can be an OpenID client, use oidc.
