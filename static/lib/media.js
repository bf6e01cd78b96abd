// Camera and microphone, with every way they can be missing turned into a plain code a page has a card for.

import { chosen, headsetAmong, idOf, keepChoice, withChoice } from "./choices.js";
import { change, isSo, offers, wish, withWish } from "./wishes.js";

// getUserMedia's error names → what a person can do something about.
const CODES = {
  NotAllowedError: "blocked",
  SecurityError: "blocked",
  NotFoundError: "none",
  OverconstrainedError: "none",
  DevicesNotFoundError: "none",
  NotReadableError: "in-use",
  TrackStartError: "in-use",
  AbortError: "in-use",
};
// Longer than this without an answer, and the browser is asking a question somebody may not have seen.
const ASKING_MS = 3000;
const SETTLE_MS = 500;
// A device that ends as soon as it was taken is not taken again and again.
const AT_ONCE_MS = 2000;
const TRIES = 3;
const VIDEO = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 }, facingMode: "user" };
const AUDIO = { echoCancellation: true, autoGainControl: true };
// Words and lines matter more than movement. No sound: whose it is could not be told any more.
const SCREEN = { video: { frameRate: { max: 15 } }, audio: false, selfBrowserSurface: "exclude", surfaceSwitching: "include" };

// Asked for from the first picture on; but somebody who has the system blur them is not laid bare by not asking us.
const camera = () => (wish("blur") ? withWish(VIDEO, "blur") : VIDEO);
const wanting = { audio: () => withWish(AUDIO, "noise"), video: camera };

export function codeOf(problem) {
  const code = CODES[problem?.name] ?? "unknown";
  if (code !== "blocked") return code;
  // Chromium alone says more, and only in these words: who said no decides what a person can do about it.
  if (/by system/i.test(problem.message)) return "blocked-by-system";
  return /dismissed/i.test(problem.message) ? "dismissed" : "blocked";
}

/** Whether something comes from it: a phone call or another app mutes a track, a pulled plug ends it. */
const works = (track) => track?.readyState === "live" && !track.muted;

/** What a seat tells the others: see `media` in PROTOCOL.md. `stopped`: the kinds that were there before. */
export function stateOf({ audio, video }, stopped = []) {
  if (stopped.length > 1) return "stopped";
  if (stopped.length) return stopped[0] === "video" ? "camera-stopped" : "microphone-stopped";
  if (audio && video) return "ok";
  if (audio) return "no-camera";
  return video ? "no-microphone" : "none";
}

// What somebody chose holds in this tab for as long as the visit does: nobody is heard or seen again by a reload.
function recalled(memory) {
  try {
    return JSON.parse(sessionStorage.getItem(memory)) ?? {};
  } catch {
    return {};
  }
}

function remember(memory, chosen) {
  try {
    sessionStorage.setItem(memory, JSON.stringify(chosen));
  } catch {
    // A browser that keeps nothing for us: the choice holds until the page goes.
  }
}

/**
 * The person's own devices. With a `memory`, muted and hidden outlive the page. `problem` is null or a code: asking,
 * blocked, blocked-by-system, dismissed, none, in-use, insecure, unknown.
 *
 * Events: changed; switched (detail: the name of the device that took another one's place).
 */
export class Devices extends EventTarget {
  constructor({ memory = null } = {}) {
    super();
    this.audio = null;
    this.video = null;
    // The picture of the screen, while it takes the camera's place.
    this.screen = null;
    this.problem = null;
    this.memory = memory;
    // Before any track is there to be carried, so that not one picture and not one word slips out.
    const { muted = false, hidden = false } = memory ? recalled(memory) : {};
    Object.assign(this, { muted, hidden });
    this.opening = null;
    this.opened = false;
    this.had = { audio: false, video: false };
    // What the browser lists, to choose from.
    this.around = [];
    this.tries = { audio: 0, video: 0 };
    navigator.mediaDevices?.addEventListener("devicechange", (this.onChange = () => this.#plugged()));
    // What ended while nobody looked could not be taken back then.
    document.addEventListener("visibilitychange", (this.onVisible = () => this.#replaceEnded()));
    this.#followPermissions();
  }

  /**
   * What does not work, together, else whichever there is, else neither: no device ever keeps somebody out of their
   * visit. What works is left alone, so that a new camera costs no word.
   */
  open() {
    this.opening ??= this.#open().finally(() => (this.opening = null));
    return this.opening;
  }

  async #open() {
    this.closed = false;
    if (!navigator.mediaDevices?.getUserMedia) {
      this.problem = "insecure";
      this.opened = true;
      return this.#tell();
    }
    const asking = setTimeout(() => this.#wait(), ASKING_MS);
    this.problem = null;
    const wanted = ["audio", "video"].filter((kind) => !works(this[kind])).map((kind) => [kind, withChoice(wanting[kind](), kind)]);
    const found = wanted.length > 1 ? ((await this.#ask(Object.fromEntries(wanted))) ?? (await this.#separately(wanted))) : await this.#separately(wanted);
    clearTimeout(asking);
    for (const [kind] of wanted) this.#take(kind, found.find((track) => track.kind === kind));
    if (this.audio && this.video && !this.lost) this.problem = null;
    this.opened = true;
    this.#tell();
    await this.#lookAround();
    for (const [kind] of wanted) await this.#useChosen(kind);
    return this.#tell();
  }

  #wait() {
    this.problem ??= "asking";
    this.#tell();
  }

  mute(muted) {
    this.muted = muted;
    if (this.audio) this.audio.enabled = !muted;
    this.#chosen();
  }

  hide(hidden) {
    this.hidden = hidden;
    if (this.video) this.video.enabled = !hidden;
    this.#chosen();
  }

  #chosen() {
    if (this.memory) remember(this.memory, { muted: this.muted, hidden: this.hidden });
    this.#tell();
  }

  /** Another wish (see wishes.js) for the running sound or picture; where it cannot be changed, a new track has it. */
  async prefer(name, on) {
    if (name === "blur") return this.video && change(this.video, VIDEO, name, on);
    if (!this.audio || (await change(this.audio, AUDIO, name, on))) return;
    const { deviceId } = this.audio.getSettings();
    // Beside a running track Chromium gives another one of the same kind, whatever is asked for.
    this.audio.stop();
    const found = await this.#ask({ audio: { ...withWish(AUDIO, name, on), deviceId } });
    this.#take("audio", found?.[0]);
    this.#tell();
  }

  /**
   * Another microphone or camera, from now on and in every visit; the other of the two goes on as if nothing were. Resolves
   * to whether it could be had: if not, the former one stays.
   */
  async choose(kind, device) {
    await this.opening;
    let refused = await this.#use(kind, device);
    if (refused === "in-use" && kind === "video") refused = await this.#useAlone(device);
    if (!refused) keepChoice(kind, device);
    this.#tell();
    return !refused;
  }

  get canShare() {
    return Boolean(navigator.mediaDevices?.getDisplayMedia);
  }

  /** Asks which window or screen; resolves to whether one was chosen. */
  async share() {
    const stream = await navigator.mediaDevices.getDisplayMedia(SCREEN).catch(() => null);
    if (!stream) return false;
    const [track] = stream.getVideoTracks();
    // The call ended while somebody was still choosing.
    if (this.closed) return track.stop(), false;
    this.screen?.stop();
    track.contentHint = "detail";
    // The browser has a bar of its own to stop it with.
    track.addEventListener("ended", () => this.screen === track && this.stopSharing());
    this.screen = track;
    this.#tell();
    return true;
  }

  /** The camera is back at once, on or off as it was. */
  stopSharing() {
    this.screen?.stop();
    this.screen = null;
    this.#tell();
  }

  /** What is sent. */
  get tracks() {
    return { audio: this.audio, video: this.screen ?? this.video };
  }

  get stream() {
    return new MediaStream(Object.values(this.tracks).filter(Boolean));
  }

  /** The `media` message of the protocol. */
  get message() {
    // A camera that goes while it is hidden takes nothing from anybody, whatever the server remembers.
    const wanted = (kind) => !(kind === "video" ? this.hidden : this.muted);
    const missed = this.stopped.filter(wanted);
    const interrupted = ["audio", "video"].some((kind) => this[kind] && !works(this[kind]) && wanted(kind));
    const state = interrupted ? "interrupted" : this.screen ? "screen" : stateOf(this.tracks, missed);
    const video = Boolean(this.screen) || (works(this.video) && !this.hidden);
    return { type: "media", audio: works(this.audio) && !this.muted, video, state };
  }

  /** Whether a phone call, another app or a pulled plug has taken a device away, for the moment. */
  get lost() {
    return [this.audio, this.video].some((track) => track && !works(track));
  }

  /** The kinds that were there and are gone, and could not be had again. */
  get stopped() {
    return ["audio", "video"].filter((kind) => this.had[kind] && !this[kind]);
  }

  close() {
    clearTimeout(this.settling);
    navigator.mediaDevices?.removeEventListener("devicechange", this.onChange);
    document.removeEventListener("visibilitychange", this.onVisible);
    this.closed = true;
    this.had = { audio: false, video: false };
    this.audio?.stop();
    this.video?.stop();
    this.screen?.stop();
    this.audio = this.video = this.screen = null;
  }

  /** The tracks, or null and the reason in `problem`. */
  async #ask(constraints) {
    try {
      const stream = await navigator.mediaDevices.getUserMedia(constraints);
      // Allowed too late: the call is over, and no light may go on.
      if (this.closed) return stream.getTracks().forEach((track) => track.stop()), null;
      if (this.problem === "asking") this.problem = null;
      return stream.getTracks();
    } catch (problem) {
      this.problem = codeOf(problem);
      return null;
    }
  }

  // Of two reasons the first is told: sound matters more.
  async #separately(wanted) {
    const found = [];
    let first = null;
    for (const [kind, constraints] of wanted) {
      if (this.closed) return [];
      this.problem = null;
      found.push(...((await this.#ask({ [kind]: constraints })) ?? []));
      first ??= this.problem;
    }
    this.problem = first;
    return found;
  }

  #take(kind, track) {
    const before = this[kind];
    // Interrupted, and not to be had again just now: it may come back by itself.
    if (!track && before?.readyState === "live") return;
    before?.stop();
    this[kind] = track ?? null;
    if (!track) return;
    this.had[kind] = true;
    track.enabled = kind === "audio" ? !this.muted : !this.hidden;
    track.contentHint = kind === "audio" ? "speech" : "motion";
    if (kind === "video" && wish("blur") && offers(track, "blur") && !isSo(track, "blur")) change(track, VIDEO, "blur", true);
    // A phone call or another app took the device: say so, and take it back when it is free.
    for (const type of ["mute", "unmute"]) track.addEventListener(type, () => this.#given(track));
    const since = Date.now();
    track.addEventListener("ended", () => this.#ended(kind, track, since));
    if (before?.label && before.label !== track.label) this.dispatchEvent(new CustomEvent("switched", { detail: track.label }));
  }

  #given(track) {
    if (!track.muted && this.audio && this.video && !this.lost) this.problem = null;
    this.#tell();
  }

  #ended(kind, track, since) {
    if (this[kind] !== track) return;
    this.tries[kind] = Date.now() - since < AT_ONCE_MS ? this.tries[kind] + 1 : 0;
    if (this.tries[kind] < TRIES) {
      this.#tell();
      this.#replaceEnded();
      return;
    }
    this[kind] = null;
    this.tries[kind] = 0;
    this.problem ??= "unknown";
    this.#tell();
  }

  // Taken from the page, another one is in its place, or the person is told; a hidden page is given nothing on phones.
  async #replaceEnded() {
    const ended = [this.audio, this.video].some((track) => track?.readyState === "ended");
    if (ended && document.visibilityState === "visible") await this.open();
  }

  // Headsets report themselves several times; look once things have settled, and ask only for what is really new.
  #plugged() {
    clearTimeout(this.settling);
    this.settling = setTimeout(async () => {
      const before = this.around;
      const devices = await this.#lookAround();
      const kinds = new Set(devices.map(({ kind }) => kind));
      const found = (this.problem === "none" || this.stopped.length) && ((!this.audio && kinds.has("audioinput")) || (!this.video && kinds.has("videoinput")));
      if (found) await this.open();
      else await this.#replaceEnded();
      await this.#useFresh(devices, new Set(before.map(idOf)));
      this.#tell();
    }, SETTLE_MS);
  }

  async #lookAround() {
    this.around = await navigator.mediaDevices.enumerateDevices().catch(() => []);
    return this.around;
  }

  // What somebody chose is used again as soon as it is plugged in again; a headset is put on to talk through it.
  async #useFresh(devices, known) {
    if (known.size === 0) return;
    const fresh = devices.filter((device) => !known.has(idOf(device)));
    for (const kind of ["audio", "video"]) if (chosen(kind, fresh)) await this.#useChosen(kind);
    const headset = works(this.audio) && !chosen("audio", fresh) && headsetAmong(devices, known);
    if (headset) await this.#use("audio", headset);
  }

  // Where it has another id than the one that was kept, the browser has given another device.
  async #useChosen(kind) {
    const device = chosen(kind, this.around);
    if (device && works(this[kind]) && this[kind].getSettings().deviceId !== device.deviceId) await this.#use(kind, device);
  }

  /** Takes this device beside the former one, which ends only when the new one is there. Resolves to a code if it cannot. */
  async #use(kind, { deviceId }) {
    const before = this.problem;
    const [track] = (await this.#ask({ [kind]: { ...wanting[kind](), deviceId: { exact: deviceId } } })) ?? [];
    const refused = track ? null : (this.problem ?? "unknown");
    this.problem = before;
    if (track) this.#take(kind, track);
    return refused;
  }

  // Most phones have one camera at a time.
  async #useAlone(device) {
    this.video?.stop();
    const refused = await this.#use("video", device);
    if (refused) await this.open();
    return refused;
  }

  // Somebody has found the switch: what they allow is taken, without another press.
  async #followPermissions() {
    for (const [kind, name] of [["audio", "microphone"], ["video", "camera"]]) {
      const status = await navigator.permissions?.query({ name }).catch(() => null);
      status?.addEventListener("change", async () => {
        // What is being asked for just now was asked for before, and may have been refused already.
        await this.opening;
        if (status.state === "granted" && this.opened && !this.closed && !works(this[kind])) this.open();
      });
    }
  }

  #tell() {
    this.dispatchEvent(new Event("changed"));
    return this;
  }
}
