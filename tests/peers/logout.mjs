// Back-channel logout at the demo's applications and at the receivers, each against a portal that lies: the end of a
// session there ends what came of it here, and whatever is forged, foreign, old or used ends nothing.
//
// Needs USHER_TEST_BINARY (usher, with the examples beside it), USHER_TEST_PYTHON (with PyJWT) and Node.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { UnsecuredJWT } from 'jose';
import { lyingPortal } from './liar.mjs';
import { freePort, listening, program } from './portal.mjs';

const EVENT = 'http://schemas.openid.net/event/backchannel-logout';
const secret = randomBytes(32).toString('hex');
const examples = path.join(import.meta.dirname, '../../examples/receivers');
const built = path.join(path.dirname(required('USHER_TEST_BINARY')), 'examples');

/** How each is started, and how a user signs in there. */
const APPLICATIONS = {
  crm: { host: '127.0.0.74', demo: 'crm', signIn: atCrm, record: '/customers/C-1042' },
  desk: { host: '127.0.0.75', demo: 'desk', signIn: atDesk, record: '/cases/CS-2207' },
  rust: { host: '127.0.0.76', command: [path.join(built, 'receiver')], signIn: atReceiver, record: '/customers/C-1042' },
  node: { host: '127.0.0.77', command: [process.execPath, path.join(examples, 'receiver.mjs')], signIn: atReceiver, record: '/customers/C-1042' },
  python: { host: '127.0.0.78', command: [required('USHER_TEST_PYTHON'), path.join(examples, 'receiver.py')], signIn: atReceiver, record: '/customers/C-1042' },
};

const running = [];
let liar;

before(async () => {
  liar = await lyingPortal();
  running.push(liar);
  const port = await freePort();
  for (const [client, application] of Object.entries(APPLICATIONS)) {
    application.origin = `http://${application.host}:${port}`;
    running.push(await start(client, application, port));
  }
});

after(async () => {
  for (const one of running.reverse()) await one.close();
});

function required(name) {
  assert.ok(process.env[name], `${name} is not set: run \`make test\``);
  return process.env[name];
}

function start(client, { host, origin, demo, command }, port) {
  if (!demo) {
    const settings = { HOST: host, PORT: String(port), ORIGIN: origin, ISSUER: liar.url, CLIENT_ID: client, CLIENT_SECRET: secret };
    return program(command, settings);
  }
  const line = [
    path.join(built, demo), '--listen', `${host}:${port}`, '--public-url', origin, '--issuer', liar.url, '--client-id', client,
    '--client-secret-env', 'SECRET', '--title', demo, '--region', 'europe',
  ];
  return listening(line, { SECRET: secret }, `${origin}/health`);
}

function idToken(client, { origin, record }, changes) {
  const now = Math.floor(Date.now() / 1000);
  const id = 'lau_0197f000000000000000000000000001';
  return liar.signed({
    iss: liar.url, sub: 'usr_1', aud: client, iat: now, exp: now + 300, name: 'Ana Almeida',
    'urn:usher:launch': {
      id, intent: 'view', target_link_uri: `${origin}${record}`, return_uri: `${liar.url}/launches/${id}/refused`,
      ctx: [{ type: 'customer', id: { 'urn:usher:context:customer': 'C-1042' }, fields: {} }],
    },
    ...changes,
  });
}

const cookie = (response) => response.headers.getSetCookie().map((line) => line.split(';')[0]).filter((pair) => !pair.endsWith('=')).join('; ');
const ask = (url, init = {}) => fetch(url, { redirect: 'manual', ...init });
const post = (url, fields, headers = {}) => ask(url, { method: 'POST', body: new URLSearchParams(fields), headers });

async function atReceiver(client, here, changes) {
  liar.next = () => idToken(client, here, changes);
  return cookie(await post(`${here.origin}/launch`, { code: 'x', iss: liar.url }, { origin: liar.url }));
}

async function atDesk(client, here, changes) {
  liar.next = () => idToken(client, here, changes);
  const arrived = await post(`${here.origin}/handoff`, { code: 'x', iss: liar.url }, { origin: liar.url });
  return cookie(await ask(arrived.headers.get('location'), { headers: { cookie: cookie(arrived) } }));
}

async function atCrm(client, here, changes) {
  const begun = await ask(`${here.origin}/login`);
  const asked = new URL(begun.headers.get('location')).searchParams;
  liar.next = () => idToken(client, here, { nonce: asked.get('nonce'), ...changes });
  const answer = new URLSearchParams({ state: asked.get('state'), code: 'x', iss: liar.url });
  return cookie(await ask(`${here.origin}/callback?${answer}`, { headers: { cookie: cookie(begun) } }));
}

/** Whether the record is shown to the holder of the cookie. */
async function isIn(here, session) {
  const { status } = await ask(here.origin + here.record, { headers: { cookie: session } });
  return status === 200;
}

/** A good logout token, with changes; `null` takes a claim away. */
function ending(client, changes = {}) {
  const now = Math.floor(Date.now() / 1000);
  const all = {
    iss: liar.url, sub: 'usr_1', aud: client, iat: now, exp: now + 120, jti: randomBytes(8).toString('hex'), sid: 'ses_1',
    events: { [EVENT]: {} }, ...changes,
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null));
}

const token = (client, changes, more) => liar.signed(ending(client, changes), { typ: 'logout+jwt', ...more });

for (const [client, here] of Object.entries(APPLICATIONS)) {
  describe(`the end of a session, told to ${client}`, () => {
    const tell = (logoutToken) => post(`${here.origin}/backchannel-logout`, { logout_token: logoutToken });
    const signIn = (sid, sub = 'usr_1') => here.signIn(client, here, { sid, sub });

    test('ends the session that came of it, and no other', async () => {
      const [mine, other] = [await signIn('ses_1'), await signIn('ses_2')];
      assert.deepEqual([await isIn(here, mine), await isIn(here, other)], [true, true]);
      const answer = await tell(await token(client));
      assert.equal(answer.status, 200, await answer.text());
      assert.equal(answer.headers.get('cache-control'), 'no-store');
      assert.deepEqual([await isIn(here, mine), await isIn(here, other)], [false, true]);
    });

    test('ends all of a person’s where no session is named', async () => {
      const [one, two, somebody] = [await signIn('ses_1'), await signIn('ses_2'), await signIn('ses_3', 'usr_2')];
      assert.equal((await tell(await token(client, { sid: null }))).status, 200);
      assert.deepEqual([await isIn(here, one), await isIn(here, two), await isIn(here, somebody)], [false, false, true]);
    });

    test('is well also where there is nothing to end, once', async () => {
      const good = await token(client, { sid: 'ses_unknown', sub: null });
      assert.deepEqual([(await tell(good)).status, (await tell(good)).status], [200, 400]);
    });

    const now = Math.floor(Date.now() / 1000);
    for (const [lie, make] of Object.entries({
      'for another audience': () => token(client, { aud: 'somebody-else' }),
      'for several audiences': () => token(client, { aud: [client, 'somebody-else'] }),
      'of another issuer': () => token(client, { iss: 'https://evil.example' }),
      'that has expired': () => token(client, { iat: now - 600, exp: now - 120 }),
      'that never expires': () => token(client, { exp: null }),
      'that lives for long': () => token(client, { exp: now + 86_400 }),
      'from the future': () => token(client, { iat: now + 3_600, exp: now + 3_700 }),
      'without a jti': () => token(client, { jti: null }),
      'with an empty jti': () => token(client, { jti: '' }),
      'without sub and sid': () => token(client, { sid: null, sub: null }),
      'without events': () => token(client, { events: null }),
      'of another event': () => token(client, { events: { 'https://evil.example/event': {} } }),
      'of an event that is none': () => token(client, { events: { [EVENT]: true } }),
      'with a nonce': () => token(client, { nonce: 'n' }),
      'typed as an id_token': () => token(client, {}, { typ: 'JWT' }),
      'that is an id_token': () => idToken(client, here, { sid: 'ses_1' }),
      'signed by another key': () => token(client, {}, { key: liar.other }),
      'signed by an unknown key': () => token(client, {}, { kid: 'unknown' }),
      'that is not signed': () => new UnsecuredJWT(ending(client)).encode(),
      'that is none': () => 'x.y.z',
      'that is empty': () => '',
    })) {
      test(`is not accepted for a token ${lie}`, async () => {
        const mine = await signIn('ses_1');
        const answer = await tell(await make());
        assert.equal(answer.status, 400, `${lie}: ${await answer.text()}`);
        assert.ok(await isIn(here, mine), `${lie}: signed out`);
      });
    }
  });
}
