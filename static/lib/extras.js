// What not everybody needs in a call: less noise, a blurred background, oneself as others see one, one's screen.
import { isSo, keepWish, offers, wish } from "./wishes.js";
import { t } from "./words.js";

// What is asked of the running sound or picture; the other wishes are the page's own.
const OF_A_TRACK = ["noise", "blur"];

export class Extras {
  constructor(stage, { announce }) {
    Object.assign(this, { stage, announce });
    this.ending = new AbortController();
    this.#on("input[data-wish]", "change", ({ target }) => this.#wished(target));
    this.#on("button[data-share]", "click", () => this.#share());
    this.show();
  }

  stop() {
    this.ending.abort();
  }

  /** As things are, which is not always as they were asked for; what cannot be had is not there. */
  show() {
    const { devices } = this.stage;
    const tracks = { noise: devices.audio, blur: devices.video };
    for (const box of this.stage.querySelectorAll("input[data-wish]")) {
      const name = box.dataset.wish;
      box.closest("label").hidden = name in tracks && !offers(tracks[name], name);
      box.checked = name in tracks ? isSo(tracks[name], name) : wish(name);
    }
    this.stage.toggleAttribute("unmirrored", !wish("mirror"));
    for (const button of this.stage.querySelectorAll("button[data-share]")) {
      button.hidden = !devices.canShare;
      button.toggleAttribute("data-on", Boolean(devices.screen));
      button.textContent = t(devices.screen ? "call.stop-sharing" : "call.share");
    }
  }

  async #wished(box) {
    const { wish: name } = box.dataset;
    keepWish(name, box.checked);
    if (OF_A_TRACK.includes(name)) await this.stage.devices.prefer(name, box.checked);
    this.show();
  }

  async #share() {
    const { devices } = this.stage;
    if (devices.screen) devices.stopSharing();
    else if (!(await devices.share())) return;
    this.announce(t(devices.screen ? "call.sharing" : "call.not-sharing"));
  }

  #on(which, type, act) {
    for (const each of this.stage.querySelectorAll(which)) each.addEventListener(type, act, { signal: this.ending.signal });
  }
}
