// Remote applications of a test's own, each at its own loopback address, so that to the browser each is another site.
// Their cookies are `SameSite=Lax` and said to be so: what a real browser does with them is what is tested.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { SAML } from '@node-saml/node-saml';
import { createRemoteJWKSet, jwtVerify } from 'jose';

const random = () => randomBytes(16).toString('base64url');
const escape = (text) => text.replace(/[&<>"']/g, (mark) => `&#${mark.charCodeAt(0)};`);
const cookieOf = (request, name) => new RegExp(`(?:^|; )${name}=([^;]+)`).exec(request.headers.cookie ?? '')?.[1];
const cookie = (name, value) => `${name}=${value}; Path=/; HttpOnly; SameSite=Lax`;

async function form(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return new URLSearchParams(Buffer.concat(parts).toString());
}

/** Serves `routes` ("GET /path" to a function) at this address; `log` has what each form post brought along. */
export async function site(host, routes) {
  const self = { log: [] };
  const server = http.createServer(async (request, response) => {
    const url = new URL(request.url, self.origin);
    if (request.method === 'POST') self.log.push({ path: url.pathname, cookie: request.headers.cookie, origin: request.headers.origin });
    const route = routes[`${request.method} ${url.pathname}`] ?? routes[`${request.method} *`];
    try {
      const answer = route ? await route(request, url) : { status: 404 };
      const headers = { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store', ...answer.headers };
      response.writeHead(answer.status ?? 200, headers).end(answer.body ?? '');
    } catch (error) {
      response.writeHead(500).end(String(error.stack));
    }
  });
  await new Promise((ready) => server.listen(0, host, ready));
  self.origin = `http://${host}:${server.address().port}`;
  self.close = () => { server.close(); server.closeAllConnections(); };
  return self;
}

const page = (title, body) => ({
  body: `<!doctype html><html lang="en"><title>${title}</title><link rel="icon" href="data:,"><h1>${title}</h1>${body}</html>`,
});
const shown = (who, place) => page('Remote', `<p data-testid="who">${escape(who)}</p><p data-testid="place">${escape(place)}</p>`);
const to = (location, ...cookies) => ({ status: 303, headers: { location, 'set-cookie': cookies } });

/**
 * An OpenID Connect relying party. With `form_post` its answer comes as a form from another site, without the cookie that
 * the sign-in is bound to: it is kept, and the browser sent to an address of our own that the cookie does come to.
 */
export async function relyingParty(host, { client, secret, mode = 'query', scope = 'openid profile' }) {
  const [begun, kept, sessions] = [new Map(), new Map(), new Map()];
  const self = await site(host, {
    'GET /start': async (_, url) => {
      const [state, browser, verifier, nonce] = [random(), random(), random() + random() + random(), random()];
      begun.set(state, { browser, verifier, nonce });
      const asked = new URLSearchParams({
        response_type: 'code', response_mode: mode, client_id: client, redirect_uri: `${self.origin}/callback`, scope, state, nonce,
        code_challenge: createHash('sha256').update(verifier).digest('base64url'), code_challenge_method: 'S256',
      });
      for (const [name, value] of url.searchParams) asked.set(name, value);
      return to(`${self.portal}/oidc/authorize?${asked}`, cookie('browser', browser));
    },
    'POST /callback': async (request) => {
      const ticket = random();
      kept.set(ticket, await form(request));
      return to(`${self.origin}/callback/on?ticket=${ticket}`);
    },
    'GET /callback/on': async (request, url) => finish(request, kept.get(url.searchParams.get('ticket'))),
    'GET /callback': async (request, url) => finish(request, url.searchParams),
    'GET /': async (request) => shown(sessions.get(cookieOf(request, 'session')) ?? 'nobody', '/'),
    'POST /ended': async (request) => {
      const { payload } = await verified((await form(request)).get('logout_token'), 'logout+jwt');
      self.ended.push(payload.sid);
      return { status: 200 };
    },
  });
  self.ended = [];
  const verified = (token, typ) => jwtVerify(token, createRemoteJWKSet(new URL(`${self.portal}/oidc/jwks`)), { issuer: self.portal, audience: client, typ });

  async function finish(request, answer) {
    const sent = begun.get(answer.get('state'));
    assert.equal(cookieOf(request, 'browser'), sent?.browser, 'the sign-in was begun in this browser');
    begun.delete(answer.get('state'));
    if (answer.get('error')) return page('Refused', `<p data-testid="error">${escape(answer.get('error'))}</p>`);
    const reply = await fetch(`${self.portal}/oidc/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(`${client}:${secret}`).toString('base64')}` },
      body: new URLSearchParams({ grant_type: 'authorization_code', code: answer.get('code'), redirect_uri: `${self.origin}/callback`, code_verifier: sent.verifier }),
    });
    const { payload } = await verified((await reply.json()).id_token, 'JWT');
    assert.equal(payload.nonce, sent.nonce);
    const session = random();
    sessions.set(session, payload.name ?? payload.sub);
    return to(`${self.origin}/`, cookie('session', session));
  }
  return self;
}

/**
 * A SAML service provider that takes unsolicited assertions. The form that brings one comes without the cookie of
 * an earlier user; the session it begins is a new one, one for each assertion. With `logout` it is notified of the
 * end of a session, and finds its own by the `index` of the assertion, or by the `cookie` of the browser alone.
 */
export async function serviceProvider(host, { logout } = {}) {
  const sessions = new Map();
  const self = await site(host, {
    'POST /acs': async (request) => {
      const fields = await form(request);
      const saml = await library({ wantAssertionsSigned: true });
      const { profile } = await saml.validatePostResponseAsync({ SAMLResponse: fields.get('SAMLResponse') });
      const target = new URL(fields.get('RelayState'), self.origin);
      assert.equal(target.origin, self.origin, 'the target is a page of ours');
      const session = random();
      sessions.set(session, { who: profile.displayName, index: profile.sessionIndex });
      return to(target.href, cookie('session', session));
    },
    'GET /slo': async (request, url) => {
      const saml = await library();
      const { profile } = await saml.validateRedirectAsync(Object.fromEntries(url.searchParams), url.search.slice(1));
      const mine = cookieOf(request, 'session');
      for (const [session, { index }] of sessions) {
        if (logout === 'cookie' ? session === mine : index === profile.sessionIndex) sessions.delete(session);
      }
      return to(await saml.getLogoutResponseUrlAsync(profile, url.searchParams.get('RelayState') ?? '', {}, true));
    },
    'GET *': async (request, url) => shown(sessions.get(cookieOf(request, 'session'))?.who ?? 'nobody', url.pathname),
  });
  const own = logout && keyPair(host);
  const library = async (more = {}) => new SAML({
    callbackUrl: `${self.origin}/acs`, issuer: `${self.origin}/saml`, audience: `${self.origin}/saml`, idpCert: await certificate(),
    entryPoint: `${self.portal}/saml/sso`, logoutUrl: `${self.portal}/saml/slo`, validateInResponseTo: 'never',
    ...(own && { privateKey: own.key, signatureAlgorithm: 'sha256' }), ...more,
  });
  const certificate = async () => /<(?:\w+:)?X509Certificate>([^<]+)</.exec(await (await fetch(`${self.portal}/saml/metadata`)).text())[1].replace(/\s/g, '');
  const signing = () => own ? `<KeyDescriptor use="signing"><KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data><X509Certificate>${own.certificate}</X509Certificate></X509Data></KeyInfo></KeyDescriptor>
<SingleLogoutService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="${self.origin}/slo"/>` : '';
  self.metadata = () => `<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="${self.origin}/saml">
<SPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">${signing()}
<AssertionConsumerService index="0" isDefault="true" Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="${self.origin}/acs"/>
</SPSSODescriptor></EntityDescriptor>`;
  self.alive = () => sessions.size;
  return self;
}

/** A key and a certificate of its own. */
function keyPair(name) {
  const dir = mkdtempSync(path.join(tmpdir(), 'usher-sp.'));
  const [key, certificate] = ['key', 'pem'].map((end) => path.join(dir, `sp.${end}`));
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', `/CN=${name}`, '-keyout', key, '-out', certificate], { stdio: 'ignore' });
  const own = { key: readFileSync(key, 'utf8'), certificate: readFileSync(certificate, 'utf8').replace(/-----[^-]+-----|\s/g, '') };
  rmSync(dir, { recursive: true });
  return own;
}
