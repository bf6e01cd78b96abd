// What a person is told while the connection is away: first calmly, then with another way to talk.
import { t } from "./words.js";

const QUIET_MS = 1500;
const OFFER_PHONE_MS = 8000;

export class Recovery {
  constructor(stage) {
    this.stage = stage;
    this.since = null;
    this.button = stage.querySelector("button[data-continue]");
    this.button?.addEventListener("click", () => this.#resume());
    this.onVisible = () => document.visibilityState === "visible" && this.#resume({ quietly: true });
    document.addEventListener("visibilitychange", this.onVisible);
  }

  stop() {
    clearInterval(this.timer);
    this.timer = null;
    this.since = null;
    this.#words("");
    document.removeEventListener("visibilitychange", this.onVisible);
  }

  /** Called on every change of the call: is the other side reachable right now? */
  watch({ call, inCall }) {
    const fine = !inCall || call.connected;
    if (fine) {
      this.since = null;
      clearInterval(this.timer);
      this.timer = null;
      this.#words("");
    } else if (this.since === null) {
      this.since = performance.now();
      this.timer = setInterval(() => this.#tick(), 500);
    }
  }

  /** The browser wants a gesture before it plays sound (iPhones after a phone call). */
  needTap() {
    if (this.button) this.button.hidden = false;
  }

  #tick() {
    const gone = performance.now() - this.since;
    if (gone < QUIET_MS) return;
    this.#words(t("call.reconnecting", { seconds: Math.round(gone / 1000) }));
    this.stage.part("phone-instead")?.toggleAttribute("hidden", gone < OFFER_PHONE_MS);
  }

  #words(words) {
    const place = this.stage.part("recovery-words");
    if (place && place.textContent !== words) place.textContent = words;
    this.stage.part("recovery")?.toggleAttribute("hidden", !words);
    if (!words) this.stage.part("phone-instead")?.toggleAttribute("hidden", true);
  }

  async #resume({ quietly = false } = {}) {
    const { devices } = this.stage;
    const dead = [devices.audio, devices.video].some((track) => track?.readyState === "ended");
    if (dead) await devices.open();
    const players = [this.stage.part("remote"), this.stage.part("remote-sound")].filter((each) => each?.srcObject);
    const played = await Promise.allSettled(players.map((each) => each.play()));
    if (played.some(({ status }) => status === "rejected")) this.needTap();
    else if (!quietly && this.button) this.button.hidden = true;
  }
}
