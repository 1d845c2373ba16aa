// A user's browser without the browser: cookies per host, redirects followed one by one, forms filled in and sent.
// What it shows is the page it ended on: `url`, `status`, `body`, and `trail`, every URL on the way.

export class Visitor {
  #cookies = new Map(); // host -> Map(name -> value)

  /** Opens a URL and follows every redirect that `until(url)` does not stop at. */
  open(url, until = () => false) {
    return this.#go({ url: new URL(url), method: 'GET' }, until);
  }

  /** Sends a form of the page, as pressing its button does. */
  submit(page, form, fields = {}, until = () => false) {
    const body = new URLSearchParams({ ...form.fields, ...fields });
    const origin = originHeader(page, form.action);
    return this.#go({ url: form.action, method: form.method, body, origin }, until);
  }

  /** Whether the browser still holds a cookie of this host. */
  holds(host, name) {
    return this.#cookies.get(host)?.has(name) ?? false;
  }

  async #go(request, until) {
    const trail = [];
    for (let hop = 0; hop < 20; hop++) {
      trail.push(request.url.href);
      if (until(request.url)) return { url: request.url, status: 0, body: '', trail };
      const response = await this.#send(request);
      const location = response.headers.get('location') ?? await refresh(response);
      if (!location) {
        const body = await response.text();
        return { url: request.url, status: response.status, body, policy: referrerPolicy(response, body), trail };
      }
      await response.body?.cancel();
      request = { url: new URL(location, request.url), method: 'GET' };
    }
    throw new Error(`redirected in circles: ${trail.join(' -> ')}`);
  }

  async #send({ url, method, body, origin }) {
    const jar = this.#cookies.get(url.hostname) ?? new Map();
    this.#cookies.set(url.hostname, jar);
    const headers = { accept: 'text/html' };
    if (jar.size > 0) headers.cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    if (origin) headers.origin = origin;
    const target = new URL(url);
    if (method === 'GET' && body) target.search = body;
    const response = await fetch(target, {
      method, headers, redirect: 'manual', body: method === 'POST' ? body : undefined,
    });
    for (const line of response.headers.getSetCookie()) keep(jar, line);
    return response;
  }
}

// A page that goes on by itself: how a form of the portal leaves for another site.
async function refresh(response) {
  const tag = /<meta http-equiv="refresh"[^>]*>/i.exec(await response.clone().text())?.[0];
  return tag && /url=(.*)$/i.exec(attribute(tag, 'content'))?.[1];
}

function keep(jar, line) {
  const [pair, ...attributes] = line.split(/;\s*/);
  const split = pair.indexOf('=');
  const gone = attributes.some((one) => /^max-age=(0|-)/i.test(one) || (/^expires=/i.test(one) && Date.parse(one.slice(8)) < Date.now()));
  if (gone) jar.delete(pair.slice(0, split));
  else jar.set(pair.slice(0, split), pair.slice(split + 1));
}

// The page's own word overrides the header's; of a list the last counts.
function referrerPolicy(response, body) {
  const meta = (body.match(/<meta\b[^>]*>/gi) ?? []).findLast((tag) => attribute(tag, 'name')?.toLowerCase() === 'referrer');
  const policy = meta ? attribute(meta, 'content') : response.headers.get('referrer-policy') ?? '';
  return policy.split(',').at(-1).trim();
}

// The Origin header of a form post (Fetch, "append a request Origin header"): the page's referrer policy can turn it
// into `null`, which a receiver must refuse; so the portal's policy is under test here too.
function originHeader(page, action) {
  const foreign = page.url.origin !== action.origin;
  return page.policy === 'no-referrer' || (page.policy === 'same-origin' && foreign) ? 'null' : page.url.origin;
}

/** The forms of a page with what they would send as they stand. */
export function forms(page) {
  return [...page.body.matchAll(/<form\b([^>]*)>([\s\S]*?)<\/form>/gi)].map(([, opening, inside]) => ({
    action: new URL(attribute(opening, 'action') ?? page.url.href, page.url),
    method: (attribute(opening, 'method') ?? 'get').toUpperCase(),
    fields: Object.fromEntries([...inside.matchAll(/<input\b([^>]*)>/gi)]
      .map(([, input]) => [attribute(input, 'name'), attribute(input, 'value') ?? ''])
      .filter(([name]) => name)),
  }));
}

/** The one form that asks for, or carries, all these fields. */
export function formWith(page, ...names) {
  const found = forms(page).find((form) => names.every((name) => name in form.fields));
  if (!found) throw new Error(`no form with ${names.join(', ')} at ${page.url}:\n${page.body.slice(0, 2000)}`);
  return found;
}

/** The text of the element with this `data-testid`, or undefined. */
export function shown(page, testid) {
  const found = new RegExp(`data-testid="?${testid}"?[^>]*>([^<]*)<`).exec(page.body);
  return found ? unescape(found[1]).trim() : undefined;
}

function attribute(tag, name) {
  const found = new RegExp(`\\s${name}=(?:"([^"]*)"|'([^']*)'|([^\\s>]*))`, 'i').exec(` ${tag}`);
  return found && unescape(found[1] ?? found[2] ?? found[3]);
}

const NAMED = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
function unescape(value) {
  return value.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (whole, hex, decimal, name) =>
    hex ? String.fromCodePoint(parseInt(hex, 16)) : decimal ? String.fromCodePoint(Number(decimal)) : NAMED[name] ?? whole);
}
