"""PyJWT, unmodified, and Looker's own description of its signature: whether a token or an address is good.

One argument, JSON: `token` with `key` (a secret, or a JWK), `alg`, `now` and perhaps `aud`; or `looker` (an address) with
`secret`. Prints one line of JSON: the claims or parameters, or the fault.
"""

import base64
import datetime
import hashlib
import hmac
import json
import sys
from urllib.parse import parse_qs, urlsplit

import jwt

given = json.loads(sys.argv[1])


def looker(address, secret):
    # "host, path, then the JSON of each signed parameter, separated by newlines".
    signed = ("nonce time session_length external_user_id permissions models group_ids external_group_id "
              "user_attributes access_filters").split()
    url = urlsplit(address)
    told = {name: values[0] for name, values in parse_qs(url.query, strict_parsing=True).items()}
    text = "\n".join([url.netloc, url.path] + [told[name] for name in signed if name in told])
    made = hmac.new(secret.encode(), text.encode(), hashlib.sha1).digest()
    if base64.b64encode(made).decode() != told.pop("signature"):
        return {"fault": "signature"}
    return {name: json.loads(value) for name, value in told.items()}


def token():
    key = given["key"]
    if isinstance(key, dict):
        key = jwt.PyJWK(key).key
    # The portal of the tests has a clock of its own.
    now = datetime.datetime.fromtimestamp(given["now"], datetime.timezone.utc)

    class Then(datetime.datetime):
        @classmethod
        def now(cls, tz=None):
            return now

    jwt.api_jwt.datetime = Then
    try:
        return jwt.decode(given["token"], key, algorithms=[given["alg"]], audience=given.get("aud"))
    except jwt.PyJWTError as error:
        return {"fault": type(error).__name__}


print(json.dumps(looker(given["looker"], given["secret"]) if "looker" in given else token()))
