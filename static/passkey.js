// Passkeys: a form asks us for a challenge, the authenticator answers it, and the form carries the answer as any form
// would (Web Authentication Level 3). Challenge and answer are JSON with base64url where the browser wants bytes.

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
  .replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');

/** The one request an authenticator has at a time. */
let asking;

export function usePasskeys() {
  for (const form of document.querySelectorAll('form[data-passkey]')) {
    if (!globalThis.PublicKeyCredential) {
      form.querySelector('[data-passkey-none]')?.removeAttribute('hidden');
      continue;
    }
    form.hidden = false;
    form.querySelector('button').hidden = false;
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      run(form, {}).catch((error) => tell(form, error));
    });
    if ('autofill' in form.dataset) offer(form);
  }
}

/** Among the names the browser offers to fill in, a passkey; where the browser can do that. */
async function offer(form) {
  if (!await PublicKeyCredential.isConditionalMediationAvailable?.()) return;
  // The user did not request it: if it fails, the page stays as it was.
  run(form, { mediation: 'conditional' }).catch(() => {});
}

async function run(form, how) {
  asking?.abort();
  asking = new AbortController();
  const { signal } = asking;
  const { ceremony, options } = await challenge(form, signal);
  const credential = form.dataset.passkey === 'create'
    ? await navigator.credentials.create({ publicKey: forCreation(options), signal })
    : await navigator.credentials.get({ publicKey: forRequest(options), signal, ...how });
  form.elements.ceremony.value = ceremony;
  form.elements.credential.value = JSON.stringify(written(credential));
  form.submit();
}

async function challenge(form, signal) {
  const response = await fetch(form.dataset.challenge, { method: 'POST', signal });
  if (response.redirected) {
    // Something else must be proved first.
    location.assign(response.url);
    await new Promise(() => {});
  }
  if (!response.ok) throw new Error(`challenge: ${response.status}`);
  return response.json();
}

const named = (list = []) => list.map((one) => ({ ...one, id: bytes(one.id) }));

function forRequest(options) {
  return { ...options, challenge: bytes(options.challenge), allowCredentials: named(options.allowCredentials) };
}

function forCreation(options) {
  return {
    ...options,
    challenge: bytes(options.challenge),
    user: { ...options.user, id: bytes(options.user.id) },
    excludeCredentials: named(options.excludeCredentials),
  };
}

function written({ id, rawId, type, response }) {
  const answer = { clientDataJSON: text(response.clientDataJSON) };
  for (const part of ['attestationObject', 'authenticatorData', 'signature', 'userHandle']) {
    if (response[part]) answer[part] = text(response[part]);
  }
  return { id, rawId: text(rawId), type, response: answer };
}

/** The user cancelled, or the authenticator failed: shown beside the button. */
function tell(form, error) {
  if (error.name === 'AbortError') return;
  const place = form.querySelector('[data-passkey-trouble]');
  if (!place) return;
  place.lastElementChild.textContent = error.name === 'InvalidStateError' ? place.dataset.known : place.dataset.failed;
  place.hidden = false;
}
