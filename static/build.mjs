// Builds the assets the binary embeds: `npm run build` writes static/dist.
//
// Every file carries a hash of its content in its name, so that a browser may keep it for a year.
// Beside each lies its brotli and gzip form, so that the server never compresses an asset itself.
// manifest.json maps the plain names to the hashed ones.

import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, parse } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

import { build } from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
const dist = join(here, 'dist');
const target = ['chrome111', 'firefox113', 'safari16.4'];
const manifest = {};

rmSync(dist, { recursive: true, force: true });
mkdirSync(dist, { recursive: true });

keep('app.js', await bundle('app.js'));
keep('app.css', await bundle('app.css'));
keep('icons.svg', readFileSync(join(here, 'icons.svg')));
keep('icon.svg', readFileSync(join(here, 'icon.svg')));
writeFileSync(join(dist, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
writeFileSync(join(dist, 'LICENSES.txt'), licences('htmx.org'));

async function bundle(name) {
  const result = await build({
    entryPoints: [join(here, name)],
    bundle: true,
    minify: true,
    legalComments: 'none',
    format: 'iife',
    target,
    write: false,
  });
  return Buffer.from(result.outputFiles[0].contents);
}

/** Writes one asset under its hashed name, and its compressed forms where they are smaller. */
function keep(name, content) {
  const { name: stem, ext } = parse(name);
  const hash = createHash('sha256').update(content).digest('hex').slice(0, 12);
  const hashed = `${stem}-${hash}${ext}`;
  const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } };
  manifest[name] = hashed;
  writeFileSync(join(dist, hashed), content);
  writeIfSmaller(`${hashed}.br`, brotliCompressSync(content, quality), content);
  writeIfSmaller(`${hashed}.gz`, gzipSync(content, { level: 9 }), content);
}

function writeIfSmaller(name, packed, content) {
  if (packed.length < content.length) writeFileSync(join(dist, name), packed);
}

/** The licences of what app.js bundles; they travel with it. */
function licences(...packages) {
  const find = createRequire(import.meta.url);
  return packages.map((name) => {
    const folder = join(here, '..', 'node_modules', name);
    const { version } = find(join(folder, 'package.json'));
    return `${name} ${version}\n\n${readFileSync(join(folder, 'LICENSE'), 'utf8')}`;
  }).join('\n\n');
}
