// <live-region src="/desk/today/board" changes="/desk/today/changes">: a fragment that follows the server.
// Every event, and every (re)connection, fetches the whole fragment again: nothing has to be replayed.
import { fragment } from "../lib/http.js";
import { fill, follow } from "../lib/html.js";

// A restarted server is found again within two seconds; a page that nobody lets in any more asks less often.
const RETRY_MS = 1000;
const PATIENT_MS = 60_000;
const LONG_RETRY_MS = 5000;

// A browser has only six connections to one server: the regions of a page that follow the same changes share one.
const streams = new Map();

class Stream extends EventTarget {
  constructor(address) {
    super();
    this.address = address;
    this.followers = 0;
    this.#listen();
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
    streams.delete(this.address);
  }

  #listen() {
    this.events = new EventSource(this.address);
    this.events.onmessage = () => {
      this.lostAt = null;
      this.dispatchEvent(new Event("changed"));
    };
    // Browsers come back by themselves after three to five seconds, and not at all after an answer that is no stream
    // (signed out, server restarting): asking again is ours.
    this.events.onerror = () => {
      this.events.close();
      this.lostAt ??= Date.now();
      this.dispatchEvent(new Event("lost"));
      this.retry = setTimeout(() => this.#listen(), Date.now() - this.lostAt < PATIENT_MS ? RETRY_MS : LONG_RETRY_MS);
    };
  }
}

class LiveRegion extends HTMLElement {
  connectedCallback() {
    this.addEventListener("refresh", (this.onRefresh = () => this.refresh()));
    const address = this.getAttribute("changes");
    if (!address) return;
    this.stream = Stream.of(address);
    this.stream.addEventListener("changed", this.onRefresh);
    this.stream.addEventListener("lost", (this.onLost = () => this.toggleAttribute("stale", true)));
  }

  disconnectedCallback() {
    this.removeEventListener("refresh", this.onRefresh);
    this.stream?.removeEventListener("changed", this.onRefresh);
    this.stream?.removeEventListener("lost", this.onLost);
    this.stream?.leave();
    this.stream = null;
  }

  /** Fetch and show; what somebody is typing or has marked in the region is left alone until they are done. */
  async refresh() {
    const busy = this.querySelector("textarea:focus, input:focus:not(:placeholder-shown), select:focus");
    // Something marked to be copied comes free by itself; what was typed is sent, and the page is another then.
    if (busy?.readOnly) busy.addEventListener("blur", this.onRefresh, { once: true });
    if (busy) return;
    try {
      const markup = await fragment(this.getAttribute("src"));
      const show = this.getAttribute("role") === "log" ? follow : fill;
      if (markup !== this.shown) show(this, (this.shown = markup));
      this.toggleAttribute("stale", false);
      this.dispatchEvent(new CustomEvent("refreshed", { bubbles: true }));
    } catch {
      this.toggleAttribute("stale", true);
    }
  }
}

customElements.define("live-region", LiveRegion);
