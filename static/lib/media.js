// Camera and microphone, with every way they can be missing turned into a plain code a page has a card for.

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
const VIDEO = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 }, facingMode: "user" };
const AUDIO = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };

export function codeOf(problem) {
  const code = CODES[problem?.name] ?? "unknown";
  if (code !== "blocked") return code;
  // Chromium alone says more, and only in these words: who said no decides what a person can do about it.
  if (/by system/i.test(problem.message)) return "blocked-by-system";
  return /dismissed/i.test(problem.message) ? "dismissed" : "blocked";
}

/** What a seat tells the others: see `media` in PROTOCOL.md. */
export function stateOf({ audio, video }) {
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
 * The person's own devices. With a `memory`, muted and hidden outlive the page. Events: changed. `problem` is null or a code: asking, blocked, blocked-by-system, dismissed,
 * none, in-use, insecure, unknown.
 */
export class Devices extends EventTarget {
  constructor({ memory = null } = {}) {
    super();
    this.audio = null;
    this.video = null;
    this.problem = null;
    this.memory = memory;
    // Before any track is there to be carried, so that not one picture and not one word slips out.
    const { muted = false, hidden = false } = memory ? recalled(memory) : {};
    Object.assign(this, { muted, hidden });
    this.opening = null;
    this.opened = false;
    navigator.mediaDevices?.addEventListener("devicechange", (this.onChange = () => this.#plugged()));
  }

  /** Both together, else whichever there is, else neither: no device ever keeps somebody out of their visit. */
  open() {
    this.opening ??= this.#open().finally(() => (this.opening = null));
    return this.opening;
  }

  async #open() {
    if (!navigator.mediaDevices?.getUserMedia) {
      this.problem = "insecure";
      this.opened = true;
      return this.#tell();
    }
    const asking = setTimeout(() => this.#wait(), ASKING_MS);
    this.problem = null;
    const stream = (await this.#ask({ audio: AUDIO, video: VIDEO })) ?? (await this.#separately());
    clearTimeout(asking);
    this.#take("audio", stream?.getAudioTracks()[0]);
    this.#take("video", stream?.getVideoTracks()[0]);
    if (this.audio && this.video) this.problem = null;
    this.opened = true;
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

  get tracks() {
    return { audio: this.audio, video: this.video };
  }

  get stream() {
    return new MediaStream([this.audio, this.video].filter(Boolean));
  }

  /** The `media` message of the protocol. */
  get message() {
    const state = this.lost ? "interrupted" : stateOf(this.tracks);
    return { type: "media", audio: Boolean(this.audio) && !this.muted, video: Boolean(this.video) && !this.hidden, state };
  }

  /** Whether a phone call, another app or a pulled plug has taken a device away. */
  get lost() {
    return [this.audio, this.video].some((track) => track && (track.muted || track.readyState === "ended"));
  }

  close() {
    clearTimeout(this.settling);
    navigator.mediaDevices?.removeEventListener("devicechange", this.onChange);
    this.audio?.stop();
    this.video?.stop();
    this.audio = this.video = null;
  }

  async #ask(constraints) {
    try {
      const stream = await navigator.mediaDevices.getUserMedia(constraints);
      if (this.problem === "asking") this.problem = null;
      return stream;
    } catch (problem) {
      this.problem = codeOf(problem);
      return null;
    }
  }

  async #separately() {
    const audio = await this.#ask({ audio: AUDIO });
    const first = this.problem;
    const video = await this.#ask({ video: VIDEO });
    this.problem = audio && !video ? this.problem : first;
    return new MediaStream([...(audio?.getTracks() ?? []), ...(video?.getTracks() ?? [])]);
  }

  #take(kind, track) {
    this[kind]?.stop();
    this[kind] = track ?? null;
    if (!track) return;
    track.enabled = kind === "audio" ? !this.muted : !this.hidden;
    track.contentHint = kind === "audio" ? "speech" : "motion";
    // A phone call or another app took the device: say so, and take it back when it is free.
    track.addEventListener("mute", () => this.#tell());
    track.addEventListener("unmute", () => this.#tell());
    track.addEventListener("ended", () => this.#replaceEnded());
  }

  async #replaceEnded() {
    const ended = [this.audio, this.video].some((track) => track?.readyState === "ended");
    if (ended && document.visibilityState === "visible") await this.open();
  }

  // Headsets report themselves several times; ask once things have settled, and only for what is really new.
  #plugged() {
    clearTimeout(this.settling);
    this.settling = setTimeout(async () => {
      const kinds = new Set((await navigator.mediaDevices.enumerateDevices()).map(({ kind }) => kind));
      const found = this.problem === "none" && ((!this.audio && kinds.has("audioinput")) || (!this.video && kinds.has("videoinput")));
      if (found) await this.open();
      else await this.#replaceEnded();
    }, SETTLE_MS);
  }

  #tell() {
    this.dispatchEvent(new Event("changed"));
    return this;
  }
}

/** How loud a track is, 0 to 1, to `show` several times a second. Returns a function that stops it. */
export function meter(track, show) {
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  analyser.fftSize = 512;
  // Some browsers let no sound run, not even listening, before the page was touched.
  const wake = () => context.resume();
  addEventListener("pointerdown", wake, { once: true });
  context.createMediaStreamSource(new MediaStream([track])).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const timer = setInterval(() => {
    analyser.getFloatTimeDomainData(samples);
    const loudness = Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length);
    show(Math.min(1, loudness * 6));
  }, 100);
  return () => {
    clearInterval(timer);
    removeEventListener("pointerdown", wake);
    context.close();
  };
}
