"""pydiscourse, unmodified: what signs and reads DiscourseConnect.

One argument, JSON: `act` is `ask` (prints the signed query of `words`) or `read` (prints the nonce and the words of `sso`,
signed by `sig`, or the fault). Prints one line of JSON.
"""

import json
import sys
from base64 import b64decode
from urllib.parse import parse_qsl

from pydiscourse.exceptions import DiscourseError
from pydiscourse.sso import sso_payload, sso_validate

given = json.loads(sys.argv[1])
if given["act"] == "ask":
    answer = sso_payload(given["secret"], **dict(given["words"]))
else:
    try:
        nonce = sso_validate(given["sso"], given["sig"], given["secret"])
        answer = {"nonce": nonce, "words": dict(parse_qsl(b64decode(given["sso"]).decode()))}
    except DiscourseError as error:
        answer = {"fault": str(error)}
print(json.dumps(answer))
