// <live-region src="/desk/today/board" changes="/desk/today/changes">: a fragment that follows the server.
// Every event, and every (re)connection, fetches the whole fragment again: nothing has to be replayed.
import { fragment } from "../lib/http.js";
import { fill } from "../lib/html.js";

const RETRY_MS = 3000;

class LiveRegion extends HTMLElement {
  connectedCallback() {
    if (this.getAttribute("changes")) this.#listen();
    this.addEventListener("refresh", () => this.refresh());
  }

  disconnectedCallback() {
    this.events?.close();
    clearTimeout(this.retry);
  }

  #listen() {
    this.events = new EventSource(this.getAttribute("changes"));
    this.events.onmessage = () => this.refresh();
    // The browser gives up for good on an answer that is no stream (signed out, server restarting): ask again.
    this.events.onerror = () => {
      this.toggleAttribute("stale", true);
      if (this.events.readyState === EventSource.CLOSED) this.retry = setTimeout(() => this.#listen(), RETRY_MS);
    };
  }

  /** Fetch and show; what somebody is typing in the region is left alone until they are done. */
  async refresh() {
    if (this.matches(":has(textarea:focus, input:focus:not(:placeholder-shown))")) return;
    try {
      const markup = await fragment(this.getAttribute("src"));
      if (markup !== this.shown) fill(this, (this.shown = markup));
      this.toggleAttribute("stale", false);
      this.dispatchEvent(new CustomEvent("refreshed", { bubbles: true }));
    } catch {
      this.toggleAttribute("stale", true);
    }
  }
}

customElements.define("live-region", LiveRegion);
