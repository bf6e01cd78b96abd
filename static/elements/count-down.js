// <count-down until="…" opens="…">: ticks on the server's clock. Days ahead, the server's own words say enough.
// When `opens` comes while the page is open, the page is loaded again: looking at it changes nothing.
import { minutes, now } from "../lib/clock.js";
import { t } from "../lib/words.js";

const DAY_SECONDS = 86_400;

class CountDown extends HTMLElement {
  connectedCallback() {
    const opens = Date.parse(this.getAttribute("opens"));
    this.opens = opens > now() ? opens : Infinity;
    this.until = Date.parse(this.getAttribute("until"));
    this.timer = setInterval(() => this.#tick(), 1000);
    this.#tick();
  }

  disconnectedCallback() {
    clearInterval(this.timer);
  }

  #tick() {
    if (now() >= this.opens) {
      clearInterval(this.timer);
      location.reload();
      return;
    }
    const left = (this.until - now()) / 1000;
    if (left < DAY_SECONDS) this.textContent = left > 0 ? t("wait.opens-in", { time: minutes(left) }) : t("wait.now");
  }
}

customElements.define("count-down", CountDown);
