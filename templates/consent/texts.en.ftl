# What applications may know, asked on the way to one.

consent-title = Allow “{ $application }” to access your data?
consent-as = You are signed in as { $name } ({ $login }). If you allow this, the application receives:
consent-registered = This application registered itself under the name “{ $application }”. Your response is sent to { $host }.
consent-openid = An identifier by which it can recognise you
consent-profile = Your name and username
consent-email = Your email address
consent-address = Your postal address
consent-phone = Your phone number
consent-groups = The groups you belong to
consent-offline = Access while you are signed in here, without asking you each time
consent-context = The record you want to open
consent-resource = Permission to act on your behalf at { $resource }
consent-scope = The permission “{ $scope }”
consent-known = Already allowed
consent-yes = Allow
consent-no = Deny
consent-later = You can remove access at any time on your account page.
applications-title = Connected applications
applications-lead = The data and permissions of each application. If you remove access, the application has to ask again.
applications-none = No application has access.
applications-since = Allowed
applications-withdraw = Remove access
applications-withdraw-one = Remove access for “{ $application }”
applications-done = “{ $application }” no longer has access.
