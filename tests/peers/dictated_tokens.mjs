// Whether jose accepts a token: JSON in (token, key: a secret or a JWK set, alg, now, aud), JSON with the claims or the
// fault out.
import { createLocalJWKSet, jwtVerify } from 'jose';
import { text } from 'node:stream/consumers';

const { token, key, alg, now, aud } = JSON.parse(await text(process.stdin));
const keys = typeof key === 'string' ? new TextEncoder().encode(key) : createLocalJWKSet(key);
try {
  const options = { algorithms: [alg], currentDate: new Date(now * 1000), audience: aud };
  console.log(JSON.stringify((await jwtVerify(token, keys, options)).payload));
} catch (error) {
  console.log(JSON.stringify({ fault: error.code }));
}
