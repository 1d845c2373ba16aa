// A portal that lies: an issuer that signs whatever the test wants, with a key of its own or with another.
import http from 'node:http';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { freePort } from './portal.mjs';

/** Its codes are asked of `next`: a function that makes an id_token. */
export async function lyingPortal() {
  const [good, other] = [await generateKeyPair('ES256'), await generateKeyPair('ES256')];
  const jwks = { keys: [{ ...await exportJWK(good.publicKey), kid: 'liar', alg: 'ES256', use: 'sig' }] };
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const self = { url, next: null, receipts: [], good: good.privateKey, other: other.privateKey };
  const discovery = {
    issuer: url, authorization_endpoint: `${url}/oidc/authorize`, token_endpoint: `${url}/oidc/token`, jwks_uri: `${url}/oidc/jwks`,
    response_types_supported: ['code'], subject_types_supported: ['public'], id_token_signing_alg_values_supported: ['ES256'],
    authorization_response_iss_parameter_supported: true,
  };
  const server = http.createServer(async (request, response) => {
    const json = (value) => response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
    if (request.url === '/.well-known/openid-configuration') return json(discovery);
    if (request.url === '/oidc/jwks') return json(jwks);
    if (request.url === '/oidc/token') {
      return json({ access_token: 'x', token_type: 'Bearer', id_token: await self.next() });
    }
    self.receipts.push(request.url);
    return response.writeHead(204).end();
  });
  await new Promise((ready) => server.listen(port, '127.0.0.1', ready));
  self.signed = (payload, { key = self.good, kid = 'liar', typ = 'JWT', ...more } = {}) =>
    new SignJWT(payload).setProtectedHeader({ alg: 'ES256', typ, kid, ...more }).sign(key);
  self.close = () => new Promise((done) => { server.close(done); server.closeAllConnections(); });
  return self;
}
