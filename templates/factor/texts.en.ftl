# The pages about second factors. The texts of one factor are in `src/factor`.

factor-title = Second factor
factor-purpose-view = Confirm your identity to open { $record } in { $service }.
factor-purpose-edit = Confirm your identity to edit { $record } in { $service }.
factor-purpose-other = Confirm your identity to continue to { $record } in { $service }.
factor-purpose-service = Confirm your identity to open { $service }.
factor-code = Code
factor-submit = Continue
factor-trust = Trust this device for { $count ->
    [one] 1 day
   *[other] { $count } days
  }
factor-others = Other options
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
factor-done-added = The second factor has been added.
factor-done-renamed = The name has been saved.
factor-done-removed = The second factor has been removed.
factor-done-devices = All trusted devices have been removed.
factor-never-used = Not used yet
factor-used = Used { $when }
factors-lead = If you have set up a second factor, you are asked for it when you sign in, except on trusted devices.
factors-lead-rules = A second factor protects your account in addition to your password. Your organisation’s rules decide when you are asked for it.
factors-none = You have not set up a second factor. Without one, a stolen password is enough to sign in to your account.
factors-add = Add
devices-title = Trusted devices
devices-lead = On these devices you are not asked for a second factor when you sign in, unless a rule requires it.
device-expires = Expires { $when }
devices-forget = Remove all trusted devices
factors-back = Back to your account
