// Recovery codes, which are shown once: copied, or downloaded as a text file that no server ever sees.

/** Shows the buttons beside the codes and makes them work. */
export function keepCodes() {
  const place = document.querySelector('[data-keep-codes]');
  if (!place) return;
  const list = document.querySelector('.codes');
  const codes = [...list.querySelectorAll('li')].map((item) => item.textContent.trim()).join('\n');
  const copy = place.querySelector('[data-copy]');
  // Browsers give the clipboard to pages with TLS or on loopback only.
  copy.hidden = !navigator.clipboard;
  copy.addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(`${codes}\n`);
      copy.textContent = copy.dataset.done;
      place.querySelector('[role=status]').textContent = copy.dataset.done;
    } catch {
      // Refused by the browser or its user: the codes are selected, ready for its own Copy.
      getSelection().selectAllChildren(list);
    }
  });
  place.querySelector('[data-download]').addEventListener('click', () => {
    save(place.dataset.file, `${place.dataset.about}\n\n${codes}\n`);
  });
  place.hidden = false;
}

/** Saves a text as a file of this name. */
function save(name, text) {
  const address = URL.createObjectURL(new Blob([text], { type: 'text/plain' }));
  Object.assign(document.createElement('a'), { href: address, download: name }).click();
  // Not at once: some browsers read it after the click.
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
