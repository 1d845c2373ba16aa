// Real SAML service providers, unmodified, against a real portal. SimpleSAMLphp answers what it refuses with a page
// and 200, so every test asserts on the final URL, the page's text and the session over there, never on a status alone.
//
// Needs USHER_TEST_BINARY (usher) with SimpleSAMLphp beside it, USHER_TEST_PYTHON (with requirements.txt) and `php`.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { freePort, portal, program } from './portal.mjs';
import { certificate, metadata, serviceProviders } from './simplesaml_sp.mjs';
import { forms, formWith, shown, Visitor } from './visitor.mjs';

const PERSISTENT = 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent';
const FOREIGN = 'http://127.0.0.99:1/customers/C-1042';
const password = randomBytes(12).toString('hex');

const running = [];
let usher; // the portal's URL
let origin; // SimpleSAMLphp's
let sp; // it
let python; // pysaml2's origin

before(async () => {
  const [port, apps] = [await freePort(), await freePort()];
  origin = `http://127.0.0.54:${apps}`;
  python = `http://127.0.0.62:${apps}`;
  usher = `http://127.0.0.1:${port}`;
  const binary = requiredEnv('USHER_TEST_BINARY');
  sp = await serviceProviders({
    origin, idp: `${usher}/saml/metadata`, installed: path.join(path.dirname(binary), '../simplesamlphp'),
  });
  running.push(sp);
  const home = await mkdtemp(path.join(tmpdir(), 'usher-seed-'));
  running.push({ close: () => rm(home, { recursive: true }) });
  await certificate(home, 'sp');
  const file = path.join(import.meta.dirname, 'pysaml2_sp.py');
  running.push(await program([requiredEnv('USHER_TEST_PYTHON'), file, usher, python, home]));
  // Logout goes there by SOAP as well, machine to machine.
  const env = { PEER_PASSWORD: password, USHER_NET__ALLOW: '127.0.0.54,127.0.0.62' };
  running.push(await portal(binary, { port, seed: await seedFile(home), secrets: env }));
  // What an admin over there imports.
  await sp.trust(await (await fetch(`${usher}/saml/metadata`)).text());
});

after(async () => {
  for (const one of running.reverse()) await one.close();
});

function requiredEnv(name) {
  assert.ok(process.env[name], `${name} is not set: run \`make test\``);
  return process.env[name];
}

async function seedFile(home) {
  const services = [
    service('asked', 'request_init', await sp.metadata('asked'), `
initiator = "${origin}/module.php/core/as_login.php?AuthId=asked"
entity_parameter = "saml:idp"
target_parameter = "ReturnTo"`),
    service('unasked', 'saml', await sp.metadata('unasked')),
    service('paged', 'saml', await sp.metadata('paged'), '\nlogout_by = "page"'),
    service('python', 'saml', await metadata(`${python}/metadata`), '', python),
  ];
  const file = path.join(home, 'seed.toml');
  await writeFile(file, (await readFile(path.join(import.meta.dirname, 'saml.toml'), 'utf8')) + services.join(''));
  return file;
}

const service = (slug, handoff, metadata, more = '', place = `${origin}/${slug}`) => `
[[service]]
slug = "${slug}"
title = "The ${slug}"
description = "A SAML service provider"
icon = "people"
category = "Peers"
handoff = "${handoff}"
[[service.instance]]
slug = "${slug}-app"
title = "The ${slug}"
base_url = "${place}"
[service.instance.settings]
attributes = { displayName = "name", mail = "mail", groups = "groups" }
metadata = '''${metadata.replace(/^<\?xml[^>]*>\s*/, '')}'''${more}
[[service.rule]]
title = "Everybody"
instances = ["${slug}-app"]
[[service.link]]
type = "customer"
intents = { view = "/customers/{key}" }
`;

/** Fills in the sign-in page and presses its button; a page that posts an assertion goes on. */
async function signIn(visitor, page, name) {
  assert.match(page.url.pathname, /^\/sign-in\//, `expected the sign-in page, not ${page.url}:\n${page.body.slice(0, 1000)}`);
  return visitor.submit(page, formWith(page, 'name', 'password'), { name, password });
}

async function signedIn(name) {
  const visitor = new Visitor();
  const page = await signIn(visitor, await visitor.open(`${usher}/sign-in`), name);
  assert.equal(page.url.href, `${usher}/`, `${name} should be on the portal's page:\n${page.body.slice(0, 1000)}`);
  return visitor;
}

/** Posts the assertion on the portal's page, as its script does. */
function go(visitor, page, fields = {}) {
  return visitor.submit(page, formWith(page, 'SAMLResponse'), fields);
}

/** What is signed in over there, as the library verified it. */
async function session(visitor, source) {
  const url = source === 'python' ? `${python}/session` : `${origin}/${source}/session`;
  return JSON.parse((await visitor.open(url)).body);
}

function assertRecord(page, source, key, { name = 'Ana Almeida', context = key } = {}) {
  const way = `landed elsewhere, by ${page.trail.join('\n  ')}\n${page.body.slice(0, 3000)}`;
  assert.equal(page.url.href, `${origin}/${source}/customers/${key}`, way);
  assert.equal(shown(page, 'record'), key, way);
  assert.equal(shown(page, 'who'), name);
  assert.equal(shown(page, 'context'), context);
}

/** Refused by it: on a page of its own in words of its own, sent nowhere, signed in to nothing. */
async function assertRefused(visitor, page, source, words) {
  assert.equal(page.url.origin, origin, page.trail.join('\n  '));
  assert.match(page.body, words);
  assert.equal(shown(page, 'record'), undefined);
  assert.equal((await session(visitor, source)).isSignedIn, false);
}

describe('SimpleSAMLphp asks', () => {
  test('a record without a session sends through the portal and back to the record', async () => {
    const visitor = new Visitor();
    const cold = await visitor.open(`${origin}/asked/customers/C-1042`);
    assert.ok(cold.trail.some((url) => url.startsWith(`${usher}/saml/sso?SAMLRequest=`)), cold.trail.join('\n'));
    const landed = await go(visitor, await signIn(visitor, cold, 'ana'));
    assertRecord(landed, 'asked', 'C-1042', { context: 'no context' });
    const { attributes, format, index, context } = await session(visitor, 'asked');
    assert.deepEqual(attributes.displayName, ['Ana Almeida']);
    assert.deepEqual(attributes.mail, ['ana@example.org']);
    assert.deepEqual(attributes.groups.sort(), ['sales', 'staff']);
    assert.equal(format, PERSISTENT);
    assert.match(index, /^_[0-9a-f]{32}$/);
    assert.equal(context, 'urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport');
  });

  test('a person is the same name to one service provider, and another to the other', async () => {
    const [one, two] = [await signedIn('ana'), await signedIn('ana')];
    for (const visitor of [one, two]) await go(visitor, await visitor.open(`${origin}/asked/customers/C-1043`));
    const [first, second] = [await session(one, 'asked'), await session(two, 'asked')];
    assert.equal(first.name, second.name);
    assert.notEqual(first.index, second.index);
    await go(one, await one.open(`${usher}/go/unasked/customer/C-1043`));
    assert.notEqual((await session(one, 'unasked')).name, first.name);
    const ben = await signedIn('ben');
    await go(ben, await ben.open(`${origin}/asked/customers/C-1043`));
    assert.notEqual((await session(ben, 'asked')).name, first.name);
  });

  test('a launch starts its sign-in and lands in the record with its context, cold and warm', async () => {
    const visitor = new Visitor();
    const cold = await signIn(visitor, await visitor.open(`${usher}/go/asked/customer/c-1044`), 'ana');
    assert.ok(cold.trail.some((url) => url.startsWith(`${origin}/module.php/core/as_login.php?AuthId=asked&`)), cold.trail.join('\n'));
    assertRecord(await go(visitor, cold), 'asked', 'C-1044');
    const { attributes } = await session(visitor, 'asked');
    assert.deepEqual(attributes['urn:usher:launch:intent'], ['view']);
    assert.match(attributes['urn:usher:launch:id'][0], /^lau_/);
    const other = await signedIn('ana');
    assertRecord(await go(other, await other.open(`${usher}/go/asked/customer/C-1045`)), 'asked', 'C-1045');
  });

  test('an answer is taken once, and in the browser that asked', async () => {
    const ana = await signedIn('ana');
    const page = await ana.open(`${origin}/asked/customers/C-1046`);
    assertRecord(await go(ana, page), 'asked', 'C-1046', { context: 'no context' });
    const thief = new Visitor();
    await assertRefused(thief, await go(thief, page), 'asked', /duplicate assertion/i);
  });

  test('a foreign ReturnTo is refused before anybody is asked', async () => {
    const ana = await signedIn('ana');
    for (const target of [FOREIGN, `${origin}@127.0.0.99:1/`, 'javascript:alert(1)']) {
      const query = new URLSearchParams({ AuthId: 'asked', ReturnTo: target });
      const page = await ana.open(`${origin}/module.php/core/as_login.php?${query}`);
      assert.equal(page.trail.length, 1, page.trail.join('\n'));
      await assertRefused(ana, page, 'asked', /URL not allowed|Invalid URL/);
    }
  });

  test('a sign-in in the name of another identity provider asks nobody', async () => {
    const visitor = new Visitor();
    const query = new URLSearchParams({ AuthId: 'asked', ReturnTo: `${origin}/`, 'saml:idp': 'urn:other' });
    const page = await visitor.open(`${origin}/module.php/core/as_login.php?${query}`);
    await assertRefused(visitor, page, 'asked', /metadata|not valid/i);
  });
});

describe('SimpleSAMLphp is sent what it did not ask for', () => {
  const launched = async (visitor, key) => {
    const page = await visitor.open(`${usher}/go/unasked/customer/${key}`);
    assert.equal(page.url.origin, usher, page.trail.join('\n'));
    return page;
  };

  test('a launch lands in the record by its RelayState, with its context', async () => {
    const visitor = new Visitor();
    const cold = await signIn(visitor, await visitor.open(`${usher}/go/unasked/customer/C-1050`), 'ana');
    assert.equal(formWith(cold, 'SAMLResponse').fields.RelayState, `${origin}/unasked/customers/C-1050`);
    assertRecord(await go(visitor, cold), 'unasked', 'C-1050');
    const ben = await signedIn('ben');
    assertRecord(await go(ben, await launched(ben, 'C-1051')), 'unasked', 'C-1051', { name: 'Ben Brooks' });
  });

  test('its assertion is encrypted: nothing in it can be read on the way', async () => {
    const ana = await signedIn('ana');
    const { SAMLResponse } = formWith(await launched(ana, 'C-1052'), 'SAMLResponse').fields;
    const xml = Buffer.from(SAMLResponse, 'base64').toString();
    assert.match(xml, /EncryptedAssertion/);
    assert.match(xml, /xmlenc11#aes256-gcm/);
    assert.doesNotMatch(xml, /C-1052|Ana Almeida|NameID/);
  });

  test('a foreign RelayState is refused, and its assertion signs nobody in', async () => {
    const ana = await signedIn('ana');
    const page = await go(ana, await launched(ana, 'C-1053'), { RelayState: FOREIGN });
    assert.ok(page.trail.every((url) => !url.includes('127.0.0.99')), page.trail.join('\n'));
    await assertRefused(ana, page, 'unasked', /URL not allowed/);
  });

  test('it is taken once', async () => {
    const ana = await signedIn('ana');
    const page = await launched(ana, 'C-1054');
    assertRecord(await go(ana, page), 'unasked', 'C-1054');
    const thief = new Visitor();
    await assertRefused(thief, await go(thief, page), 'unasked', /duplicate assertion/i);
  });

  test('it is not taken by another service provider, nor changed', async () => {
    const ana = await signedIn('ana');
    const page = await launched(ana, 'C-1055');
    const form = formWith(page, 'SAMLResponse');
    const other = { ...form, action: new URL(form.action.href.replace('unasked', 'asked')) };
    await assertRefused(ana, await ana.submit(page, other), 'asked', /./);
    const xml = Buffer.from(form.fields.SAMLResponse, 'base64').toString();
    const changed = Buffer.from(xml.replace(/Destination="[^"]*"/, 'Destination=""')).toString('base64');
    await assertRefused(ana, await go(ana, page, { SAMLResponse: changed }), 'unasked', /./);
    assertRecord(await go(ana, page), 'unasked', 'C-1055');
  });
});

/** Signs out at the portal. */
async function signOut(visitor) {
  const page = await visitor.open(`${usher}/sign-out`);
  return visitor.submit(page, forms(page).find(({ action }) => action.pathname === '/sign-out'));
}

/** The addresses of the frames that notify a party: on the page that follows, or on the next one, once. */
async function framesOf(visitor, page) {
  for (let attempt = 0; attempt < 50; attempt++) {
    const sources = [...page.body.matchAll(/<iframe[^>]* src="([^"]*)"/g)].map(([, source]) => source.replaceAll('&#38;', '&'));
    if (sources.length) return sources;
    await wait(100);
    page = await visitor.open(`${usher}/signed-out`);
  }
  return assert.fail(`there is no frame:\n${page.body}`);
}

const frameOf = async (visitor, page) => (await framesOf(visitor, page))[0];

/** Waits until the portal shows this text about the notifications. */
async function told(visitor, words) {
  for (let attempt = 0; attempt < 50; attempt++) {
    const { body } = await visitor.open(`${usher}/signed-out`);
    if (words.test(body)) return;
    await wait(100);
  }
  assert.fail(`the portal never says ${words}:\n${(await visitor.open(`${usher}/signed-out`)).body}`);
}

describe('SimpleSAMLphp and the end of sessions', () => {
  const out = (source) => `${origin}/module.php/core/as_logout.php?${new URLSearchParams({ AuthId: source, ReturnTo: `${origin}/` })}`;

  for (const source of ['asked', 'unasked']) {
    test(`signing out at ${source} ends the session at the portal`, async () => {
      const ana = await signedIn('ana');
      await go(ana, await ana.open(`${usher}/go/${source}/customer/C-1060`));
      assert.equal((await session(ana, source)).isSignedIn, true);
      const page = await ana.open(out(source));
      assert.ok(page.trail.some((url) => url.startsWith(`${usher}/saml/slo?SAMLRequest=`)), page.trail.join('\n'));
      assert.equal(page.url.href, `${origin}/`, page.body.slice(0, 2000));
      assert.equal(shown(page, 'home'), 'Home');
      assert.equal((await session(ana, source)).isSignedIn, false);
      assert.match((await ana.open(`${usher}/`)).url.pathname, /^\/sign-in/);
    });
  }

  test('signing out at the portal ends the session there, in a frame of the browser', async () => {
    const ana = await signedIn('ana');
    await go(ana, await ana.open(`${usher}/go/unasked/customer/C-1061`));
    const frame = await ana.open(await frameOf(ana, await signOut(ana)));
    assert.ok(frame.trail.some((url) => url.startsWith(`${usher}/saml/slo?SAMLResponse=`)), frame.trail.join('\n') + frame.body);
    assert.equal((await session(ana, 'unasked')).isSignedIn, false);
    await told(ana, /The unasked[^]*has signed you out/);
  });

  test('two sign-ins there are two sessions, and each is ended by a frame of its own', async () => {
    const ana = await signedIn('ana');
    for (const key of ['C-1063', 'C-1064']) await go(ana, await ana.open(`${usher}/go/unasked/customer/${key}`));
    const frames = await framesOf(ana, await signOut(ana));
    assert.equal(frames.length, 2);
    await ana.open(frames[0]);
    assert.doesNotMatch((await ana.open(`${usher}/signed-out`)).body, /The unasked[^]*has signed you out/);
    await ana.open(frames[1]);
    await told(ana, /The unasked[^]*has signed you out/);
    assert.equal((await session(ana, 'unasked')).isSignedIn, false);
  });

  test('one that needs its cookies is asked as a page, which comes back to the list', async () => {
    const ana = await signedIn('ana');
    await go(ana, await ana.open(`${usher}/go/paged/customer/C-1065`));
    const list = await signOut(ana);
    assert.doesNotMatch(list.body, /<iframe/);
    // The list leads there by itself, and the service provider leads back to it.
    await told(ana, /The paged[^]*has signed you out/);
    assert.equal((await session(ana, 'paged')).isSignedIn, false);
  });

  test('signing out at the portal ends the session there by SOAP, without the browser', async () => {
    const ana = await signedIn('ana');
    await go(ana, await ana.open(`${usher}/go/asked/customer/C-1062`));
    const elsewhere = await signedIn('ben');
    await go(elsewhere, await elsewhere.open(`${usher}/go/asked/customer/C-1062`));
    await signOut(ana);
    for (let attempt = 0; attempt < 50 && (await session(ana, 'asked')).isSignedIn; attempt++) await wait(100);
    assert.equal((await session(ana, 'asked')).isSignedIn, false);
    assert.equal((await session(elsewhere, 'asked')).isSignedIn, true, 'nobody else');
    // SimpleSAMLphp 1.19.7 has ended the session by then, and dies of its own answer (setDestination is given an array),
    // so the portal has no word that it did; it says no more than it knows.
    await told(ana, /The asked[^]*could not be notified; we will try again/);
  });
});

describe('pysaml2', () => {
  const launched = async (visitor, key) => go(visitor, await visitor.open(`${usher}/go/python/customer/${key}`));

  test('asks, and is answered for the record without a session', async () => {
    const visitor = new Visitor();
    const page = await go(visitor, await signIn(visitor, await visitor.open(`${python}/customers/C-1070`), 'ana'));
    assert.equal(page.url.href, `${python}/customers/C-1070`, page.body);
    assert.equal(shown(page, 'who'), 'Ana Almeida');
    const { name, format, index, attributes } = await session(visitor, 'python');
    assert.equal(format, PERSISTENT);
    assert.match(index, /^_[0-9a-f]{32}$/);
    assert.deepEqual(attributes.mail, ['ana@example.org']);
    assert.notEqual(name, (await session(visitor, 'asked')).name);
  });

  test('is sent an encrypted assertion, and lands in the record with its context, once', async () => {
    const ana = await signedIn('ana');
    const page = await ana.open(`${usher}/go/python/customer/C-1071`);
    assert.match(Buffer.from(formWith(page, 'SAMLResponse').fields.SAMLResponse, 'base64').toString(), /xmlenc11#aes256-gcm/);
    const landed = await go(ana, page);
    assert.equal(landed.url.href, `${python}/customers/C-1071`, landed.body);
    assert.equal(shown(landed, 'context'), 'C-1071');
  });

  test('a foreign RelayState and a foreign assertion sign nobody in', async () => {
    const ana = await signedIn('ana');
    const page = await ana.open(`${usher}/go/python/customer/C-1072`);
    assert.match(shown(await go(ana, page, { RelayState: FOREIGN }), 'refused'), /foreign target/);
    const other = formWith(await ana.open(`${usher}/go/unasked/customer/C-1072`), 'SAMLResponse').fields;
    assert.ok(shown(await go(ana, page, other), 'refused'));
    assert.equal((await session(ana, 'python')).isSignedIn, false);
  });

  test('signs out by SOAP: the session at the portal ends, and it is told that all have', async () => {
    const [ana, ben] = [await signedIn('ana'), await signedIn('ben')];
    for (const visitor of [ana, ben]) await launched(visitor, 'C-1073');
    assert.deepEqual(JSON.parse((await ana.open(`${python}/sign-out`)).body), {
      status: 'Success', detail: null, issuer: `${usher}/saml/metadata`, isSigned: true,
    });
    assert.match((await ana.open(`${usher}/`)).url.pathname, /^\/sign-in/);
    assert.equal((await ben.open(`${usher}/`)).url.pathname, '/');
  });

  test('is told so where only a browser could sign out the others', async () => {
    const ana = await signedIn('ana');
    await go(ana, await ana.open(`${usher}/go/unasked/customer/C-1074`));
    await launched(ana, 'C-1074');
    const { status, detail } = JSON.parse((await ana.open(`${python}/sign-out`)).body);
    assert.deepEqual([status, detail], ['Success', 'PartialLogout']);
    assert.match((await ana.open(`${usher}/`)).url.pathname, /^\/sign-in/);
  });

  test('is asked by SOAP when the person signs out at the portal, and its answer is accepted', async () => {
    const [ana, ben] = [await signedIn('ana'), await signedIn('ben')];
    for (const visitor of [ana, ben]) await launched(visitor, 'C-1075');
    await signOut(ana);
    await told(ana, /The python[^]*has signed you out/);
    assert.equal((await session(ana, 'python')).isSignedIn, false);
    assert.equal((await session(ben, 'python')).isSignedIn, true, 'nobody else');
  });

  test('keeps a session for each assertion, and every one of them is ended', async () => {
    const ana = await signedIn('ana');
    for (const key of ['C-1076', 'C-1077']) await launched(ana, key);
    const { name } = await session(ana, 'python');
    const alive = async () => JSON.parse((await ana.open(`${python}/sessions?name=${encodeURIComponent(name)}`)).body).count;
    assert.ok(await alive() >= 2);
    const before = await alive();
    await signOut(ana);
    await told(ana, /The python[^]*has signed you out/);
    assert.equal(await alive(), before - 2);
  });
});
