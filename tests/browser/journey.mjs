// The journeys in a real browser, against the running demo: from a link in a mail to the record, cold and warm, on
// both kinds of application, on a desktop and a phone. Every page on the way is looked at (see `inspect`).
//
// Needs USHER_DEMO_URL and USHER_DEMO_PASSWORD; USHER_TOUR=1 renews the README's picture.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import {
  DESKTOP, expectRecord, expectSignIn, expectText, inContext, inspect, mailbox, openBrowser, PHONE, portal, prefer,
  signedIn, signIn, visited,
} from './support.mjs';

const CRM = { instance: 'crm-eu', path: '/customers/C-1042', who: 'Ana Almeida', key: 'C-1042' };
const DESK = { instance: 'desk-eu', path: '/cases/CS-2207', who: 'Ana Almeida', key: 'CS-2207' };
const LINKS = {
  customer: `${portal}/go/crm/customer/C-1042`,
  case: `${portal}/go/tickets/case/CS-2207`,
};

let browser;
let mail;
before(async () => { [browser, mail] = [await openBrowser(), await mailbox(LINKS)]; });
after(async () => { await browser?.close(); mail?.close(); });

/** Clicks the link in the mail. */
async function follow(page, link) {
  await page.goto(mail.url);
  await page.getByRole('link', { name: link, exact: true }).click();
}

for (const [size, viewport] of [['desktop', DESKTOP], ['phone', PHONE]]) {
  describe(size, () => {
    for (const [link, record, other, otherRecord] of [['customer', CRM, 'case', DESK], ['case', DESK, 'customer', CRM]]) {
      test(`a link to a ${link} asks once who it is, lands in the record, and never asks again`, () =>
        inContext(browser, { viewport }, async (context) => {
          const page = await context.newPage();
          await follow(page, link);
          await expectSignIn(page);
          await inspect(page, `sign-in-${size}`);
          await signIn(page, 'ana');
          await expectRecord(page, record);
          await inspect(page, `${link}-${size}`);

          const urls = visited(page);
          await follow(page, link);
          await expectRecord(page, record);
          await follow(page, other);
          await expectRecord(page, otherRecord);
          assert.deepEqual(urls.filter((url) => url.includes('/sign-in')), []);
        }));
    }

    for (const colorScheme of ['light', 'dark']) {
      test(`every page of the portal is fit to use (${colorScheme})`, () =>
        signedIn(browser, 'cleo', { viewport, colorScheme }, async (page) => {
          const pages = {
            portal: '/', service: '/services/crm', record: '/open?type=customer&key=C-1042',
            'record-wrong': '/open?type=customer&key=nonsense', choice: '/go/reports/customer/C-1042',
            unknown: '/go/nowhere/customer/C-1042', 'not-found': '/nowhere', 'sign-out': '/sign-out',
          };
          for (const [name, path] of Object.entries(pages)) {
            await page.goto(portal + path);
            await inspect(page, `${name}-${size}-${colorScheme}`);
          }
        }));

      test(`the sign-in page is fit to use (${colorScheme})`, () =>
        inContext(browser, { viewport, colorScheme }, async (context) => {
          const page = await context.newPage();
          await page.goto(`${portal}/`);
          await expectSignIn(page);
          await inspect(page, `sign-in-${size}-${colorScheme}`);
        }));
    }

    test('the portal speaks German', () =>
      signedIn(browser, 'ana', { viewport, locale: 'de-DE' }, async (page) => {
        assert.equal(await page.locator('html').getAttribute('lang'), 'de');
        await inspect(page, `portal-${size}-german`);
      }));
  });
}

describe('where a link leads', () => {
  test('the same links take a person of another region to other instances', () =>
    inContext(browser, {}, async (context) => {
      const page = await context.newPage();
      await follow(page, 'customer');
      await expectSignIn(page);
      await signIn(page, 'ben');
      await expectRecord(page, { ...CRM, instance: 'crm-us', who: 'Ben Brooks' });
      await follow(page, 'case');
      await expectRecord(page, { ...DESK, instance: 'desk-us', who: 'Ben Brooks' });
    }));

  test('another intent opens the record for editing', () =>
    signedIn(browser, 'ana', {}, async (page) => {
      await page.goto(`${portal}/go/crm/customer/C-1042?intent=edit`);
      await expectRecord(page, { ...CRM, path: '/customers/C-1042/edit' });
      await page.goto(`${portal}/go/tickets/case/CS-2207?intent=edit`);
      await expectRecord(page, { ...DESK, path: '/cases/CS-2207/edit' });
    }));

  test('an application that starts its own single sign-on opens the record', () =>
    signedIn(browser, 'ana', {}, async (page) => {
      await page.goto(`${portal}/go/wiki/customer/C-1042`);
      await expectRecord(page, { ...CRM, instance: 'wiki-eu', path: '/pages/C-1042', context: false });
    }));

  for (const [link, key] of [['crm/customer', 'C-9999'], ['tickets/case', 'CS-9999']]) {
    test(`a record that does not exist brings the person back to a helpful page (${link})`, () =>
      signedIn(browser, 'ana', {}, async (page) => {
        await page.goto(`${portal}/go/${link}/${key}`);
        await page.waitForURL(`${portal}/launches/*/refused?reason=no_such_record`);
        await page.getByRole('heading', { name: `${key} not found in` }).waitFor();
        await inspect(page, `refused-${key}`);
        await page.getByRole('link', { name: 'Check the number or ID' }).click();
        assert.equal(await page.getByLabel('Number or ID', { exact: true }).inputValue(), key);
        await page.goto(`${portal}/`);
        const recent = page.getByRole('region', { name: 'Recently opened' }).getByRole('link', { name: key });
        await recent.filter({ hasText: 'Not found' }).waitFor();
        await inspect(page, `refused-recent-${key}`);
      }));
  }

  test('who has several instances chooses one, and may reload before', () =>
    signedIn(browser, 'cleo', {}, async (page) => {
      await page.goto(`${portal}/go/reports/customer/C-1042`);
      await page.waitForURL(`${portal}/launches/*`);
      await page.reload();
      await page.locator('button[name=instance][value=reports-us]').click();
      await expectRecord(page, { instance: 'reports-us', path: '/reports/C-1042', who: 'Cleo Chen', key: 'C-1042', context: false });
    }));

  test('a service one may not see looks like one that does not exist', () =>
    signedIn(browser, 'ben', {}, async (page) => {
      const seen = [];
      for (const service of ['reports', 'nowhere']) {
        const response = await page.goto(`${portal}/go/${service}/customer/C-1042`);
        seen.push([response.status(), await page.locator('h1').innerText()]);
      }
      assert.deepEqual(seen[0], seen[1]);
    }));

  test('a service says where it leads and why, and another instance can be preferred for a while', () =>
    signedIn(browser, 'ana', {}, async (page) => {
      await page.goto(`${portal}/services/crm`);
      await expectText(page.getByRole('main'), 'CRM Europe');
      await expectText(page.getByRole('main'), 'europe');
      await prefer(page, 'crm', 'crm-us');
      await inspect(page, 'service-preferred');
      await page.goto(LINKS.customer);
      await expectRecord(page, { ...CRM, instance: 'crm-us' });
      await prefer(page, 'crm', null);
      await page.goto(LINKS.customer);
      await expectRecord(page, CRM);
    }));
});

describe('the target survives', () => {
  test('a wrong password', () =>
    inContext(browser, {}, async (context) => {
      const page = await context.newPage();
      await follow(page, 'customer');
      await expectSignIn(page);
      await signIn(page, 'ana', { secret: 'wrong' });
      await page.getByRole('alert').waitFor();
      await inspect(page, 'sign-in-wrong-password');
      assert.equal(await page.getByLabel('Password', { exact: true }).inputValue(), '');
      await signIn(page, 'ana');
      await expectRecord(page, CRM);
    }));

  test('a reload and the back button', () =>
    inContext(browser, {}, async (context) => {
      const page = await context.newPage();
      await follow(page, 'case');
      await expectSignIn(page);
      await page.reload();
      await page.goBack();
      assert.equal(page.url(), mail.url);
      await page.goForward();
      await expectSignIn(page);
      await signIn(page, 'ana');
      await expectRecord(page, DESK);
    }));

  test('two tabs with two targets, each landing on its own', () =>
    inContext(browser, {}, async (context) => {
      const [first, second] = [await context.newPage(), await context.newPage()];
      await follow(first, 'customer');
      await expectSignIn(first);
      await follow(second, 'case');
      await expectSignIn(second);
      await signIn(second, 'ana');
      await expectRecord(second, DESK);
      await signIn(first, 'ana');
      await expectRecord(first, CRM);
    }));

  test('the absence of JavaScript', () =>
    inContext(browser, { javaScriptEnabled: false }, async (context) => {
      const page = await context.newPage();
      await follow(page, 'customer');
      await expectSignIn(page);
      await signIn(page, 'ana');
      await expectRecord(page, CRM);
      // A code travels by a form: without a script its button sends it.
      await follow(page, 'case');
      await page.getByRole('button', { name: 'Continue' }).click();
      await expectRecord(page, DESK);
    }));
});

describe('the portal page', () => {
  test('its tiles lead to the applications, without a record', () =>
    signedIn(browser, 'ana', {}, async (page) => {
      if (process.env.USHER_TOUR) await page.screenshot({ path: 'docs/tour.png' });
      for (const [service, host] of [['crm', '127.0.0.11'], ['tickets', '127.0.0.21']]) {
        await page.goto(`${portal}/`);
        await page.locator(`[data-tile] a[href="/go/${service}"]`).click();
        await page.waitForURL((url) => url.hostname === host);
        await expectText(page.getByTestId('who'), 'Ana Almeida');
      }
    }));

  test('is searched as one types, and by keyboard alone', () =>
    signedIn(browser, 'ana', {}, async (page) => {
      const tiles = page.locator('[data-tile]:visible');
      const all = await tiles.count();
      assert.ok(all >= 4, `${all} tiles`);
      await page.keyboard.press('/');
      await page.keyboard.type('ticket');
      await page.waitForFunction(() => [...document.querySelectorAll('[data-tile]')].filter((tile) => tile.checkVisibility()).length === 1);
      await inspect(page, 'portal-search');
      await page.keyboard.press('Escape');
      assert.equal(await tiles.count(), all);
      await page.keyboard.type('crm');
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('Enter');
      await page.waitForURL((url) => url.hostname === '127.0.0.11');
      await expectText(page.getByTestId('who'), 'Ana Almeida');
    }));

  for (const javaScriptEnabled of [true, false]) {
    test(`a record is opened by its type and key, ${javaScriptEnabled ? 'with' : 'without'} JavaScript`, () =>
      signedIn(browser, 'ana', { javaScriptEnabled }, async (page) => {
        await page.getByLabel('Record type').selectOption('customer');
        await page.getByLabel('Number or ID', { exact: true }).fill('c-1042');
        await page.getByLabel('Number or ID', { exact: true }).press('Enter');
        const found = page.locator('#results a[href^="/go/crm/customer/C-1042"]').first();
        await found.waitFor();
        if (javaScriptEnabled) await inspect(page, 'record-found');
        await found.click();
        await expectRecord(page, CRM);
        // What was opened is offered again.
        await page.goto(`${portal}/`);
        await page.getByRole('region', { name: 'Recently opened' }).getByRole('link', { name: 'C-1042' }).first().click();
        await expectRecord(page, CRM);
      }));
  }

  test('changes its language where a person asks it to', () =>
    signedIn(browser, 'ana', {}, async (page) => {
      await page.getByRole('button', { name: 'Deutsch' }).click();
      await page.locator('html[lang=de]').waitFor();
      assert.equal(page.url(), `${portal}/`);
    }));
});

test('after signing out a link asks again', () =>
  signedIn(browser, 'ana', {}, async (page) => {
    await page.locator('details[data-menu] > summary').click();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'You are signed out' }).waitFor();
    await inspect(page, 'signed-out');
    await follow(page, 'customer');
    await expectSignIn(page);
  }));
