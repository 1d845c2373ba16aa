// The programs these tests run: a portal of their own, on data of its own, and the relying party in Python.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';

/** A port free on every loopback address: each relying party listens on the same one of its own address. */
export async function freePort() {
  const server = net.createServer().listen(0, '0.0.0.0');
  await once(server, 'listening');
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

/** Seeds and serves a portal; `close()` ends it and removes its data. */
export async function portal(binary, { port, seed, secrets }) {
  const url = `http://127.0.0.1:${port}`;
  const home = await mkdtemp(path.join(tmpdir(), 'usher-peers-'));
  const env = {
    ...process.env, ...secrets,
    USHER_SERVER__LISTEN: `127.0.0.1:${port}`, USHER_SERVER__PUBLIC_URL: url, USHER_DATA__DIR: home,
  };
  const gone = () => rm(home, { recursive: true, force: true });
  try {
    await finished(run(binary, ['seed', seed], env));
    const serving = run(binary, ['serve'], env);
    await answering(`${url}/health/ready`, serving);
    return { url, log: serving.said, close: () => end(serving).then(gone) };
  } catch (error) {
    await gone();
    throw error;
  }
}

/** Starts the relying party in Python and waits until it listens. */
export function authlib(python, { issuer, origin, client, secrets }) {
  const file = path.join(import.meta.dirname, 'authlib_rp.py');
  return program([python, file, issuer, origin, client], secrets);
}

/** Starts a program and waits until it says that it is ready. */
export async function program([command, ...args], env) {
  const serving = run(command, args, { ...process.env, ...env });
  const ready = await Promise.race([
    once(createInterface(serving.child.stdout), 'line').then(([line]) => line === 'ready'),
    serving.over.then(() => false),
  ]);
  if (!ready) throw new Error(`${serving.program} did not start:\n${serving.said.join('')}`);
  return { log: serving.said, close: () => end(serving) };
}

/** Starts a program and waits until it answers there. */
export async function listening([command, ...args], env, url) {
  const serving = run(command, args, { ...process.env, ...env });
  await answering(url, serving);
  return { log: serving.said, close: () => end(serving) };
}

/** Starts a program; `over` is its exit code, `said` what it wrote. */
export function run(program, args, env) {
  const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const said = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part) => said.push(part.toString()));
  const over = new Promise((done) => {
    child.once('error', (error) => { said.push(String(error)); done(-1); });
    child.once('exit', (code) => done(code ?? -1));
  });
  return { child, said, over, program: [program, ...args].join(' ') };
}

async function finished({ over, said, program }) {
  const code = await over;
  if (code !== 0) throw new Error(`${program} ended with ${code}:\n${said.join('')}`);
}

/** Waits until a program that serves answers. */
export async function answering(url, serving) {
  let code;
  serving.over.then((value) => { code = value; });
  for (let attempt = 0; attempt < 300 && code === undefined; attempt++) {
    if (await fetch(url).then((response) => response.ok, () => false)) return;
    await wait(100);
  }
  await end(serving);
  throw new Error(`${serving.program} does not answer at ${url}:\n${serving.said.join('')}`);
}

/** Ends a program, by force after ten seconds. */
export async function end({ child, over }) {
  if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await over;
  clearTimeout(late);
}
