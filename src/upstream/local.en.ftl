# The accounts that this portal itself keeps.

source-local = from your local account
local-provider-title = Sign in with your { $portal } account
