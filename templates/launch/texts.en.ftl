# The pages on the way to a service.

## Choose an instance
choose-title = Choose an instance
choose-lead = { $service } has more than one instance. Which one would you like to open?
choose-lead-record = { $record } can be opened in more than one instance. Which one would you like to use?

## On the way to a service
hand-off-title = Opening { $service }
hand-off-plain = One moment, please
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
