// One RTCPeerConnection to one other seat, after PROTOCOL.md: transceivers laid out at join, filled with replaceTrack,
// perfect negotiation for whatever comes later. The browsers encrypt to each other; the server only passes it on.
import { ConnectionCheck } from "./connection-check.js";
import { Figures } from "./figures.js";
import { Hearing } from "./hearing.js";
import { warmUp } from "./warm-up.js";
import { wayOf } from "./way.js";

const VIDEO = { maxBitrate: 1_200_000, scaleResolutionDownBy: 1, priority: "medium", networkPriority: "medium" };
const AUDIO = { priority: "high", networkPriority: "high" };
const RESTART_AFTER_MS = 2000;
const WHOLE_MS = 1000;
const START_KBIT = 1200;
const GATHERING_MS = 5000;
const GATHER_AGAIN_MS = 3000;
/** Straight to the relay, unless the room says otherwise. */
export const STRAIGHT = { iceServers: [], iceTransportPolicy: "all" };

/** Events: state (detail: RTCPeerConnection.connectionState), tracks (detail: MediaStream), check (see `check.state`). */
export class Peer extends EventTarget {
  #making = false;
  #ignored = false;
  // Until the last description is said.
  #saying = null;
  #tracks = { audio: null, video: null };
  #blank = null;
  #expected = null;
  // From when on pictures may be made smaller.
  #started = false;
  #among = 1;
  #transceivers = {};
  #figures = new Figures();

  hearing = new Hearing();

  /** Whether the two are to hear each other now. */
  hears = false;

  constructor({ seat, connection, polite, start, signalling, ice = STRAIGHT }) {
    super();
    Object.assign(this, { seat, connection, polite, start, signalling });
    this.remote = new MediaStream();
    // Where TURN servers carry the call, the side that answers asks them for its address before it is asked anything.
    this.fixed = { bundlePolicy: "max-bundle", rtcpMuxPolicy: "require", iceCandidatePoolSize: ice.iceTransportPolicy === "relay" ? 1 : 0 };
    this.ice = ice;
    this.way = null;
    this.pc = new RTCPeerConnection({ ...this.fixed, ...ice });
    this.pc.ontrack = ({ track }) => this.#received(track);
    this.pc.onnegotiationneeded = () => this.#offer();
    this.pc.onconnectionstatechange = () => this.#changed();
    if (start) this.#layOut();
    this.check = new ConnectionCheck(this.pc, { commits: polite });
    this.check.addEventListener("changed", () => this.dispatchEvent(new Event("check")));
  }

  /** Fill the senders, or empty them with null. Nothing is renegotiated, so muting and admitting are instant.
   *  Everybody in the call gets a connection of their own: `among` so many, one line has to be enough. */
  carry({ audio, video }, among = 1) {
    this.#tracks = { audio, video };
    this.#among = Math.max(1, among);
    return this.#fill();
  }

  /** What will be carried once its person is let in. None of it is sent before; only what it needs is made ready. */
  expect(video) {
    this.#expected ??= video;
    return this.#warm();
  }

  async receive(description) {
    const collision = description.type === "offer" && (this.#making || this.pc.signalingState !== "stable");
    this.#ignored = !this.polite && collision;
    // After a reconnect the room may repeat the last answer: a connection that is settled has had it.
    const repeated = description.type === "answer" && this.pc.signalingState === "stable";
    if (this.#ignored || repeated || !this.check.accepts(description)) return;
    await this.pc.setRemoteDescription(description);
    if (description.type !== "offer") return;
    this.#adopt();
    await this.pc.setLocalDescription();
    this.#say();
  }

  /** What was measured since the last time; `expected`: whether a picture comes from there. */
  async measure({ expected }) {
    const rows = [...(await this.pc.getStats()).values()];
    const now = performance.now();
    if (this.hears) this.hearing.take(rows, now);
    else this.hearing.forget();
    return this.#figures.take(rows, now, { expected });
  }

  restartIce() {
    this.pc.restartIce();
  }

  /** Counts from the next gathering on, which is the next ICE restart. */
  use(ice) {
    this.ice = ice;
    this.pc.setConfiguration({ ...this.fixed, ...ice });
  }

  /** After the signalling came back: an offer nobody answered is sent again, unchanged. */
  resend() {
    if (this.pc.signalingState === "have-local-offer") this.#say();
    if (this.way) this.#sayWay();
  }

  close() {
    clearTimeout(this.restartTimer);
    clearTimeout(this.startTimer);
    clearTimeout(this.gatherTimer);
    this.check.close();
    this.pc.onconnectionstatechange = null;
    this.pc.close();
  }

  #layOut() {
    for (const kind of ["audio", "video"]) this.#transceivers[kind] = this.pc.addTransceiver(kind, { direction: "sendrecv" });
  }

  // The answering side must send on the transceivers the offer made, not on new ones.
  #adopt() {
    for (const transceiver of this.pc.getTransceivers()) {
      const kind = transceiver.receiver.track.kind;
      if (this.#transceivers[kind]) continue;
      transceiver.direction = "sendrecv";
      this.#transceivers[kind] = transceiver;
    }
    // The answer need not wait for it.
    this.#fill();
  }

  async #fill() {
    if (this.pc.signalingState === "closed") return;
    await Promise.all(Object.entries(this.#transceivers).map(([kind, { sender }]) => this.#fit(sender, kind)));
  }

  async #fit(sender, kind) {
    const track = this.#tracks[kind] ?? (kind === "video" ? this.#blank : null);
    const fresh = sender.track !== track;
    await Promise.all([this.#tune(sender, kind, { track, fresh }), fresh ? sender.replaceTrack(track) : null]);
  }

  async #tune(sender, kind, { track, fresh }) {
    const parameters = sender.getParameters();
    if (!parameters.encodings?.length) return;
    const video = kind === "video";
    Object.assign(parameters.encodings[0], video ? { ...VIDEO, maxBitrate: VIDEO.maxBitrate / this.#among } : AUDIO);
    if (video) parameters.degradationPreference = this.#preference(track);
    // A picture that needs none before it: whoever was waiting has seen none, and asking for it would be a round trip.
    const options = video && track && fresh ? { encodingOptions: [{ keyFrame: true }] } : {};
    await sender.setParameters(parameters, options).catch(() => {});
  }

  // A face has to move, a page of writing has to be legible. But the first picture Chromium would judge by an estimate
  // that nobody has made, make it smaller, and need longer than eight seconds to take that back.
  #preference(track) {
    return this.#started && track?.contentHint !== "detail" ? "maintain-framerate" : "maintain-resolution";
  }

  #soonSmaller() {
    if (this.startTimer || !this.#tracks.video || this.pc.connectionState !== "connected") return;
    this.startTimer = setTimeout(() => {
      this.#started = true;
      this.#fill();
    }, WHOLE_MS);
  }

  // Once, and only while nothing is carried: what is carried makes everything ready itself.
  async #warm() {
    const { width, height } = this.#expected?.getSettings() ?? {};
    if (this.warmed || !width || this.#tracks.video || this.pc.connectionState !== "connected") return;
    this.warmed = true;
    await warmUp({ width, height }, (track) => {
      this.#blank = track;
      return this.#fill();
    });
  }

  async #offer() {
    if (!this.start && this.pc.signalingState === "stable" && !this.pc.remoteDescription) return;
    // An offer in place of an answer that was not said would leave the other side's offer open for good. Whatever is
    // going on after that ends in a settled connection, and the browser then asks for this again.
    while (this.#saying) await this.#saying;
    if (this.pc.signalingState !== "stable") return;
    try {
      this.#making = true;
      await this.pc.setLocalDescription();
      this.#say();
    } catch (problem) {
      // A remote offer may have come between: then it is answered instead, and this one was never sent.
      if (problem.name !== "InvalidStateError") throw problem;
    } finally {
      this.#making = false;
    }
  }

  #say() {
    const saying = this.#describe().finally(() => this.#saying === saying && (this.#saying = null));
    this.#saying = saying;
  }

  async #describe() {
    clearTimeout(this.gatherTimer);
    const { type } = this.pc.localDescription;
    const found = this.ice.iceTransportPolicy !== "relay" || (await findable(this.pc));
    const { localDescription: made, signalingState } = this.pc;
    // Meanwhile it may have been taken back, or the connection closed.
    if (signalingState === "closed" || made?.type !== type) return;
    const { sdp } = made;
    const description = { type, sdp: withSilenceUnsent(withStartBitrate(sdp)) };
    this.signalling.send({ type: "description", to: this.seat, connection: this.connection, description });
    clearTimeout(this.gatherTimer);
    // No TURN server answered. Nobody can be reached by a description that names no address, so there has to be another
    // one, and sooner than the connection is given up for failed. Said all the same: it answers the other side.
    if (!found) this.gatherTimer = setTimeout(() => this.restartIce(), GATHER_AGAIN_MS);
  }

  #received(track) {
    this.remote.addTrack(track);
    this.dispatchEvent(new CustomEvent("tracks", { detail: this.remote }));
  }

  #changed() {
    const state = this.pc.connectionState;
    clearTimeout(this.restartTimer);
    if (state === "disconnected") this.restartTimer = setTimeout(() => this.restartIce(), RESTART_AFTER_MS);
    if (state === "failed") this.restartIce();
    if (state === "connected") {
      this.#warm();
      this.#soonSmaller();
      this.check.connected();
    }
    this.#lookAtWay();
    this.dispatchEvent(new CustomEvent("state", { detail: state }));
  }

  async #lookAtWay() {
    const transport = this.pc.sctp?.transport?.iceTransport;
    if (transport) transport.onselectedcandidatepairchange = () => this.#lookAtWay();
    const report = this.pc.connectionState === "connected" ? await this.pc.getStats() : null;
    const way = report && wayOf(report);
    if (way === this.way || this.pc.signalingState === "closed") return;
    this.way = way;
    this.#sayWay();
  }

  #sayWay() {
    this.signalling.send({ type: "way", connection: this.connection, way: this.way });
  }
}

/** Where nobody in the middle learns addresses from checks, one at a TURN server has to be in the description: resolves
 *  to whether there is one, at the latest when the browser has stopped looking. */
function findable(pc) {
  const looking = new AbortController();
  return new Promise((resolve) => {
    const on = (type, act) => pc.addEventListener(type, act, { signal: looking.signal });
    const has = () => /^a=candidate:\S+ 1 /m.test(pc.localDescription?.sdp ?? "");
    const look = () => has() && resolve(true);
    on("icecandidate", look);
    // Not the state as it is: right after an ICE restart it is still that of the last gathering.
    on("icegatheringstatechange", () => pc.iceGatheringState === "complete" && resolve(has()));
    setTimeout(() => resolve(has()), GATHERING_MS);
    look();
  }).finally(() => looking.abort());
}

// Both hints ask the *other* side's sender, so they go into what is sent, not into the own description.

/** Start video at a full picture instead of a stamp: the estimate was not warmed while the room was gated. */
export function withStartBitrate(sdp) {
  const codec = sdp.match(/^a=rtpmap:(\d+) VP8\/90000\r?$/m)?.[1];
  if (!codec || new RegExp(`^a=fmtp:${codec} `, "m").test(sdp)) return sdp;
  return sdp.replace(new RegExp(`^(a=rtpmap:${codec} VP8/90000)\\r?$`, "m"),
    `$1\r\na=fmtp:${codec} x-google-start-bitrate=${START_KBIT}`);
}

/** Opus sends nothing in silence. */
export function withSilenceUnsent(sdp) {
  return sdp.replace(/^(a=fmtp:\d+ minptime=10;useinbandfec=1)(\r?)$/m, "$1;usedtx=1$2");
}
