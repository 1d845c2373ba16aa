"""Receives people from the portal by a one-time code or a signed form, in Python. Needs `PyJWT[crypto]` and nothing else. Copy it.

    ISSUER=https://portal.example.org ORIGIN=https://desk.example.org PORT=8080 \
    CLIENT_ID=desk CLIENT_SECRET=… python receiver.py

The portal's page posts `code` to /launch, or `jwt` to /jwt, and `iss`. In this order:

1. Origin must be the portal's: nobody else may sign people in here (login CSRF).
2. `iss` must be our issuer, and the code is redeemed there, with our secret.
3. Only the signed id_token is believed: signature, algorithm, issuer, audience, times; no nonce, for we asked nothing.
   The signed form is no id_token: its type is its own, it lives a minute, and its `jti` is taken once.
4. The target must be a page of ours.
5. A new session under a new id; then a clean address, so that a reload posts nothing again.
6. When the record is shown, or is not there, the portal is told (the receipt).
7. When a session at the portal has ended, its server says so at /backchannel-logout, by a signed token that is typed
   as a logout's and taken once; what came of that session ends here.

The context says which record is meant. What may be done with it is decided here, as for everybody.
"""

import html
import json
import os
import re
import secrets
import threading
import time
import urllib.error
import urllib.request
from base64 import b64encode
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, quote_plus, unquote, urlencode, urlsplit

import jwt

ISSUER, ORIGIN = os.environ["ISSUER"], os.environ["ORIGIN"]
CLIENT_ID, CLIENT_SECRET = os.environ["CLIENT_ID"], os.environ["CLIENT_SECRET"]
LAUNCH_GRANT = "urn:usher:params:oauth:grant-type:launch-code"
LAUNCH_CLAIM = "urn:usher:launch"
LOGOUT = "http://schemas.openid.net/event/backchannel-logout"
LEEWAY = 30  # seconds that clocks may differ
once = threading.Lock()
SECURE = "; Secure" if ORIGIN.startswith("https:") else ""
RECORDS = {"C-1042": "Northwind Traders", "C-1043": "Contoso"}

# The library keeps the keys for five minutes, and asks again when it meets one it does not know.
keys = jwt.PyJWKClient(f"{ISSUER}/oidc/jwks", lifespan=300, timeout=5)
seen: dict[str, float] = {}  # jti -> when it may be forgotten; with several processes, a shared store
sessions: dict[str, dict] = {}  # id -> name, sub, sid and launch; a real application's own store


class Refused(Exception):
    """What is refused, in words for the page."""


def refuse(when, why):
    if when:
        raise Refused(why)


def origin_of(url):
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def redeemed(code):
    """The id_token for a code. What the portal answers beside it is not signed, and not read."""
    form = urlencode({"grant_type": LAUNCH_GRANT, "code": code}).encode()
    status, answer = post("/oidc/token", form, "application/x-www-form-urlencoded")
    refuse(status != 200 or not isinstance(answer.get("id_token"), str), answer.get("error", "no id_token"))
    return answer["id_token"]


def verified(token, typ, require=("iss", "sub", "aud", "exp", "iat")):
    try:
        refuse(jwt.get_unverified_header(token).get("typ") != typ, "a token of another type")
        claims = jwt.decode(
            token, keys.get_signing_key_from_jwt(token).key, algorithms=["ES256", "RS256"],
            issuer=ISSUER, audience=CLIENT_ID, leeway=LEEWAY, options={"require": list(require)},
        )
    except jwt.PyJWTError as error:
        raise Refused(type(error).__name__) from error
    refuse(claims["aud"] != CLIENT_ID or "nonce" in claims, "not made for this")
    return claims


def take_once(claims):
    now = time.time()
    with once:
        for jti in [jti for jti, until in seen.items() if until < now]:
            del seen[jti]
        jti = claims.get("jti")
        refuse(not isinstance(jti, str) or not jti or jti in seen or claims["exp"] > now + 150, "used, or made for long")
        seen[jti] = claims["exp"] + LEEWAY


def is_launch(launch):
    def text(value):
        return isinstance(value, str) and value != ""

    return (
        isinstance(launch, dict)
        and all(text(launch.get(name)) for name in ("id", "intent", "target_link_uri", "return_uri"))
        and re.fullmatch(r"lau_\w+", launch["id"]) is not None
        and isinstance(launch.get("ctx"), list)
        and all(
            isinstance(one, dict) and text(one.get("type")) and isinstance(one.get("id"), dict)
            and all(map(text, one["id"].values()))
            for one in launch["ctx"]
        )
    )


def tell(launch, **receipt):
    """The receipt. It is sent beside the page: a portal that is away costs nobody a moment."""

    def send():
        try:
            status, answer = post(f"/launches/{launch['id']}/receipt", json.dumps(receipt).encode(), "application/json")
            if status != 204:
                print("no receipt:", status, answer, flush=True)
        except OSError as error:
            print("no receipt:", error, flush=True)

    if launch:
        threading.Thread(target=send, daemon=True).start()


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """An answer from another address is not the portal's."""

    def redirect_request(self, *_):
        return None


def post(path, body, kind):
    # Both halves are form-encoded first (RFC 6749, section 2.3.1).
    basic = b64encode(f"{quote_plus(CLIENT_ID)}:{quote_plus(CLIENT_SECRET)}".encode()).decode()
    headers = {"Authorization": f"Basic {basic}", "Content-Type": kind}
    request = urllib.request.Request(ISSUER + path, data=body, headers=headers)
    try:
        with urllib.request.build_opener(NoRedirect).open(request, timeout=5) as answer:
            return answer.status, json.loads(answer.read() or b"{}")
    except urllib.error.HTTPError as error:
        text = error.read()
        return error.code, json.loads(text) if text.startswith(b"{") else {}


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        self.answer({"/launch": self.launch, "/jwt": self.signed_form, "/backchannel-logout": self.logout}.get(self.path))

    def do_GET(self):
        key = re.fullmatch(r"/customers/([^/?]+)", urlsplit(self.path).path)
        self.answer(key and (lambda: self.record(unquote(key[1]))))

    def launch(self):
        code = self.posted("code")
        refuse(len(code) > 512, "no code")
        claims = verified(redeemed(code), "JWT")
        self.welcome(claims, claims.get(LAUNCH_CLAIM))

    def signed_form(self):
        claims = verified(self.posted("jwt"), "usher-handoff+jwt")
        take_once(claims)
        self.welcome(claims, {**claims, "id": claims.get("launch_id")})

    def logout(self):
        """From the portal's server, so without cookie and origin; the token is everything (Back-Channel Logout 1.0, section 2.6)."""
        try:
            claims = verified(self.form().get("logout_token", [""])[0], "logout+jwt", ("iss", "aud", "exp", "iat", "jti"))
            sid, sub, events = claims.get("sid"), claims.get("sub"), claims.get("events")
            refuse(not isinstance(events, dict) or not isinstance(events.get(LOGOUT), dict), "no logout")
            refuse(not (sid or sub) or not all(isinstance(name, str) for name in (sid or "", sub or "")), "neither sub nor sid")
            take_once(claims)
        except Refused as refused:
            self.page(400, html.escape(str(refused)))
            return
        # With both, the session is what has ended; the user may have others.
        name, ended = ("sid", sid) if sid else ("sub", sub)
        for key, session in list(sessions.items()):
            if session[name] == ended:
                sessions.pop(key, None)
        self.page(200, "")

    def form(self):
        length = int(self.headers.get("Content-Length") or 0)
        refuse(length > 16 * 1024, "too long")
        return parse_qs(self.rfile.read(length).decode())

    def posted(self, name):
        """A field of the portal's own form."""
        refuse(self.headers.get("Origin") != origin_of(ISSUER), "not sent by the portal")
        form = self.form()
        refuse(form.get("iss") != [ISSUER], "foreign issuer")
        values = form.get(name, [])
        refuse(len(values) != 1, f"no {name}")
        return values[0]

    def welcome(self, claims, arrived):
        refuse(not is_launch(arrived), "no launch")
        target = arrived["target_link_uri"]
        refuse(origin_of(target) != ORIGIN or re.search(r"\s", target), "foreign target")
        refuse(origin_of(arrived["return_uri"]) != origin_of(ISSUER), "foreign way back")
        sessions.pop(self.session_id(), None)  # an earlier session ends
        session = secrets.token_urlsafe(32)
        sessions[session] = {
            "name": claims.get("name", claims["sub"]), "sub": claims["sub"], "sid": claims.get("sid"), "launch": arrived,
        }
        self.redirect(target, f"receiver={session}; Path=/; HttpOnly; SameSite=Lax{SECURE}")

    def record(self, key):
        session = sessions.get(self.session_id())
        refuse(session is None, "open this from the portal")
        arrived, session["launch"] = session["launch"], None  # sent once
        if key in RECORDS:
            tell(arrived, outcome="landed")
            name = html.escape(session["name"])
            self.page(200, f'<h1 data-testid="record">{html.escape(key)}</h1><p data-testid="who">{name}</p>')
            return
        refuse(not arrived, "no such record")
        tell(arrived, outcome="refused", reason="no_such_record")
        self.redirect(f"{arrived['return_uri']}?reason=no_such_record")

    def session_id(self):
        cookie = SimpleCookie(self.headers.get("Cookie", "")).get("receiver")
        return cookie.value if cookie else None

    def answer(self, door):
        try:
            refuse(door is None, "not found")
            door()
        except Refused as refused:
            self.page(403, f'<p data-testid="refused">{html.escape(str(refused))}</p>')
        except (OSError, ValueError) as error:
            print("failed:", error, flush=True)
            self.page(500, '<p data-testid="refused">something went wrong</p>')

    def redirect(self, location, cookie=None):
        self.send_response(303)
        self.send_header("Location", location)
        if cookie:
            self.send_header("Set-Cookie", cookie)
        self.send_header("Cache-Control", "no-store")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def page(self, status, body):
        text = body.encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Cache-Control", "no-store")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        """Request lines hold keys; they are not written down."""


if __name__ == "__main__":
    server = ThreadingHTTPServer((os.environ.get("HOST", "127.0.0.1"), int(os.environ["PORT"])), Receiver)
    print("ready", flush=True)
    server.serve_forever()
