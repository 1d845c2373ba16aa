// The admin's desk and "who are you?" in a real browser, against a portal with several providers: on a desktop and a
// phone, by day and by night, in both languages, with and without scripts.
//
// Needs USHER_TEST_BINARY, and the demo's variables for what the helpers ask of it.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { portal } from './portal.mjs';
import { artefacts, DESKTOP, expectText, inContext, inspect, openBrowser, PHONE } from './support.mjs';

const PASSWORD = 'correct horse battery staple';

const CATALOGUE = `
[[provider]]
slug = "local"
kind = "local"
title = "Sign in with your Usher account"

[[provider]]
slug = "uni"
kind = "local"
title = "Sign in with your university"
domains = ["uni.example", "*.uni.example"]
map = { mail = "email", groups = { from = ["roles", "groups"], match = "app-(.*)" } }
allow = { not = { group = "guests" } }

[[provider]]
slug = "campus"
kind = "saml"
title = "Sign in at the campus"
domains = ["campus.example"]
settings = { entity_id = "https://idp.campus.example" }

[[provider]]
slug = "company"
kind = "ldap"
title = "Sign in with your company account"
hidden = true
networks = ["198.51.100.0/24"]
[provider.settings]
servers = ["ldaps://127.0.0.1:1"]
base_dn = "dc=example,dc=org"
bind_dn = "cn=usher,dc=example,dc=org"
bind_password = "s3cr3t"

[[person]]
login = "ana"
name = "Ana Almeida"
password = "${PASSWORD}"
`;

const CLAIMS = JSON.stringify({
  email: 'ana@uni.example', roles: ['app-sales', 'offline_access'], name: 'Ana', preferred_username: 'ana', shoe: 43,
});

let browser;
let site;
before(async () => {
  [browser, site] = [await openBrowser(), await portal(CATALOGUE, 'localhost', { USHER_SIGN_IN__FACTOR_FOR_ADMINS: 'false' })];
  await inContext(browser, {}, async (context) => signIn(await context.newPage()));
  await site.usher('admin', 'grant', 'ana');
});
after(async () => { await browser?.close(); await site?.close(); });

async function signIn(page) {
  await page.goto(`${site.url}/sign-in?provider=local`);
  await page.locator('#name').fill('ana');
  await page.locator('#password').fill(PASSWORD);
  await page.locator('form button.main').first().click();
  await page.waitForURL(`${site.url}/`);
}

async function asAdmin(options, act) {
  await inContext(browser, options, async (context) => {
    const page = await context.newPage();
    await signIn(page);
    await act(page);
  });
}

async function preview(page) {
  await page.goto(`${site.url}/admin/providers/uni`);
  await page.locator('#said').fill(CLAIMS);
  await page.locator('form[action$="/preview"] button').click();
  await expectText(page.locator('table.facts tbody'), 'sales');
}

for (const [size, viewport] of [['desktop', DESKTOP], ['phone', PHONE]]) {
  for (const colorScheme of ['light', 'dark']) {
    test(`every page of the desk is fit to use (${size}, ${colorScheme})`, () =>
      asAdmin({ viewport, colorScheme }, async (page) => {
        const pages = {
          desk: '/admin', providers: '/admin/providers?who=ana%40uni.example', local: '/admin/providers/local',
          campus: '/admin/providers/campus', company: '/admin/providers/company', events: '/admin/events',
          logouts: '/admin/logouts', keys: '/admin/keys', 'events-none': '/admin/events?person=nobody',
        };
        for (const [name, place] of Object.entries(pages)) {
          await page.goto(site.url + place);
          await inspect(page, `admin-${name}-${size}-${colorScheme}`);
        }
        await preview(page);
        await inspect(page, `admin-preview-${size}-${colorScheme}`);
      }));

    test(`"who are you?" is fit to use (${size}, ${colorScheme})`, () =>
      inContext(browser, { viewport, colorScheme }, async (context) => {
        const page = await context.newPage();
        await page.goto(`${site.url}/`);
        await page.getByRole('heading', { name: 'Sign in', exact: true }).waitFor();
        await inspect(page, `who-${size}-${colorScheme}`);
        await page.getByLabel('Username or email address').fill('ana@nowhere.example');
        await page.getByRole('button', { name: 'Continue' }).click();
        await page.getByRole('alert').waitFor();
        await inspect(page, `who-lost-${size}-${colorScheme}`);
      }));
  }

  test(`desk and question speak German (${size})`, () =>
    asAdmin({ viewport, locale: 'de-DE' }, async (page) => {
      for (const [name, place] of Object.entries({ desk: '/admin', campus: '/admin/providers/campus', events: '/admin/events', keys: '/admin/keys' })) {
        await page.goto(site.url + place);
        assert.equal(await page.locator('html').getAttribute('lang'), 'de');
        await inspect(page, `admin-${name}-${size}-german`);
      }
      await preview(page);
      await inspect(page, `admin-preview-${size}-german`);
    }));
}

test('the audit log fits its page, and on a phone each value has the label of its column', () =>
  asAdmin({}, async (page) => {
    await page.goto(`${site.url}/admin/events`);
    const region = page.getByRole('region', { name: 'Audit log' });
    const hidden = await region.evaluate((box) => box.scrollWidth - box.clientWidth);
    assert.ok(hidden <= 0, `${hidden} px of the table are hidden`);
    await page.setViewportSize(PHONE);
    const time = page.getByRole('cell').first();
    const label = await time.evaluate((cell) => getComputedStyle(cell, '::before').content);
    assert.ok(label.includes('Time'), label);
    assert.equal(await page.getByRole('columnheader', { name: 'IP address' }).count(), 1, 'it is still a table');
  }));

for (const javaScriptEnabled of [true, false]) {
  describe(javaScriptEnabled ? 'with scripts' : 'without scripts', () => {
    test('one field leads to the right form, and the browser remembers which', () =>
      inContext(browser, { javaScriptEnabled }, async (context) => {
        const page = await context.newPage();
        await page.goto(`${site.url}/`);
        await page.getByLabel('Username or email address').fill('ana@law.uni.example');
        await page.getByRole('button', { name: 'Continue' }).click();
        await page.getByRole('heading', { name: 'Sign in with your university' }).waitFor();
        assert.equal(await page.getByLabel('Username', { exact: true }).inputValue(), 'ana@law.uni.example');
        await page.getByLabel('Username', { exact: true }).fill('ana');
        await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
        await page.getByRole('button', { name: 'Sign in', exact: true }).click();
        await page.waitForURL(`${site.url}/`);
        await context.clearCookies({ name: 'usher' });
        await page.goto(`${site.url}/`);
        await page.getByRole('heading', { name: 'Sign in with your university' }).waitFor();
        await page.getByRole('link', { name: 'Choose another way to sign in' }).click();
        await page.getByRole('heading', { name: 'Sign in', exact: true }).waitFor();
      }));
  });
}

test('keys are rotated by the keyboard, and what turns people away only when the box is ticked', () =>
  asAdmin({}, async (page) => {
    await page.goto(`${site.url}/admin/keys`);
    assert.equal(await page.locator('.own-row').count(), 3);
    await page.getByRole('button', { name: 'Rotate now' }).focus();
    await page.keyboard.press('Enter');
    await page.waitForURL('**/admin/keys?done=early');
    await expectText(page.getByRole('status'), 'New keys have been published');
    assert.equal(await page.locator('.own-row').count(), 6);
    await inspect(page, 'admin-keys-waiting');
    await page.getByRole('button', { name: 'Replace keys immediately' }).click();
    assert.ok(!page.url().includes('at-once'), 'the box is asked for');
    await page.getByLabel('I understand that sign-ins may be refused').focus();
    await page.keyboard.press('Space');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/admin/keys?done=at-once');
    await expectText(page.getByRole('status'), 'New keys are now used for signing.');
    assert.equal(await page.locator('.own-row').count(), 6, 'what was waiting is withdrawn, what signed retires');
    await page.reload();
    assert.equal(await page.locator('.own-row').count(), 6, 'a page that is loaded again makes no more');
    for (const [size, viewport] of [['desktop', DESKTOP], ['phone', PHONE]]) {
      for (const colorScheme of ['light', 'dark']) {
        await page.setViewportSize(viewport);
        await page.emulateMedia({ colorScheme });
        await inspect(page, `admin-keys-rotated-${size}-${colorScheme}`);
      }
    }
  }));

test('a file of metadata is chosen, and what is wrong with it is said', () =>
  asAdmin({}, async (page) => {
    const file = path.join(artefacts, 'metadata.xml');
    writeFileSync(file, '<x xmlns="urn:x">not metadata</x>\n');
    await page.goto(`${site.url}/admin/providers/campus`);
    await page.getByLabel('Or choose a file').setInputFiles(file);
    await page.waitForFunction(() => document.getElementById('metadata').value.includes('not metadata'));
    await page.getByRole('button', { name: 'Use this metadata' }).click();
    await page.getByRole('status').waitFor();
    await inspect(page, 'admin-metadata-refused');
  }));
