// What the portal does better with JavaScript. Every page works without this file.

import 'htmx.org';

import { keepCodes } from './codes.js';
import { usePasskeys } from './passkey.js';

filterTiles();
focusFirstResult();
closeMenus();
revealPasswords();
submitHandOff();
tellLocalTimes();
readFiles();
keepCodes();
lookAgain();
comeBack();
usePasskeys();

/** Which applications were notified of a sign-out: requested again while notifications are in progress, without leaving the page. */
async function lookAgain() {
  let region = document.querySelector('[data-parties]');
  for (let tries = 0; region?.hasAttribute('data-again') && tries < 16; tries += 1) {
    await new Promise((done) => { setTimeout(done, 1500); });
    const answer = await fetch(location.href, { headers: { 'hx-request': 'true' } }).catch(() => null);
    if (!answer?.ok) continue;
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    const next = page.querySelector('[data-parties]');
    if (!next) return;
    if (next.hasAttribute('data-reload')) return void location.reload();
    region.replaceChildren(...next.childNodes);
    region.toggleAttribute('data-again', next.hasAttribute('data-again'));
  }
}

/** Where an application that signs out on a page of its own does not answer in time, the list goes on without it. */
function comeBack() {
  if (!document.querySelector('[data-next]')) return;
  setTimeout(() => {
    window.stop();
    location.replace('/signed-out');
  }, 12000);
}

/** The search box filters the tiles while one types; arrows walk them, Enter opens the first. */
function filterTiles() {
  const form = document.querySelector('form[data-search]');
  if (!form) return;
  const box = form.querySelector('input[type=search]');
  const tiles = [...document.querySelectorAll('[data-tile]')];
  const shown = () => tiles.filter((tile) => !tile.hidden);
  const words = tiles.map((tile) => tile.dataset.find.toLocaleLowerCase());

  const filter = () => {
    const wanted = box.value.toLocaleLowerCase().split(/\s+/).filter(Boolean);
    tiles.forEach((tile, at) => { tile.hidden = !wanted.every((word) => words[at].includes(word)); });
    for (const group of document.querySelectorAll('[data-group]')) {
      group.hidden = !group.querySelector('[data-tile]:not([hidden])');
    }
    say(form, shown().length, wanted.length);
  };

  // The server may have answered ?q= before; the list is complete either way.
  document.querySelectorAll('[data-only-plain]').forEach((element) => element.remove());
  box.addEventListener('input', filter);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    if (box.value.trim()) link(shown()[0])?.click();
  });
  document.addEventListener('keydown', (event) => walk(event, box, shown, filter));
}

/** Shows, to screen readers as well, how many services are left. */
function say(form, count, filtered) {
  const status = document.querySelector('[data-search-status]');
  document.querySelector('[data-search-none]').hidden = count > 0;
  const { one, other } = form.dataset;
  status.textContent = filtered && count ? (count === 1 ? one : other.replace('0', count)) : '';
}

function link(tile) {
  return tile?.querySelector('a');
}

/** The keys of the tiles: `/` to the box, arrows between box and tiles, Escape back. */
function walk(event, box, shown, filter) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const typing = event.target.closest('input, select, textarea, [contenteditable]');
  if (event.key === '/' && !typing) {
    event.preventDefault();
    box.focus();
    box.select();
  } else if (event.key === 'Escape' && event.target === box) {
    box.value = '';
    filter();
  } else if (event.key === 'ArrowDown' && event.target === box) {
    event.preventDefault();
    link(shown()[0])?.focus();
  } else {
    step(event, box, shown());
  }
}

function step(event, box, tiles) {
  const from = tiles.find((tile) => link(tile) === event.target);
  if (!from || !event.key.startsWith('Arrow')) return;
  event.preventDefault();
  const next = neighbour(from, tiles, event.key);
  if (next) link(next).focus();
  else if (event.key === 'ArrowUp') box.focus();
}

/** The tile one would see next in that direction, however the grid happens to wrap. */
function neighbour(from, tiles, key) {
  const at = tiles.indexOf(from);
  if (key === 'ArrowLeft') return tiles[at - 1];
  if (key === 'ArrowRight') return tiles[at + 1];
  const sign = key === 'ArrowDown' ? 1 : -1;
  const here = from.getBoundingClientRect();
  const ahead = tiles
    .map((tile) => ({ tile, place: tile.getBoundingClientRect() }))
    .filter(({ place }) => sign * (place.top - here.top) > 8)
    .map(({ tile, place }) => ({ tile, far: Math.abs(place.top - here.top) * 4 + Math.abs(place.left - here.left) }));
  return ahead.sort((a, b) => a.far - b.far)[0]?.tile;
}

/** Results come as one types; pressing Enter moves the focus to them. */
function focusFirstResult() {
  const form = document.querySelector('form[data-records]');
  const results = document.getElementById('results');
  if (!form || !results) return;
  let pressed = false;
  form.addEventListener('submit', () => { pressed = true; });
  form.addEventListener('input', () => { pressed = false; });
  document.addEventListener('htmx:after:swap', () => {
    if (pressed) results.querySelector('a')?.focus();
    pressed = false;
  });
}

/** The menu is a <details>: it opens by itself, and closes by Escape or a click elsewhere. */
function closeMenus() {
  const menu = document.querySelector('details[data-menu]');
  if (!menu) return;
  document.addEventListener('click', (event) => {
    if (!menu.contains(event.target)) menu.open = false;
  });
  menu.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || !menu.open) return;
    menu.open = false;
    menu.querySelector('summary').focus();
  });
}

/** A button to see the password one types. */
function revealPasswords() {
  for (const button of document.querySelectorAll('button[data-reveal]')) {
    const field = document.getElementById(button.dataset.reveal);
    button.hidden = false;
    button.addEventListener('click', () => {
      const hide = field.type === 'text';
      field.type = hide ? 'password' : 'text';
      button.textContent = hide ? button.dataset.show : button.dataset.hide;
    });
    // A password manager should see what it knows.
    field.form.addEventListener('submit', () => { field.type = 'password'; });
  }
}

/** Sends the hand-off form on; never again when the reader comes back to it. */
function submitHandOff() {
  const form = document.querySelector('form[data-auto-submit]');
  const [visit] = performance.getEntriesByType('navigation');
  if (form && visit?.type !== 'back_forward') form.submit();
}

/** Exact times come in UTC; the reader's own clock and customs say more. */
function tellLocalTimes() {
  const { lang } = document.documentElement;
  const own = navigator.languages.find((language) => language.split('-')[0] === lang);
  const told = new Intl.DateTimeFormat(own ?? lang, { dateStyle: 'medium', timeStyle: 'short' });
  for (const exact of document.querySelectorAll('time > [data-exact]')) {
    const at = new Date(exact.parentElement.dateTime);
    if (!Number.isNaN(at.getTime())) exact.textContent = `(${told.format(at)})`;
  }
}

/** A file can be pasted; where scripts run it can be chosen: its text goes into the field it is for. */
function readFiles() {
  for (const place of document.querySelectorAll('[data-file-into]')) {
    const input = place.querySelector('input[type=file]');
    place.hidden = false;
    input.addEventListener('change', async () => {
      const field = document.getElementById(place.dataset.fileInto);
      if (input.files[0]) field.value = await input.files[0].text();
    });
  }
}
