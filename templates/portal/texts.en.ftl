# The portal: services, search, recently opened records.

portal-title = Your services
portal-greeting = Hello, { $name }
portal-lead = Where would you like to go?
search-label = Search your services
search-placeholder = Search services
search-submit = Search
search-key-hint = Press / to search
search-clear = Show all
search-none = No services found.
search-count = { $count ->
    [one] 1 service
   *[other] { $count } services
  }
services-title = Services
services-none = No services available
services-none-advice = No service has been set up for you yet. Please contact your help desk.
tile-about = Service details
tile-about-service = Details of { $service }
tile-nowhere = No instance assigned
tile-unknown = Your access could not be determined
tile-closed = Not available
records-title = Open a record
recent-title = Recently opened
recent-none = Records you open will appear here.
recent-in = in { $service }
recent-arrived = Sent
recent-confirmed = Opened
recent-no-such-record = Not found
recent-not-allowed = Access denied
recent-refused = Not opened
