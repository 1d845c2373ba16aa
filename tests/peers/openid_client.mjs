// A relying party on npm openid-client, unmodified: it knows nothing of Usher but the issuer, its own
// registration and the names of the launch claim and the launch-code grant. The library checks state, nonce,
// PKCE, RFC 9207 `iss`, the id_token's claims and (with the non-repudiation checks) its signature.
//
//   /initiate        third-party-initiated login (OpenID Connect Core 1.0, section 4)
//   /launch          the one-time code, posted by the portal's page
//   /customers/{key} a record, for those signed in; others are sent to sign in first
//   /start           sign in, with extra parameters of the authorization request passed through
//   /push            the same by a pushed request (RFC 9126)
//   /session         what the library verified, as JSON          /replay  the last redemption, once more
//   /sign-out        RP-initiated logout
//   /handoff         a signed form, posted by the portal's page and verified with jose
//   /api             a resource server: takes access tokens that jose verifies (RFC 9068), and shows their claims
// and with the session's tokens, `which` of them (access_token, refresh_token, or used, the refresh token before):
//   /refresh /introspect /revoke /exchange, and /credentials in the client's own name
import { randomUUID } from 'node:crypto';
import http from 'node:http';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import * as oidc from 'openid-client';

const LAUNCH_CLAIM = 'urn:usher:launch';
const LAUNCH_GRANT = 'urn:usher:params:oauth:grant-type:launch-code';
const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';

/** Starts the application on `origin`; `close()` ends it. */
export async function relyingParty({ issuer, origin, client, auth, alg = 'ES256' }) {
  const config = await oidc.discovery(
    new URL(issuer), client, { id_token_signed_response_alg: alg }, auth,
    { execute: [oidc.allowInsecureRequests, oidc.enableNonRepudiationChecks] },
  );
  const app = new Application(config, issuer, origin);
  const server = http.createServer((request, response) => app.answer(request, response));
  const { hostname, port } = new URL(origin);
  await new Promise((ready, failed) => server.once('error', failed).listen(Number(port), hostname, ready));
  return { close: () => new Promise((done) => { server.close(done); server.closeAllConnections(); }) };
}

/** What the application refuses, in words the tests read on its page. */
class Refused extends Error {}

class Application {
  constructor(config, issuer, origin) {
    Object.assign(this, { config, issuer, origin });
    this.flows = new Map(); // state -> what this browser's authorization request must be answered with
    this.sessions = new Map();
    this.redeem = null; // the last redemption, to be repeated by /replay
    this.forms = new Set(); // the jti of every signed form that was taken
    this.keys = createRemoteJWKSet(new URL(config.serverMetadata().jwks_uri));
  }

  async answer(request, response) {
    const url = new URL(request.url, this.origin);
    const browser = /(?:^|; )peer=([^;]+)/.exec(request.headers.cookie ?? '')?.[1];
    try {
      const answer = await this.route(request, url, browser);
      response.writeHead(answer.status ?? 200, { 'content-type': 'text/html; charset=utf-8', ...answer.headers });
      response.end(answer.body);
    } catch (error) {
      const reason = error.error ?? error.cause?.error ?? error.code ?? error.message;
      response.writeHead(400, { 'content-type': 'text/html; charset=utf-8' });
      response.end(`<h1>Refused</h1><p data-testid="refused">${escape(String(reason))}</p><p>${escape(error.message)}</p>`);
    }
  }

  async route(request, url, browser) {
    const session = this.sessions.get(browser);
    const door = `${request.method} ${url.pathname}`;
    const asked = Object.fromEntries(url.searchParams);
    if (door === 'GET /initiate') return this.initiate(url);
    if (door === 'GET /start') return this.start(asked, `${this.origin}/customers/none`);
    if (door === 'GET /push') return this.start(asked, `${this.origin}/customers/none`, oidc.buildAuthorizationUrlWithPAR);
    if (door === 'GET /callback') return this.callback(url, browser);
    if (door === 'POST /callback') return this.callback(url, browser, await text(request));
    if (door === 'POST /handoff') return this.handoff(new URLSearchParams(await text(request)));
    if (door === 'GET /api') return this.api(request);
    if (door === 'GET /refresh') return this.refresh(session, asked);
    if (door === 'GET /introspect') return json(await oidc.tokenIntrospection(this.config, session.tokens[asked.which]));
    if (door === 'GET /revoke') return json(await oidc.tokenRevocation(this.config, session.tokens[asked.which]) ?? {});
    if (door === 'GET /credentials') return json(await oidc.clientCredentialsGrant(this.config, asked));
    if (door === 'GET /exchange') return json(await this.exchange(session, asked));
    if (door === 'POST /launch') return this.launch(request);
    if (door === 'GET /replay') return this.replay();
    if (door === 'GET /sign-out') return this.signOut(session, browser);
    if (door === 'GET /session') return json(session ?? {});
    if (door === 'GET /') return page('<p data-testid="signed-out">Signed out</p>');
    if (url.pathname.startsWith('/customers/')) return session ? record(url, session) : this.start({}, url.href);
    throw new Refused('not found');
  }

  initiate(url) {
    const { iss, login_hint, target_link_uri } = Object.fromEntries(url.searchParams);
    if (iss !== this.issuer) throw new Refused('foreign issuer');
    return this.start({ login_hint }, this.ownTarget(target_link_uri));
  }

  // The target is a URL from outside: only this application's own pages are followed.
  ownTarget(target) {
    if (new URL(target).origin !== this.origin) throw new Refused('foreign target');
    return target;
  }

  async start(extra, target, build = oidc.buildAuthorizationUrl) {
    const verifier = oidc.randomPKCECodeVerifier();
    const [state, nonce, browser] = [oidc.randomState(), oidc.randomNonce(), randomUUID()];
    this.flows.set(state, { verifier, nonce, target, browser, resource: extra.resource });
    const to = await build(this.config, {
      redirect_uri: `${this.origin}/callback`,
      scope: 'openid profile email groups',
      ...extra,
      code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      state, nonce,
    });
    return redirect(to.href, browser);
  }

  // By redirect, or by a form (`body`) that the portal's page posted.
  async callback(url, browser, body) {
    const state = (body === undefined ? url.searchParams : new URLSearchParams(body)).get('state');
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    // A request's body is read once: each redemption has one of its own.
    const answer = () => (body === undefined ? url : new Request(url, { method: 'POST', headers, body }));
    const flow = this.flows.get(state);
    if (!flow || flow.browser !== browser) throw new Refused('unknown state');
    this.flows.delete(state);
    this.redeem = () => oidc.authorizationCodeGrant(this.config, answer(), {
      pkceCodeVerifier: flow.verifier, expectedState: state, expectedNonce: flow.nonce, idTokenExpected: true,
    });
    const tokens = await this.redeem();
    // A token for a resource opens that resource alone.
    const userinfo = flow.resource ? null : await oidc.fetchUserInfo(this.config, tokens.access_token, tokens.claims().sub);
    return this.welcome(tokens, { userinfo }, flow.target);
  }

  async handoff(form) {
    const { payload } = await jwtVerify(form.get('jwt') ?? '', this.keys, {
      issuer: this.issuer, audience: this.config.clientMetadata().client_id, typ: 'usher-handoff+jwt',
      algorithms: ['ES256'], maxTokenAge: 60, requiredClaims: ['exp', 'nbf', 'jti', 'sub', 'launch_id'],
    });
    if (this.forms.has(payload.jti)) throw new Refused('used before');
    this.forms.add(payload.jti);
    const { launch_id: id, intent, target_link_uri, ctx } = payload;
    const claims = { ...payload, [LAUNCH_CLAIM]: { id, intent, target_link_uri, ctx } };
    return this.enter({ claims }, this.ownTarget(target_link_uri));
  }

  async api(request) {
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
    const { payload } = await jwtVerify(token, this.keys, {
      issuer: this.issuer, audience: `${this.origin}/api`, typ: 'at+jwt', algorithms: ['ES256', 'RS256'],
      requiredClaims: ['exp', 'iat', 'jti', 'sub', 'client_id'],
    });
    return json(payload);
  }

  async refresh(session, { which = 'refresh_token' }) {
    const used = session.tokens[which];
    const next = await oidc.refreshTokenGrant(this.config, used);
    session.tokens = { access_token: next.access_token, refresh_token: next.refresh_token, used };
    return json(next);
  }

  exchange(session, { which, ...more }) {
    const subject = { subject_token: session.tokens[which], subject_token_type: ACCESS_TOKEN };
    return oidc.genericGrantRequest(this.config, EXCHANGE, { ...subject, ...more });
  }

  async launch(request) {
    if (request.headers.origin !== new URL(this.issuer).origin) throw new Refused(`foreign origin ${request.headers.origin}`);
    const form = new URLSearchParams(await text(request));
    if (form.get('iss') !== this.issuer) throw new Refused('foreign issuer');
    this.redeem = () => oidc.genericGrantRequest(this.config, LAUNCH_GRANT, { code: form.get('code') });
    const tokens = await this.redeem();
    const { launch_id, intent, target_link_uri, ctx } = tokens;
    return this.welcome(tokens, { answer: { launch_id, intent, target_link_uri, ctx } }, this.ownTarget(target_link_uri));
  }

  // Signing in makes a new session, whatever the browser brought (session fixation).
  welcome(tokens, more, target) {
    const { access_token, refresh_token, id_token: idToken, scope } = tokens;
    return this.enter({ claims: tokens.claims(), idToken, scope, tokens: { access_token, refresh_token }, ...more }, target);
  }

  enter(session, target) {
    const browser = randomUUID();
    this.sessions.set(browser, session);
    return redirect(target, browser);
  }

  async replay() {
    await this.redeem();
    return page('<p>redeemed twice</p>');
  }

  signOut(session, browser) {
    this.sessions.delete(browser);
    const to = oidc.buildEndSessionUrl(this.config, {
      id_token_hint: session.idToken, post_logout_redirect_uri: `${this.origin}/`, state: 'bye',
    });
    return redirect(to.href);
  }
}

function record(url, { claims }) {
  const launch = claims[LAUNCH_CLAIM];
  const context = launch
    ? `<pre data-testid="context">${escape(JSON.stringify(launch.ctx))}</pre>`
    : '<p data-testid="no-context">no context</p>';
  return page(`<p data-testid="who">${escape(claims.name ?? claims.sub)}</p>
    <h1 data-testid="record">${escape(decodeURIComponent(url.pathname.split('/')[2]))}</h1>${context}`);
}

const page = (body) => ({ body: `<!doctype html><title>peer</title>${body}` });
const json = (value) => ({ headers: { 'content-type': 'application/json' }, body: JSON.stringify(value) });
const redirect = (location, browser) => ({
  status: 303,
  headers: { location, ...(browser && { 'set-cookie': `peer=${browser}; Path=/; HttpOnly; SameSite=Lax` }) },
  body: '',
});
const escape = (value) => value.replace(/[&<>"']/g, (mark) => `&#${mark.charCodeAt(0)};`);

async function text(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts).toString();
}
