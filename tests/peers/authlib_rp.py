"""A relying party on Authlib and Flask, unmodified: the same application as openid_client.mjs, in another language.

Authlib keeps state, nonce and the PKCE verifier in Flask's signed session cookie, and checks them, the id_token's
signature, issuer, audience, times and at_hash. Arguments: issuer, own origin, client id; the secret comes in
PEER_SECRET. Prints "ready" when it listens.
"""

import os
import secrets
import sys
from urllib.parse import urlsplit

from authlib.integrations.flask_client import OAuth
from flask import Flask, jsonify, redirect, render_template_string, request, session
from werkzeug.serving import make_server

ISSUER, ORIGIN, CLIENT = sys.argv[1:4]
LAUNCH_CLAIM = "urn:usher:launch"
LAUNCH_GRANT = "urn:usher:params:oauth:grant-type:launch-code"

app = Flask(__name__)
app.secret_key = secrets.token_bytes(32)
app.config.update(SESSION_COOKIE_NAME="peer", SESSION_COOKIE_SAMESITE="Lax")
usher = OAuth(app).register(
    "usher",
    client_id=CLIENT,
    client_secret=os.environ["PEER_SECRET"],
    server_metadata_url=f"{ISSUER}/.well-known/openid-configuration",
    client_kwargs={"scope": "openid profile email groups", "code_challenge_method": "S256"},
)
# What was verified for each session (the cookie would not hold it), and the last redemption, to be repeated.
verified: dict[str, dict] = {}
last: dict = {}

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
    return usher.authorize_redirect(f"{ORIGIN}/callback", **extra)


def own_target(target):
    """The target is a URL from outside: only this application's own pages are followed."""
    parts = urlsplit(target)
    if f"{parts.scheme}://{parts.netloc}" != ORIGIN:
        raise Refused("foreign target")
    return target


@app.get("/callback")
def callback():
    flow = usher.framework.get_state_data(session, request.args.get("state"))
    token = usher.authorize_access_token()
    last.update(code=request.args["code"], code_verifier=flow["code_verifier"], redirect_uri=flow["redirect_uri"])
    last.pop("grant_type", None)
    target = session["target"]
    return welcome(token, dict(token["userinfo"]), target, userinfo=dict(usher.userinfo(token=token)))


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


def welcome(token, claims, target, **more):
    """Signing in makes a new session, whatever the browser brought (session fixation)."""
    session.clear()
    session["id"] = secrets.token_urlsafe(16)
    verified[session["id"]] = {"claims": claims, "idToken": token["id_token"], "scope": token.get("scope"), **more}
    return redirect(target, 303)


@app.get("/replay")
def replay():
    usher.fetch_access_token(**last)
    return "redeemed twice"


@app.get("/customers/<key>")
@app.get("/customers/<key>/edit")
def record(key):
    mine = verified.get(session.get("id"))
    if mine is None:
        return start(request.url)
    claims = mine["claims"]
    return render_template_string(PAGE, key=key, who=claims.get("name", claims["sub"]), launch=claims.get(LAUNCH_CLAIM))


@app.get("/session")
def show_session():
    return jsonify(verified.get(session.get("id"), {}))


@app.get("/sign-out")
def sign_out():
    mine = verified.pop(session.pop("id"))
    return usher.logout_redirect(post_logout_redirect_uri=f"{ORIGIN}/", id_token_hint=mine["idToken"])


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
