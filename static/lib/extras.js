// What not everybody needs in a call: another device, less noise, a blurred background, oneself as others see one, one's screen.
import { chosen, keepChoice, listed, soundFrom } from "./choices.js";
import { isSo, keepWish, offers, wish } from "./wishes.js";
import { t } from "./words.js";

// What is asked of the running sound or picture; the other wishes are the page's own.
const OF_A_TRACK = ["noise", "blur"];

export class Extras {
  constructor(stage, { announce }) {
    Object.assign(this, { stage, announce });
    this.ending = new AbortController();
    this.#on("input[data-wish]", "change", ({ target }) => this.#wished(target));
    this.#on("select[data-device]", "change", ({ target }) => this.#chose(target));
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
    this.stage.toggleAttribute("self-small", wish("small"));
    this.#showDevices();
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

  // What is really in use stands there, whichever was chosen; a list that somebody has open is left alone.
  #showDevices() {
    const { devices } = this.stage;
    for (const select of this.stage.querySelectorAll("select[data-device]")) {
      const { device: kind } = select.dataset;
      const all = listed(kind, devices.around);
      select.closest("label").hidden = all.length === 0;
      const options = all.map(({ label, deviceId }) => new Option(label, deviceId));
      if (select.length !== all.length || options.some((option, at) => !option.isEqualNode(select.options[at]))) select.replaceChildren(...options);
      select.value = kind === "speaker" ? (chosen(kind, devices.around) ?? all[0])?.deviceId : devices[kind]?.getSettings().deviceId;
    }
    for (const player of this.stage.querySelectorAll("audio, device-check video")) soundFrom(player, devices.around);
  }

  async #chose({ dataset: { device: kind }, value }) {
    const { devices } = this.stage;
    const device = listed(kind, devices.around).find(({ deviceId }) => deviceId === value);
    if (kind === "speaker") keepChoice(kind, device);
    const had = kind === "speaker" || (await devices.choose(kind, device));
    this.show();
    for (const place of this.stage.querySelectorAll("[data-not-chosen]")) place.textContent = had ? "" : t("devices.not-chosen", { name: device.label });
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
