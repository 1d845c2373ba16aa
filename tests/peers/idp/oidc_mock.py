"""An OpenID provider that can be made to lie: PyPI oidc-provider-mock, whose answers are changed on their way out.

It prints "ready PORT". `POST /steer/lie/{lie}` changes every id_token, or what is said beside it, from then on; the
lies are the functions below. `POST /steer/lie/none` makes it honest again.
"""

import base64
import hmac
import json
import os
import pathlib
import time

import flask
import oidc_provider_mock
from joserfc import jwt
from joserfc.jwk import RSAKey
from werkzeug.serving import make_server

KNOWN = json.loads((pathlib.Path(__file__).parent / "people.json").read_text())
PEOPLE = [
    oidc_provider_mock.User(
        sub=one["login"],
        claims={
            "name": one["name"],
            "preferred_username": one["login"],
            "email": one["mail"],
            "groups": one["groups"],
            "region": one["region"],
            "department": one["department"],
        },
    )
    for one in KNOWN["people"]
]
STRANGER = RSAKey.generate_key(2048)

os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"
app = oidc_provider_mock.app(user_claims=PEOPLE)
app.debug = False
lie = "none"


# How a token that is not true is made: its claims and header are changed, then it is signed as configured.
def changed(**claims):
    return lambda old, key: sign({**old, **claims}, key)


def without(name):
    return lambda old, key: sign({k: v for k, v in old.items() if k != name}, key)


def sign(claims, key):
    return jwt.encode({"alg": "RS256", "kid": key.kid}, claims, key, algorithms=["RS256"])


def part(value):
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def alg_none(claims, key):
    """RFC 7519 section 6: an unsecured token."""
    return f"{part({'alg': 'none'})}.{part(claims)}."


def by_a_stranger(claims, key):
    """Another key under the name of the right one."""
    stranger = RSAKey.import_key(STRANGER.as_dict(private=True), {"kid": key.kid})
    return sign(claims, stranger)


def key_confusion(claims, key):
    """HS256 with the published key as the secret."""
    signed = f"{part({'alg': 'HS256', 'kid': key.kid})}.{part(claims)}"
    seal = hmac.digest(key.as_pem(private=False), signed.encode(), "sha256")
    return f"{signed}.{base64.urlsafe_b64encode(seal).rstrip(b'=').decode()}"


def own_key(claims, key):
    """Signed by the key that the token itself brings."""
    header = {"alg": "RS256", "jwk": STRANGER.as_dict(private=False)}
    return jwt.encode(header, claims, STRANGER, algorithms=["RS256"])


def broken_signature(claims, key):
    head, body, signature = sign(claims, key).split(".")
    return f"{head}.{body}.{'A' if signature[0] != 'A' else 'B'}{signature[1:]}"


ID_TOKENS = {
    "foreign-issuer": changed(iss="https://evil.example"),
    "foreign-audience": changed(aud="somebody-else"),
    "two-audiences": lambda old, key: sign({**old, "aud": [flask.request.form.get("client_id", "usher"), "x"]}, key),
    "foreign-party": changed(azp="somebody-else"),
    "foreign-nonce": changed(nonce="not-the-one-you-sent"),
    "no-nonce": without("nonce"),
    "no-subject": without("sub"),
    "empty-subject": changed(sub=""),
    "no-expiry": without("exp"),
    "expired": lambda old, key: sign({**old, "iat": int(time.time()) - 7200, "exp": int(time.time()) - 3600}, key),
    "of-tomorrow": lambda old, key: sign({**old, "iat": int(time.time()) + 86400}, key),
    "foreign-token": changed(at_hash="AAAAAAAAAAAAAAAAAAAAAA"),
    "alg-none": alg_none,
    "by-a-stranger": by_a_stranger,
    "key-confusion": key_confusion,
    "own-key": own_key,
    "broken-signature": broken_signature,
}
# Other false data: changes of a JSON answer, by its path.
ANSWERS = {
    "foreign-userinfo": ("/userinfo", lambda old: {**old, "sub": "ben" if old["sub"] == "ana" else "ana"}),
    "no-id-token": ("/oauth2/token", lambda old: {k: v for k, v in old.items() if k != "id_token"}),
    "no-json": ("/oauth2/token", lambda old: "<html>"),
    "foreign-discovery": (
        "/.well-known/openid-configuration",
        lambda old: {**old, "issuer": "https://evil.example"},
    ),
    "promised-iss": (
        "/.well-known/openid-configuration",
        lambda old: {**old, "authorization_response_iss_parameter_supported": True},
    ),
    "no-keys": ("/jwks", lambda old: {"keys": []}),
}


@app.post("/steer/lie/<told>")
def tell(told):
    global lie
    if told not in {"none", *ID_TOKENS, *ANSWERS}:
        flask.abort(404, f"there is no lie called {told}")
    lie = told
    return "", 204


@app.after_request
def bend(response):
    if flask.request.path == "/oauth2/token" and lie in ID_TOKENS and response.status_code == 200:
        tokens = response.get_json()
        key = RSAKey.import_key(flask.g.oidc_provider_mock_storage.jwk.as_dict(is_private=True))
        claims = json.loads(base64.urlsafe_b64decode(tokens["id_token"].split(".")[1] + "=="))
        tokens["id_token"] = ID_TOKENS[lie](claims, key)
        response.set_data(json.dumps(tokens))
    elif lie in ANSWERS and flask.request.path == ANSWERS[lie][0] and response.status_code == 200:
        answer = ANSWERS[lie][1](response.get_json())
        response.set_data(answer if isinstance(answer, str) else json.dumps(answer))
    return response


if __name__ == "__main__":
    server = make_server("127.0.0.1", 0, app, threaded=True)
    print(f"ready {server.server_port}", flush=True)
    server.serve_forever()
