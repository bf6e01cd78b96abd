// <device-check test="/signalling/test/…">: a private room through the same relay; you see and hear yourself, late.
// Event: checked (detail: { connection: "good" | "missing", camera, microphone }).
import { Call } from "../lib/call.js";
import { Devices, stateOf } from "../lib/media.js";
import { t } from "../lib/words.js";

const WEAK_LOSS = 0.05;
const WEAK_RTT_MS = 400;

class DeviceCheck extends HTMLElement {
  connectedCallback() {
    this.part("start").addEventListener("click", () => this.start());
  }

  disconnectedCallback() {
    this.#stop();
  }

  part(name) {
    return this.querySelector(`[data-${name}]`);
  }

  async start() {
    this.part("start").disabled = true;
    this.part("panel").hidden = false;
    this.#say("connecting");
    this.devices = new Devices();
    await this.devices.open();
    this.#tellMissing();
    this.call = new Call({ path: this.getAttribute("test"), devices: this.devices });
    this.call.addEventListener("changed", () => this.#show(this.call?.peer?.remote ?? null));
    this.call.addEventListener("test", ({ detail }) => this.#follow(detail));
    this.call.addEventListener("ended", () => this.call && this.#finish("failed"));
    this.call.start();
  }

  #show(remote) {
    const picture = this.querySelector("video");
    if (picture.srcObject === remote) return;
    picture.srcObject = remote;
    // Refused only without a gesture; the button was one.
    picture.play().catch(() => {});
  }

  #follow({ state, position, report }) {
    this.querySelector("video").hidden = state !== "running";
    if (state === "done") this.#finish(report?.loss_up > WEAK_LOSS || report?.rtt_ms > WEAK_RTT_MS ? "weak" : "done");
    else if (state === "failed") this.#finish("failed");
    else this.#say(state === "running" ? `running.${stateOf(this.devices.tracks)}` : state, { position });
  }

  #finish(state) {
    const { audio, video } = this.devices;
    const good = (works) => (works ? "good" : "missing");
    const detail = { connection: good(state !== "failed"), camera: good(video), microphone: good(audio) };
    this.#stop();
    this.#say(state);
    this.querySelector("video").hidden = true;
    this.part("start").disabled = false;
    this.dispatchEvent(new CustomEvent("checked", { detail, bubbles: true }));
  }

  #stop() {
    const { call, devices } = this;
    this.call = this.devices = null;
    call?.stop();
    devices?.close();
  }

  // On a page that has no card of its own for missing devices.
  #tellMissing() {
    const place = this.part("missing");
    if (!place) return;
    place.hidden = !this.devices.problem;
    place.textContent = this.devices.problem ? t(`devices.${this.devices.problem}`) : "";
  }

  #say(key, values) {
    this.part("words").textContent = t(`test.${key}`, values);
  }
}

customElements.define("device-check", DeviceCheck);
