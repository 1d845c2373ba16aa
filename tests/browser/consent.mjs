// The question before another company's application receives data about a user, in a real browser against the running demo: by
// day and by night, in both languages, by keyboard alone and without JavaScript; yes, no, and taken back.
//
// Needs USHER_DEMO_URL and USHER_DEMO_PASSWORD.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { apps, DESKTOP, expectRecord, expectText, inContext, inspect, openBrowser, PHONE, portal, signedIn, signIn } from './support.mjs';

const LINK = `${portal}/go/partner/customer/C-1042`;
const RECORD = { instance: 'partner', path: '/customers/C-1042', who: 'Ben Brooks', key: 'C-1042' };
const QUESTION = 'Allow “Harbour Logistics” to access your data?';

let browser;
before(async () => { browser = await openBrowser(); });
after(async () => { await browser?.close(); });

/** Follows the link to the partner's record as far as the question. */
async function asked(page, heading = QUESTION) {
  await page.goto(LINK);
  await page.waitForURL(`${portal}/oidc/consent/*`);
  await page.getByRole('heading', { name: heading }).waitFor();
}

/** Takes back whatever was allowed, so that each test begins by being asked. */
async function forget(page) {
  await page.goto(`${portal}/account/applications`);
  const withdraw = page.getByRole('button', { name: 'Remove access for “Harbour Logistics”' });
  if (await withdraw.count() === 0) return;
  await withdraw.click();
  await withdraw.waitFor({ state: 'detached' });
}

for (const [size, viewport] of [['desktop', DESKTOP], ['phone', PHONE]]) {
  for (const colorScheme of ['light', 'dark']) {
    test(`the question and the list are fit to use (${size}, ${colorScheme})`, () =>
      signedIn(browser, 'ben', { viewport, colorScheme }, async (page) => {
        await forget(page);
        await inspect(page, `applications-none-${size}-${colorScheme}`);
        await asked(page);
        await inspect(page, `consent-${size}-${colorScheme}`);
        await page.getByRole('button', { name: 'Allow', exact: true }).click();
        await expectRecord(page, RECORD);
        await page.goto(`${portal}/account/applications`);
        await expectText(page.getByRole('main'), 'Your email address');
        await inspect(page, `applications-${size}-${colorScheme}`);
        await page.goto(`${portal}/account/history`);
        await expectText(page.getByRole('main'), 'You allowed access for “Harbour Logistics”');
        await forget(page);
      }));
  }

  test(`they speak German (${size})`, () =>
    signedIn(browser, 'cleo', { viewport, locale: 'de-DE' }, async (page) => {
      await asked(page, '„Harbour Logistics“ den Zugriff auf Ihre Daten erlauben?');
      await inspect(page, `consent-${size}-german`);
      await page.getByRole('button', { name: 'Ablehnen', exact: true }).click();
      await page.waitForURL(`${apps.partner}/callback?*`);
      await page.goto(`${portal}/account/applications`);
      await inspect(page, `applications-${size}-german`);
    }));
}

describe('before a partner’s application receives data about a user', () => {
  test('they say yes by keyboard alone, land in the record, and are not asked again', () =>
    signedIn(browser, 'ben', {}, async (page) => {
      await forget(page);
      await asked(page);
      const yes = page.getByRole('button', { name: 'Allow', exact: true });
      for (let presses = 0; presses < 20 && !await yes.evaluate((button) => button === document.activeElement); presses += 1) {
        await page.keyboard.press('Tab');
      }
      // Keyboard users see the focus.
      assert.notEqual(await yes.evaluate((button) => getComputedStyle(button).outlineStyle), 'none');
      await inspect(page, 'consent-focus');
      await page.keyboard.press('Enter');
      await expectRecord(page, RECORD);
      await page.goto(LINK);
      await expectRecord(page, RECORD);
      // Another browser is another session, and the same user.
      await signedIn(browser, 'ben', {}, async (elsewhere) => {
        await elsewhere.goto(LINK);
        await expectRecord(elsewhere, RECORD);
      });
    }));

  test('they say no: it hears so, and nothing else', () =>
    signedIn(browser, 'ben', {}, async (page) => {
      await forget(page);
      await asked(page);
      await page.getByRole('button', { name: 'Deny', exact: true }).click();
      await page.waitForURL(`${apps.partner}/callback?*`);
      assert.equal(new URL(page.url()).searchParams.get('error'), 'access_denied');
      await expectText(page.getByRole('main'), 'access_denied');
      await page.goto(`${portal}/account/applications`);
      await expectText(page.getByRole('main'), 'No application has access.');
      // Nothing was decided for good.
      await asked(page);
    }));

  test('they take it back, and are asked again', () =>
    signedIn(browser, 'ben', {}, async (page, context) => {
      await forget(page);
      await asked(page);
      await page.getByRole('button', { name: 'Allow', exact: true }).click();
      await expectRecord(page, RECORD);
      await page.goto(`${portal}/account`);
      await page.getByRole('link', { name: 'Connected applications' }).click();
      await page.getByRole('button', { name: 'Remove access for “Harbour Logistics”' }).click();
      await page.getByText('No application has access.').waitFor();
      await context.clearCookies({ domain: new URL(apps.partner).hostname });
      await asked(page);
    }));

  test('they are asked again when it wants more, and see what is new', () =>
    signedIn(browser, 'ben', {}, async (page) => {
      await forget(page);
      await asked(page);
      await page.getByRole('button', { name: 'Allow', exact: true }).click();
      await expectRecord(page, RECORD);
      const more = new URLSearchParams({
        response_type: 'code', client_id: 'partner', redirect_uri: `${apps.partner}/callback`, scope: 'openid profile email groups',
        state: 's', nonce: 'n', code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM', code_challenge_method: 'S256',
      });
      for (const [size, viewport] of [['desktop', DESKTOP], ['phone', PHONE]]) {
        await page.setViewportSize(viewport);
        await page.goto(`${portal}/oidc/authorize?${more}`);
        await page.getByRole('heading', { name: 'Already allowed' }).waitFor();
        const [fresh, before] = await page.getByRole('main').getByRole('list').allInnerTexts();
        assert.ok(fresh.includes('The groups you belong to') && before.includes('Your email address'), `${fresh} / ${before}`);
        assert.ok(!fresh.includes('Your email address'));
        await inspect(page, `consent-more-${size}`);
      }
      await forget(page);
    }));

  test('the record they were on their way to survives signing in and the question', () =>
    inContext(browser, {}, async (context) => {
      const page = await context.newPage();
      await page.goto(LINK);
      await signIn(page, 'ben');
      await page.waitForURL(`${portal}/oidc/consent/*`);
      await page.reload();
      await page.getByRole('button', { name: 'Allow', exact: true }).click();
      await expectRecord(page, RECORD);
      await forget(page);
    }));

  test('all of it works without JavaScript', () =>
    signedIn(browser, 'ben', { javaScriptEnabled: false }, async (page) => {
      await forget(page);
      await asked(page);
      await page.getByRole('button', { name: 'Allow', exact: true }).click();
      await expectRecord(page, RECORD);
      await forget(page);
    }));
});
