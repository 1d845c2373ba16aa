// A user's own account in a real browser, against the running demo: on a desktop and a phone, by day and by night,
// in both languages, by keyboard alone and without JavaScript.
//
// Needs USHER_DEMO_URL and USHER_DEMO_PASSWORD.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { DESKTOP, expectText, inContext, inspect, openBrowser, PHONE, portal, signedIn, signIn } from './support.mjs';

let browser;
before(async () => { browser = await openBrowser(); });
after(async () => { await browser?.close(); });

for (const [size, viewport] of [['desktop', DESKTOP], ['phone', PHONE]]) {
  for (const colorScheme of ['light', 'dark']) {
    test(`every page of the account is fit to use (${size}, ${colorScheme})`, () =>
      signedIn(browser, 'ben', { viewport, colorScheme }, async (page) => {
        for (const [name, path] of Object.entries({ account: '/account', logouts: '/account/logouts', history: '/account/history' })) {
          await page.goto(portal + path);
          await inspect(page, `${name}-${size}-${colorScheme}`);
        }
      }));
  }

  test(`the account speaks German (${size})`, () =>
    signedIn(browser, 'ben', { viewport, locale: 'de-DE' }, async (page) => {
      for (const [name, path] of Object.entries({ account: '/account', logouts: '/account/logouts', history: '/account/history' })) {
        await page.goto(portal + path);
        await inspect(page, `${name}-${size}-german`);
      }
      await expectText(page.getByRole('main'), 'Letzte Aktivitäten');
    }));
}

describe('the account', () => {
  test('is reached from the menu of every page, by keyboard alone', () =>
    signedIn(browser, 'ben', {}, async (page) => {
      await page.locator('details[data-menu] > summary').focus();
      await page.keyboard.press('Enter');
      await page.keyboard.press('Tab');
      await page.keyboard.press('Enter');
      await page.waitForURL(`${portal}/account`);
      await expectText(page.getByRole('main'), 'Chrome on Linux');
    }));

  for (const javaScriptEnabled of [true, false]) {
    test(`signs another browser out at once, ${javaScriptEnabled ? 'with' : 'without'} JavaScript`, () =>
      signedIn(browser, 'ben', { userAgent: 'Mozilla/5.0 (Android 15; Mobile; rv:145.0) Gecko/145.0 Firefox/145.0' }, (phone) =>
        signedIn(browser, 'ben', { javaScriptEnabled }, async (page) => {
          await page.goto(`${portal}/account`);
          await page.getByRole('button', { name: 'Sign out Firefox on Android' }).first().click();
          await expectText(page.getByRole('status'), 'The device has been signed out');
          await phone.goto(`${portal}/account`);
          await phone.waitForURL(`${portal}/sign-in/*`);
        })));
  }

  test('tells times in the reader’s own time zone', () =>
    signedIn(browser, 'ben', { timezoneId: 'Pacific/Auckland' }, async (page) => {
      await page.goto(`${portal}/account`);
      const exact = page.locator('time > [data-exact]').first();
      const at = await exact.evaluate((element) => element.parentElement.dateTime);
      const local = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short', timeZone: 'Pacific/Auckland' });
      assert.equal(await exact.innerText(), `(${local.format(new Date(at))})`);
    }));

  test('gives all its data away as a file', () =>
    signedIn(browser, 'ben', {}, async (page) => {
      await page.goto(`${portal}/account`);
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name: 'Download your data' }).click(),
      ]);
      assert.match(download.suggestedFilename(), /^usher-\d{4}-\d\d-\d\d\.json$/);
      const data = JSON.parse(await readFile(await download.path(), 'utf8'));
      assert.equal(data.format, 'urn:usher:account-export:2');
      assert.equal(data.person.login, 'ben');
    }));

  test('ends here where its present session is signed out', () =>
    inContext(browser, {}, async (context) => {
      const page = await context.newPage();
      await page.goto(`${portal}/account`);
      await signIn(page, 'ben');
      await page.waitForURL(`${portal}/account`);
      await page.locator('.present').getByRole('button').click();
      await page.getByRole('heading', { name: 'You are signed out' }).waitFor();
      await page.goto(`${portal}/account`);
      await page.waitForURL(`${portal}/sign-in/*`);
    }));
});
