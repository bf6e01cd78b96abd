// What a person is told while the connection, the phone or a device is away: first calmly, then with another way to talk.
import { codeFor, offerTheWayOut, show } from "./cards.js";
import { post, Refused } from "./http.js";
import { t } from "./words.js";

const QUIET_MS = 1500;
const OFFER_PHONE_MS = 8000;
// After a phone call the system gives the devices back by itself, or not at all.
const GIVEN_BACK_MS = 1500;
const ASK_AGAIN_MS = 3000;
// Who never had a camera or microphone knows it; what is shown in the call is what somebody can undo there.
const NOTHING_TO_DO = ["none", "no-camera", "no-microphone"];
const WORDS = {
  own: ["call.reconnecting", "call.reconnecting-now"],
  other: ["call.other-reconnecting", "call.other-reconnecting-now"],
  line: ["call.line-reconnecting", "call.line-reconnecting-now"],
};

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
    stage.devices.addEventListener("changed", () => {
      if (!stage.devices.lost) this.tried = false;
      // Lost, or given back by itself while the button still asks for it.
      if (stage.devices.lost || this.button?.hidden === false) visible();
    }, until);
    stage.devices.addEventListener("switched", ({ detail: name }) => this.#announce(t("devices.switched", { name })), until);
    this.#watchDevices(until);
    for (const form of stage.querySelectorAll("form[data-call-me]")) form.addEventListener("submit", (event) => this.#callMe(event), until);
  }

  stop() {
    this.ending.abort();
    clearTimeout(this.asking);
    clearInterval(this.timer);
    clearTimeout(this.checking);
    this.timer = null;
    this.since = null;
    this.#words("");
  }

  /** Called on every change of the call. `trouble`: null while the other side can be reached, else whose it is: own, other, line (either). */
  watch(trouble, name = "") {
    Object.assign(this, { trouble, name });
    this.#missing();
    if (!trouble) {
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
    this.#tap(true);
  }

  /** Whether something has to be tapped; `again`: it was, and did not help, so there is another way to talk. */
  #tap(needed, { again = false } = {}) {
    this.button?.toggleAttribute("hidden", !needed);
    const instead = this.stage.part("tap-again");
    if (instead && (again || !needed)) instead.hidden = !needed;
    this.#missing();
  }

  #players() {
    return [...this.stage.querySelectorAll(".tile video, .tile audio")];
  }

  #tick() {
    const gone = performance.now() - this.since;
    if (gone < QUIET_MS) return;
    const instead = this.stage.part("phone-instead");
    const [counted, once] = WORDS[this.trouble];
    this.#words(t(counted, { name: this.name, seconds: Math.round(gone / 1000) }));
    instead?.toggleAttribute("hidden", gone < OFFER_PHONE_MS);
    this.#say(gone < OFFER_PHONE_MS ? t(once, { name: this.name }) : (instead?.querySelector("p") ?? instead)?.textContent.trim());
  }

  // The seconds are for the eye; read aloud, each of them would be an interruption.
  #say(words) {
    if (!words || words === this.said) return;
    this.said = words;
    this.#announce(words);
  }

  #announce(words) {
    this.stage.controls.announce(words);
  }

  #words(words) {
    const place = this.stage.part("recovery-words");
    if (place && place.textContent !== words) place.textContent = words;
    this.stage.part("recovery")?.toggleAttribute("hidden", !words);
    if (!words) this.stage.part("phone-instead")?.toggleAttribute("hidden", true);
  }

  // What was taken away in the call ------------------------------------------------------------------

  #watchDevices(until) {
    this.stage.devices.addEventListener("changed", () => this.#missing(), until);
    for (const button of this.stage.querySelectorAll("button[data-retry]")) button.addEventListener("click", () => this.#again(button), until);
    const card = this.stage.part("call-card");
    card?.querySelector("[data-without]").addEventListener("click", () => this.#goOnWithout(), until);
    for (const way of this.stage.querySelectorAll("[data-elsewhere]")) offerTheWayOut(way);
  }

  /** In the call: the card for a device that stopped, as long as nothing else has to be pressed first. */
  #missing() {
    const card = this.stage.part("call-card");
    if (!card) return;
    const { devices } = this.stage;
    const code = devices.lost || this.button?.hidden === false ? null : codeFor(devices);
    if (code !== this.without) this.without = null;
    const was = card.hidden;
    show(card, !code || code === this.without || NOTHING_TO_DO.includes(code) ? null : code);
    if (was && !card.hidden) bringIntoView(card);
  }

  #goOnWithout() {
    this.without = this.stage.part("call-card").dataset.code;
    this.#missing();
  }

  /** In the press itself: some browsers ask only then. A press that changed nothing says so. */
  async #again(button) {
    const card = button.closest(".card");
    const { code } = card.dataset;
    await this.stage.open();
    if (card.dataset.code === code && !card.hidden) this.#announce(t("devices.still"));
  }

  // "Call me instead" --------------------------------------------------------------------------------

  /** Without a network a form would leave this page for one that says so: it is kept here, and told when there is one. */
  async #callMe(event) {
    event.preventDefault();
    const form = event.currentTarget;
    clearTimeout(this.asking);
    try {
      await post(form.action, new FormData(form));
      location.assign(this.stage.dataset.waitingRoom);
    } catch (refused) {
      if (this.ending.signal.aborted) return;
      if (refused instanceof Refused && refused.status < 500) return form.submit();
      form.querySelector("[data-kept]").hidden = false;
      this.asking = setTimeout(() => form.requestSubmit(), ASK_AGAIN_MS);
    }
  }

  // Interruptions ------------------------------------------------------------------------------------

  /** Without a gesture: play again, take back; what is still gone after a moment needs the person. */
  async #resumeQuietly() {
    if (!(await this.#play())) return this.needTap();
    clearTimeout(this.checking);
    const seen = new Map(this.#players().map((player) => [player, player.currentTime]));
    this.checking = setTimeout(() => this.#check(seen), GIVEN_BACK_MS);
  }

  async #check(seen) {
    if (this.stage.getAttribute("state") !== "call") return this.#tap(false);
    // It says that it plays, and stands still: some phones want the same stream once more.
    for (const [player, at] of seen) if (player.paused || player.currentTime === at) attachAgain(player);
    // Once: a phone call that goes on would be asked again and again.
    if (this.stage.devices.lost && !this.tried) {
      this.tried = true;
      await this.stage.open();
    }
    if (this.stage.devices.lost || !(await this.#play())) return this.needTap();
    this.#tap(false);
  }

  /** In the tap itself: browsers look whether sound and microphone were asked for by a person. */
  async #resume() {
    this.#players().forEach(attachAgain);
    const played = this.#play();
    if (this.stage.devices.lost) await this.stage.open();
    this.#tap(!(await played) || this.stage.devices.lost, { again: true });
  }

  async #play() {
    const players = this.#players().filter(({ srcObject }) => srcObject);
    const results = await Promise.allSettled(players.map((player) => player.play()));
    // A play that was overtaken by a new stream was not refused: the new one asks for itself.
    return !results.some(({ reason }) => reason?.name === "NotAllowedError");
  }
}

// Its button may be below the edge of a small screen; who is writing is not pulled away from it.
function bringIntoView(card) {
  if (document.activeElement?.matches("input, textarea")) return;
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  card.scrollIntoView({ block: "nearest", behavior: still ? "auto" : "smooth" });
}

function attachAgain(player) {
  const { srcObject } = player;
  if (!srcObject) return;
  player.srcObject = null;
  player.srcObject = srcObject;
}
