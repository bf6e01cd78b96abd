// What was typed and not yet acknowledged, kept on this device: encrypted with a key the browser will not give out.
// One entry per page load, so that two tabs never write over each other's text.
const NAME = "bedside-drafts";
const GONE_WITHIN_MS = 20000;

function request(asked) {
  return new Promise((resolve, reject) => {
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
}

let opened = null;
function database() {
  opened ??= new Promise((resolve, reject) => {
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => {
      asked.result.createObjectStore("keys");
      asked.result.createObjectStore("drafts");
    };
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
  return opened;
}

async function store(name, mode) {
  return (await database()).transaction(name, mode).objectStore(name);
}

async function deviceKey() {
  const known = await request((await store("keys", "readonly")).get("device"));
  if (known) return known;
  const fresh = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
  // Another tab may have been faster: whoever is in the store first is the device's key.
  await request((await store("keys", "readwrite")).add(fresh, "device")).catch(() => {});
  return request((await store("keys", "readonly")).get("device"));
}

/** Keep `draft` (anything JSON can hold) for this note and page. */
export async function keep(note, page, draft) {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const bytes = new TextEncoder().encode(JSON.stringify(draft));
  const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, await deviceKey(), bytes);
  await request((await store("drafts", "readwrite")).put({ iv, sealed }, `${note}#${page}`));
}

export async function forget(note, page) {
  await request((await store("drafts", "readwrite")).delete(`${note}#${page}`));
}

/** Every draft of the notes whose names begin so: whoever they belonged to does not use this device any more. */
export async function forgetAll(beginning) {
  const names = await request((await store("drafts", "readonly")).getAllKeys());
  for (const name of names.filter((each) => each.startsWith(beginning))) {
    await request((await store("drafts", "readwrite")).delete(name));
  }
}

/** Hold this page's draft for as long as the page lives: others can tell a closed tab's draft from a working one's. */
export function hold(note, page) {
  navigator.locks.request(`draft:${note}#${page}`, () => new Promise(() => {}));
  // Made before the first letter, so that keeping it takes no longer than keeping the second.
  deviceKey().catch(() => {});
}

/** `take(page, draft)` every draft of this note whose page is gone (closed, crashed, reloaded). */
export async function adoptOrphans(note, take) {
  const names = await request((await store("drafts", "readonly")).getAllKeys());
  const theirs = names.filter((each) => each.startsWith(`${note}#`));
  await Promise.all(theirs.map(async (name) => {
    const draft = (await isLetGo(`draft:${name}`)) && (await read(name));
    if (draft) await take(name.slice(note.length + 1), draft);
  }));
}

// A page on its way out may hold its draft for a while after the new one has begun: that is worth waiting for.
async function isLetGo(lock) {
  const patience = { signal: AbortSignal.timeout(GONE_WITHIN_MS) };
  return navigator.locks.request(lock, patience, () => true).catch(() => false);
}

async function read(name) {
  try {
    const { iv, sealed } = await request((await store("drafts", "readonly")).get(name));
    const bytes = await crypto.subtle.decrypt({ name: "AES-GCM", iv }, await deviceKey(), sealed);
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return null;
  }
}
