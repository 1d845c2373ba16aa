// Forms that bring a user to a remote application from another site, under Chromium's real rules for cookies: one that
// is `SameSite=Lax` does not come along with them, and the remote must land its user all the same.
//
// Needs USHER_TEST_BINARY, and the demo's variables for what the helpers ask of it.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import * as setup from './portal.mjs';
import { relyingParty, serviceProvider } from './remote.mjs';
import { expectText, inContext, openBrowser, signIn, visited } from './support.mjs';

const PASSWORD = 'correct horse battery staple';
const secret = randomBytes(32).toString('hex');

let browser;
let site;
let posted; // takes its answers by form_post
let archive; // takes unsolicited SAML assertions
before(async () => {
  browser = await openBrowser();
  posted = await relyingParty('127.0.0.94', { client: 'posted', secret, mode: 'form_post' });
  archive = await serviceProvider('127.0.0.95');
  site = await setup.portal(catalogue());
  posted.portal = archive.portal = site.url;
});
after(async () => {
  await browser?.close();
  await site?.close();
  for (const remote of [posted, archive]) remote?.close();
});

const catalogue = () => `
[[provider]]
slug = "local"
kind = "local"
title = "Sign in with your Usher account"

${['Ana Almeida', 'Ben Brooks'].map((name) => `[[person]]
login = "${name.split(' ')[0].toLowerCase()}"
name = "${name}"
password = "${PASSWORD}"
`).join('\n')}
[[context_type]]
slug = "file"
title = "File"
icon = "file"
pattern = "F-[0-9]{1,6}"
hint = "F- and a number"
example = "F-12"

[[client]]
id = "posted"
title = "Posted"
secret = "${secret}"
redirect_uris = ["${posted.origin}/callback"]

[[service]]
slug = "archive"
title = "Archive"
handoff = "saml"

[[service.instance]]
slug = "archive"
title = "Archive"
base_url = "${archive.origin}"
[service.instance.settings]
attributes = { displayName = "name" }
metadata = """
${archive.metadata()}
"""

[[service.rule]]
title = "Everybody"
instances = ["archive"]

[[service.link]]
type = "file"
intents = { view = "/files/{key}" }
`;

async function enter(page, name) {
  await signIn(page, name, { secret: PASSWORD });
}

/** Ends whatever there is at the portal; the remote's own session stays. */
async function leavePortal(page) {
  await page.goto(`${site.url}/sign-out`);
  await page.getByRole('main').getByRole('button').first().click();
  await page.getByRole('heading', { name: 'You are signed out' }).waitFor();
}

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? '' : ', without JavaScript';
  const onward = async (page) => { if (!javaScriptEnabled) await page.getByRole('button', { name: 'Continue' }).click(); };

  describe(`a form from the portal${how}`, () => {
    test('answers a sign-in (form_post), and lands its person though the cookie stayed at home', () =>
      inContext(browser, { javaScriptEnabled }, async (context) => {
        const page = await context.newPage();
        posted.log.length = 0;
        await page.goto(`${posted.origin}/start`);
        await enter(page, 'ana');
        await onward(page);
        await page.waitForURL(`${posted.origin}/`);
        await expectText(page.getByTestId('who'), 'Ana Almeida');
        // The cookie is there, and bound this sign-in to this browser; the form came without it.
        const names = (await context.cookies(posted.origin)).map(({ name, sameSite }) => `${name} ${sameSite}`).sort();
        assert.deepEqual(names, ['browser Lax', 'session Lax']);
        assert.deepEqual(posted.log, [{ path: '/callback', cookie: undefined, origin: site.url }]);

        // With a session: no question is asked, and the code is in no address.
        const urls = visited(page);
        await page.goto(`${posted.origin}/start`);
        await onward(page);
        await page.waitForURL(`${posted.origin}/`);
        assert.equal(posted.log.length, 2);
        assert.equal(posted.log[1].cookie, undefined);
        assert.deepEqual(urls.filter((url) => /sign-in|code=/.test(url)), []);
      }));

    test('brings an error as well (prompt=none, and nobody is signed in)', () =>
      inContext(browser, { javaScriptEnabled }, async (context) => {
        const page = await context.newPage();
        await page.goto(`${posted.origin}/start?prompt=none`);
        await onward(page);
        await expectText(page.getByTestId('error'), 'login_required');
      }));

    test('brings a SAML assertion, and lands its person in the record', () =>
      inContext(browser, { javaScriptEnabled }, async (context) => {
        const page = await context.newPage();
        archive.log.length = 0;
        await page.goto(`${site.url}/go/archive/file/F-12`);
        await enter(page, 'ana');
        await onward(page);
        await page.waitForURL(`${archive.origin}/files/F-12`);
        await expectText(page.getByTestId('who'), 'Ana Almeida');
        assert.deepEqual(archive.log, [{ path: '/acs', cookie: undefined, origin: site.url }]);
        // The session was begun by a form from another site; a reload has it, and posts nothing again.
        await page.reload();
        await expectText(page.getByTestId('who'), 'Ana Almeida');
        assert.equal(archive.log.length, 1);
      }));

    test('takes the place of whoever was there before, of whom the remote could not know', () =>
      inContext(browser, { javaScriptEnabled }, async (context) => {
        const page = await context.newPage();
        for (const [login, name] of [['ana', 'Ana Almeida'], ['ben', 'Ben Brooks']]) {
          archive.log.length = 0;
          await page.goto(`${site.url}/go/archive/file/F-7`);
          await enter(page, login);
          await onward(page);
          await page.waitForURL(`${archive.origin}/files/F-7`);
          await expectText(page.getByTestId('who'), name);
          assert.equal(archive.log[0].cookie, undefined);
          await leavePortal(page);
        }
      }));

    test('is not sent again by the back button', () =>
      inContext(browser, { javaScriptEnabled }, async (context) => {
        const page = await context.newPage();
        await page.goto(`${site.url}/sign-in`);
        await enter(page, 'ana');
        await page.waitForURL(`${site.url}/`);
        archive.log.length = 0;
        await page.goto(`${site.url}/go/archive/file/F-12`);
        await onward(page);
        await page.waitForURL(`${archive.origin}/files/F-12`);
        await page.goBack();
        await page.waitForLoadState('load');
        assert.equal(archive.log.length, 1);
      }));
  });
}
