"""A relying party on Authlib and Flask, unmodified: the same application as openid_client.mjs, in another language.

Authlib keeps state, nonce and the PKCE verifier in Flask's signed session cookie, and checks them, the id_token's
signature, issuer, audience, times and at_hash. Arguments: issuer, own origin, client id; the secret comes in
PEER_SECRET. Prints "ready" when it listens.
"""

import os
import secrets
import sys
from urllib.parse import parse_qsl, urlencode, urlsplit

import jwt
import requests
from authlib.integrations.flask_client import OAuth
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from flask import Flask, jsonify, redirect, render_template_string, request, session
from joserfc.jwk import ECKey
from werkzeug.serving import make_server

ISSUER, ORIGIN, CLIENT = sys.argv[1:4]
LAUNCH_CLAIM = "urn:usher:launch"
LAUNCH_GRANT = "urn:usher:params:oauth:grant-type:launch-code"
EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"

app = Flask(__name__)
app.secret_key = secrets.token_bytes(32)
app.config.update(SESSION_COOKIE_NAME="peer", SESSION_COOKIE_SAMESITE="Lax")
metadata = requests.get(f"{ISSUER}/.well-known/openid-configuration", timeout=5).json()
auth = {"client_secret": os.environ["PEER_SECRET"]}
kwargs = {"scope": "openid profile email groups", "code_challenge_method": "S256"}
if "PEER_KEY" in os.environ:
    # It proves itself by a key, never by the secret.
    auth = {
        "client_secret": ECKey.import_key(os.environ["PEER_KEY"]),
        "client_auth_methods": [PrivateKeyJWT(headers={"kid": "peer"}, alg="ES256")],
    }
    kwargs["token_endpoint_auth_method"] = "private_key_jwt"
    kwargs["revocation_endpoint_auth_method"] = "private_key_jwt"
usher = OAuth(app).register(
    "usher",
    client_id=CLIENT,
    server_metadata_url=f"{ISSUER}/.well-known/openid-configuration",
    client_kwargs=kwargs,
    **auth,
)
keys = jwt.PyJWKClient(metadata["jwks_uri"])
# What was verified for each session (the cookie would not hold it), and the last redemption, to be repeated.
verified: dict[str, dict] = {}
last: dict = {}
# The jti of every signed form that was taken.
forms: set[str] = set()

PAGE = """<!doctype html><title>peer</title><p data-testid="who">{{ who }}</p><h1 data-testid="record">{{ key }}</h1>
{% if launch %}<pre data-testid="context">{{ launch.ctx | tojson }}</pre>
{% else %}<p data-testid="no-context">no context</p>{% endif %}"""


class Refused(Exception):
    """What the application refuses, in words the tests read on its page."""


@app.errorhandler(Exception)
def refused(error):
    reason = getattr(error, "error", None) or str(error)
    return render_template_string('<h1>Refused</h1><p data-testid="refused">{{ reason }}</p>', reason=reason), 400


@app.get("/initiate")
def initiate():
    """Third-party-initiated login: OpenID Connect Core 1.0, section 4."""
    if request.args["iss"] != ISSUER:
        raise Refused("foreign issuer")
    return start(own_target(request.args["target_link_uri"]), login_hint=request.args["login_hint"])


@app.get("/start")
def start_plainly():
    return start(f"{ORIGIN}/customers/none", **request.args)


def start(target, **extra):
    session["target"] = target
    session["resource"] = extra.get("resource")
    return usher.authorize_redirect(f"{ORIGIN}/callback", **extra)


@app.get("/push")
def push():
    """A pushed request (RFC 9126). Authlib makes none itself: it makes the request, which is then pushed."""
    session["target"] = f"{ORIGIN}/customers/none"
    session["resource"] = request.args.get("resource")
    made = usher.create_authorization_url(f"{ORIGIN}/callback", **request.args)
    usher.save_authorize_data(redirect_uri=f"{ORIGIN}/callback", **made)
    with oauth() as client:
        auth = client.client_auth(client.token_endpoint_auth_method)
        wish = dict(parse_qsl(urlsplit(made["url"]).query))
        address = metadata["pushed_authorization_request_endpoint"]
        pushed = client.post(address, data=wish, auth=auth, withhold_token=True).json()
    if "error" in pushed:
        raise Refused(pushed["error"])
    query = urlencode({"client_id": CLIENT, "request_uri": pushed["request_uri"]})
    return redirect(f"{metadata['authorization_endpoint']}?{query}", 303)


def oauth():
    """Authlib's OAuth 2 session, which the Flask client is a wrapper of."""
    usher.load_server_metadata()
    return usher._get_oauth_client()


def own_target(target):
    """The target is a URL from outside: only this application's own pages are followed."""
    parts = urlsplit(target)
    if f"{parts.scheme}://{parts.netloc}" != ORIGIN:
        raise Refused("foreign target")
    return target


@app.route("/callback", methods=["GET", "POST"])
def callback():
    """By redirect, or by a form that the portal's page posted."""
    flow = usher.framework.get_state_data(session, request.values.get("state"))
    token = usher.authorize_access_token()
    last.update(code=request.values["code"], code_verifier=flow["code_verifier"], redirect_uri=flow["redirect_uri"])
    last.pop("grant_type", None)
    target = session["target"]
    # A token for a resource opens that resource alone.
    userinfo = None if session.get("resource") else dict(usher.userinfo(token=token))
    return welcome(token, dict(token["userinfo"]), target, userinfo=userinfo)


@app.post("/launch")
def launch():
    """The one-time code, posted by the portal's page."""
    if request.headers.get("Origin") != ISSUER:
        raise Refused(f"foreign origin {request.headers.get('Origin')}")
    if request.form["iss"] != ISSUER:
        raise Refused("foreign issuer")
    last.clear()
    last.update(grant_type=LAUNCH_GRANT, code=request.form["code"])
    token = usher.fetch_access_token(**last)
    claims = dict(usher.parse_id_token(token, nonce=None))
    answer = {name: token[name] for name in ("launch_id", "intent", "target_link_uri", "ctx")}
    return welcome(token, claims, own_target(token["target_link_uri"]), answer=answer)


@app.post("/handoff")
def handoff():
    """A signed form, posted by the portal's page and verified with PyJWT."""
    text = request.form["jwt"]
    required = ["iss", "aud", "exp", "iat", "nbf", "jti", "sub", "launch_id"]
    claims = verify(text, "usher-handoff+jwt", CLIENT, required)
    if claims["jti"] in forms:
        raise Refused("used before")
    forms.add(claims["jti"])
    claims[LAUNCH_CLAIM] = {name: claims[name] for name in ("intent", "target_link_uri", "ctx")}
    claims[LAUNCH_CLAIM]["id"] = claims["launch_id"]
    return enter({"claims": claims}, own_target(claims["target_link_uri"]))


@app.get("/api")
def api():
    """A resource server: takes access tokens that PyJWT verifies (RFC 9068), and shows their claims."""
    text = request.headers.get("Authorization", "").removeprefix("Bearer ")
    return jsonify(verify(text, "at+jwt", f"{ORIGIN}/api", ["iss", "aud", "exp", "iat", "jti", "sub", "client_id"]))


def verify(text, kind, audience, required):
    if jwt.get_unverified_header(text).get("typ") != kind:
        raise Refused(f"it is no {kind}")
    key = keys.get_signing_key_from_jwt(text).key
    options = {"require": required, "strict_aud": True}
    return jwt.decode(text, key, algorithms=["ES256", "RS256"], audience=audience, issuer=ISSUER, options=options)


@app.get("/refresh")
def refresh():
    tokens = mine()["tokens"]
    used = tokens[request.args.get("which", "refresh_token")]
    with oauth() as client:
        given = client.refresh_token(metadata["token_endpoint"], refresh_token=used, scope=mine()["scope"])
    mine()["tokens"] = {name: given[name] for name in ("access_token", "refresh_token")} | {"used": used}
    return jsonify(given)


@app.get("/introspect")
def introspect():
    with oauth() as client:
        token = mine()["tokens"][request.args["which"]]
        return client.introspect_token(metadata["introspection_endpoint"], token=token).json()


@app.get("/revoke")
def revoke():
    with oauth() as client:
        client.revoke_token(metadata["revocation_endpoint"], token=mine()["tokens"][request.args["which"]])
    return jsonify({})


@app.get("/credentials")
def credentials():
    """In the client's own name."""
    with oauth() as client:
        client.scope = None
        return jsonify(client.fetch_token(metadata["token_endpoint"], grant_type="client_credentials", **request.args))


@app.get("/exchange")
def exchange():
    """RFC 8693."""
    wish = dict(request.args)
    subject = {"subject_token": mine()["tokens"][wish.pop("which")], "subject_token_type": ACCESS_TOKEN}
    with oauth() as client:
        client.scope = None
        return jsonify(client.fetch_token(metadata["token_endpoint"], grant_type=EXCHANGE, **subject, **wish))


def mine():
    """What was verified for whoever asks."""
    return verified[session["id"]]


def welcome(token, claims, target, **more):
    tokens = {name: token.get(name) for name in ("access_token", "refresh_token")}
    return enter({"claims": claims, "idToken": token["id_token"], "scope": token.get("scope"), "tokens": tokens, **more}, target)


def enter(known, target):
    """Signing in makes a new session, whatever the browser brought (session fixation)."""
    session.clear()
    session["id"] = secrets.token_urlsafe(16)
    verified[session["id"]] = known
    return redirect(target, 303)


@app.get("/replay")
def replay():
    usher.fetch_access_token(**last)
    return "redeemed twice"


@app.get("/customers/<key>")
@app.get("/customers/<key>/edit")
def record(key):
    known = verified.get(session.get("id"))
    if known is None:
        return start(request.url)
    claims = known["claims"]
    return render_template_string(PAGE, key=key, who=claims.get("name", claims["sub"]), launch=claims.get(LAUNCH_CLAIM))


@app.get("/session")
def show_session():
    return jsonify(verified.get(session.get("id"), {}))


@app.get("/sign-out")
def sign_out():
    known = verified.pop(session.pop("id"))
    return usher.logout_redirect(post_logout_redirect_uri=f"{ORIGIN}/", id_token_hint=known["idToken"])


@app.get("/")
def home():
    if "state" in request.args:
        usher.validate_logout_response()
    return '<p data-testid="signed-out">Signed out</p>'


if __name__ == "__main__":
    place = urlsplit(ORIGIN)
    server = make_server(place.hostname, place.port, app, threaded=True)
    print("ready", flush=True)
    server.serve_forever()
