// What a person is told while the connection or the phone is away: first calmly, then with another way to talk.
import { t } from "./words.js";

const QUIET_MS = 1500;
const OFFER_PHONE_MS = 8000;
// After a phone call the system gives the devices back by itself, or not at all.
const GIVEN_BACK_MS = 1500;

export class Recovery {
  constructor(stage) {
    this.stage = stage;
    this.since = null;
    this.said = null;
    this.ending = new AbortController();
    const until = { signal: this.ending.signal };
    this.button = stage.querySelector("button[data-continue]");
    this.button?.addEventListener("click", () => this.#resume(), until);
    const visible = () => document.visibilityState === "visible" && this.#resumeQuietly();
    document.addEventListener("visibilitychange", visible, until);
    // Phones pause what plays when something else wants the sound.
    for (const player of this.#players()) player.addEventListener("pause", () => player.srcObject?.active && visible(), until);
    stage.devices.addEventListener("changed", () => stage.devices.lost && visible(), until);
  }

  stop() {
    this.ending.abort();
    clearInterval(this.timer);
    clearTimeout(this.checking);
    this.timer = null;
    this.since = null;
    this.#words("");
  }

  /** Called on every change of the call: `fine` while the other side can be reached, or nobody is in a call. */
  watch(fine) {
    if (fine) {
      if (this.said) this.#announce(t("call.reconnected"));
      this.said = null;
      this.since = null;
      clearInterval(this.timer);
      this.timer = null;
      this.#words("");
    } else if (this.since === null) {
      this.since = performance.now();
      this.timer = setInterval(() => this.#tick(), 500);
    }
  }

  /** The browser wants a gesture before it plays sound or gives the microphone back (iPhones after a phone call). */
  needTap() {
    this.button?.toggleAttribute("hidden", false);
  }

  #players() {
    return [this.stage.part("remote"), this.stage.part("remote-sound")].filter(Boolean);
  }

  #tick() {
    const gone = performance.now() - this.since;
    if (gone < QUIET_MS) return;
    const instead = this.stage.part("phone-instead");
    this.#words(t("call.reconnecting", { seconds: Math.round(gone / 1000) }));
    instead?.toggleAttribute("hidden", gone < OFFER_PHONE_MS);
    this.#announce(gone < OFFER_PHONE_MS ? t("call.reconnecting-now") : (instead?.querySelector("p") ?? instead)?.textContent.trim());
  }

  // The seconds are for the eye; read aloud, each of them would be an interruption.
  #announce(words) {
    if (!words || words === this.said) return;
    this.said = words;
    this.stage.controls.announce(words);
  }

  #words(words) {
    const place = this.stage.part("recovery-words");
    if (place && place.textContent !== words) place.textContent = words;
    this.stage.part("recovery")?.toggleAttribute("hidden", !words);
    if (!words) this.stage.part("phone-instead")?.toggleAttribute("hidden", true);
  }

  /** Without a gesture: play again; what is still gone after a moment needs the person. */
  async #resumeQuietly() {
    if (!(await this.#play())) return this.needTap();
    clearTimeout(this.checking);
    this.checking = setTimeout(() => {
      if (this.stage.devices.lost && this.stage.getAttribute("state") === "call") this.needTap();
      else this.button?.toggleAttribute("hidden", true);
    }, GIVEN_BACK_MS);
  }

  /** In the tap itself: browsers look whether sound and microphone were asked for by a person. */
  async #resume() {
    const played = this.#play();
    if (this.stage.devices.lost) await this.stage.open();
    this.button.hidden = await played;
  }

  async #play() {
    const players = this.#players().filter(({ srcObject }) => srcObject);
    const results = await Promise.allSettled(players.map((player) => player.play()));
    // A play that was overtaken by a new stream was not refused: the new one asks for itself.
    return !results.some(({ reason }) => reason?.name === "NotAllowedError");
  }
}
