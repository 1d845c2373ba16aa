# The parts that pages of several areas include.

party-waiting = is being notified
party-again = could not be notified; we will try again. On a shared computer, please close it now
party-confirmed = has signed you out
party-failed = could not be notified. Please sign out there; on a shared computer, close it as well
party-asked = was asked to sign you out, but does not confirm it. On a shared computer, please close it
party-impossible = cannot be notified. Please sign out there; on a shared computer, close it as well
record-type = Record type
record-key = Number or ID
record-submit = Find
help-desk = Need help?
