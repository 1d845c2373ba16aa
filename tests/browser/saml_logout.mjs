// Signing out of SAML service providers on other sites, under Chromium's real rules: what a frame may load, and which
// cookies come along with it. node-saml is the service provider.
//
// Needs USHER_TEST_BINARY, and the demo's variables for what the helpers ask of it.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import * as setup from './portal.mjs';
import { serviceProvider } from './remote.mjs';
import { expectText, inContext, inspect, openBrowser, signIn } from './support.mjs';

const PASSWORD = 'correct horse battery staple';

let browser;
let site;
const remotes = {};
before(async () => {
  browser = await openBrowser();
  remotes.archive = await serviceProvider('127.0.0.97', { logout: 'index' });
  remotes.payroll = await serviceProvider('127.0.0.98', { logout: 'cookie' });
  site = await setup.portal(catalogue());
  for (const remote of Object.values(remotes)) remote.portal = site.url;
});
after(async () => {
  await browser?.close();
  await site?.close();
  for (const remote of Object.values(remotes)) remote.close();
});

const service = (slug, title, more) => `
[[service]]
slug = "${slug}"
title = "${title}"
handoff = "saml"

[[service.instance]]
slug = "${slug}"
title = "${title}"
base_url = "${remotes[slug].origin}"
[service.instance.settings]
attributes = { displayName = "name" }
${more}
metadata = """
${remotes[slug].metadata()}
"""

[[service.rule]]
title = "Everybody"
instances = ["${slug}"]

[[service.link]]
type = "file"
intents = { view = "/files/{key}" }
`;

const catalogue = () => `
[[provider]]
slug = "local"
kind = "local"
title = "Sign in with your Usher account"

[[person]]
login = "ana"
name = "Ana Almeida"
password = "${PASSWORD}"

[[context_type]]
slug = "file"
title = "File"
icon = "file"
pattern = "F-[0-9]{1,6}"
hint = "F- and a number"
example = "F-12"
${service('archive', 'Archive', '')}${service('payroll', 'Payroll', 'logout_by = "page"')}`;

/** Signed in at the portal, with these records open; then signed out. */
async function left(options, records, act) {
  await inContext(browser, options, async (context) => {
    const page = await context.newPage();
    await page.goto(`${site.url}/sign-in`);
    await signIn(page, 'ana', { secret: PASSWORD });
    await page.waitForURL(`${site.url}/`);
    for (const [slug, key] of records) {
      await page.goto(`${site.url}/go/${slug}/file/${key}`);
      if (options.javaScriptEnabled === false) await page.getByRole('main').getByRole('button').first().click();
      await page.waitForURL(`${remotes[slug].origin}/files/${key}`);
      await expectText(page.getByTestId('who'), 'Ana Almeida');
    }
    await page.goto(`${site.url}/sign-out`);
    await page.getByRole('main').getByRole('button').first().click();
    await act(page);
  });
}

const line = (page, title) => page.getByRole('listitem').filter({ hasText: title });

describe('whoever signs out of a SAML service provider on another site', () => {
  test('is told by its answers, which come back in its frames', () =>
    left({}, [['archive', 'F-1'], ['archive', 'F-2']], async (page) => {
      await line(page, 'Archive').filter({ hasText: 'has signed you out' }).waitFor();
      assert.equal(remotes.archive.alive(), 0, 'both sessions over there');
      await inspect(page, 'saml-logout');
    }));

  test('is told without JavaScript as well: the page loads again', () =>
    left({ javaScriptEnabled: false }, [['archive', 'F-3']], async (page) => {
      await line(page, 'Archive').filter({ hasText: 'has signed you out' }).waitFor();
      assert.equal(remotes.archive.alive(), 0);
    }));

  test('goes by a page of its own where it needs its cookie, and comes back to the list', () =>
    left({}, [['archive', 'F-4'], ['payroll', 'F-5']], async (page) => {
      await line(page, 'Payroll').filter({ hasText: 'has signed you out' }).waitFor();
      await line(page, 'Archive').filter({ hasText: 'has signed you out' }).waitFor();
      assert.equal(new URL(page.url()).pathname, '/signed-out');
      assert.equal(remotes.payroll.alive(), 0);
      await page.goto(`${remotes.payroll.origin}/files/F-5`);
      await expectText(page.getByTestId('who'), 'nobody');
    }));
});
