// Signing out in a real browser, with the list of notified applications: the demo's own applications, and, at a portal of our
// own, one that confirms, one that is dead and one that cannot be notified.
//
// Needs USHER_DEMO_URL, USHER_DEMO_PASSWORD and USHER_TEST_BINARY.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:net';
import { after, before, describe, test } from 'node:test';
import * as setup from './portal.mjs';
import { relyingParty } from './remote.mjs';
import { apps, DESKTOP, expectRecord, expectText, inContext, inspect, openBrowser, PHONE, portal, signedIn, signIn } from './support.mjs';

const PASSWORD = 'correct horse battery staple';
const secret = randomBytes(32).toString('hex');

let browser;
let site;
const remotes = {};
before(async () => {
  browser = await openBrowser();
  for (const [client, last] of [['live', 91], ['dead', 92], ['mute', 93]]) {
    remotes[client] = await relyingParty(`127.0.0.${last}`, { client, secret });
  }
  site = await setup.portal(await catalogue(), 'localhost', { USHER_NET__ALLOW: '127.0.0.91,127.0.0.92' });
  for (const remote of Object.values(remotes)) remote.portal = site.url;
});
after(async () => {
  await browser?.close();
  await site?.close();
  for (const remote of Object.values(remotes)) remote.close();
});

/** A port of this address without a listener. */
async function deadPort(host) {
  const server = createServer();
  await new Promise((ready) => server.listen(0, host, ready));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

async function catalogue() {
  const registration = {
    live: `backchannel_logout_uri = "${remotes.live.origin}/ended"`,
    dead: `backchannel_logout_uri = "http://127.0.0.92:${await deadPort('127.0.0.92')}/ended"`,
    mute: '',
  };
  const titles = { live: 'Orders', dead: 'Warehouse', mute: 'Canteen' };
  const clients = Object.entries(remotes).map(([client, { origin }]) => `
[[client]]
id = "${client}"
title = "${titles[client]}"
secret = "${secret}"
redirect_uris = ["${origin}/callback"]
registration = { ${registration[client]} }
`);
  return `
[[provider]]
slug = "local"
kind = "local"
title = "Sign in with your Usher account"

[[person]]
login = "ana"
name = "Ana Almeida"
password = "${PASSWORD}"
${clients.join('')}`;
}

/** A user signed in at our own portal and at all three applications. */
async function everywhere(options, act) {
  await inContext(browser, options, async (context) => {
    const page = await context.newPage();
    await page.goto(`${site.url}/sign-in`);
    await signIn(page, 'ana', { secret: PASSWORD, locale: options.locale });
    await page.waitForURL(`${site.url}/`);
    for (const remote of Object.values(remotes)) {
      await page.goto(`${remote.origin}/start`);
      await page.waitForURL(`${remote.origin}/`);
      await expectText(page.getByTestId('who'), 'Ana Almeida');
    }
    await page.goto(`${site.url}/sign-out`);
    await page.getByRole('main').getByRole('button').first().click();
    await page.waitForURL(`${site.url}/signed-out`);
    await act(page);
  });
}

const line = (page, title) => page.getByRole('listitem').filter({ hasText: title });

for (const [size, viewport] of [['desktop', DESKTOP], ['phone', PHONE]]) {
  for (const colorScheme of ['light', 'dark']) {
    test(`whoever signs out sees who was told (${size}, ${colorScheme})`, () =>
      everywhere({ viewport, colorScheme }, async (page) => {
        const ended = remotes.live.ended.length;
        // The page asks again by itself; no reload is needed.
        await line(page, 'Warehouse').filter({ hasText: 'could not be notified; we will try again' }).waitFor();
        await line(page, 'Orders').filter({ hasText: 'has signed you out' }).waitFor();
        await line(page, 'Canteen').filter({ hasText: 'cannot be notified' }).waitFor();
        assert.ok(remotes.live.ended.length >= ended && remotes.live.ended.length > 0);
        await inspect(page, `told-${size}-${colorScheme}`);
        await page.getByRole('link', { name: 'Sign in again' }).click();
        await signIn(page, 'ana', { secret: PASSWORD });
        await page.waitForURL(`${site.url}/`);
        await page.goto(`${site.url}/account/logouts`);
        await expectText(page.getByRole('main'), 'has signed you out');
        await inspect(page, `logouts-told-${size}-${colorScheme}`);
      }));
  }

  test(`the list speaks German (${size})`, () =>
    everywhere({ viewport, locale: 'de-DE' }, async (page) => {
      await line(page, 'Warehouse').filter({ hasText: 'konnte nicht benachrichtigt werden' }).waitFor();
      await inspect(page, `told-${size}-german`);
    }));
}

describe('whoever signs out', () => {
  test('without JavaScript looks again for themselves', () =>
    everywhere({ javaScriptEnabled: false }, async (page) => {
      for (let tries = 0; tries < 20 && await page.getByRole('link', { name: 'Check again' }).count(); tries += 1) {
        await page.getByRole('link', { name: 'Check again' }).click();
      }
      await expectText(line(page, 'Orders'), 'has signed you out');
      await expectText(line(page, 'Warehouse'), 'could not be notified');
    }));

  test('has left the demo’s applications as well, and sees which could not be told', () =>
    signedIn(browser, 'ana', {}, async (page) => {
      const crm = { instance: 'crm-eu', path: '/customers/C-1042', who: 'Ana Almeida', key: 'C-1042' };
      const desk = { instance: 'desk-eu', path: '/cases/CS-2207', who: 'Ana Almeida', key: 'CS-2207' };
      await page.goto(`${portal}/go/crm/customer/C-1042`);
      await expectRecord(page, crm);
      await page.goto(`${portal}/go/tickets/case/CS-2207`);
      await expectRecord(page, desk);
      await page.goto(`${portal}/go/wiki/customer/C-1042`);
      await expectRecord(page, { ...crm, instance: 'wiki-eu', path: '/pages/C-1042', context: false });
      await page.goto(`${portal}/sign-out`);
      await page.getByRole('main').getByRole('button', { name: 'Sign out' }).click();
      await line(page, 'CRM Europe').filter({ hasText: 'has signed you out' }).waitFor();
      await line(page, 'Ticket desk Europe').filter({ hasText: 'has signed you out' }).waitFor();
      await line(page, 'Wiki Europe').filter({ hasText: 'cannot be notified' }).waitFor();
      await inspect(page, 'told-demo');
      // The cookies are still there; what they were for is not.
      await page.goto(apps['desk-eu'] + desk.path);
      await page.getByRole('heading', { name: 'Open this from the portal' }).waitFor();
      await page.goto(apps['crm-eu'] + crm.path);
      await page.waitForURL(`${portal}/sign-in/*`);
      await page.goto(`${apps['wiki-eu']}/pages/C-1042`);
      await expectText(page.getByTestId('who'), 'Ana Almeida');
    }));
});
