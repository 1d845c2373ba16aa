# The page that opens a record.

open-title = Open a record
open-idle = The services that can open the record will appear here.
open-found = Where to open { $record }?
open-none = No matching service
open-none-advice = None of your services can open { $record }.
open-invalid = This number or ID is not valid
open-invalid-advice = Please check it for typing errors.
open-unknown-type = Unknown record type.
open-here = { $intent } { $record } in { $service }
