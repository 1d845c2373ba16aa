// Whether node-saml accepts a response: JSON with its options in, JSON with the profile or an error out.
import { SAML } from '@node-saml/node-saml';
import { text } from 'node:stream/consumers';

const { now, response, request, options } = JSON.parse(await text(process.stdin));
// The portal of the tests has a clock of its own.
const real = Date;
globalThis.Date = class extends real {
  constructor(...given) {
    super(...(given.length ? given : [now]));
  }
  static now() {
    return now;
  }
};

// It remembers which requests it made; here, the test did.
const cacheProvider = {
  saveAsync: async (key, value) => ({ value, createdAt: now }),
  getAsync: async (key) => (key === request ? new Date(now).toISOString() : null),
  removeAsync: async (key) => key,
};
const saml = new SAML({ ...options, cacheProvider, acceptedClockSkewMs: 0, signatureAlgorithm: 'sha256' });
try {
  const { profile } = await saml.validatePostResponseAsync({ SAMLResponse: response });
  console.log(JSON.stringify({ profile }));
} catch (error) {
  console.log(JSON.stringify({ error: String(error) }));
}
