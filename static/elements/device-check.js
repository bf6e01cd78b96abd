// <device-check test="/signalling/test/…">: a private room through the same relay; you see and hear yourself, late, and
// then read what it found. Markup: templates/visit/_device_check.html.
//
// Inside <call-stage> it uses the devices that are open there: on iPhones a second stream would silence the first. Alone
// it opens its own, has the card for what is missing, and tells the desk (`report`).
// Event: checked (detail: { connection: "good" | "missing" }), when the test has found something out.
import { Call } from "../lib/call.js";
import { codeFor, offerTheWayOut, partState, show } from "../lib/cards.js";
import { soundFrom } from "../lib/choices.js";
import { post } from "../lib/http.js";
import { Line } from "../lib/line.js";
import { Devices, stateOf } from "../lib/media.js";
import { t } from "../lib/words.js";

const LOOK_MS = 1000;
// The page came, so there is a way to us; by then signalling has tried more than once.
const OPEN_MS = 12_000;

class DeviceCheck extends HTMLElement {
  connectedCallback() {
    this.part("start").addEventListener("click", () => this.start());
    this.part("skip").addEventListener("click", () => this.skip());
    this.part("retry")?.addEventListener("click", () => this.start());
    if (this.part("elsewhere")) offerTheWayOut(this.part("elsewhere"));
  }

  disconnectedCallback() {
    this.stop();
  }

  part(name) {
    return this.querySelector(`[data-${name}]`);
  }

  async start() {
    if (this.devices) return;
    this.part("start").disabled = true;
    this.part("panel").hidden = this.part("skip").hidden = false;
    this.#say("connecting");
    this.shared = this.closest("call-stage")?.devices ?? null;
    this.devices = this.shared ?? new Devices();
    this.devices.addEventListener("changed", (this.onDevices = () => this.#showMissing()));
    if (!this.devices.audio || !this.devices.video) await this.devices.open();
    // Skipped while the browser was asking.
    if (this.devices) this.#connect();
  }

  #connect() {
    this.call = new Call({ path: this.getAttribute("test"), devices: this.devices });
    this.call.addEventListener("changed", () => this.#show(this.call?.peer?.remote ?? null));
    this.call.addEventListener("test", ({ detail }) => this.#follow(detail));
    this.call.addEventListener("ended", () => this.call && this.#finish("trouble"));
    // Unlike a refusal, a socket that something on the way never lets through ends by itself never.
    this.opening = setTimeout(() => this.#finish(navigator.onLine ? "no-socket" : "trouble"), OPEN_MS);
    this.call.signalling.addEventListener("online", () => clearTimeout(this.opening));
    this.call.start();
    this.looking = setInterval(() => this.#look(), LOOK_MS);
  }

  /** On with the next part; before the first one has begun, and in the queue, the test is over. */
  skip() {
    if (this.running) this.call.signalling.send({ type: "skip" });
    else this.#finish("skipped");
  }

  #show(remote) {
    const picture = this.querySelector("video");
    if (picture.srcObject === remote) return;
    picture.srcObject = remote;
    soundFrom(picture, this.devices.around);
    // Refused only without a gesture; the button was one.
    picture.play().catch(() => {});
  }

  #follow({ state, position, report, route }) {
    this.running = state === "running";
    if (this.running) this.routes = (this.routes ?? new Set()).add(route);
    // Yourself once; the other ways are only about the line.
    const again = this.running && this.routes.size > 1;
    this.querySelector("video").hidden = !this.running || again;
    if (state === "done") this.#finish(report?.verdict ?? "skipped");
    else if (state === "failed") this.#finish(report ? "failed" : "trouble");
    else if (again) this.#say("more");
    else this.#say(this.running ? `running.${stateOf(this.devices.tracks)}` : state, { position });
  }

  async #look() {
    const peer = this.call?.peer;
    if (peer?.pc.connectionState !== "connected") return;
    if (peer !== this.measured?.peer) this.measured = { peer, line: new Line() };
    const rows = [...(await peer.pc.getStats()).values()];
    this.call?.signalling.send({ type: "quality", ...this.measured.line.take(rows, performance.now()) });
  }

  #finish(outcome) {
    const { audio, video, problem } = this.devices;
    const parts = { camera: partState("video", { video, problem }), microphone: partState("audio", { audio, problem }) };
    this.stop();
    this.#say(outcome);
    const report = this.getAttribute("report");
    if (report && outcome !== "skipped") post(report, parts).catch(() => {});
    if (["skipped", "trouble"].includes(outcome)) return;
    const detail = { connection: ["failed", "no-socket"].includes(outcome) ? "missing" : "good" };
    this.dispatchEvent(new CustomEvent("checked", { detail, bubbles: true }));
  }

  stop() {
    const { call, devices, shared } = this;
    clearInterval(this.looking);
    clearTimeout(this.opening);
    this.call = this.devices = this.routes = null;
    this.running = false;
    call?.stop();
    devices?.removeEventListener("changed", this.onDevices);
    if (!shared) devices?.close();
    this.querySelector("video").hidden = true;
    this.part("skip").hidden = true;
    this.part("start").disabled = false;
  }

  #showMissing() {
    const card = this.part("card");
    if (card && this.devices) show(card, codeFor(this.devices));
  }

  #say(key, values) {
    this.part("words").textContent = t(`test.${key}`, values);
  }
}

customElements.define("device-check", DeviceCheck);
