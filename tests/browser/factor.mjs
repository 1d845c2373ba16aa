// Second factors in a real browser, with Chromium's virtual authenticator (WebAuthn domain of its DevTools protocol),
// against a portal of our own: passkeys want a name, and the demo lives at an IP address.
//
// Needs USHER_TEST_BINARY, and the demo's variables for what the helpers ask of it.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import http from 'node:http';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { portal } from './portal.mjs';
import { artefacts, DESKTOP, expectText, inContext, inspect, openBrowser, PHONE } from './support.mjs';

const PASSWORD = 'correct horse battery staple';

/** The catalogue: users, and a laboratory whose records are edited with a second factor only. */
const catalogue = (lab) => `
[[provider]]
slug = "local"
kind = "local"
title = "Sign in with your Usher account"

${['ana', 'ben', 'cleo', 'dora', 'emil', 'finn'].map((login) => `[[person]]
login = "${login}"
name = "${login[0].toUpperCase()}${login.slice(1)} Almeida"
password = "${PASSWORD}"
`).join('\n')}
[[context_type]]
slug = "patient"
title = "Patient"
icon = "heart"
pattern = "[0-9]{1,6}"
hint = "a number"
example = "12"

[[service]]
slug = "lab"
title = "Lab"
description = "Samples and findings"
icon = "chart"
handoff = "link"

[[service.instance]]
slug = "lab"
title = "Lab"
base_url = "${lab}"

[[service.rule]]
title = "Everybody"
instances = ["lab"]

[[service.link]]
type = "patient"
[service.link.intents]
view = "/patients/{key}"
edit = "/patients/{key}/edit"

[[assurance]]
title = "Findings are edited by whoever is surely there"
service = "lab"
intent = "edit"
second_factor = true
max_age_minutes = 15
`;

let browser;
let site;
let lab;
before(async () => {
  [browser, lab] = [await openBrowser(), await laboratory()];
  site = await portal(catalogue(lab.url));
});
after(async () => { await browser?.close(); await site?.close(); lab?.close(); });

/** The remote application: a page that says where one is. */
async function laboratory() {
  const server = http.createServer((request, response) => {
    response.setHeader('content-type', 'text/html');
    response.end(`<!doctype html><html lang="en"><title>Lab</title><link rel="icon" href="data:,"><h1>${request.url}</h1></html>`);
  });
  await new Promise((ready) => server.listen(0, '127.0.0.98', ready));
  return { url: `http://127.0.0.98:${server.address().port}`, close: () => { server.close(); server.closeAllConnections(); } };
}

/** A device with a passkey in it, for this page. */
async function authenticator(page, { verified = true, credentials = [] } = {}) {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('WebAuthn.enable');
  const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true,
      isUserVerified: verified, automaticPresenceSimulation: true,
    },
  });
  for (const credential of credentials) await cdp.send('WebAuthn.addCredential', { authenticatorId, credential });
  return {
    credentials: async () => (await cdp.send('WebAuthn.getCredentials', { authenticatorId })).credentials,
    verify: (isUserVerified) => cdp.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified }),
  };
}

/** A browser that does not offer passkeys by itself: a virtual user would accept them at once. */
async function withoutOffer(page) {
  await page.addInitScript(() => { PublicKeyCredential.isConditionalMediationAvailable = async () => false; });
}

async function signIn(page, name) {
  await page.getByLabel('Username', { exact: true }).fill(name);
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

/** Gives `act` the page of a user who has just signed in. */
async function as(name, options, act) {
  await inContext(browser, options, async (context) => {
    const page = await context.newPage();
    await page.goto(`${site.url}/sign-in`);
    await signIn(page, name);
    await page.waitForURL(`${site.url}/`);
    await act(page);
  });
}

/** Creates a passkey on the user's own page. */
async function enrol(page, title) {
  await page.goto(`${site.url}/account/factors`);
  await page.getByRole('link', { name: 'Passkey' }).click();
  await page.getByLabel('Name', { exact: true }).fill(title);
  await page.getByRole('button', { name: 'Create passkey' }).click();
}

/** The code an authenticator app shows for this key (RFC 6238). */
function codeOf(key, at = Date.now()) {
  const bits = [...key.replace(/\s/g, '')].map((c) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0')).join('');
  const secret = Buffer.from(bits.match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(at / 30_000)));
  const mac = createHmac('sha1', secret).update(step).digest();
  const word = mac.readUInt32BE(mac[19] & 15) & 0x7fffffff;
  return String(word % 1_000_000).padStart(6, '0');
}

/** The codes on the page can be copied, and downloaded as a text file. */
async function keepsCodes(page) {
  const codes = await page.locator('.codes li').allInnerTexts();
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.getByRole('button', { name: 'Copy', exact: true }).click();
  await page.getByRole('button', { name: 'Copied', exact: true }).waitFor();
  await expectText(page.locator('[data-keep-codes]').getByRole('status'), 'Copied');
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), `${codes.join('\n')}\n`);
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Download' }).click(),
  ]);
  assert.equal(download.suggestedFilename(), 'recovery-codes.txt');
  const text = await readFile(await download.path(), 'utf8');
  assert.match(text, /^Recovery codes\nPortal: .+\nUsername: \w+\nCreated: \d+ \w+ \d{4}, \d\d:\d\d UTC\n\n/);
  assert.ok(text.endsWith(`\n\n${codes.join('\n')}\n`), text);
}

const edit = () => `${site.url}/go/lab/patient/12?intent=edit`;

describe('passkeys', () => {
  test('one is made, is a second factor for what demands one, and then signs in alone', () =>
    as('ana', {}, async (page) => {
      const device = await authenticator(page);
      await enrol(page, 'My laptop');
      await page.getByRole('heading', { name: 'Save your recovery codes' }).waitFor();
      assert.equal(await page.locator('.codes li').count(), 10);
      await inspect(page, 'factor-codes');
      await keepsCodes(page);
      await page.getByRole('link', { name: 'I have saved them' }).click();
      await expectText(page.getByRole('main'), 'My laptop');
      await inspect(page, 'factor-own');
      const [credential] = await device.credentials();
      assert.ok(credential.isResidentCredential, 'it can be found without a name');

      // Another browser with the same device in it: the password, then the passkey.
      const used = await inContext(browser, {}, async (context) => {
        const other = await context.newPage();
        await other.goto(edit());
        await signIn(other, 'ana');
        await other.getByRole('button', { name: 'Use my passkey' }).waitFor();
        await expectText(other.getByRole('main'), 'Trust this device for 30 days');
        await inspect(other, 'factor-passkey');
        const here = await authenticator(other, { credentials: [credential] });
        await other.getByRole('button', { name: 'Use my passkey' }).click();
        await other.waitForURL(`${lab.url}/patients/12/edit`);
        return here.credentials();
      });

      // A third, without the password.
      const again = await inContext(browser, {}, async (context) => {
        const other = await context.newPage();
        await withoutOffer(other);
        const here = await authenticator(other, { credentials: used });
        await other.goto(edit());
        await other.getByRole('button', { name: 'Sign in with a passkey' }).click();
        await other.waitForURL(`${lab.url}/patients/12/edit`);
        return here.credentials();
      });

      // A fourth, which offers it among the names to fill in; the virtual user accepts it at once.
      await inContext(browser, {}, async (context) => {
        const other = await context.newPage();
        await authenticator(other, { credentials: again });
        await other.goto(edit());
        await other.waitForURL(`${lab.url}/patients/12/edit`);
      });
    }));

  test('one that does not verify its person, and one nobody knows, let nobody in', () =>
    as('ben', {}, async (page) => {
      const device = await authenticator(page);
      await enrol(page, 'Ben');
      await page.getByRole('link', { name: 'I have saved them' }).click();
      const credentials = await device.credentials();
      await inContext(browser, {}, async (context) => {
        const other = await context.newPage();
        await withoutOffer(other);
        await other.goto(`${site.url}/sign-in`);
        const here = await authenticator(other, { verified: false, credentials });
        await other.getByRole('button', { name: 'Sign in with a passkey' }).click();
        await other.getByRole('alert').waitFor();
        await expectText(other.getByRole('alert'), 'That did not work');
        await inspect(other, 'factor-sign-in-failed');
        await here.verify(true);
        // Removed on the user's own page meanwhile: the device still has it.
        await page.getByRole('link', { name: 'Change Ben' }).click();
        await page.getByRole('button', { name: 'Remove' }).click();
        await expectText(page.getByRole('main'), 'You have not set up a second factor');
        await other.getByRole('button', { name: 'Sign in with a passkey' }).click();
        await other.getByRole('alert').getByText('This passkey is not registered here').waitFor();
        await inspect(other, 'factor-sign-in-unknown');
      });
    }));

  test('a device that has one makes no second one', () =>
    as('cleo', {}, async (page) => {
      await authenticator(page);
      await enrol(page, 'First');
      await page.getByRole('link', { name: 'I have saved them' }).click();
      await enrol(page, 'Second');
      await expectText(page.getByRole('alert'), 'This device already has a passkey for your account');
      await inspect(page, 'factor-passkey-known');
    }));

  test('without JavaScript the page says so and offers the other ways', async () => {
    await as('dora', {}, async (page) => {
      await authenticator(page);
      await enrol(page, 'Dora');
      await page.getByRole('heading', { name: 'Save your recovery codes' }).waitFor();
      const code = await page.locator('.codes li').first().innerText();
      await inContext(browser, { javaScriptEnabled: false }, async (context) => {
        const other = await context.newPage();
        await other.goto(edit());
        assert.equal(await other.getByRole('button', { name: 'Sign in with a passkey' }).count(), 0);
        await signIn(other, 'dora');
        await expectText(other.getByRole('main'), 'Passkeys require JavaScript');
        assert.equal(await other.getByRole('button', { name: 'Use my passkey' }).count(), 0);
        await other.screenshot({ path: path.join(artefacts, 'factor-no-script.png') });
        await other.getByRole('link', { name: 'Use a recovery code' }).click();
        await other.getByLabel('Recovery code').fill(code.toLowerCase());
        await other.getByRole('button', { name: 'Continue' }).click();
        // The form's answer leads on by a page: without a script, by its own refresh.
        await other.waitForURL(`${lab.url}/patients/12/edit`);
      });
    });
  });

  test('an address that is no name has none, and the page says why', async () => {
    const there = await portal(catalogue(lab.url), '127.0.0.1');
    try {
      await inContext(browser, {}, async (context) => {
        const page = await context.newPage();
        await page.goto(`${there.url}/account/factors`);
        assert.equal(await page.locator('[data-passkey]').count(), 0);
        await signIn(page, 'ana');
        await expectText(page.getByRole('main'), 'Passkeys are not available at this address');
        assert.equal(await page.getByRole('link', { name: 'Passkey' }).count(), 0);
        await inspect(page, 'factor-own-address');
      });
    } finally {
      await there.close();
    }
  });
});

describe('an authenticator app', () => {
  test('is set up on the way to what demands one, and the launch goes on', () =>
    inContext(browser, {}, async (context) => {
      const page = await context.newPage();
      await page.goto(edit());
      await signIn(page, 'emil');
      await page.getByRole('heading', { name: 'Protect your account' }).waitFor();
      await inspect(page, 'factor-offer');
      await page.getByRole('button', { name: 'Authenticator app' }).click();
      const key = await page.locator('.secret').innerText();
      await page.getByLabel('Code shown in the app').fill('000000');
      await page.getByRole('button', { name: 'Verify' }).click();
      await expectText(page.getByRole('alert'), 'The code is incorrect');
      await inspect(page, 'factor-app-wrong');
      await page.getByLabel('Code shown in the app').fill(codeOf(key));
      await page.getByRole('button', { name: 'Verify' }).click();
      await page.getByRole('link', { name: 'I have saved them' }).click();
      await page.waitForURL(`${lab.url}/patients/12/edit`);

      // Later, elsewhere: the next code. The field is where one types at once.
      await inContext(browser, {}, async (elsewhere) => {
        const other = await elsewhere.newPage();
        await other.goto(edit());
        await signIn(other, 'emil');
        await other.getByLabel('Code', { exact: true }).waitFor();
        await inspect(other, 'factor-code');
        await other.keyboard.type(codeOf(key, Date.now() + 30_000));
        await other.keyboard.press('Enter');
        await other.waitForURL(`${lab.url}/patients/12/edit`);
      });
    }));
});

for (const [size, viewport] of [['desktop', DESKTOP], ['phone', PHONE]]) {
  for (const colorScheme of ['light', 'dark']) {
    test(`every page of second factors is fit to use (${size}, ${colorScheme})`, () =>
      as('finn', { viewport, colorScheme }, async (page) => {
        const shot = (name) => inspect(page, `factor-${name}-${size}-${colorScheme}`);
        await authenticator(page);
        await page.goto(`${site.url}/account/factors`);
        await shot('own-empty');
        await page.goto(`${site.url}/account/factors/passkey`);
        await shot('new-passkey');
        await page.goto(`${site.url}/account/factors`);
        await page.getByRole('button', { name: 'Authenticator app' }).click();
        await page.locator('.qr').waitFor();
        await shot('new-app');
        await page.goto(edit());
        await page.getByRole('heading', { name: 'Protect your account' }).waitFor();
        await shot('offer');
        await page.getByRole('link', { name: 'Passkey' }).click();
        await page.getByRole('button', { name: 'Create passkey' }).click();
        await page.getByRole('heading', { name: 'Save your recovery codes' }).waitFor();
        await shot('codes');
        await page.goto(`${site.url}/account/factors`);
        await shot('own');
        await page.getByRole('link', { name: 'Change Passkey' }).click();
        await shot('change');
        await inContext(browser, { viewport, colorScheme }, async (context) => {
          const other = await context.newPage();
          await other.goto(`${site.url}/sign-in`);
          await inspect(other, `factor-sign-in-${size}-${colorScheme}`);
          await other.goto(edit());
          await signIn(other, 'finn');
          await other.getByRole('button', { name: 'Use my passkey' }).waitFor();
          await inspect(other, `factor-prove-passkey-${size}-${colorScheme}`);
          await other.getByRole('link', { name: 'Use a recovery code' }).click();
          await other.getByLabel('Recovery code').waitFor();
          await inspect(other, `factor-prove-recovery-${size}-${colorScheme}`);
        });
        await page.getByRole('button', { name: 'Remove' }).click();
        await expectText(page.getByRole('main'), 'You have not set up a second factor');
      }));
  }
}
