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
const VIDEO = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 }, facingMode: "user" };
const AUDIO = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };

export function codeOf(problem) {
  return CODES[problem?.name] ?? "unknown";
}

/** What a seat tells the others: see `media` in PROTOCOL.md. */
export function stateOf({ audio, video }) {
  if (audio && video) return "ok";
  if (audio) return "no-camera";
  return video ? "no-microphone" : "none";
}

/** The person's own devices. Events: changed. `problem` is null or a code: blocked, none, in-use, insecure, unknown. */
export class Devices extends EventTarget {
  constructor() {
    super();
    this.audio = null;
    this.video = null;
    this.problem = null;
    this.muted = false;
    this.hidden = false;
    navigator.mediaDevices?.addEventListener("devicechange", () => this.#replaceEnded());
  }

  /** Both together, else whichever there is, else neither: no device ever keeps somebody out of their visit. */
  async open() {
    if (!navigator.mediaDevices?.getUserMedia) {
      this.problem = "insecure";
      return this.#tell();
    }
    this.problem = null;
    const stream = (await this.#ask({ audio: AUDIO, video: VIDEO })) ?? (await this.#separately());
    this.#take("audio", stream?.getAudioTracks()[0]);
    this.#take("video", stream?.getVideoTracks()[0]);
    if (this.audio && this.video) this.problem = null;
    return this.#tell();
  }

  mute(muted) {
    this.muted = muted;
    if (this.audio) this.audio.enabled = !muted;
    this.#tell();
  }

  hide(hidden) {
    this.hidden = hidden;
    if (this.video) this.video.enabled = !hidden;
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
    const state = this.interrupted ? "interrupted" : stateOf(this.tracks);
    return { type: "media", audio: Boolean(this.audio) && !this.muted, video: Boolean(this.video) && !this.hidden, state };
  }

  close() {
    this.audio?.stop();
    this.video?.stop();
    this.audio = this.video = null;
  }

  async #ask(constraints) {
    try {
      return await navigator.mediaDevices.getUserMedia(constraints);
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
    track.addEventListener("mute", () => this.#interrupt(true));
    track.addEventListener("unmute", () => this.#interrupt(false));
    track.addEventListener("ended", () => this.#replaceEnded());
  }

  #interrupt(interrupted) {
    this.interrupted = interrupted;
    this.#tell();
  }

  async #replaceEnded() {
    const ended = [this.audio, this.video].some((track) => track?.readyState === "ended");
    if (ended && document.visibilityState === "visible") await this.open();
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
  context.createMediaStreamSource(new MediaStream([track])).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const timer = setInterval(() => {
    analyser.getFloatTimeDomainData(samples);
    const loudness = Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length);
    show(Math.min(1, loudness * 6));
  }, 100);
  return () => {
    clearInterval(timer);
    context.close();
  };
}
