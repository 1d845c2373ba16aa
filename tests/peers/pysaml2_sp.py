"""A service provider on PyPI pysaml2, unmodified: pysaml2_sp.py ISSUER ORIGIN HOME.

HOME has sp.key and sp.pem. It learns of the portal from its metadata alone, at its first sign-in. Prints "ready".

  /metadata         its own
  /customers/{key}  a record, for those signed in; others are sent to sign in first
  /acs              assertions, asked for or not      /slo  logout by SOAP, its only way
  /sessions?name=   how many of a name there are, one for each assertion
  /session          what the library verified         /sign-out  asks the portal by SOAP; what it answered, as JSON
"""

import functools
import pathlib
import secrets
import shutil
import sys
from urllib.parse import urlsplit
from xml.etree import ElementTree

import requests
from flask import Flask, Response, jsonify, redirect, render_template_string, request, session
from saml2 import BINDING_HTTP_POST, BINDING_SOAP, saml, samlp, xmldsig
from saml2.client import Saml2Client
from saml2.config import SPConfig
from saml2.metadata import create_metadata_string
from saml2.response import StatusError
from saml2.time_util import in_a_while
from werkzeug.serving import make_server

ISSUER, ORIGIN, HOME = sys.argv[1:4]
IDP = f"{ISSUER}/saml/metadata"
RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"

# pysaml2 writes what it finds in a SOAP envelope anew before it verifies it, with prefixes of ElementTree's own choice,
# and a signature is over the prefixes, too: ElementTree has to know those that are usual.
for prefix, space in {"samlp": samlp.NAMESPACE, "saml": saml.NAMESPACE, "ds": xmldsig.NAMESPACE}.items():
    ElementTree.register_namespace(prefix, space)

app = Flask(__name__)
app.secret_key = secrets.token_bytes(32)
app.config.update(SESSION_COOKIE_NAME="peer")
# session -> what was verified for it, and the requests that wait for an answer.
known: dict[str, dict] = {}
asked: dict[str, str] = {}

PAGE = """<!doctype html><title>peer</title><p data-testid="who">{{ who }}</p><h1 data-testid="record">{{ key }}</h1>
<pre data-testid="context">{{ context }}</pre>"""


def config(**more):
    key, certificate = (str(pathlib.Path(HOME) / name) for name in ("sp.key", "sp.pem"))
    return SPConfig().load(
        {
            "entityid": f"{ORIGIN}/metadata",
            "key_file": key,
            "cert_file": certificate,
            "encryption_keypairs": [{"key_file": key, "cert_file": certificate}],
            "xmlsec_binary": shutil.which("xmlsec1"),
            "signing_algorithm": RSA_SHA256,
            "digest_algorithm": SHA256,
            "allow_unknown_attributes": True,
            "service": {
                "sp": {
                    "endpoints": {
                        "assertion_consumer_service": [(f"{ORIGIN}/acs", BINDING_HTTP_POST)],
                        "single_logout_service": [(f"{ORIGIN}/slo", BINDING_SOAP)],
                    },
                    "name_id_policy_format": saml.NAMEID_FORMAT_PERSISTENT,
                    "allow_unsolicited": True,
                    "authn_requests_signed": True,
                    "logout_requests_signed": True,
                    "logout_responses_signed": True,
                    "want_response_signed": True,
                    "want_assertions_signed": True,
                }
            },
            **more,
        }
    )


@functools.cache
def client():
    return Saml2Client(config=config(metadata={"inline": [requests.get(IDP, timeout=5).text]}))


@app.get("/metadata")
def metadata():
    return Response(create_metadata_string(None, config=config()), content_type="application/samlmetadata+xml")


@app.errorhandler(Exception)
def refused(error):
    return render_template_string('<p data-testid="refused">{{ why }}</p>', why=f"{type(error).__name__} {error}"), 400


@app.get("/customers/<key>")
def record(key):
    mine = known.get(session.get("id"))
    if mine is None:
        number, info = client().prepare_for_authenticate(entityid=IDP, relay_state=request.url, sigalg=RSA_SHA256)
        asked[number] = request.url
        return redirect(dict(info["headers"])["Location"], 303)
    attributes = mine["attributes"]
    context = " ".join(attributes.get("urn:usher:context:customer", ["no context"]))
    return render_template_string(PAGE, key=key, who=attributes["displayName"][0], context=context)


@app.post("/acs")
def acs():
    answer = client().parse_authn_request_response(request.form["SAMLResponse"], BINDING_HTTP_POST, asked)
    target = request.form["RelayState"]
    if urlsplit(target)[:2] != urlsplit(ORIGIN)[:2]:
        raise ValueError("foreign target")
    session.clear()
    session["id"] = secrets.token_urlsafe(16)
    known[session["id"]] = {
        "name_id": answer.name_id,
        "attributes": answer.ava,
        "index": answer.session_info()["session_index"],
    }
    return redirect(target, 303)


@app.post("/slo")
def slo():
    """Asked by the portal, machine to machine."""
    envelope = request.get_data(as_text=True)
    asking = client().parse_logout_request(envelope, BINDING_SOAP)
    name, indexes = asking.message.name_id, {index.text for index in asking.message.session_index}
    named = [
        number for number, mine in known.items()
        if mine["name_id"].text == name.text and (not indexes or mine["index"] in indexes)
    ]
    for number in named:
        del known[number]
    # pysaml2 keeps one entry for a name and would deny the second of its sessions: this application keeps its own.
    provider = client()
    provider.local_logout = lambda _: bool(named)
    answer = provider.handle_logout_request(
        envelope, name, BINDING_SOAP, sign=True, sign_alg=RSA_SHA256, digest_alg=SHA256
    )
    return Response(answer["data"], content_type="text/xml; charset=utf-8")


@app.get("/sign-out")
def sign_out():
    mine = known.pop(session.pop("id"))
    try:
        answers = client().do_logout(
            mine["name_id"], [IDP], "", in_a_while(minutes=5), sign=True, expected_binding=BINDING_SOAP,
            sign_alg=RSA_SHA256, digest_alg=SHA256,
        )
    except StatusError as error:
        return jsonify(status=type(error).__name__)
    (answer,) = answers.values()
    code = answer.response.status.status_code
    return jsonify(
        status=code.value.rsplit(":", 1)[-1],
        detail=code.status_code and code.status_code.value.rsplit(":", 1)[-1],
        issuer=answer.issuer(),
        isSigned=answer.response.signature is not None,
    )


@app.get("/session")
def show_session():
    mine = known.get(session.get("id"))
    if mine is None:
        return jsonify(isSignedIn=False)
    name = mine["name_id"]
    return jsonify(isSignedIn=True, attributes=mine["attributes"], name=name.text, format=name.format, index=mine["index"])


@app.get("/sessions")
def sessions():
    """How many sessions of this name there are: one for each assertion."""
    return jsonify(count=sum(mine["name_id"].text == request.args["name"] for mine in known.values()))


@app.get("/")
def home():
    return '<p data-testid="home">Home</p>'


if __name__ == "__main__":
    place = urlsplit(ORIGIN)
    server = make_server(place.hostname, place.port, app, threaded=True)
    print("ready", flush=True)
    server.serve_forever()
