// SimpleSAMLphp as service providers, in PHP's own web server: what `sp/simplesaml` sets up, on an address of its own.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { answering, end, run } from './portal.mjs';

const NOBODY = `<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="urn:nobody">
  <md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><md:SingleSignOnService
  Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://nobody.test/"/></md:IDPSSODescriptor>
  </md:EntityDescriptor>`;

/** Starts it; it trusts no identity provider until `trust(metadata)`. */
export async function serviceProviders({ origin, idp, installed }) {
  // Debian's own place first: `tests/deps.sh` unpacks it beside the binary only where it is not there.
  const program = ['/usr/share/simplesamlphp', installed].find((place) => existsSync(path.join(place, 'www')));
  if (!program) throw new Error('SimpleSAMLphp is not here: run `make deps`');
  const home = await mkdtemp(path.join(tmpdir(), 'usher-sp-'));
  const gone = () => rm(home, { recursive: true, force: true });
  const here = path.join(import.meta.dirname, 'sp/simplesaml');
  const trust = (metadata) => writeFile(path.join(home, 'portal.xml'), metadata);
  const salt = 'not a secret, but not the default either';
  try {
    await mkdir(path.join(home, 'tmp'));
    await certificate(home, 'sp');
    await trust(NOBODY);
    await writeFile(path.join(home, 'settings.json'), JSON.stringify({ url: origin, idp, salt }));
    const { host } = new URL(origin);
    const serving = run('php', ['-S', host, '-t', path.join(program, 'www'), path.join(here, 'app.php')], {
      ...process.env, SIMPLESAMLPHP_CONFIG_DIR: here, USHER_SP_HOME: home,
    });
    await answering(origin, serving);
    return {
      trust,
      metadata: (source) => metadata(`${origin}/module.php/saml/sp/metadata.php/${source}`),
      log: () => readFile(path.join(home, 'simplesamlphp.log'), 'utf8'),
      close: () => end(serving).then(gone),
    };
  } catch (error) {
    await gone();
    throw error;
  }
}

/** A key and a certificate of its own, as NAME.key and NAME.pem. */
export async function certificate(home, name) {
  await promisify(execFile)('openssl', [
    'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', `/CN=${name}`,
    '-keyout', path.join(home, `${name}.key`), '-out', path.join(home, `${name}.pem`),
  ]);
}

/** The metadata at an address. */
export async function metadata(url) {
  const response = await fetch(url);
  const body = await response.text();
  if (!body.includes('EntityDescriptor')) throw new Error(`no metadata at ${url}:\n${body}`);
  return body;
}
