// <live-region src="/desk/today/board" changes="/desk/today/changes">: a fragment that follows the server.
// Every event, and every (re)connection, fetches the whole fragment again: nothing has to be replayed. Where the server
// numbers what it shows, only another number is fetched.
import { fragment } from "../lib/http.js";
import { fill, follow } from "../lib/html.js";

// A restarted server is found again within two seconds; a page that nobody lets in any more asks less often.
const RETRY_MS = 1000;
const PATIENT_MS = 60_000;
const LONG_RETRY_MS = 5000;
// The server says at least every twenty seconds that it is there. A connection can die without a word, and a laptop
// sleeps: who heard nothing for this long asks anew.
const SILENT_MS = 45_000;
// A field that keeps what is typed into it stands in the way of news for so long after the last key: somebody who went
// to fetch a coffee with the cursor in it must see, and hear, who has come since.
const TYPING_MS = 10_000;

// A browser has only six connections to one server: the regions of a page that follow the same changes share one.
const streams = new Map();

class Stream extends EventTarget {
  constructor(address) {
    super();
    this.address = address;
    this.followers = 0;
    this.#listen();
    this.watching = setInterval(() => Date.now() - this.heardAt > SILENT_MS && this.#lost(), SILENT_MS / 9);
  }

  static of(address) {
    if (!streams.has(address)) streams.set(address, new Stream(address));
    const stream = streams.get(address);
    stream.followers += 1;
    return stream;
  }

  leave() {
    this.followers -= 1;
    if (this.followers > 0) return;
    this.events.close();
    clearTimeout(this.retry);
    clearInterval(this.watching);
    streams.delete(this.address);
  }

  #listen() {
    this.heardAt = Date.now();
    this.events = new EventSource(this.address);
    this.events.addEventListener("beat", () => {
      this.heardAt = Date.now();
      this.dispatchEvent(new Event("heard"));
    });
    this.events.onmessage = ({ data }) => {
      this.lostAt = null;
      this.heardAt = Date.now();
      this.dispatchEvent(new CustomEvent("changed", { detail: data.split(" ")[1] ?? null }));
    };
    // Browsers come back by themselves after three to five seconds, and not at all after an answer that is no stream
    // (signed out, server restarting): asking again is ours.
    this.events.onerror = () => this.#lost();
  }

  #lost() {
    this.events.close();
    clearTimeout(this.retry);
    this.lostAt ??= Date.now();
    this.heardAt = Date.now();
    this.dispatchEvent(new Event("lost"));
    this.retry = setTimeout(() => this.#listen(), Date.now() - this.lostAt < PATIENT_MS ? RETRY_MS : LONG_RETRY_MS);
  }
}

class LiveRegion extends HTMLElement {
  connectedCallback() {
    this.addEventListener("refresh", (this.onRefresh = () => this.refresh()));
    this.onTyped = () => (this.typedAt = Date.now());
    for (const type of ["focusin", "input"]) this.addEventListener(type, this.onTyped);
    const address = this.getAttribute("changes");
    if (!address) return;
    this.stream = Stream.of(address);
    this.stream.addEventListener("changed", (this.onChanged = ({ detail }) => this.#changed(detail)));
    this.stream.addEventListener("heard", (this.onHeard = () => (this.hasAttribute("stale") ? this.refresh() : this.#stale(false))));
    this.stream.addEventListener("lost", (this.onLost = () => this.#stale(true)));
  }

  disconnectedCallback() {
    this.removeEventListener("refresh", this.onRefresh);
    for (const type of ["focusin", "input"]) this.removeEventListener(type, this.onTyped);
    clearTimeout(this.waiting);
    this.stream?.removeEventListener("changed", this.onChanged);
    this.stream?.removeEventListener("heard", this.onHeard);
    this.stream?.removeEventListener("lost", this.onLost);
    this.stream?.leave();
    this.stream = null;
  }

  /** Fetch and show; what somebody is typing or has marked in the region is left alone until they are done. */
  async refresh() {
    const busy = this.querySelector("textarea:focus, input:focus:not(:placeholder-shown), select:focus");
    if (busy && this.#waitsFor(busy)) return;
    try {
      const markup = await fragment(this.getAttribute("src"));
      const show = this.getAttribute("role") === "log" ? follow : fill;
      if (markup !== this.shown) show(this, (this.shown = markup));
      this.#stale(false);
      this.dispatchEvent(new CustomEvent("refreshed", { bubbles: true }));
    } catch {
      this.#stale(true);
    }
  }

  #waitsFor(field) {
    // Something marked to be copied comes free by itself; what was typed is sent, and the page is another then.
    if (field.readOnly) field.addEventListener("blur", this.onRefresh, { once: true });
    if (!field.matches("[data-keep][id]")) return true;
    const left = (this.typedAt ?? 0) + TYPING_MS - Date.now();
    clearTimeout(this.waiting);
    if (left > 0) this.waiting = setTimeout(this.onRefresh, left);
    return left > 0;
  }

  #changed(number) {
    if (number !== null && number === this.querySelector("[data-number]")?.dataset.number) this.#stale(false);
    else this.refresh();
  }

  #stale(is) {
    this.toggleAttribute("stale", is);
    this.dispatchEvent(new CustomEvent(is ? "stale" : "fresh", { bubbles: true }));
  }
}

customElements.define("live-region", LiveRegion);
