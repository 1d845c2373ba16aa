// An OpenID provider for the tests: npm oidc-provider (certified), unmodified, with a sign-in page of plain HTML.
//
// It prints "ready PORT". What a browser sees is the library's; beside it, the tests steer by /steer/…:
//   POST /steer/client     registers a client (its metadata as JSON), or replaces it
//   POST /steer/rotate     signs with a new key; {"forget": true} publishes the old one no more
//   POST /steer/lie        {"lie": "foreign-iss" | "no-iss" | null}: what the redirect says of its issuer (RFC 9207)
//   POST /steer/break      {"paths": ["/token", …]}: these answer 503
//   GET  /steer/seen       what was asked so far, as [method, path] pairs, and how logout tokens were taken
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { Provider } from 'oidc-provider';
import { escape, form, page, personById, serve, signedIn, text } from './serve.mjs';

/** With the code, a sign-in is of two factors. */
const CODE = '123456';
const ONE = 'urn:example:one-factor';
const TWO = 'urn:example:two-factors';
/** A change of keys or clients opens another provider: browsers stay signed in. */
const COOKIE_KEY = randomUUID();

class Issuer {
  clients = new Map();
  keys = [newKey()];
  seen = [];
  logouts = [];
  lie = null;
  broken = [];

  constructor(issuer) {
    this.issuer = issuer;
    this.open();
  }

  // What is stored lives in the library's memory adapter, which all providers of a process share.
  open() {
    const provider = new Provider(this.issuer, configuration([...this.clients.values()], this.keys));
    provider.use(async (context, next) => {
      await next();
      this.bend(context);
    });
    provider.on('backchannel.success', () => this.logouts.push('taken'));
    provider.on('backchannel.error', (context, error) => this.logouts.push(error.message));
    provider.on('server_error', (context, error) => console.error(error));
    this.provider = provider;
    this.callback = provider.callback();
  }

  async answer(request, response) {
    const { pathname } = new URL(request.url, this.issuer);
    if (pathname.startsWith('/steer/')) return this.steer(pathname.slice(7), request, response);
    this.seen.push([request.method, pathname]);
    if (this.broken.includes(pathname)) return page(response, 'Out of order', 503);
    if (pathname.startsWith('/interaction/')) return this.interact(request, response);
    return this.callback(request, response);
  }

  async steer(verb, request, response) {
    const sent = JSON.parse((await text(request)) || '{}');
    if (verb === 'client') this.clients.set(sent.client_id, sent);
    if (verb === 'rotate') this.keys = [newKey(), ...(sent.forget ? [] : this.keys)];
    if (verb === 'lie') this.lie = sent.lie;
    if (verb === 'break') this.broken = sent.paths;
    if (verb === 'client' || verb === 'rotate') this.open();
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ seen: this.seen, logouts: this.logouts }));
  }

  bend(context) {
    const location = context.response.get('location') ?? '';
    if (!this.lie || !location.includes('code=')) return;
    const to = new URL(location);
    if (this.lie === 'no-iss') to.searchParams.delete('iss');
    if (this.lie === 'foreign-iss') to.searchParams.set('iss', 'http://127.0.0.1:1');
    context.response.set('location', to.href);
  }

  async interact(request, response) {
    const { params } = await this.provider.interactionDetails(request, response);
    if (request.method === 'GET') return page(response, login(params));
    const typed = await form(request);
    if ('refuse' in typed) return this.finish(request, response, { error: 'access_denied' });
    const who = signedIn(typed);
    if (!who) return page(response, login(params, 'That was not right.'));
    const strong = typed.code === CODE;
    return this.finish(request, response, {
      login: { accountId: who.id, acr: strong ? TWO : ONE, amr: strong ? ['pwd', 'otp', 'mfa'] : ['pwd'] },
    });
  }

  finish(request, response, result) {
    return this.provider.interactionFinished(request, response, result);
  }
}

function login({ login_hint: hint }, trouble = '') {
  return `<h1>The organisation's sign-in</h1><p role="alert">${trouble}</p>
    <form method="post">
      <p><label for="login">User</label> <input id="login" name="login" value="${escape(hint)}"></p>
      <p><label for="password">Secret</label> <input id="password" name="password" type="password"></p>
      <p><label for="code">Code</label> <input id="code" name="code" inputmode="numeric"></p>
      <button>Go</button>
    </form>
    <form method="post"><button name="refuse" value="yes">Refuse</button></form>`;
}

function configuration(clients, keys) {
  return {
    clients,
    jwks: { keys },
    acrValues: [ONE, TWO],
    claims: {
      iss: null,
      openid: ['sub', 'acr', 'amr', 'auth_time', 'sid'],
      profile: ['name', 'preferred_username'],
      email: ['email', 'email_verified'],
      groups: ['groups', 'region', 'department'],
    },
    cookies: { keys: [COOKIE_KEY] },
    features: {
      backchannelLogout: { enabled: true },
      devInteractions: { enabled: false },
      pushedAuthorizationRequests: { enabled: true },
      rpInitiatedLogout: { enabled: true, logoutSource, postLogoutSuccessSource },
    },
    // The library refuses to reach loopback, which is where the portal is.
    fetch: (url, { dispatcher: _, ...options }) => fetch(url, options),
    findAccount: (context, id) => account(id),
    loadExistingGrant,
    interactions: { url: (context, interaction) => `/interaction/${interaction.uid}` },
    pkce: { required: () => true },
    ttl: { Grant: 3600, IdToken: 3600, AccessToken: 600, Interaction: 600, Session: 3600 },
  };
}

function account(id) {
  const who = personById(id);
  return who && {
    accountId: id,
    claims: () => ({
      sub: who.id, name: who.name, preferred_username: who.login, email: who.mail, email_verified: true,
      groups: who.groups, region: who.region, department: who.department,
    }),
  };
}

/** All users consent to everything. */
async function loadExistingGrant({ oidc: { client, params, provider, session } }) {
  const grant = new provider.Grant({ accountId: session.accountId, clientId: client.clientId });
  grant.addOIDCScope(params.scope);
  await grant.save();
  return grant;
}

function logoutSource(context, asked) {
  const button = '<button name="logout" value="yes">Sign out</button></form>';
  context.body = `<!doctype html><title>Sign out</title><h1>Sign out?</h1>${asked.replace('</form>', button)}`;
}

function postLogoutSuccessSource(context) {
  context.body = '<!doctype html><title>Signed out</title><p>Signed out at the identity provider.</p>';
}

function newKey() {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { ...privateKey.export({ format: 'jwk' }), kid: randomUUID(), use: 'sig', alg: 'RS256' };
}

await serve((issuer) => {
  const provider = new Issuer(issuer);
  return (request, response) => provider.answer(request, response);
});
