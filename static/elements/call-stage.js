// <call-stage signalling="/signalling/…" seat="patient|clinician">: the call on a page. Markup: macros/call.html.
//
// Shows whatever carries data-when="waiting call …" for its state: waiting, call, hold, finished, replaced, stopped,
// by-phone, removed. Asks for camera
// and microphone when it appears unless it has `quiet`, and then when `open()` is called.
// Events: call-changed (detail: the Call), call-ended (detail: why).
import { Awake } from "../lib/awake.js";
import { Call } from "../lib/call.js";
import { soundFrom } from "../lib/choices.js";
import { Controls } from "../lib/controls.js";
import { Devices } from "../lib/media.js";
import { Recovery } from "../lib/recovery.js";
import { stateInWords, Tiles } from "../lib/tiles.js";
import { t } from "../lib/words.js";

class CallStage extends HTMLElement {
  connectedCallback() {
    this.devices = new Devices({ memory: `devices:${this.getAttribute("signalling")}` });
    this.call = new Call({ path: this.getAttribute("signalling"), devices: this.devices });
    this.awake = new Awake();
    this.controls = new Controls(this);
    this.recovery = new Recovery(this);
    this.tiles = new Tiles(this);
    this.devices.addEventListener("changed", () => this.#showSelf());
    this.call.addEventListener("changed", () => this.#show());
    this.call.addEventListener("ended", ({ detail }) => this.#ended(detail));
    this.call.addEventListener("message", () => this.#refreshMessages());
    this.show("waiting");
    this.call.start();
    if (!this.hasAttribute("quiet")) {
      this.awake.keep();
      this.open();
    }
    addEventListener("pagehide", (this.onHide = () => this.devices.close()));
    // Come back to with the browser's back button: the picture of a page, without its call.
    addEventListener("pageshow", (this.onShow = ({ persisted }) => persisted && location.reload()));
  }

  disconnectedCallback() {
    this.call.stop();
    this.devices.close();
    this.recovery.stop();
    this.controls.stop();
    this.awake.stop();
    removeEventListener("pagehide", this.onHide);
    removeEventListener("pageshow", this.onShow);
  }

  part(name) {
    return this.querySelector(`[data-${name}]`);
  }

  async open() {
    await this.devices.open();
    if (["waiting", "call"].includes(this.getAttribute("state"))) this.awake.keep();
  }

  leave() {
    this.call.leave();
    this.devices.close();
    this.#ended("left");
  }

  /** Which parts of the page belong to this moment. */
  show(state) {
    this.setAttribute("state", state);
    for (const part of this.querySelectorAll("[data-when]")) part.hidden = !part.dataset.when.split(" ").includes(state);
  }

  #show() {
    this.#showPressed();
    // What comes after the end, an answer that was still on its way, begins nothing again.
    if (!["waiting", "hold", "call"].includes(this.getAttribute("state"))) return;
    const { me, others } = this.call;
    const other = others.find(({ seat, admitted }) => admitted && seat === this.call.main);
    const state = !me?.admitted || !other ? "waiting" : me.held ? "hold" : "call";
    const inCall = state === "call";
    const was = this.getAttribute("state");
    if (this.call.snapshot) this.show(state);
    if (state === "waiting" && this.devices.screen) this.devices.stopSharing();
    if (inCall && was !== "call") this.awake.keep();
    this.#showOther(other, inCall);
    // The way to the relay may be good while nothing comes from the other side any more: a closed window, a dead phone.
    const reached = inCall && (other.held || (this.call.connected && other.quality !== "lost" && !this.call.silent));
    this.tiles.show(inCall ? others.filter(({ seat, admitted }) => admitted && seat !== this.call.main) : []);
    this.#showOwn(me, reached);
    this.recovery.watch(reached || !inCall ? null : this.call.whose(other), other?.name);
    this.dispatchEvent(new CustomEvent("call-changed", { detail: this.call }));
  }

  /** A press that has not reached the room must not look as if it had. */
  #showPressed() {
    const place = this.part("pressed");
    const { state } = this.call.pressed;
    const words = state ? t(`pressed.${state}`) : "";
    if (!place || place.textContent === words) return;
    place.className = state === "failed" ? "problem" : "soft";
    place.textContent = words;
  }

  #showOther(other, inCall) {
    const remote = inCall ? this.call.peer?.remote : null;
    for (const element of [this.part("remote"), this.part("remote-sound")]) {
      if (element && element.srcObject !== (remote ?? null)) {
        element.srcObject = remote ?? null;
        soundFrom(element, this.devices.around);
        if (remote) element.play().catch(({ name }) => name === "NotAllowedError" && this.recovery.needTap());
      }
    }
    this.#showScreen(other, inCall);
    // Who sits there may change: a visit is handed over without a new page.
    const name = this.querySelector(".tile[data-main] .stage-name b");
    if (name && inCall && name.textContent !== other.name) name.textContent = other.name;
    const state = this.part("remote-state");
    if (state) state.textContent = inCall ? stateInWords(other) : "";
    this.#showNoPicture(other, inCall);
  }

  // A whole page has to be seen, not its middle; and somebody who does not see it is told.
  #showScreen(other, inCall) {
    const shares = inCall && other.media?.state === "screen";
    const before = this.hasAttribute("other-shares");
    this.toggleAttribute("other-shares", shares);
    if (inCall && shares !== before) this.controls.announce(t(shares ? "call.other-shares" : "call.other-shares-not", { name: other.name }));
  }

  // A camera that is off can be switched on; one that is not there cannot be asked for.
  #showNoPicture(other, inCall) {
    const place = this.part("remote-off");
    if (!place) return;
    place.hidden = !inCall || !(other.held || (other.media && !other.media.video));
    place.dataset.words ??= place.textContent;
    const said = NO_PICTURE[other?.media?.state];
    const words = other?.held ? t("call.held-by-you", other) : said ? t(said, { name: other.name }) : place.dataset.words;
    if (place.textContent !== words) place.textContent = words;
  }

  /** Whose connection is the weak one decides who can do something about it. */
  #showOwn(me, reached) {
    const words = reached ? ownState(this.call, me) : "";
    const place = this.part("own-state");
    if (!place || place.textContent === words) return;
    place.textContent = words;
    place.hidden = !words;
    if (words) this.controls.announce(words);
  }

  #showSelf() {
    const stream = this.devices.stream;
    for (const video of this.querySelectorAll("video[data-self]")) {
      const id = stream.getVideoTracks()[0]?.id ?? "";
      if (video.dataset.track !== id) [video.srcObject, video.dataset.track] = [id ? stream : null, id];
      video.classList.toggle("off", !id || (this.devices.hidden && !this.devices.screen));
      video.classList.toggle("screen", Boolean(this.devices.screen));
    }
    this.controls.show();
    this.dispatchEvent(new CustomEvent("devices-changed", { detail: this.devices }));
  }

  #refreshMessages() {
    for (const region of this.querySelectorAll("live-region[data-messages]")) region.dispatchEvent(new Event("refresh"));
    this.dispatchEvent(new CustomEvent("call-message"));
  }

  #ended(why) {
    this.recovery.stop();
    if (why !== "replaced") this.devices.close();
    else if (this.devices.screen) this.devices.stopSharing();
    this.show(["replaced", "removed", "stopped", "by-phone"].includes(why) ? why : "finished");
    this.awake.release();
    this.dispatchEvent(new CustomEvent("call-ended", { detail: why }));
  }
}

function ownState({ audioFirst, devices }, { quality }) {
  if (audioFirst.paused) return t("call.audio-first");
  if (devices.screen) return t("call.sharing");
  return quality === "weak" ? t("call.own-weak") : "";
}

// Why there is no picture, where nobody chose so.
const NO_PICTURE = {
  "no-camera": "call.other-no-camera",
  none: "call.other-no-camera",
  "camera-stopped": "call.other-camera-stopped",
  stopped: "call.other-stopped",
  interrupted: "call.other-away-for-a-moment",
};

customElements.define("call-stage", CallStage);
