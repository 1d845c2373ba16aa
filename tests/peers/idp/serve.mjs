// What the identity providers on Node share: the users, the forms, and the start.
import { readFileSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';

const { password, people } = JSON.parse(readFileSync(path.join(import.meta.dirname, 'people.json')));

export const person = (login) => people.find((one) => one.login === login);
export const personById = (id) => people.find((one) => one.id === id);

/** The user with this name and password. */
export function signedIn({ login, password: typed }) {
  return typed === password ? person(login) : undefined;
}

/** Serves on a free loopback port, prints "ready PORT", and hands `make` the address before the first request. */
export async function serve(make) {
  let handle;
  const server = http.createServer((request, response) => {
    handle(request, response).catch((error) => {
      console.error(error);
      response.writeHead(error.status ?? 500, { 'content-type': 'text/plain' }).end(String(error.message));
    });
  });
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
  const { port } = server.address();
  handle = make(`http://127.0.0.1:${port}`);
  console.log(`ready ${port}`);
}

export const escape = (value) => String(value ?? '').replace(/[&<>"']/g, (mark) => `&#${mark.charCodeAt(0)};`);

export function page(response, body, status = 200) {
  response.writeHead(status, { 'content-type': 'text/html; charset=utf-8' });
  response.end(`<!doctype html><title>Identity provider</title>${body}`);
}

export async function text(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts).toString();
}

export const form = async (request) => Object.fromEntries(new URLSearchParams(await text(request)));
