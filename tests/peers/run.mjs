// Real relying parties, unmodified, against a real portal. What each library verifies by itself (state, nonce, PKCE,
// `iss`, signature, times) would end on its own error page, so every test asserts on the final URL, the page's text
// and what the library says it verified; never on a status alone.
//
// Needs USHER_TEST_BINARY (usher) and USHER_TEST_PYTHON (a Python with requirements.txt).
import assert from 'node:assert/strict';
import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import * as oidc from 'openid-client';
import { relyingParty } from './openid_client.mjs';
import { authlib, freePort, portal } from './portal.mjs';
import { formWith, shown, Visitor } from './visitor.mjs';

const LAUNCH_CLAIM = 'urn:usher:launch';
const LAUNCH_GRANT = 'urn:usher:params:oauth:grant-type:launch-code';
const KEY_CLAIM = 'urn:usher:context:customer';
const password = randomBytes(12).toString('hex');
const secret = randomBytes(32).toString('hex');

const running = [];
let usher; // the portal's URL
let origins; // client -> its application's origin
let ana; // signed in once; what is asked of a warm session starts here

before(async () => {
  const [port, apps] = [await freePort(), await freePort()];
  const key = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const secrets = { PEER_SECRET: secret, PEER_PASSWORD: password };
  const home = await mkdtemp(path.join(tmpdir(), 'usher-seed-'));
  running.push({ close: () => rm(home, { recursive: true }) });
  const started = await portal(requiredEnv('USHER_TEST_BINARY'), { port, secrets, seed: await seedFile(home, apps, key) });
  running.push(started);
  usher = started.url;
  origins = {
    'peer-oc': `http://127.0.0.51:${apps}`,
    'peer-rs': `http://127.0.0.52:${apps}`,
    'peer-key': `http://127.0.0.53:${apps}`,
    'peer-py': `http://127.0.0.61:${apps}`,
    'peer-pykey': `http://127.0.0.63:${apps}`,
  };
  const signer = await oidcKey(key);
  const start = (client, auth, alg) => relyingParty({ issuer: usher, origin: origins[client], client, auth, alg });
  running.push(await start('peer-oc', oidc.ClientSecretBasic(secret)));
  running.push(await start('peer-rs', oidc.ClientSecretPost(secret), 'RS256'));
  running.push(await start('peer-key', oidc.PrivateKeyJwt(signer)));
  running.push(await authlib(requiredEnv('USHER_TEST_PYTHON'), {
    issuer: usher, origin: origins['peer-py'], client: 'peer-py', secrets,
  }));
  const pem = key.privateKey.export({ format: 'pem', type: 'pkcs8' });
  running.push(await authlib(requiredEnv('USHER_TEST_PYTHON'), {
    issuer: usher, origin: origins['peer-pykey'], client: 'peer-pykey', secrets: { ...secrets, PEER_KEY: pem },
  }));
  ana = await signedIn('ana');
});

after(async () => {
  for (const one of running.reverse()) await one.close();
});

function requiredEnv(name) {
  assert.ok(process.env[name], `${name} is not set: run \`make test\``);
  return process.env[name];
}

async function seedFile(home, port, key) {
  const { x, y } = key.publicKey.export({ format: 'jwk' });
  const text = await readFile(path.join(import.meta.dirname, 'seed.toml'), 'utf8');
  const file = path.join(home, 'seed.toml');
  await writeFile(file, text.replaceAll('PORT/', `${port}/`).replaceAll('PORT"', `${port}"`).replaceAll('KEY_X', x).replaceAll('KEY_Y', y));
  return file;
}

async function oidcKey({ privateKey }) {
  const jwk = privateKey.export({ format: 'jwk' });
  const key = await crypto.subtle.importKey('jwk', jwk, { name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign']);
  return { key, kid: 'peer' };
}

/** Fills in the sign-in page and presses its button. */
function signIn(visitor, page, name, until) {
  assert.match(page.url.pathname, /^\/sign-in\//, `expected the sign-in page, not ${page.url}:\n${page.body.slice(0, 1000)}`);
  return visitor.submit(page, formWith(page, 'name', 'password'), { name, password }, until);
}

async function signedIn(name) {
  const visitor = new Visitor();
  const page = await signIn(visitor, await visitor.open(`${usher}/sign-in`), name);
  assert.equal(page.url.href, `${usher}/`, `${name} should be on the portal's page:\n${page.body.slice(0, 1000)}`);
  return visitor;
}

/** What the application's library verified for this visitor. */
async function session(visitor, client) {
  return JSON.parse((await visitor.open(`${origins[client]}/session`)).body);
}

function assertRecord(page, client, key, name) {
  assert.equal(page.url.href, `${origins[client]}/customers/${key}`, `landed elsewhere, by ${page.trail.join('\n  ')}\n${page.body.slice(0, 1000)}`);
  assert.equal(shown(page, 'record'), key);
  assert.equal(shown(page, 'who'), name);
}

function assertLaunched(launch, client, key, intent = 'view') {
  const tail = intent === 'view' ? '' : `/${intent}`;
  assert.match(launch.id, /^lau_/);
  assert.equal(launch.intent, intent);
  assert.equal(launch.target_link_uri, `${origins[client]}/customers/${key}${tail}`);
  assert.deepEqual(launch.ctx.map(({ type, id }) => ({ type, id })), [{ type: 'customer', id: { [KEY_CLAIM]: key } }]);
}

/** The handle that a launch would take to the application, caught on its way. */
async function caughtHint(visitor, service, client, key) {
  const page = await visitor.open(`${usher}/go/${service}/customer/${key}`, (url) => url.origin === origins[client]);
  assert.equal(page.url.pathname, '/initiate');
  return Object.fromEntries(page.url.searchParams);
}

function initiateUrl(client, parameters) {
  return `${origins[client]}/initiate?${new URLSearchParams(parameters)}`;
}

async function assertSignedInWithoutContext(visitor, client, parameters, name) {
  const page = await visitor.open(initiateUrl(client, parameters));
  assert.equal(page.url.origin, origins[client], `stopped at ${page.url}:\n${page.body.slice(0, 1000)}`);
  assert.equal(shown(page, 'who'), name);
  assert.equal(shown(page, 'no-context'), 'no context');
  assert.ok(!(LAUNCH_CLAIM in (await session(visitor, client)).claims));
}

/** The answer of an endpoint of the application to this visitor, as JSON. */
async function told(visitor, client, door, parameters = {}) {
  const page = await visitor.open(`${origins[client]}${door}?${new URLSearchParams(parameters)}`);
  assert.equal(page.status, 200, `${door}: ${page.body}`);
  return JSON.parse(page.body);
}

/** The error by which the portal refuses a request of an endpoint of the application. */
async function refusal(visitor, client, door, parameters = {}) {
  const page = await visitor.open(`${origins[client]}${door}?${new URLSearchParams(parameters)}`);
  return shown(page, 'refused') ?? assert.fail(`${door}: ${page.body}`);
}

/** The application's own API, with this token: the claims its library verified, or its words. */
async function api(client, token) {
  const response = await fetch(`${origins[client]}/api`, { headers: { authorization: `Bearer ${token}` } });
  const body = await response.text();
  return response.ok ? { claims: JSON.parse(body) } : { refused: shown({ body }, 'refused') };
}

/** A session of its own, signed in at the application with these parameters of the request. Ben's: of somebody's many
 * sessions the oldest end, and Ana's is still needed. */
async function at(client, parameters) {
  const visitor = await signedIn('ben');
  const page = await visitor.open(`${origins[client]}/start?${new URLSearchParams(parameters)}`);
  assertRecord(page, client, 'none', 'Ben Brooks');
  return visitor;
}

const OFFLINE = { scope: 'openid profile email groups offline_access read' };

// The same behaviour is asked of both libraries.
for (const { library, client, service, byCode } of [
  { library: 'openid-client', client: 'peer-oc', service: 'oc', byCode: 'oc-code' },
  { library: 'Authlib', client: 'peer-py', service: 'py', byCode: 'py-code' },
]) {
  describe(library, () => {
    test('a cold link signs in once and lands in the record with its context', async () => {
      const visitor = new Visitor();
      const cold = await visitor.open(`${usher}/go/${service}/customer/c-1042`);
      const page = await signIn(visitor, cold, 'ana');
      assertRecord(page, client, 'C-1042', 'Ana Almeida');
      assert.equal(JSON.parse(shown(page, 'context'))[0].id[KEY_CLAIM], 'C-1042');
      const { claims } = await session(visitor, client);
      assert.equal(claims.iss, usher);
      assert.equal(claims.aud, client);
      assertLaunched(claims[LAUNCH_CLAIM], client, 'C-1042');
    });

    test('a warm link lands without a question, each time with its own context', async () => {
      for (const key of ['C-1043', 'C-1044']) {
        const page = await ana.open(`${usher}/go/${service}/customer/${key}`);
        assertRecord(page, client, key, 'Ana Almeida');
        assertLaunched((await session(ana, client)).claims[LAUNCH_CLAIM], client, key);
      }
    });

    test('another intent arrives in the claim and in the address', async () => {
      const page = await ana.open(`${usher}/go/${service}/customer/C-1045?intent=edit`);
      assert.equal(page.url.href, `${origins[client]}/customers/C-1045/edit`);
      assertLaunched((await session(ana, client)).claims[LAUNCH_CLAIM], client, 'C-1045', 'edit');
    });

    test('a second use of a login_hint signs in without context', async () => {
      const parameters = await caughtHint(ana, service, client, 'C-1046');
      assertRecord(await ana.open(initiateUrl(client, parameters)), client, 'C-1046', 'Ana Almeida');
      assertLaunched((await session(ana, client)).claims[LAUNCH_CLAIM], client, 'C-1046');
      await assertSignedInWithoutContext(ana, client, parameters, 'Ana Almeida');
    });

    test("another person's login_hint signs in without context, and does not use it up", async () => {
      const parameters = await caughtHint(ana, service, client, 'C-1047');
      await assertSignedInWithoutContext(await signedIn('ben'), client, parameters, 'Ben Brooks');
      await ana.open(initiateUrl(client, parameters));
      assertLaunched((await session(ana, client)).claims[LAUNCH_CLAIM], client, 'C-1047');
    });

    test("another client's login_hint signs in without context", async () => {
      const foreign = await caughtHint(ana, 'rs', 'peer-rs', 'C-1048');
      const parameters = { ...foreign, target_link_uri: `${origins[client]}/customers/C-1048` };
      await assertSignedInWithoutContext(ana, client, parameters, 'Ana Almeida');
    });

    test('an invented login_hint signs in without context', async () => {
      const parameters = { iss: usher, login_hint: 'lh_invented', target_link_uri: `${origins[client]}/customers/C-1049` };
      await assertSignedInWithoutContext(ana, client, parameters, 'Ana Almeida');
    });

    test('userinfo agrees with the id_token', async () => {
      await ana.open(`${usher}/go/${service}/customer/C-1050`);
      const { claims, userinfo } = await session(ana, client);
      assert.equal(userinfo.sub, claims.sub);
      assert.equal(userinfo.name, 'Ana Almeida');
      assert.equal(userinfo.email, 'ana@example.org');
      assert.deepEqual([...userinfo.groups].sort(), ['sales', 'staff']);
      for (const name of ['name', 'preferred_username', 'email']) {
        if (name in claims) assert.equal(claims[name], userinfo[name], name);
      }
    });

    test('an authorization code is redeemed once', async () => {
      await ana.open(`${usher}/go/${service}/customer/C-1051`);
      const again = await ana.open(`${origins[client]}/replay`);
      assert.equal(shown(again, 'refused'), 'invalid_grant');
    });

    test('prompt=none without a session is answered with login_required', async () => {
      const page = await new Visitor().open(`${origins[client]}/start?prompt=none`);
      assert.equal(page.url.pathname, '/callback');
      assert.equal(page.url.searchParams.get('iss'), usher);
      assert.equal(shown(page, 'refused'), 'login_required');
    });

    test('prompt=none with a session is answered silently', async () => {
      const page = await ana.open(`${origins[client]}/start?prompt=none`);
      assertRecord(page, client, 'none', 'Ana Almeida');
    });

    test('a one-time code lands in the record with its context, cold and warm', async () => {
      const visitor = new Visitor();
      const cold = await signIn(visitor, await visitor.open(`${usher}/go/${byCode}/customer/C-1052`), 'ana');
      assertRecord(await visitor.submit(cold, formWith(cold, 'code', 'iss')), client, 'C-1052', 'Ana Almeida');
      const warm = await visitor.open(`${usher}/go/${byCode}/customer/C-1053`);
      assertRecord(await visitor.submit(warm, formWith(warm, 'code', 'iss')), client, 'C-1053', 'Ana Almeida');
      const { claims, answer } = await session(visitor, client);
      assertLaunched(claims[LAUNCH_CLAIM], client, 'C-1053');
      assertLaunched({ ...answer, id: answer.launch_id }, client, 'C-1053');
    });

    test('a one-time code is redeemed once', async () => {
      const page = await ana.open(`${usher}/go/${byCode}/customer/C-1054`);
      const form = formWith(page, 'code', 'iss');
      assertRecord(await ana.submit(page, form), client, 'C-1054', 'Ana Almeida');
      assert.equal(shown(await ana.submit(page, form), 'refused'), 'invalid_grant');
      assert.equal(shown(await ana.open(`${origins[client]}/replay`), 'refused'), 'invalid_grant');
    });

    test('signing out at the application ends the session at the portal', async () => {
      const visitor = new Visitor();
      const cold = await visitor.open(`${usher}/go/${service}/customer/C-1055`);
      assertRecord(await signIn(visitor, cold, 'ana'), client, 'C-1055', 'Ana Almeida');
      const out = await visitor.open(`${origins[client]}/sign-out`);
      assert.equal(`${out.url.origin}${out.url.pathname}`, `${origins[client]}/`, out.body.slice(0, 1000));
      assert.ok(out.url.searchParams.get('state'));
      assert.equal(shown(out, 'signed-out'), 'Signed out');
      const next = await visitor.open(`${usher}/go/${service}/customer/C-1055`);
      assert.match(next.url.pathname, /^\/sign-in\//);
    });
  });
}

// The same of both libraries, with a secret and with a key.
for (const { library, client } of [
  { library: 'openid-client', client: 'peer-oc' },
  { library: 'openid-client with a key', client: 'peer-key' },
  { library: 'Authlib', client: 'peer-py' },
  { library: 'Authlib with a key', client: 'peer-pykey' },
]) {
  describe(`${library}: tokens`, () => {
    const resource = () => `${origins[client]}/api`;

    test('a refresh token is followed by the next, and the one before gives nothing', async () => {
      const visitor = await at(client, OFFLINE);
      const before = (await session(visitor, client)).tokens;
      const next = await told(visitor, client, '/refresh');
      assert.equal(next.scope, OFFLINE.scope);
      assert.notEqual(next.refresh_token, before.refresh_token);
      assert.notEqual(next.access_token, before.access_token);
      assert.equal(await refusal(visitor, client, '/refresh', { which: 'used' }), 'invalid_grant');
      const after = await told(visitor, client, '/refresh');
      assert.notEqual(after.refresh_token, next.refresh_token);
    });

    test('without offline_access there is no refresh token', async () => {
      const visitor = await at(client, {});
      assert.equal((await session(visitor, client)).tokens.refresh_token ?? null, null);
    });

    test('what is given back is void, and its family with a refresh token', async () => {
      const visitor = await at(client, OFFLINE);
      const active = async (which) => (await told(visitor, client, '/introspect', { which })).active;
      const access = await told(visitor, client, '/introspect', { which: 'access_token' });
      assert.deepEqual([access.active, access.client_id, access.username, access.iss], [true, client, 'ben', usher]);
      assert.equal((await told(visitor, client, '/introspect', { which: 'refresh_token' })).token_type, 'refresh_token');
      await told(visitor, client, '/revoke', { which: 'access_token' });
      assert.deepEqual([await active('access_token'), await active('refresh_token')], [false, true]);
      await told(visitor, client, '/refresh');
      assert.equal(await active('access_token'), true);
      await told(visitor, client, '/revoke', { which: 'refresh_token' });
      assert.deepEqual([await active('access_token'), await active('refresh_token')], [false, false]);
      assert.equal(await refusal(visitor, client, '/refresh'), 'invalid_grant');
    });

    test('a token for a resource is verified by our published keys alone, and opens nothing else', async () => {
      const visitor = await at(client, { scope: 'openid profile read', resource: resource() });
      const { claims: about, idToken, tokens } = await session(visitor, client);
      const { claims } = await api(client, tokens.access_token);
      const { iss, aud, sub, client_id, scope, exp, iat } = claims;
      assert.deepEqual([iss, aud, sub, client_id, scope], [usher, resource(), about.sub, client, 'openid profile read']);
      assert.equal(exp - iat, 300);
      const userinfo = await fetch(`${usher}/oidc/userinfo`, { headers: { authorization: `Bearer ${tokens.access_token}` } });
      assert.equal(userinfo.status, 401);
      const other = Object.keys(origins).find((one) => one !== client && one !== 'peer-rs');
      const [head, body, signature] = tokens.access_token.split('.');
      const wider = Buffer.from(JSON.stringify({ ...claims, scope: 'openid profile read write' })).toString('base64url');
      const unsigned = Buffer.from('{"alg":"none","typ":"at+jwt"}').toString('base64url');
      for (const [name, where, token] of [
        ['an id_token', client, idToken],
        ["another application's", other, tokens.access_token],
        ['an opaque one', client, (await session(await at(client, {}), client)).tokens.access_token],
        ['one with more in it', client, `${head}.${wider}.${signature}`],
        ['one that nobody signed', client, `${unsigned}.${body}.`],
      ]) {
        assert.ok((await api(where, token)).refused, name);
      }
    });

    test('in its own name it gets what it registered, and nobody else', async () => {
      const own = await told(ana, client, '/credentials', { scope: 'read', resource: resource() });
      assert.equal(own.scope, 'read');
      assert.equal(own.refresh_token, undefined);
      assert.equal(own.id_token, undefined);
      const { claims } = await api(client, own.access_token);
      assert.deepEqual([claims.sub, claims.client_id, claims.aud, claims.scope], [client, client, resource(), 'read']);
      assert.equal(claims.auth_time, undefined);
      assert.equal(await refusal(ana, client, '/credentials', { scope: 'openid' }), 'invalid_scope');
      const foreign = { scope: 'read', resource: `${origins['peer-rs']}/api` };
      assert.equal(await refusal(ana, client, '/credentials', foreign), 'invalid_target');
    });

    test("a person's token is exchanged for one for the application's API, never for more", async () => {
      const visitor = await at(client, { scope: 'openid profile read' });
      const mine = { which: 'access_token', resource: resource() };
      const given = await told(visitor, client, '/exchange', { ...mine, scope: 'read' });
      assert.equal(given.issued_token_type, 'urn:ietf:params:oauth:token-type:access_token');
      const { claims } = await api(client, given.access_token);
      assert.deepEqual([claims.sub, claims.scope, claims.act], [(await session(visitor, client)).claims.sub, 'read', { sub: client }]);
      assert.equal(await refusal(visitor, client, '/exchange', { ...mine, scope: 'read write' }), 'invalid_scope');
      const foreign = { which: 'access_token', resource: `${origins['peer-rs']}/api` };
      assert.equal(await refusal(visitor, client, '/exchange', foreign), 'invalid_target');
    });

    test('a pushed request lands like any other, and once', async () => {
      const visitor = await signedIn('ben');
      const page = await visitor.open(`${origins[client]}/push?${new URLSearchParams(OFFLINE)}`);
      assertRecord(page, client, 'none', 'Ben Brooks');
      assert.equal((await session(visitor, client)).scope, OFFLINE.scope);
      const asked = new URL(page.trail.find((url) => url.startsWith(`${usher}/oidc/authorize`)));
      assert.deepEqual([...asked.searchParams.keys()].sort(), ['client_id', 'request_uri'], 'nothing else is in the address');
      const again = await visitor.open(asked.href);
      assert.equal(again.url.origin, usher, 'it is not sent anywhere');
      assert.match(again.body, /was used before/);
    });

    test('an answer by form lands like one by redirect', async () => {
      const visitor = await signedIn('ben');
      const page = await visitor.open(`${origins[client]}/start?response_mode=form_post`);
      assert.equal(page.url.origin, usher, page.trail.join('\n'));
      const form = formWith(page, 'code', 'state', 'iss');
      assert.equal(form.action.href, `${origins[client]}/callback`);
      assertRecord(await visitor.submit(page, form), client, 'none', 'Ben Brooks');
      assert.equal((await session(visitor, client)).claims.aud, client);
    });
  });
}

describe('tokens', () => {
  // Four at once: within five seconds of its use a token that is brought again merely gives nothing.
  test('a refresh token brought again takes its family down, whichever library brings it', async () => {
    const clients = Object.keys(origins).filter((client) => client !== 'peer-rs');
    const visitors = await Promise.all(clients.map(() => signedIn('ben')));
    const each = (act) => Promise.all(clients.map((client, number) => act(visitors[number], client)));
    await each((visitor, client) => visitor.open(`${origins[client]}/start?${new URLSearchParams(OFFLINE)}`));
    await each((visitor, client) => told(visitor, client, '/refresh'));
    await wait(5500);
    await each(async (visitor, client) => {
      assert.equal((await told(visitor, client, '/introspect', { which: 'refresh_token' })).active, true, client);
      assert.equal(await refusal(visitor, client, '/refresh', { which: 'used' }), 'invalid_grant', client);
      assert.equal(await refusal(visitor, client, '/refresh'), 'invalid_grant', client);
      for (const which of ['access_token', 'refresh_token']) {
        assert.equal((await told(visitor, client, '/introspect', { which })).active, false, `${client}: ${which}`);
      }
    });
  });

  test('the back end behind an API goes on in the name of the person, with less', async () => {
    const backEnd = await oidc.discovery(new URL(usher), 'peer-api', {}, oidc.ClientSecretBasic(secret), { execute: [oidc.allowInsecureRequests] });
    const ledger = `${origins['peer-oc']}/ledger`;
    const exchange = (token, more) => oidc.genericGrantRequest(backEnd, 'urn:ietf:params:oauth:grant-type:token-exchange', {
      subject_token: token, subject_token_type: 'urn:ietf:params:oauth:token-type:access_token', resource: ledger, ...more,
    });
    for (const client of ['peer-oc', 'peer-py']) {
      const visitor = await at(client, { scope: 'openid profile read write', resource: `${origins[client]}/api` });
      const { tokens } = await session(visitor, client);
      const { access_token, scope } = await exchange(tokens.access_token, { scope: 'read' });
      assert.equal(scope, 'read');
      const keys = createRemoteJWKSet(new URL(`${usher}/oidc/jwks`));
      const { payload } = await jwtVerify(access_token, keys, { issuer: usher, audience: ledger, typ: 'at+jwt' });
      assert.deepEqual([payload.client_id, payload.act], ['peer-api', { sub: 'peer-api' }]);
      assert.equal((await oidc.tokenIntrospection(backEnd, tokens.access_token)).active, true);
      assert.ok((await api(client, access_token)).refused, 'the ledger is another place');
      await visitor.open(`${origins[client]}/sign-out`);
      await assert.rejects(exchange(tokens.access_token, { scope: 'read' }), { error: 'invalid_request' });
      assert.equal((await oidc.tokenIntrospection(backEnd, access_token)).active, false, 'it ends with the session');
    }
  });

  for (const { client, service, other } of [
    { client: 'peer-oc', service: 'oc-form', other: 'peer-py' },
    { client: 'peer-py', service: 'py-form', other: 'peer-oc' },
  ]) {
    test(`a signed form lands in the record at ${client}, once and nowhere else`, async () => {
      const visitor = await signedIn('ana');
      const page = await visitor.open(`${usher}/go/${service}/customer/C-1065`);
      const form = formWith(page, 'jwt', 'iss');
      const elsewhere = { ...form, action: new URL(`${origins[other]}/handoff`) };
      assert.match(shown(await visitor.submit(page, elsewhere), 'refused'), /aud|CLAIM/i);
      assertRecord(await visitor.submit(page, form), client, 'C-1065', 'Ana Almeida');
      assertLaunched((await session(visitor, client)).claims[LAUNCH_CLAIM], client, 'C-1065');
      assert.equal(shown(await visitor.submit(page, form), 'refused'), 'used before');
      assert.ok((await api(client, form.fields.jwt)).refused, 'it opens no API');
    });
  }
});

describe('other registrations', () => {
  test('an RS256 client that posts its secret lands with its context', async () => {
    assertRecord(await ana.open(`${usher}/go/rs/customer/C-1060`), 'peer-rs', 'C-1060', 'Ana Almeida');
    const { claims, idToken } = await session(ana, 'peer-rs');
    assert.equal(JSON.parse(Buffer.from(idToken.split('.')[0], 'base64url')).alg, 'RS256');
    assertLaunched(claims[LAUNCH_CLAIM], 'peer-rs', 'C-1060');
  });

  test('a client that signs its own assertions lands with its context', async () => {
    assertRecord(await ana.open(`${usher}/go/key/customer/C-1061`), 'peer-key', 'C-1061', 'Ana Almeida');
    const { claims, idToken } = await session(ana, 'peer-key');
    assert.equal(JSON.parse(Buffer.from(idToken.split('.')[0], 'base64url')).alg, 'ES256');
    assertLaunched(claims[LAUNCH_CLAIM], 'peer-key', 'C-1061');
  });

  test('a person is the same subject to the same client in every session', async () => {
    const other = await signedIn('ana');
    await ana.open(`${usher}/go/oc/customer/C-1062`);
    await other.open(`${usher}/go/oc/customer/C-1062`);
    const [mine, theirs] = [await session(ana, 'peer-oc'), await session(other, 'peer-oc')];
    assert.equal(mine.claims.sub, theirs.claims.sub);
    assert.notEqual(mine.claims.sid, theirs.claims.sid);
  });

  test('another client cannot redeem a one-time code, nor spoil it', async () => {
    const page = await ana.open(`${usher}/go/oc-code/customer/C-1063`);
    const form = formWith(page, 'code', 'iss');
    const thief = await oidc.discovery(new URL(usher), 'peer-rs', {}, oidc.ClientSecretPost(secret), { execute: [oidc.allowInsecureRequests] });
    await assert.rejects(oidc.genericGrantRequest(thief, LAUNCH_GRANT, { code: form.fields.code }), { error: 'invalid_grant' });
    const landed = await ana.submit(page, form);
    assertRecord(landed, 'peer-oc', 'C-1063', 'Ana Almeida');
  });

  test('a wrong secret redeems nothing', async () => {
    const page = await ana.open(`${usher}/go/oc-code/customer/C-1064`);
    const { code } = formWith(page, 'code', 'iss').fields;
    const wrong = await oidc.discovery(new URL(usher), 'peer-oc', {}, oidc.ClientSecretBasic('wrong'.repeat(8)), { execute: [oidc.allowInsecureRequests] });
    await assert.rejects(oidc.genericGrantRequest(wrong, LAUNCH_GRANT, { code }), (error) => /invalid_client|WWW-Authenticate/.test(`${error.error} ${error.message} ${error.cause?.message}`));
  });
});

describe('authorization requests that no library would send', () => {
  const request = (changes) => {
    const parameters = {
      response_type: 'code', client_id: 'peer-oc', redirect_uri: `${origins['peer-oc']}/callback`, scope: 'openid',
      state: 's', nonce: 'n', code_challenge: createHash('sha256').update('v'.repeat(43)).digest('base64url'),
      code_challenge_method: 'S256', ...changes,
    };
    const given = Object.entries(parameters).filter(([, value]) => value !== undefined);
    return `${usher}/oidc/authorize?${new URLSearchParams(given)}`;
  };
  const backAtClient = (url) => url.origin === origins['peer-oc'];

  test('the request they start from is answered with a code', async () => {
    const page = await ana.open(request({}), backAtClient);
    assert.ok(page.url.searchParams.get('code'), page.url.href);
  });

  for (const [name, changes] of [
    ['a foreign redirect_uri', { redirect_uri: 'http://127.0.0.99:1/callback' }],
    ['a redirect_uri with more path than registered', { redirect_uri: 'more' }],
    ['an unknown client', { client_id: 'nobody' }],
  ]) {
    test(`${name} is refused on a page of the portal, never sent back`, async () => {
      if (changes.redirect_uri === 'more') changes.redirect_uri = `${origins['peer-oc']}/callback/more`;
      const page = await ana.open(request(changes), (url) => url.origin !== usher);
      assert.equal(page.url.origin, usher, `went to ${page.url}`);
      assert.match(page.body, /<html/i);
      assert.equal(page.status, 400);
    });
  }

  for (const [name, changes] of [
    ['no PKCE challenge', { code_challenge: undefined, code_challenge_method: undefined }],
    ['a plain PKCE challenge', { code_challenge: 'v'.repeat(43), code_challenge_method: 'plain' }],
  ]) {
    test(`${name} is refused at the application`, async () => {
      const page = await ana.open(request(changes), backAtClient);
      assert.equal(page.url.origin, origins['peer-oc'], page.body.slice(0, 500));
      assert.equal(page.url.searchParams.get('error'), 'invalid_request');
      assert.equal(page.url.searchParams.get('state'), 's');
      assert.equal(page.url.searchParams.get('iss'), usher);
      assert.equal(page.url.searchParams.get('code'), null);
    });
  }

  test('a wrong PKCE verifier redeems nothing', async () => {
    const page = await ana.open(request({}), backAtClient);
    const config = await oidc.discovery(new URL(usher), 'peer-oc', {}, oidc.ClientSecretBasic(secret), { execute: [oidc.allowInsecureRequests] });
    const checks = { pkceCodeVerifier: 'w'.repeat(43), expectedState: 's', expectedNonce: 'n' };
    await assert.rejects(oidc.authorizationCodeGrant(config, page.url, checks), { error: 'invalid_grant' });
  });
});
