# The texts that several areas share: the layout, dates, errors, common buttons. Short, in plain standard
# words, without blame. All other texts lie beside what they belong to, as `*.en.ftl`.
# A line that starts with a key is a message; `count` is a number, every other variable is text.

## Around every page
skip-to-content = Skip to content
person-menu = Your account
sign-out = Sign out
language = Language
footer-about = Single sign-on to your services.
back-to-portal = Back to the portal

## Sign-in
sign-in-password = Password
sign-in-submit = Sign in
show-password = Show password
hide-password = Hide password
trouble-throttled = Too many attempts. Please try again { $when }.
trouble-refused = You cannot sign in this way. Please contact your help desk.
trouble-disabled = Your account is disabled. Please contact your help desk.
trouble-busy = Many people are signing in right now. Please try again in a moment.
destination = { $record } in { $service }

## Sign-out
logouts-none = No sign-outs yet.

## Portal
tile-choose = Several instances
records-lead = Select the record type and enter the number or ID.
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
intent-view = Open
intent-edit = Edit
intent-create = Create

## The instance of a service, and why
finding-equals = { $attribute } is “{ $value }” ({ $source }); condition: “{ $wanted }”
finding-in = { $attribute } is “{ $value }” ({ $source }); condition: one of { $wanted }
finding-contains = { $attribute } contains { $value } ({ $source }); condition: contains “{ $wanted }”
finding-matches = { $attribute } is “{ $value }” ({ $source }); condition: matches “{ $wanted }”
finding-missing = { $attribute } has no value; condition: “{ $wanted }”
finding-unknown = the values of { $attribute } are incomplete ({ $source }), so the condition “{ $wanted }” cannot be checked
source-provider = from { $provider }

## When something is wrong
problem-request = Request ID: { $id }
problem-why = Show details
problem-try-again = Try again
problem-open-again = Open again
problem-other-user = Sign in as another user
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

## A user's own account
account-title = Your account
account-back = Back to your account
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

## Administration
admin-title = Administration

## Recovery, new passwords, the first administrator
recover-again = Request a new link
problem-link-void = This link is no longer valid
problem-link-void-advice = It can be used once, for a limited time, and only until a newer link is created. If you still need it, request a new one.
problem-link-foreign = This link was opened in another browser
problem-link-foreign-advice = It works only in the browser in which it was first opened. If that was not you, request a new one.

## Second factors
factors-title = Second factors
