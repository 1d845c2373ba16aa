# Recovery codes.

factor-lead-recovery = Enter one of your recovery codes. Each can be used once.
factor-recovery-code = Recovery code
factor-by-recovery = Use a recovery code
factor-wrong-recovery = The recovery code is incorrect or was used before.
codes-title = Save your recovery codes
codes-lead = If you lose your phone or security key, you can sign in with one of these codes. Each can be used once.
codes-once = They are shown only now. Print them or save them in a password manager, not on the device you sign in with.
codes-copy = Copy
codes-copied = Copied
codes-download = Download
codes-file = recovery-codes.txt
codes-file-title = Recovery codes
codes-file-portal = Portal: { $portal } ({ $address })
codes-file-account = Username: { $login }
codes-file-created = Created: { $time }
codes-kept = I have saved them
codes-section = Recovery codes
codes-left = { $count ->
    [0] No codes left. Please create new ones.
    [one] 1 code left. Please create new ones soon.
   *[other] { $count } codes left
  }
codes-renew = Create new codes
codes-renew-note = The current codes will no longer be valid.
