// A SAML identity provider for unusual signatures and unsolicited responses: npm samlp, unmodified, on plain node:http.
//   samlp.mjs KEY.pem CERTIFICATE.pem
//
// It prints "ready PORT".
//   GET  /metadata      its metadata
//   GET  /sso           a sign-in page that answers an AuthnRequest (Redirect binding); POST signs in
//   GET  /unsolicited   ?user=ana&to=ACS&audience=…[&state=…]: a page that posts an unsolicited response
//   POST /steer/options the options of the library from now on as JSON (signResponse, signAssertion,
//                       signatureAlgorithm, digestAlgorithm, encryptionCert, audience, recipient, lifetimeInSeconds, …);
//                       with `error` (a status code) it says no
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { escape, form, page, person, serve, signedIn, text } from './serve.mjs';

const samlp = createRequire(import.meta.url)('samlp');
const parseRequest = promisify(samlp.parseRequest);
const samlResponse = promisify(samlp.getSamlResponse);
const [key, cert] = process.argv.slice(2).map((file) => readFileSync(file, 'utf8'));
const PERSISTENT = 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent';

class IdentityProvider {
  told = {};

  constructor(url) {
    this.url = url;
    this.issuer = `${url}/metadata`;
  }

  async answer(request, response) {
    const url = new URL(request.url, this.url);
    const query = Object.fromEntries(url.searchParams);
    const door = `${request.method} ${url.pathname}`;
    if (door === 'GET /metadata') return this.metadata(request, response);
    if (door === 'GET /sso') return page(response, login(query));
    if (door === 'POST /sso') return this.signIn(response, await form(request));
    if (door === 'GET /unsolicited') return this.unsolicited(response, query);
    if (door === 'POST /steer/options') return this.steer(response, JSON.parse(await text(request)));
    return page(response, 'Nothing is here', 404);
  }

  metadata({ headers }, response) {
    const answer = { set: (name, value) => response.setHeader(name, value), send: (body) => response.end(body) };
    const endpoints = { redirectEndpointPath: '/sso', postEndpointPath: '/sso', logoutEndpointPaths: {} };
    const asked = { headers, protocol: 'http', originalUrl: '/metadata' };
    samlp.metadata({ issuer: this.issuer, cert, profileMapper: Mapper, ...endpoints })(asked, answer);
  }

  async signIn(response, typed) {
    const request = await parseRequest({ query: { SAMLRequest: typed.SAMLRequest } }, {});
    const who = signedIn(typed);
    if (!who) return page(response, login(typed, 'That was not right.'));
    return this.post(response, who, {
      to: request.assertionConsumerServiceURL, audience: request.issuer, state: typed.RelayState, inResponseTo: request.id,
    });
  }

  unsolicited(response, { user, to, audience, state }) {
    return this.post(response, person(user), { to, audience, state });
  }

  async post(response, who, { to, audience, state, inResponseTo }) {
    const options = {
      issuer: this.issuer, key, cert, profileMapper: Mapper, audience, inResponseTo,
      destination: to, recipient: to, sessionIndex: `_session-${who.id}`,
      signatureAlgorithm: 'rsa-sha256', digestAlgorithm: 'sha256', lifetimeInSeconds: 300,
      ...this.told,
    };
    if (options.error) return this.refuse(response, to, state, options);
    const answer = await samlResponse(options, who);
    return page(response, posting(to, answer, state));
  }

  refuse(response, to, state, { error, ...options }) {
    const answer = { set() {}, send: (body) => page(response, body) };
    const refused = { ...options, RelayState: state ?? '', error: { code: error, description: 'not today' } };
    samlp.sendError({ ...refused, getPostURL: (request, done) => done(null, to) })({}, answer);
  }

  steer(response, options) {
    this.told = options;
    response.writeHead(204).end();
  }
}

/** How the library receives a user. */
function Mapper(who) {
  return {
    getClaims: () => ({
      uid: who.login, displayName: who.name, mail: who.mail,
      region: who.region, department: who.department, groups: who.groups,
    }),
    getNameIdentifier: () => ({ nameIdentifier: who.id, nameIdentifierFormat: PERSISTENT }),
  };
}
Mapper.prototype.metadata = [];

function login({ SAMLRequest, RelayState }, trouble = '') {
  return `<h1>The partner's sign-in</h1><p role="alert">${trouble}</p>
    <form method="post" action="/sso">
      <input type="hidden" name="SAMLRequest" value="${escape(SAMLRequest)}">
      <input type="hidden" name="RelayState" value="${escape(RelayState)}">
      <p><label for="login">User</label> <input id="login" name="login"></p>
      <p><label for="password">Secret</label> <input id="password" name="password" type="password"></p>
      <button>Go</button>
    </form>`;
}

function posting(to, answer, state) {
  const relay = state === undefined ? '' : `<input type="hidden" name="RelayState" value="${escape(state)}">`;
  return `<form method="post" action="${escape(to)}">
      <input type="hidden" name="SAMLResponse" value="${Buffer.from(answer).toString('base64')}">${relay}
      <noscript><button>Go on</button></noscript>
    </form><script>document.forms[0].submit()</script>`;
}

await serve((url) => {
  const provider = new IdentityProvider(url);
  return (request, response) => provider.answer(request, response);
});
