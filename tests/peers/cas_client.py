"""python-cas, unmodified: what a CAS 3.0 application does.

Arguments: the server's address, the service, and `login`, `verify TICKET` or `logout MESSAGE TICKET`. Prints one line
of JSON.
"""

import json
import sys

from cas import CASClient

SERVER, SERVICE, ACT, *REST = sys.argv[1:]
client = CASClient(version=3, server_url=SERVER, service_url=SERVICE)

if ACT == "login":
    answer = client.get_login_url()
elif ACT == "verify":
    answer = client.verify_ticket(REST[0])
else:
    answer = client.verify_logout_request(REST[0], REST[1])
print(json.dumps(answer))
