# The pages for administrators.

## Administration
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
admin-check-good = The connection works.
admin-check-bad = The connection test has found a problem:
admin-provider-fault = This identity provider cannot be used:
admin-refresh = Refresh documents
admin-refreshed = All documents that were due have been refreshed.
admin-refresh-failed = The documents could not be refreshed:
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
admin-import-done = The metadata is used from now on.
admin-import-refused = The metadata was not accepted:
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
admin-events-actor = Caused by
admin-events-service = Service
admin-events-detail = Details
admin-events-address = IP address

## The kinds of events in the audit log, what they are about, and who causes them
event-sign-in-succeeded = Signed in
event-sign-in-failed = Sign-in failed
event-sign-in-refused = Sign-in refused
event-sign-in-confirmed = Identity confirmed
event-session-ended = Signed out
event-session-others-ended = Signed out other devices
event-logout-delivered = Application notified of a sign-out
event-logout-failed = Application could not be notified of a sign-out
event-logout-retried = Notification of a sign-out repeated
event-identity-linked = Sign-in method linked
event-identity-unlinked = Sign-in method removed
event-account-exported = Account data downloaded
event-factor-enrolled = Second factor added
event-factor-removed = Second factor removed
event-factor-refused = Second factor refused
event-factor-reset = All second factors removed
event-device-trusted = Device marked as trusted
event-device-untrusted = Trusted devices removed
event-recovery-code-created = Recovery codes created
event-recovery-code-used = Recovery code used
event-launch-departed = Sent to the application
event-launch-landed = Signed in to the application
event-launch-refused = Launch refused
event-launch-blocked = Launch link no longer usable
event-launch-confirmed = Application confirmed that the record was opened
event-launch-rejected = Application did not open the record
event-consent-given = Access allowed
event-consent-refused = Access denied
event-consent-withdrawn = Access removed
event-code-reused = Authorization code used twice
event-refresh-token-reused = Refresh token used twice
event-instance-chosen = Instance chosen
event-user-disabled = Account disabled
event-user-enabled = Account enabled
event-catalog-seeded = Catalogue loaded
event-registration-token-created = Registration token created
event-registration-token-revoked = Registration token revoked
event-client-registered = Client registered
event-client-changed = Client registration changed
event-client-removed = Client removed
event-client-disabled = Client disabled
event-client-enabled = Client enabled
event-provider-checked = Identity provider checked
event-provider-refreshed = Documents of an identity provider refreshed
event-provider-imported = Metadata of an identity provider imported
event-recovery-requested = Password reset requested
event-password-reset = Password reset with a link
event-password-changed = Password changed
event-password-refused = Change of a password refused
event-mail-verified = Email address confirmed
event-admin-granted = Administrator rights granted
event-admin-revoked = Administrator rights revoked
event-key-rotated = Signing key created
event-key-withdrawn = Signing key revoked
event-key-confirmed = Certificate of a service provider confirmed
event-master-key-changed = Master key changed
event-noun-sign-in = Sign-in
event-noun-session = Session
event-noun-logout = Sign-out notification
event-noun-launch = Launch
event-noun-instance = Instance
event-noun-consent = Consent
event-noun-code = Authorization code
event-noun-refresh-token = Refresh token
event-noun-account = Data export
event-noun-identity = Sign-in method
event-noun-factor = Second factor
event-noun-device = Trusted device
event-noun-recovery-code = Recovery code
event-noun-password = Password
event-noun-recovery = Password reset
event-noun-mail = Email address
event-noun-user = User account
event-noun-admin = Administrator rights
event-noun-provider = Identity provider
event-noun-client = Client
event-noun-registration-token = Registration token
event-noun-catalog = Catalogue
event-noun-key = Signing key
event-noun-master-key = Master key
event-target-application = Application
event-target-service-provider = Service provider
event-actor-command = Command line
event-actor-worker = Background work
event-actor-anonymous = Not signed in

## The details of events in the audit log
event-data-by-session = Requested in session
event-data-certificate = Certificate
event-data-count = Count
event-data-link = Link
event-data-protocol = Protocol
event-data-purpose = Used for
event-data-reason = Reason
event-data-result = Result
event-data-sessions = Sessions

event-reason-account-expired = the account has expired
event-reason-ambiguous = several entries of the directory have this username
event-reason-another-person = another person signed in than was asked for
event-reason-by-owner = changed by its owner during sign-in
event-reason-cloned = the passkey may have been copied
event-reason-denied = the identity provider refused the sign-in
event-reason-disabled = the account is disabled
event-reason-down = the identity provider did not respond
event-reason-elsewhere = ended from another session
event-reason-expired = the password has expired
event-reason-first = first administrator
event-reason-invalid = the response of the identity provider was not valid
event-reason-link-late = linking took too long
event-reason-link-person = the person who started linking was no longer signed in
event-reason-linked-elsewhere = the identity is linked with another account
event-reason-locked = the account is locked in the directory
event-reason-not-allowed = the access condition is not met
event-reason-not-here = sign-in is not permitted from this device
event-reason-not-known = the identity provider did not send all the data that the access condition needs
event-reason-not-now = sign-in is not permitted at this time
event-reason-password-fixed = this password may not be changed
event-reason-password-too-young = the password was changed too recently
event-reason-replayed = the response had been used before
event-reason-single-logout = an application ended the session
event-reason-stale = the identity provider did not ask for a new sign-in
event-reason-surplus = too many sessions
event-reason-throttled = too many attempts
event-reason-unknown = there is no account for this identity
event-reason-unlinked = the sign-in method was removed
event-reason-unsupported = the identity provider does not support this
event-reason-untold = the identity provider did not say when the person last signed in
event-reason-upstream = the identity provider ended the session
event-reason-vouch-again = the identity provider must confirm the person again
event-reason-weak-password = the new password is too weak
event-reason-wrong = incorrect credentials

event-reason-bad-field = a field of the link is not valid
event-reason-bad-key = the number or ID is not valid
event-reason-instance-closed = the instance is disabled
event-reason-instance-not-known = the instance could not be determined
event-reason-intent-forbidden = this person may not use the action
event-reason-launch-expired = the launch has expired
event-reason-launch-foreign = the launch was started in another browser or by another person
event-reason-launch-used = the launch had been used before
event-reason-misconfigured = the service is misconfigured
event-reason-missing-field = a field of the link is missing
event-reason-no-access = the service does not exist, or this person has no access
event-reason-no-instance = no instance is assigned
event-reason-no-such-record = the record does not exist
event-reason-not-found = not found
event-reason-not-opened = the service does not open this record type
event-reason-other = other
event-reason-record-not-allowed = this person has no access to the record
event-reason-service-closed = the service is disabled
event-reason-unknown-field = the link contains an unknown field
event-reason-unknown-intent = the service does not support the action
event-reason-unknown-type = unknown record type

event-result-failed = failed
event-result-fetched = documents fetched
event-result-fine = the connection works
event-result-taken = metadata imported
event-result-taken-weaker = metadata imported, less strict than before
event-result-wrong = a problem was found
event-link-invite = invitation
event-link-reset = password reset

## How users are signed in to services, for administrators
admin-services-title = Services
admin-services-lead = How people are signed in to each service, the weakest method first.
admin-services-none = There are no services yet.
admin-service-shared = The same application is also registered for { $services }. People who may use any of these services can sign in there, and the strictest requirement applies.
admin-grade = Strength: { $strength }
admin-grade-none = Strength: none
strength-very-high = very high
strength-high = high
strength-medium = medium
strength-low = low
grade-none = Only a deep link: the application signs people in itself.
