# What a directory reports about an account.

trouble-account-expired = Your account has expired. Please contact your help desk.
trouble-not-now = Your account cannot be used at this time of day.
