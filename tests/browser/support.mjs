// A real browser for the journeys: contexts that record every error of a page, and the checks of each page.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { mkdirSync, readFileSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { chromium } from 'playwright-core';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
export const artefacts = process.env.USHER_TEST_ARTEFACTS ?? 'target/test-artefacts';
mkdirSync(artefacts, { recursive: true });

export const DESKTOP = { width: 1280, height: 800 };
export const PHONE = { width: 390, height: 844 };

export const portal = required('USHER_DEMO_URL');
const password = required('USHER_DEMO_PASSWORD');
const { port } = new URL(portal);

/** The demo's applications: truly different sites, each on its own loopback address. */
export const apps = Object.fromEntries(Object.entries({
  'crm-eu': 11, 'crm-us': 12, 'desk-eu': 21, 'desk-us': 22, 'wiki-eu': 31, 'wiki-us': 32, 'reports-eu': 41, 'reports-us': 42,
  partner: 61,
}).map(([slug, last]) => [slug, `http://127.0.0.${last}:${port}`]));

export function openBrowser() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync',
    ],
  });
}

/** A mail reader's page: links to the portal from a site that is neither it nor any application. */
export async function mailbox(links) {
  const list = Object.entries(links).map(([text, url]) => `<li><a href="${url}">${text}</a></li>`).join('');
  const body = `<!doctype html><html lang="en"><title>Mail</title><link rel="icon" href="data:,"><h1>Mail</h1><ul>${list}</ul></html>`;
  const server = http.createServer((_, response) => response.setHeader('content-type', 'text/html').end(body));
  await new Promise((ready) => server.listen(0, '127.0.0.99', ready));
  return { url: `http://127.0.0.99:${server.address().port}/`, close: () => { server.close(); server.closeAllConnections(); } };
}

/**
 * Gives `act` a fresh browser profile and closes it after; fails when any of its pages complained: a script error, a
 * broken rule of a Content-Security-Policy, an asset that did not come.
 */
export async function inContext(browser, options, act) {
  const context = await browser.newContext({ viewport: DESKTOP, reducedMotion: 'reduce', locale: 'en-GB', ...options });
  context.setDefaultTimeout(15_000);
  const complaints = [];
  context.on('weberror', (error) => complaints.push(`script: ${error.error().message}`));
  context.on('console', (message) => { if (isComplaint(message)) complaints.push(`console: ${message.text()}`); });
  context.on('response', (response) => {
    if (response.status() >= 400 && !response.request().isNavigationRequest()) complaints.push(`${response.status()} ${response.url()}`);
  });
  let result;
  try {
    result = await act(context);
  } catch (error) {
    // What the page complained of is most often why the user did not get on.
    error.message += `\nThe pages said: ${complaints.join('\n') || 'nothing'}`;
    throw error;
  } finally {
    await context.close();
  }
  assert.deepEqual(complaints, []);
  return result;
}

// Chromium also logs a page that answers 4xx by design (a wrong password); assets that fail are recorded above.
function isComplaint(message) {
  return ['error', 'warning'].includes(message.type()) && !message.text().startsWith('Failed to load resource');
}

/** A context in which this user is signed in already. */
export async function signedIn(browser, name, options, act) {
  await inContext(browser, options, async (context) => {
    const page = await context.newPage();
    await page.goto(`${portal}/sign-in`);
    await signIn(page, name, options);
    await page.waitForURL(`${portal}/`);
    await act(page, context);
  });
}

/** Fills in the sign-in page as a user would. */
export async function signIn(page, name, { secret = password, locale = 'en-GB' } = {}) {
  const words = locale.startsWith('de') ? ['Anmeldename', 'Passwort', 'Anmelden'] : ['Username', 'Password', 'Sign in'];
  await page.getByLabel(words[0], { exact: true }).fill(name);
  await page.getByLabel(words[1], { exact: true }).fill(secret);
  await page.getByRole('button', { name: words[2], exact: true }).click();
}

export async function expectSignIn(page) {
  await page.waitForURL(`${portal}/sign-in/*`);
  await page.getByLabel('Password', { exact: true }).waitFor();
}

/** The page is this instance's record, signed in as this user, with the record as its context. */
export async function expectRecord(page, { instance, path: place, who, key, context = true }) {
  await page.waitForURL(apps[instance] + place);
  await page.locator(`body[data-app][data-instance="${instance}"]`).waitFor();
  await expectText(page.getByTestId('who'), who);
  await expectText(page.getByTestId('record'), key);
  if (context) await expectText(page.getByTestId('context'), key);
}

export async function expectText(locator, text) {
  const shown = await locator.first().innerText();
  assert.ok(shown.includes(text), `expected “${text}” in “${shown}”`);
}

/** What is asked of every page: accessible, no wider than the screen; its picture is kept. */
export async function inspect(page, name) {
  await page.screenshot({ path: path.join(artefacts, `${name}.png`), fullPage: true });
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(wide <= 0, `${name} is ${wide} px wider than the screen`);
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => globalThis.axe.run());
  const told = violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ html }) => html.slice(0, 200)).join(' | ')}`);
  assert.deepEqual(told, [], `${name} (${page.url()}) is not accessible`);
}

/** Prefers an instance on a service's page for a while; without one, follows the rules again. */
export async function prefer(page, service, instance) {
  await page.goto(`${portal}/services/${service}`);
  if (instance) await page.getByLabel('Instance', { exact: true }).selectOption(instance);
  await page.getByRole('button', { name: instance ? 'Use for one week' : 'Use the assigned instance' }).click();
  const clear = page.getByRole('button', { name: 'Use the assigned instance' });
  await clear.waitFor({ state: instance ? 'visible' : 'detached' });
}

/** The addresses a tab goes through from here on. */
export function visited(page) {
  const urls = [];
  page.on('framenavigated', (frame) => { if (frame === page.mainFrame()) urls.push(frame.url()); });
  return urls;
}

function required(name) {
  assert.ok(process.env[name], `${name} is not set: run \`make test\``);
  return process.env[name];
}
