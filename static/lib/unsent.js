// What a patient pressed or ticked and the clinic does not have yet: kept on this device first, then sent, forgotten only
// when the clinic has it. A plain script and no module, because the service worker is one, and both send.
//
// IndexedDB and not localStorage: a worker can read it, so that a press is told although every page was closed. Each
// thing carries the mark of the home it was said in (the server writes it into the pages; it names nobody), and what
// belongs to another home is removed and never sent. A thing with a `page` is sent by that page as long as it lives.
globalThis.unsent = (() => {
  const NAME = "bedside-unsent";
  // The server believes a phone's clock so far back; what is older tells nothing true any more.
  const LONGEST_MS = 14 * 24 * 3600 * 1000;
  // A store that does not answer is one that does not work: nobody's press waits for it.
  const STORE_MS = 2000;
  const ANSWER_MS = 20000;
  // Answers after which the same request may go better: too slow, too many, out of order for now.
  const LATER = (status) => status === 408 || status === 429 || status >= 500;

  let opening = null;
  function open() {
    opening ??= new Promise((resolve, reject) => {
      const asked = indexedDB.open(NAME, 1);
      asked.onupgradeneeded = () => {
        asked.result.createObjectStore("things", { keyPath: "n", autoIncrement: true });
        asked.result.createObjectStore("home");
      };
      asked.onsuccess = () => resolve(asked.result);
      asked.onerror = asked.onblocked = () => reject(asked.error ?? new Error("blocked"));
      setTimeout(() => reject(new Error("no answer")), STORE_MS);
    });
    opening.catch(() => (opening = null));
    return opening;
  }

  async function run(store, mode, work) {
    const transaction = (await open()).transaction(store, mode, { durability: "strict" });
    const asked = work(transaction.objectStore(store));
    return new Promise((resolve, reject) => {
      transaction.oncomplete = () => resolve(asked?.result);
      transaction.onerror = transaction.onabort = () => reject(transaction.error ?? new Error("aborted"));
      // Without waiting for anything else: the page may be gone in a moment.
      if (mode === "readwrite") transaction.commit?.();
    });
  }

  const keep = (thing) => run("things", "readwrite", (store) => store.add(thing));
  const drop = (n) => run("things", "readwrite", (store) => store.delete(n));
  const home = () => run("home", "readonly", (store) => store.get("mark"));

  const everything = () => run("things", "readonly", (store) => store.getAll());
  // What somebody damaged is nothing.
  const isSound = ({ method, path, at }) => method && path?.startsWith?.("/home/") && !Number.isNaN(Date.parse(at));

  /** The oldest first. */
  const all = async () => (await everything()).filter(isSound);

  /** This device is the home `mark`'s now: what was said in another one, or long ago, is not kept any longer. */
  async function settle(mark) {
    const oldest = Date.now() - LONGEST_MS;
    const stays = (thing) => isSound(thing) && thing.home === mark && Date.parse(thing.at) >= oldest;
    for (const thing of await everything()) if (!stays(thing)) await drop(thing.n);
    await run("home", "readwrite", (store) => store.put(mark, "mark"));
  }

  async function clear() {
    await run("things", "readwrite", (store) => store.clear());
    await run("home", "readwrite", (store) => store.clear());
  }

  /** As long as this page lives, what it kept under `page` is its own to send. */
  const hold = (page) => navigator.locks?.request(`unsent:${page}`, () => new Promise(() => {}));

  async function living() {
    const { held } = (await navigator.locks?.query()) ?? { held: [] };
    return new Set(held.map(({ name }) => name));
  }

  const ask = (path, options) => fetch(path, { credentials: "same-origin", signal: AbortSignal.timeout(ANSWER_MS), ...options });

  /** The form token and the home of whoever this browser is now. Throws the status of a refusal, TypeError without a network. */
  async function fresh() {
    const answer = await ask("/home/today", { headers: { Accept: "text/html" }, cache: "no-store" });
    if (!answer.ok) throw answer.status;
    const page = await answer.text();
    const meta = (name) => page.match(new RegExp(`<meta name="${name}" content="([^"]*)"`))?.[1];
    // What a worker keeps for "no network" is no answer of the server.
    if (!meta("home")) throw new TypeError("no network");
    return { csrf: meta("csrf"), home: meta("home") };
  }

  function send({ method, path, fields, json }, csrf) {
    const headers = { Accept: "application/json", "X-CSRF-Token": csrf };
    if (json) headers["Content-Type"] = "application/json";
    return ask(path, { method, headers, keepalive: true, body: json ? JSON.stringify(json) : new URLSearchParams(fields) });
  }

  // An answer given in a journal entry whose page is gone: put to whatever the server has of that entry now. A save that
  // has seen nothing is refused with the newest text, and saves nothing.
  async function add(thing, csrf) {
    const put = (version, body) => send({ ...thing, json: { page: "unsent", sequence: 1, version, body } }, csrf);
    const known = await put(-1, {});
    const { theirs } = await known.clone().json().catch(() => ({}));
    return theirs ? put(theirs.version, { ...theirs.body, ...thing.adds }) : known;
  }

  /**
   * Sends everything in its order. `page`: token and home as a living page has them, so that nothing is asked twice.
   * Resolves to what became of it: how much is `left`, `why` ("no-network", "not-known"), the `address` a press leads
   * to, and how many were `foreign`: said in a home that is not this browser's any more, and removed.
   */
  async function flush(page) {
    const outcome = { sent: 0, left: 0, presses: 0, foreign: 0, why: "", address: "" };
    try {
      await sendAll(outcome, page);
    } catch (problem) {
      outcome.why = problem === 403 ? "not-known" : "no-network";
    }
    const left = await all().catch(() => []);
    return { ...outcome, left: left.length, presses: left.filter(({ press }) => press).length };
  }

  async function sendAll(outcome, page) {
    const others = await living();
    for (const thing of await all()) {
      if (others.has(`unsent:${thing.page}`)) continue;
      const now = page?.csrf ? page : (page = await fresh());
      let answer = thing.home === now.home && (await (thing.adds ? add : send)(thing, now.csrf));
      if (answer?.status === 403) {
        // The page may be older than the browser's way in.
        page = await fresh();
        answer = thing.home === page.home && (await (thing.adds ? add : send)(thing, page.csrf));
      }
      if (answer && (answer.status === 403 || LATER(answer.status))) throw answer.status;
      await drop(thing.n);
      if (!answer) outcome.foreign += 1;
      else outcome.sent += 1;
      if (answer?.ok && thing.press) outcome.address = await addressIn(answer);
    }
  }

  async function addressIn(answer) {
    const said = await answer.json().catch(() => ({}));
    return said.address ?? new URL(answer.url).pathname + new URL(answer.url).search;
  }

  // One sender at a time, page or worker: the order in which things were said is the order in which they are told.
  const alone = (work) => (navigator.locks ? navigator.locks.request("unsent", work) : work());

  return { TAG: NAME, keep, drop, home, all, settle, clear, hold, flush: (page) => alone(() => flush(page)) };
})();
