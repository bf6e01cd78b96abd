// Keeps the screen on while somebody waits or talks: a phone that goes to sleep loses the call.
export class Awake {
  #lock = null;
  #asked = null;
  #wanted = false;

  constructor() {
    // The browser drops the lock whenever the page is hidden.
    this.onVisible = () => document.visibilityState === "visible" && this.#wanted && this.keep();
    document.addEventListener("visibilitychange", this.onVisible);
  }

  /** Again is no mistake. */
  keep() {
    this.#wanted = true;
    if (!navigator.wakeLock || this.#lock?.released === false) return;
    this.#asked ??= this.#ask().finally(() => (this.#asked = null));
  }

  /** The screen may sleep again. */
  release() {
    this.#wanted = false;
    this.#lock?.release().catch(() => {});
  }

  stop() {
    this.release();
    document.removeEventListener("visibilitychange", this.onVisible);
  }

  async #ask() {
    this.#lock = await navigator.wakeLock.request("screen").catch(() => null);
    // Ended while the browser was still answering.
    if (!this.#wanted) this.release();
  }
}
