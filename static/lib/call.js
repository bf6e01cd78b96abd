// A call without a page: signalling, devices and peers kept in step with the room's snapshot.
import { AudioFirst } from "./audio-first.js";
import { together } from "./figures.js";
import { Peer, STRAIGHT } from "./peer.js";
import { Pressed } from "./pressed.js";
import { Signalling } from "./signalling.js";
import { onWake } from "./wake.js";

const QUALITY_MS = 2500;

/** Events: changed (read the properties), message (detail: topic of what changed elsewhere), test (detail), ended (detail: why). */
export class Call extends EventTarget {
  #peers = new Map();

  constructor({ path, devices }) {
    super();
    this.devices = devices;
    this.snapshot = null;
    this.online = false;
    // What this page has to say about a call that somebody listens in on; said again until the server knows.
    this.alarm = null;
    this.audioFirst = new AudioFirst();
    this.ice = STRAIGHT;
    this.signalling = new Signalling(path);
    this.pressed = new Pressed(this.signalling);
    this.pressed.addEventListener("changed", () => this.#changed());
    this.#listen();
  }

  start() {
    this.signalling.start();
    this.measuring = setInterval(() => this.#measure(), QUALITY_MS);
    this.devices.addEventListener("changed", (this.onDevices = () => this.#share()));
    addEventListener("online", (this.onNetwork = () => this.#restartAll()));
    navigator.connection?.addEventListener?.("change", this.onNetwork);
    this.stopWatching = onWake(() => this.#woken());
  }

  stop() {
    this.signalling.stop();
    this.#hangUp();
  }

  #hangUp() {
    this.pressed.stop();
    clearInterval(this.measuring);
    this.devices.removeEventListener("changed", this.onDevices);
    removeEventListener("online", this.onNetwork);
    navigator.connection?.removeEventListener?.("change", this.onNetwork);
    this.stopWatching?.();
    for (const peer of this.#peers.values()) peer.close();
    this.#peers.clear();
  }

  leave() {
    this.signalling.leave();
    this.#hangUp();
  }

  admit(seat) {
    this.pressed.say({ type: "admit", seat });
  }

  ask(seat) {
    this.pressed.say({ type: "ask", seat });
  }

  answer(seat, agreed) {
    this.pressed.say({ type: "answer", seat, agreed });
  }

  hold(seat, held) {
    this.pressed.say({ type: "hold", seat, held });
  }

  /** What two people found who compared the safety words: "match" is kept with the visit, "differ" ends the call. */
  compared(verdict, peer = this.peer) {
    if (!peer) return false;
    const message = { type: "words", connection: peer.connection, verdict };
    return verdict === "match" ? this.signalling.send(message) : this.#refuse(message);
  }

  get me() {
    return this.snapshot?.seats.find(({ seat }) => seat === this.snapshot.you) ?? null;
  }

  get others() {
    return this.snapshot?.seats.filter(({ seat }) => seat !== this.snapshot.you) ?? [];
  }

  /** The seat this page is about: the patient for the clinician, the clinician for everybody else. */
  get main() {
    return this.snapshot?.you === "clinician" ? "patient" : "clinician";
  }

  /** That seat's peer; in a connection test, the echo's. */
  get peer() {
    return this.peerOf(this.main) ?? this.peerOf("echo");
  }

  peerOf(seat) {
    return [...this.#peers.values()].find((peer) => peer.seat === seat) ?? null;
  }

  get connected() {
    return this.peer?.pc.connectionState === "connected";
  }

  /**
   * Whose connection is away where the two do not reach each other: the server knows, or the relay answers this page.
   * TURN servers tell nobody: with signalling up on both sides it may be either line, and none is named ("line").
   */
  whose({ present, quality }) {
    if (this.ice.iceTransportPolicy === "relay" && this.online && present) return "line";
    const reaches = ["connected", "completed"].includes(this.peer?.pc.iceConnectionState);
    return reaches || (this.online && (!present || quality === "lost")) ? "other" : "own";
  }

  /** Whether nothing comes any more from somebody who says that they send. */
  get silent() {
    const media = this.others.find(({ seat }) => seat === this.peer?.seat)?.media;
    return Boolean(this.peer?.hearing.silent && (media?.audio || media?.video));
  }

  #listen() {
    const on = (type, act) => this.signalling.addEventListener(type, ({ detail }) => act(detail));
    on("ice", ({ servers, policy }) => this.#use({ iceServers: servers, iceTransportPolicy: policy }));
    on("snapshot", (snapshot) => this.#follow(snapshot));
    on("description", ({ connection, description }) => this.#peers.get(connection)?.receive(description));
    on("restart-ice", ({ connection }) => this.#peers.get(connection)?.restartIce());
    on("changed", ({ topic }) => this.dispatchEvent(new CustomEvent("message", { detail: topic })));
    on("test", (detail) => this.dispatchEvent(new CustomEvent("test", { detail })));
    on("online", () => this.#setOnline(true));
    on("offline", () => this.#setOnline(false));
    on("replaced", () => this.#end("replaced"));
    on("removed", () => this.#end("removed"));
    on("error", ({ code }) => this.dispatchEvent(new CustomEvent("refused", { detail: code })));
    on("finished", () => this.#end(this.snapshot?.state ?? "finished"));
  }

  #follow(snapshot) {
    this.snapshot = snapshot;
    if (this.alarm) return;
    const wanted = new Map(snapshot.peers.map((peer) => [peer.connection, peer]));
    for (const [connection, peer] of this.#peers) {
      if (wanted.has(connection)) continue;
      peer.close();
      this.#peers.delete(connection);
    }
    for (const [connection, facts] of wanted) {
      if (!this.#peers.has(connection)) this.#meet(facts);
      if (facts.verified) this.#peers.get(connection).verified = true;
    }
    this.#share();
  }

  #use(ice) {
    this.ice = ice;
    for (const peer of this.#peers.values()) peer.use(ice);
  }

  #meet(facts) {
    const peer = new Peer({ ...facts, signalling: this.signalling, ice: this.ice });
    for (const type of ["state", "tracks", "check"]) peer.addEventListener(type, () => this.#changed());
    peer.addEventListener("check", () => {
      if (peer.check.state === "forged") this.#refuse({ type: "words", connection: peer.connection, verdict: "forged" });
    });
    this.#peers.set(facts.connection, peer);
  }

  /**
   * Tracks flow only between two people who are both let in and not on hold; the relay would drop them anyway. And not
   * while the one whom this page is about has left: it shows the waiting room then, where nobody is heard.
   */
  #share() {
    const heard = new Set(this.snapshot?.seats.filter((seat) => seat.admitted && !seat.held).map(({ seat }) => seat));
    const nothing = { audio: null, video: null };
    const peers = [...this.#peers.values()];
    const goesOn = this.peerOf("echo") || this.others.some(({ seat, admitted }) => admitted && seat === this.main);
    const hears = (peer) => goesOn && heard.has(this.snapshot.you) && heard.has(peer.seat);
    const among = peers.filter(hears).length;
    for (const peer of peers) {
      peer.hears = hears(peer);
      peer.carry(peer.hears ? this.#sending : nothing, among);
      if (!peer.hears) peer.expect(this.devices.tracks.video);
    }
    const message = this.#message;
    if (JSON.stringify(message) !== JSON.stringify(this.signalling.lastMedia)) this.signalling.send(message);
    this.#changed();
  }

  get #sending() {
    return this.audioFirst.paused ? { ...this.devices.tracks, video: null } : this.devices.tracks;
  }

  get #message() {
    const message = this.devices.message;
    if (!this.audioFirst.paused || !message.video) return message;
    return { ...message, video: false, state: ["ok", "screen"].includes(message.state) ? "audio-first" : message.state };
  }

  #setOnline(online) {
    const back = online && this.snapshot && !this.online;
    this.online = online;
    if (online && this.alarm) this.signalling.send(this.alarm);
    if (online) for (const peer of this.#peers.values()) peer.resend();
    // What was written meanwhile was said to nobody.
    if (back) this.dispatchEvent(new CustomEvent("message", { detail: "messages" }));
    this.#changed();
  }

  #restartAll() {
    for (const peer of this.#peers.values()) if (peer.pc.remoteDescription) peer.restartIce();
  }

  /** Everything is looked for anew, without waiting until it is found out that it is gone. */
  #woken() {
    this.signalling.reconnect();
    this.#restartAll();
  }

  async #measure() {
    const connected = [...this.#peers.values()].filter(({ pc }) => pc.connectionState === "connected");
    if (!connected.length) return;
    const measured = connected.map((peer) => peer.measure({ expected: this.#moves(peer.seat) }));
    const { silent } = this;
    const quality = together(await Promise.all(measured));
    if (this.silent !== silent) this.#changed();
    this.signalling.send({ type: "quality", ...quality });
    if (this.devices.tracks.video && this.audioFirst.measured(quality, performance.now())) this.#share();
  }

  /** Whether pictures are to be expected from there all the time; a screen on which nothing happens sends none. */
  #moves(seat) {
    const { media, held } = this.others.find((other) => other.seat === seat) ?? {};
    return Boolean(media?.video) && media.state !== "screen" && !held && !this.me?.held;
  }

  /** This page's media stops now, whether the server hears of it or not; the socket stays until it has. */
  #refuse(alarm) {
    if (this.alarm) return;
    this.alarm = alarm;
    this.#hangUp();
    this.signalling.send(alarm);
    this.dispatchEvent(new CustomEvent("ended", { detail: "stopped" }));
  }

  #end(why) {
    this.stop();
    if (this.alarm) return;
    this.dispatchEvent(new CustomEvent("ended", { detail: why }));
  }

  #changed() {
    this.dispatchEvent(new Event("changed"));
  }
}
