// A portal of a test's own, with a database of its own, as an operator runs it.
//
// Needs USHER_TEST_BINARY.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';

/** A portal at this host, with a database of its own; `more` are settings. */
export async function portal(text, host = 'localhost', more = {}) {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'usher-browser.'));
  const port = await freePort();
  const url = `http://${host}:${port}`;
  const env = {
    ...process.env, USHER_SERVER__LISTEN: `127.0.0.1:${port}`, USHER_SERVER__PUBLIC_URL: url,
    USHER_DATA__DIR: dir, USHER_DATABASE__URL: `sqlite:${path.join(dir, 'usher.db')}?mode=rwc`, USHER_LOG__FILTER: 'warn', ...more,
  };
  const usher = (...line) => ended(spawn(process.env.USHER_TEST_BINARY, line, { env, stdio: 'inherit' }));
  writeFileSync(path.join(dir, 'seed.toml'), text);
  await usher('seed', path.join(dir, 'seed.toml'));
  const server = spawn(process.env.USHER_TEST_BINARY, ['serve'], { env, stdio: 'inherit' });
  for (let tries = 0; tries < 300; tries += 1) {
    if (await fetch(`http://127.0.0.1:${port}/health/ready`).then((answer) => answer.ok, () => false)) break;
    assert.equal(server.exitCode, null, 'the portal has ended');
    await new Promise((next) => setTimeout(next, 100));
  }
  const close = async () => {
    server.kill('SIGINT');
    if (server.exitCode === null) await new Promise((done) => server.once('exit', done));
    rmSync(dir, { recursive: true, force: true });
  };
  return { url, close, usher };
}

function freePort() {
  const server = createServer();
  return new Promise((found) => server.listen(0, '127.0.0.1', () => {
    const { port } = server.address();
    server.close(() => found(port));
  }));
}

async function ended(child) {
  const code = await new Promise((done) => child.once('exit', done));
  assert.equal(code, 0, 'a command did not go well');
}
