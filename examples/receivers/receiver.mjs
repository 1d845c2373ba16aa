// Receives users from the portal by a one-time code (POST /launch) or a signed form (POST /jwt), in Node. Needs `jose` and nothing else. Copy it.
//
//   ISSUER=https://portal.example.org ORIGIN=https://desk.example.org PORT=8080 \
//   CLIENT_ID=desk CLIENT_SECRET=… node receiver.mjs
//
// The portal's page posts `code` or `jwt`, and `iss`. In this order:
//   1. Origin must be the portal's: no other site may sign users in here (login CSRF).
//   2. `iss` must be our issuer, and the code is redeemed there, with our secret.
//   3. Only the signed id_token is used: signature, algorithm, issuer, audience, times; no nonce, for we asked nothing.
//      The signed form is no id_token: its type is its own, it lives a minute, and its `jti` is taken once.
//   4. The target must be a page of ours.
//   5. A new session under a new id; then a clean address, so that a reload posts nothing again.
//   6. When the record is shown, or is not there, the portal is notified (the receipt).
//   7. When a session at the portal has ended, its server says so (POST /backchannel-logout), by a signed token that is
//      typed as a logout's and taken once; what came of that session ends here.
// The context says which record is meant. What may be done with it is decided here, as for all users.
import { randomBytes } from 'node:crypto';
import http from 'node:http';
import { createRemoteJWKSet, jwtVerify } from 'jose';

const { ISSUER, ORIGIN, CLIENT_ID, CLIENT_SECRET, PORT, HOST = '127.0.0.1' } = process.env;
const LAUNCH_GRANT = 'urn:usher:params:oauth:grant-type:launch-code';
const LAUNCH_CLAIM = 'urn:usher:launch';
const LOGOUT = 'http://schemas.openid.net/event/backchannel-logout';
const LEEWAY = 30; // seconds that clocks may differ
const SECURE = ORIGIN.startsWith('https:') ? '; Secure' : '';
const RECORDS = { 'C-1042': 'Northwind Traders', 'C-1043': 'Contoso' };

// The library keeps the keys, and asks for new ones when it meets one it does not know (at most every 30 s).
const keys = createRemoteJWKSet(new URL(`${ISSUER}/oidc/jwks`), { timeoutDuration: 5000 });
const seen = new Map(); // jti -> when it may be forgotten; with several processes, a shared store
const sessions = new Map(); // id -> { name, sub, sid, launch }; a real application's own store

class Refused extends Error {}
const refuse = (when, why) => { if (when) throw new Refused(why); };

async function launch(request) {
  const code = await posted(request, 'code');
  refuse(code.length > 512, 'no code');
  const claims = await verified(await redeemed(code), 'JWT');
  return welcome(request, claims, claims[LAUNCH_CLAIM]);
}

async function signedForm(request) {
  const claims = await verified(await posted(request, 'jwt'), 'usher-handoff+jwt');
  takeOnce(claims);
  return welcome(request, claims, { ...claims, id: claims.launch_id });
}

/** From the portal's server, so without cookie and origin; the token is everything (Back-Channel Logout 1.0, section 2.6). */
async function logout(request) {
  try {
    const token = new URLSearchParams(await body(request)).get('logout_token') ?? '';
    const { sid, sub, events, ...claims } = await verified(token, 'logout+jwt', ['exp', 'iat', 'jti']);
    const event = events?.[LOGOUT];
    refuse(event === null || typeof event !== 'object' || Array.isArray(event), 'no logout');
    refuse(!(sid || sub) || [sid, sub].some((name) => !['string', 'undefined'].includes(typeof name)), 'neither sub nor sid');
    takeOnce(claims);
    // With both, the session is what has ended; the user may have others.
    for (const [id, session] of sessions) if (sid ? session.sid === sid : session.sub === sub) sessions.delete(id);
    return { status: 200 };
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return { status: 400, body: escape(error.message) };
  }
}

/** No token twice, and none that wants to be remembered for long. */
function takeOnce({ jti, exp }) {
  const now = Date.now() / 1000;
  for (const [name, until] of seen) if (until < now) seen.delete(name);
  refuse(typeof jti !== 'string' || jti === '' || seen.has(jti) || exp > now + 150, 'used, or made for long');
  seen.set(jti, exp + LEEWAY);
}

/** A field of the portal's own form. */
async function posted(request, name) {
  refuse(request.headers.origin !== new URL(ISSUER).origin, 'not sent by the portal');
  const form = new URLSearchParams(await body(request));
  refuse(form.getAll('iss').join(' ') !== ISSUER, 'foreign issuer');
  const [value, ...more] = form.getAll(name);
  refuse(!value || more.length > 0, `no ${name}`);
  return value;
}

function welcome(request, claims, arrived) {
  refuse(!isLaunch(arrived), 'no launch');
  const target = URL.parse(arrived.target_link_uri);
  refuse(target?.origin !== ORIGIN || target.username || target.password, 'foreign target');
  refuse(URL.parse(arrived.return_uri)?.origin !== new URL(ISSUER).origin, 'foreign way back');
  sessions.delete(sessionId(request)); // an earlier session ends
  const id = randomBytes(32).toString('base64url');
  sessions.set(id, { name: claims.name ?? claims.sub, sub: claims.sub, sid: claims.sid, launch: arrived });
  return { status: 303, headers: { location: target.href, 'set-cookie': `receiver=${id}; Path=/; HttpOnly; SameSite=Lax${SECURE}` } };
}

/** The id_token for a code. What the portal answers beside it is not signed, and not read. */
async function redeemed(code) {
  const answer = await fetch(`${ISSUER}/oidc/token`, {
    method: 'POST',
    redirect: 'error',
    signal: AbortSignal.timeout(5000),
    headers: { authorization: basic() },
    body: new URLSearchParams({ grant_type: LAUNCH_GRANT, code }),
  });
  const { id_token: idToken, error } = await answer.json();
  refuse(!answer.ok || typeof idToken !== 'string', error ?? 'no id_token');
  return idToken;
}

async function verified(token, typ, requiredClaims = ['sub', 'exp', 'iat']) {
  const { payload } = await jwtVerify(token, keys, {
    issuer: ISSUER, audience: CLIENT_ID, algorithms: ['ES256', 'RS256'], typ, clockTolerance: LEEWAY, requiredClaims,
  }).catch((error) => { throw new Refused(error.code ?? 'not verified'); });
  refuse(payload.aud !== CLIENT_ID || payload.nonce !== undefined || payload.iat > Date.now() / 1000 + LEEWAY, 'not made for this');
  return payload;
}

function isLaunch(launch) {
  const text = (value) => typeof value === 'string' && value.length > 0;
  return [launch?.id, launch?.intent, launch?.target_link_uri, launch?.return_uri].every(text) && /^lau_\w+$/.test(launch.id)
    && Array.isArray(launch.ctx) && launch.ctx.every(({ type, id }) => text(type) && Object.values(id ?? {}).every(text));
}

async function record(request, key) {
  const session = sessions.get(sessionId(request));
  refuse(!session, 'open this from the portal');
  const arrived = session.launch;
  session.launch = undefined; // sent once
  if (Object.hasOwn(RECORDS, key)) {
    tell(arrived, { outcome: 'landed' });
    return { body: `<h1 data-testid="record">${escape(key)}</h1><p>${RECORDS[key]}</p><p data-testid="who">${escape(session.name)}</p>` };
  }
  refuse(!arrived, 'no such record');
  tell(arrived, { outcome: 'refused', reason: 'no_such_record' });
  return { status: 303, headers: { location: `${arrived.return_uri}?reason=no_such_record` } };
}

/** The receipt. It is sent in the background: a portal that is down does not delay the page. */
function tell(arrived, receipt) {
  if (!arrived) return;
  fetch(`${ISSUER}/launches/${arrived.id}/receipt`, {
    method: 'POST',
    redirect: 'error',
    signal: AbortSignal.timeout(5000),
    headers: { authorization: basic(), 'content-type': 'application/json' },
    body: JSON.stringify(receipt),
  }).then((answer) => answer.ok || console.error(`no receipt: ${answer.status}`), (error) => console.error(`no receipt: ${error}`));
}

/** Both halves are form-encoded first (RFC 6749, section 2.3.1). */
function basic() {
  const encoded = (text) => new URLSearchParams({ '': text }).toString().slice(1);
  return `Basic ${Buffer.from(`${encoded(CLIENT_ID)}:${encoded(CLIENT_SECRET)}`).toString('base64')}`;
}

const sessionId = (request) => /(?:^|; )receiver=([^;]+)/.exec(request.headers.cookie ?? '')?.[1];
const escape = (text) => text.replace(/[&<>"']/g, (mark) => `&#${mark.charCodeAt(0)};`);

async function body(request) {
  const parts = [];
  let size = 0;
  for await (const part of request) {
    size += part.length;
    refuse(size > 16 * 1024, 'too long');
    parts.push(part);
  }
  return Buffer.concat(parts).toString();
}

function route(request) {
  const { pathname } = new URL(request.url, ORIGIN);
  if (request.method === 'POST' && pathname === '/jwt') return signedForm(request);
  if (request.method === 'POST' && pathname === '/backchannel-logout') return logout(request);
  const key = /^\/customers\/([^/]+)$/.exec(pathname)?.[1];
  if (request.method === 'POST' && pathname === '/launch') return launch(request);
  if (request.method === 'GET' && key) return record(request, decodeURIComponent(key));
  throw new Refused('not found');
}

http.createServer(async (request, response) => {
  const page = { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' };
  try {
    const { status = 200, headers, body: text = '' } = await route(request);
    response.writeHead(status, { ...page, ...headers }).end(text);
  } catch (error) {
    if (!(error instanceof Refused)) console.error(error);
    const why = error instanceof Refused ? error.message : 'something went wrong';
    response.writeHead(error instanceof Refused ? 403 : 500, page).end(`<p data-testid="refused">${escape(why)}</p>`);
  }
}).listen(Number(PORT), HOST, () => console.log('ready'));
