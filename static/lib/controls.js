// The call's buttons and their keys. Keys are off while somebody types, and a person can switch the single ones off.
import { soundFrom } from "./choices.js";
import { Extras } from "./extras.js";
import { wish } from "./wishes.js";
import { t } from "./words.js";

const KEYS = { m: "mute", v: "video" };
const WITH_CONTROL = { d: "mute", e: "video" };
const BELL = [880, 1108];

export class Controls {
  constructor(stage) {
    this.stage = stage;
    this.ending = new AbortController();
    // Some stand twice: in the waiting room and in the call.
    const on = (name, act) => {
      for (const button of stage.querySelectorAll(`button[data-${name}]`)) button.addEventListener("click", act, { signal: this.ending.signal });
    };
    on("mute", () => this.act("mute"));
    on("video", () => this.act("video"));
    on("sound", () => this.ring());
    on("chat", () => this.#chat());
    on("hide-self", () => this.#hideSelf(!this.stage.hasAttribute("self-hidden")));
    this.#hideSelf(localStorage.getItem("self-view") === "hidden");
    on("leave", () => this.stage.leave());
    this.extras = new Extras(stage, { announce: (words) => this.announce(words) });
    this.heard = this.#fromOthers();
    stage.addEventListener("refreshed", () => this.#news(), { signal: this.ending.signal });
    addEventListener("keydown", (event) => this.#key(event), { signal: this.ending.signal });
  }

  stop() {
    this.ending.abort();
    this.extras.stop();
  }

  button(name) {
    return this.stage.querySelector(`button[data-${name}]`);
  }

  act(what) {
    const { devices } = this.stage;
    if (what === "mute") devices.mute(!devices.muted);
    else devices.hide(!devices.hidden);
    this.announce(t(what === "mute" ? (devices.muted ? "call.muted" : "call.unmuted") : devices.hidden ? "call.hidden" : "call.shown"));
  }

  /** The labels say what pressing does; without a device there is nothing to press, and that is said instead. */
  show() {
    const { devices } = this.stage;
    const lacks = (track, words, otherwise) => t(devices.opened && !track ? words : otherwise);
    const mute = lacks(devices.audio, "call.no-microphone", devices.muted ? "call.unmute" : "call.mute");
    const video = lacks(devices.video, "call.no-camera", devices.hidden ? "call.start-video" : "call.stop-video");
    this.#label("mute", mute, { off: devices.muted, missing: !devices.audio });
    this.#label("video", video, { off: devices.hidden, missing: !devices.video });
    this.extras.show();
  }

  // Many people talk more freely when they do not have to look at themselves; others go on seeing them.
  #hideSelf(hidden) {
    this.stage.toggleAttribute("self-hidden", hidden);
    localStorage.setItem("self-view", hidden ? "hidden" : "shown");
    const button = this.button("hide-self");
    if (button) button.textContent = t(hidden ? "call.show-self" : "call.hide-self");
  }

  /** Two soft tones: whoever hears them has working speakers. */
  async ring() {
    const context = new AudioContext();
    await soundFrom(context, this.stage.devices.around);
    BELL.forEach((frequency, index) => {
      const tone = new OscillatorNode(context, { frequency });
      const volume = new GainNode(context, { gain: 0 });
      const at = context.currentTime + index * 0.35;
      volume.gain.setValueAtTime(0.25, at);
      volume.gain.exponentialRampToValueAtTime(0.001, at + 0.6);
      tone.connect(volume).connect(context.destination);
      tone.start(at);
      tone.stop(at + 0.6);
      if (index === BELL.length - 1) tone.onended = () => context.close();
    });
    this.announce(t("call.bell"));
    this.stage.dispatchEvent(new CustomEvent("bell"));
  }

  #label(name, words, { off, missing }) {
    const button = this.button(name);
    if (!button) return;
    (button.querySelector("[data-label]") ?? button).textContent = words;
    // The label says what pressing does; "pressed" beside it would say the opposite of it to a screen reader.
    button.toggleAttribute("data-on", off);
    button.disabled = missing;
  }

  #panel() {
    return this.stage.querySelector("[data-chat-panel]");
  }

  #fromOthers() {
    const theirs = this.stage.getAttribute("seat") === "patient" ? "li:not(.patient)" : "li.patient";
    return this.#panel()?.querySelectorAll(`[data-messages] ${theirs}`).length ?? 0;
  }

  // A message behind a closed panel would wait for the end of the visit.
  #news() {
    const heard = this.#fromOthers();
    const unread = heard > this.heard && this.#panel()?.hidden;
    this.heard = heard;
    if (!unread || this.stage.getAttribute("state") !== "call") return;
    this.button("chat").dataset.news = t("call.new-message");
    this.announce(t("call.new-message"));
  }

  #chat() {
    const panel = this.#panel();
    if (!panel) return;
    panel.hidden = !panel.hidden;
    delete this.button("chat").dataset.news;
    this.button("chat").setAttribute("aria-expanded", String(!panel.hidden));
    if (!panel.hidden) panel.querySelector("textarea")?.focus();
  }

  #key(event) {
    if (event.defaultPrevented || event.altKey || event.repeat) return;
    const held = event.ctrlKey || event.metaKey;
    const typing = event.target.closest?.("input:not([type=checkbox]), textarea, select, [contenteditable], dialog");
    const single = !held && !event.shiftKey && !typing && wish("keys");
    const what = held ? WITH_CONTROL[event.key.toLowerCase()] : single && KEYS[event.key.toLowerCase()];
    if (!what || this.stage.getAttribute("state") !== "call" || this.button(what)?.disabled) return;
    event.preventDefault();
    this.act(what);
  }

  /** Said to screen readers, politely. */
  announce(words) {
    const place = this.stage.querySelector("[data-announce]");
    if (place) place.textContent = words;
  }
}
