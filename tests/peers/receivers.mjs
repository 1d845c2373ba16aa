// The receivers of examples/receivers, in three languages, each against the real portal and against one that lies:
// a good launch lands in the record and is confirmed; whatever is forged, foreign, old or used is refused.
//
// Needs USHER_TEST_BINARY (usher, with the examples beside it), USHER_TEST_PYTHON (with PyJWT) and Node.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { UnsecuredJWT } from 'jose';
import { lyingPortal } from './liar.mjs';
import { freePort, portal, program } from './portal.mjs';
import { formWith, shown, Visitor } from './visitor.mjs';

const LAUNCH_CLAIM = 'urn:usher:launch';
const password = randomBytes(12).toString('hex');
const secret = randomBytes(32).toString('hex');
const examples = path.join(import.meta.dirname, '../../examples/receivers');
const RECEIVERS = {
  rust: { host: '127.0.0.71', command: [path.join(path.dirname(requiredEnv('USHER_TEST_BINARY')), 'examples/receiver')] },
  node: { host: '127.0.0.72', command: [process.execPath, path.join(examples, 'receiver.mjs')] },
  python: { host: '127.0.0.73', command: [requiredEnv('USHER_TEST_PYTHON'), path.join(examples, 'receiver.py')] },
};

const running = [];
let usher; // the real portal
let liar; // the other one
let ana;

before(async () => {
  const [port, apps, lies] = [await freePort(), await freePort(), await freePort()];
  const home = await mkdtemp(path.join(tmpdir(), 'usher-seed-'));
  running.push({ close: () => rm(home, { recursive: true }) });
  const secrets = { PEER_SECRET: secret, PEER_PASSWORD: password };
  const started = await portal(requiredEnv('USHER_TEST_BINARY'), { port, secrets, seed: await seedFile(home, apps) });
  running.push(started);
  usher = started.url;
  liar = await lyingPortal();
  running.push(liar);
  for (const [name, receiver] of Object.entries(RECEIVERS)) {
    receiver.origin = `http://${receiver.host}:${apps}`;
    receiver.fooled = `http://${receiver.host}:${lies}`;
    await start(receiver, { ISSUER: usher, ORIGIN: receiver.origin, PORT: apps, CLIENT_ID: name });
    await start(receiver, { ISSUER: liar.url, ORIGIN: receiver.fooled, PORT: lies, CLIENT_ID: name });
  }
  ana = new Visitor();
  const page = await ana.open(`${usher}/sign-in`);
  await ana.submit(page, formWith(page, 'name', 'password'), { name: 'ana', password });
});

after(async () => {
  for (const one of running.reverse()) await one.close();
});

function requiredEnv(name) {
  assert.ok(process.env[name], `${name} is not set: run \`make test\``);
  return process.env[name];
}

async function start({ host, command }, settings) {
  const env = { HOST: host, CLIENT_SECRET: secret, ...settings };
  const text = Object.fromEntries(Object.entries(env).map(([name, value]) => [name, String(value)]));
  running.push(await program(command, text));
}

async function seedFile(home, port) {
  const services = Object.entries(RECEIVERS).map(([name, { host }]) => `
[[client]]
id = "${name}"
title = "${name}"
secret_env = "PEER_SECRET"

[[service]]
slug = "${name}"
title = "The ${name} receiver"
description = "Redeems one-time codes"
icon = "people"
category = "Receivers"
handoff = "code"
[[service.instance]]
slug = "${name}-app"
title = "${name}"
base_url = "http://${host}:${port}"
settings = { client = "${name}", handoff_uri = "http://${host}:${port}/launch" }
[[service.rule]]
title = "Everybody"
instances = ["${name}-app"]
[[service.link]]
type = "customer"
intents = { view = "/customers/{key}" }

[[service]]
slug = "${name}-form"
title = "The ${name} receiver of forms"
description = "Verifies signed forms"
icon = "people"
category = "Receivers"
handoff = "form_jwt"
[[service.instance]]
slug = "${name}-form-app"
title = "${name}"
base_url = "http://${host}:${port}"
settings = { client = "${name}", handoff_uri = "http://${host}:${port}/jwt", release = ["name"] }
[[service.rule]]
title = "Everybody"
instances = ["${name}-form-app"]
[[service.link]]
type = "customer"
intents = { view = "/customers/{key}" }
`);
  const file = path.join(home, 'seed.toml');
  await writeFile(file, (await readFile(path.join(import.meta.dirname, 'receivers.toml'), 'utf8')) + services.join(''));
  return file;
}

/** A good id_token of the lying portal's, with changes; `null` takes a claim away. */
function claims(client, changes = {}) {
  const now = Math.floor(Date.now() / 1000);
  const all = {
    iss: liar.url, sub: 'usr_1', aud: client, iat: now, exp: now + 300, name: 'Ana Almeida',
    [LAUNCH_CLAIM]: {
      id: 'lau_0197f000000000000000000000000001', intent: 'view',
      target_link_uri: `${RECEIVERS[client].fooled}/customers/C-1042`,
      return_uri: `${liar.url}/launches/lau_0197f000000000000000000000000001/refused`,
      ctx: [{ type: 'customer', id: { 'urn:usher:context:customer': 'C-1042' }, fields: {} }],
    },
    ...changes,
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null));
}

const signed = (payload, more) => liar.signed(payload, more);

/** The post of a form as a page of `origin` makes it. */
async function post(address, fields, origin, door = '/launch') {
  const response = await fetch(`${address}${door}`, {
    method: 'POST', redirect: 'manual', body: new URLSearchParams(fields), headers: origin ? { origin } : {},
  });
  const session = response.headers.getSetCookie()[0]?.split(';')[0];
  return { status: response.status, location: response.headers.get('location'), session, body: await response.text() };
}

function assertRefused({ status, session, body }, at) {
  assert.ok(status >= 400 && status < 500, `${at}: ${status} ${body}`);
  assert.equal(session, undefined, `${at}: a refused hand-off leaves nothing behind`);
}

/** Waits until the portal's page says these words of a record in this receiver. */
async function recent(client, words) {
  for (let attempt = 0; attempt < 50; attempt++) {
    const { body } = await ana.open(`${usher}/`);
    if (body.includes(`in The ${client} receiver</span> <span class="where">${words}<`)) return;
    await wait(100);
  }
  assert.fail(`the portal's page never says ${words} of the ${client} receiver`);
}

for (const client of Object.keys(RECEIVERS)) {
  describe(`the receiver in ${client}`, () => {
    const here = RECEIVERS[client];
    const launched = (key) => ana.open(`${usher}/go/${client}/customer/${key}`);

    test('lands a launch in the record, confirms it, and takes its code once', async () => {
      const page = await launched('C-1042');
      const form = formWith(page, 'code', 'iss');
      const landed = await ana.submit(page, form);
      assert.equal(landed.url.href, `${here.origin}/customers/C-1042`, landed.body);
      assert.equal(shown(landed, 'record'), 'C-1042');
      assert.equal(shown(landed, 'who'), 'Ana Almeida');
      await recent(client, 'Opened');
      const again = await ana.submit(page, form);
      assert.equal(shown(again, 'refused'), 'invalid_grant');
    });

    test('sends the person back for a record it does not have', async () => {
      const page = await launched('C-9999');
      const back = await ana.submit(page, formWith(page, 'code', 'iss'));
      assert.match(back.url.href, /\/launches\/lau_\w+\/refused\?reason=no_such_record$/);
      assert.match(back.body, new RegExp(`not found in The ${client} receiver`));
      await recent(client, 'Not found');
    });

    test('refuses a form that the portal did not send (login CSRF), and does not spoil its code', async () => {
      const page = await launched('C-1043');
      const form = formWith(page, 'code', 'iss');
      for (const origin of ['https://evil.example', 'null', here.origin, `${usher}.evil.example`, undefined]) {
        assertRefused(await post(here.origin, form.fields, origin), `from ${origin}`);
      }
      const landed = await ana.submit(page, form);
      assert.equal(shown(landed, 'record'), 'C-1043');
    });

    test('refuses what is no hand-off', async () => {
      const { code } = formWith(await launched('C-1042'), 'code', 'iss').fields;
      for (const fields of [
        {}, { code }, { iss: usher }, { code: '', iss: usher }, { code: 'hc_invented', iss: usher },
        { code, iss: 'https://evil.example' }, { code, iss: `${usher}/` }, { code: 'x'.repeat(600), iss: usher },
      ]) {
        assertRefused(await post(here.origin, fields, usher), JSON.stringify(fields));
      }
    });

    test('lets nobody read a record without a session', async () => {
      const page = await new Visitor().open(`${here.origin}/customers/C-1042`);
      assert.equal(page.status, 403);
      assert.equal(shown(page, 'refused'), 'open this from the portal');
    });

    test('gives each arrival a new session, and ends the one before (session fixation)', async () => {
      liar.next = () => signed(claims(client));
      const first = await post(here.fooled, { code: 'x', iss: liar.url }, liar.url);
      assert.equal(first.status, 303, first.body);
      const response = await fetch(`${here.fooled}/launch`, {
        method: 'POST', redirect: 'manual', body: new URLSearchParams({ code: 'x', iss: liar.url }),
        headers: { origin: liar.url, cookie: first.session },
      });
      const second = response.headers.getSetCookie()[0].split(';')[0];
      assert.notEqual(second, first.session);
      const read = async (cookie) => (await fetch(`${here.fooled}/customers/C-1042`, { headers: { cookie } })).status;
      assert.deepEqual([await read(first.session), await read(second)], [403, 200]);
    });

    const launch = (changes) => ({ [LAUNCH_CLAIM]: { ...claims(client)[LAUNCH_CLAIM], ...changes } });
    const now = Math.floor(Date.now() / 1000);
    for (const [lie, token] of Object.entries({
      'for another audience': () => signed(claims(client, { aud: 'somebody-else' })),
      'for several audiences': () => signed(claims(client, { aud: [client, 'somebody-else'] })),
      'of another issuer': () => signed(claims(client, { iss: 'https://evil.example' })),
      'that has expired': () => signed(claims(client, { exp: now - 120, iat: now - 600 })),
      'that never expires': () => signed(claims(client, { exp: null })),
      'with a nonce': () => signed(claims(client, { nonce: 'n' })),
      'of nobody': () => signed(claims(client, { sub: null })),
      'signed by another key': () => signed(claims(client), { key: liar.other }),
      'signed by an unknown key': () => signed(claims(client), { kid: 'unknown' }),
      'that nobody signed': () => new UnsecuredJWT(claims(client)).encode(),
      'that is none': () => 'x.y.z',
      'without a launch': () => signed(claims(client, { [LAUNCH_CLAIM]: null })),
      'with a target elsewhere': () => signed(claims(client, launch({ target_link_uri: 'https://evil.example/' }))),
      'with a target that only looks like ours': () => signed(claims(client, launch({ target_link_uri: `${here.fooled}@evil.example/` }))),
      'with a script for a target': () => signed(claims(client, launch({ target_link_uri: 'javascript:alert(1)' }))),
      'with a way back elsewhere': () => signed(claims(client, launch({ return_uri: 'https://evil.example/' }))),
      'with a context that is none': () => signed(claims(client, launch({ ctx: 'C-1042' }))),
    })) {
      test(`refuses an id_token ${lie}`, async () => {
        liar.next = token;
        assertRefused(await post(here.fooled, { code: 'x', iss: liar.url }, liar.url), lie);
      });
    }
  });
}

/** What a signed form of the lying portal's says. */
function formClaims(client, changes = {}) {
  const { [LAUNCH_CLAIM]: launch, ...about } = claims(client);
  const { id, ...rest } = launch;
  const all = { ...about, ...rest, launch_id: id, nbf: about.iat, exp: about.iat + 60, jti: randomBytes(8).toString('hex'), ...changes };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null));
}

const form = (client, changes, more) => signed(formClaims(client, changes), { typ: 'usher-handoff+jwt', ...more });

for (const client of Object.keys(RECEIVERS)) {
  describe(`signed forms, in ${client}`, () => {
    const here = RECEIVERS[client];
    const send = (jwt, origin = liar.url) => post(here.fooled, { jwt, iss: liar.url }, origin, '/jwt');

    test('land in the record, once', async () => {
      const page = await ana.open(`${usher}/go/${client}-form/customer/C-1042`);
      const posted = formWith(page, 'jwt', 'iss');
      const landed = await ana.submit(page, posted);
      assert.equal(landed.url.href, `${here.origin}/customers/C-1042`, landed.body);
      assert.equal(shown(landed, 'who'), 'Ana Almeida');
      assert.equal(shown(await ana.submit(page, posted), 'refused'), 'used, or made for long');
    });

    test('are refused from other pages (login CSRF), which does not use them up', async () => {
      const jwt = await form(client);
      for (const origin of ['https://evil.example', 'null', here.fooled, '']) assertRefused(await send(jwt, origin), origin);
      assert.equal((await send(jwt)).status, 303);
      assertRefused(await send(jwt), 'a replay');
    });

    const now = Math.floor(Date.now() / 1000);
    for (const [lie, token] of Object.entries({
      'for another audience': () => form(client, { aud: 'somebody-else' }),
      'of another issuer': () => form(client, { iss: 'https://evil.example' }),
      'that have expired': () => form(client, { iat: now - 600, nbf: now - 600, exp: now - 120 }),
      'that are not good yet': () => form(client, { nbf: now + 3600 }),
      'that live for long': () => form(client, { exp: now + 86400 }),
      'without a jti': () => form(client, { jti: null }),
      'that are id_tokens': () => signed(claims(client)),
      'typed as id_tokens': () => signed(formClaims(client)),
      'signed by another key': () => form(client, {}, { key: liar.other }),
      'that nobody signed': () => new UnsecuredJWT(formClaims(client)).encode(),
      'with a target elsewhere': () => form(client, { target_link_uri: 'https://evil.example/' }),
      'with a way back elsewhere': () => form(client, { return_uri: 'https://evil.example/' }),
      'without a launch': () => form(client, { launch_id: null }),
    })) {
      test(`are refused ${lie}`, async () => assertRefused(await send(await token()), lie));
    }
  });
}
