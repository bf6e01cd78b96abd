// Do both ends of one RTCPeerConnection see the same two certificates? See `Safety words` in webrtc/PROTOCOL.md.
import { digest, Exchange, Garbled, hex, unhex, words, WrongReveal } from "./safety-words.js";

const UNANSWERED_MS = 10_000;

/** `state`: checking, words (and `numbers` are known), unchecked, forged. Event: changed. */
export class ConnectionCheck extends EventTarget {
  #pinned = null;
  #turn = Promise.resolve();

  /** Make it before anything is negotiated, and after the transceivers. */
  constructor(pc, { commits }) {
    super();
    Object.assign(this, { pc, state: "checking", numbers: null });
    this.exchange = new Exchange({ commits });
    this.channel = pc.createDataChannel("safety-words", { negotiated: true, id: 0 });
    this.channel.onopen = () => this.#take(() => this.exchange.begin());
    this.channel.onmessage = ({ data }) => this.#take(() => this.exchange.hear(data));
    this.channel.onclose = () => this.#become("unchecked");
  }

  /** Whether a description may be used. Another certificate within a connection would start DTLS afresh under words
   *  that two people may have compared already. */
  accepts({ sdp }) {
    const named = fingerprints(sdp);
    this.#pinned ??= named;
    if (named.join() === this.#pinned.join()) return true;
    this.#become("forged");
    return false;
  }

  /** The connection is up: who does not answer in time is not waited for in silence. Late words still count. */
  connected() {
    this.waiting ??= setTimeout(() => this.#become("unchecked"), UNANSWERED_MS);
  }

  close() {
    clearTimeout(this.waiting);
    this.channel.onopen = this.channel.onmessage = this.channel.onclose = null;
  }

  // One message after the other: hashing takes its time.
  #take(step) {
    this.#turn = this.#turn.then(() => this.#step(step));
  }

  async #step(step) {
    if (["words", "forged"].includes(this.state)) return;
    try {
      if (!crypto.subtle) throw new Garbled("no crypto.subtle without https");
      const message = await step();
      if (message && this.channel.readyState === "open") this.channel.send(message);
      if (this.exchange.nonces) await this.#finish();
    } catch (problem) {
      if (problem instanceof WrongReveal) return this.#become("forged");
      this.#become("unchecked");
      this.channel.close();
      if (!(problem instanceof Garbled)) throw problem;
    }
  }

  async #finish() {
    const both = [only(fingerprints(this.pc.localDescription.sdp)), await this.#theirs()];
    this.numbers = await words({ fingerprints: both, nonces: this.exchange.nonces });
    this.#become("words");
  }

  // What DTLS has verified, where the browser tells; else the one fingerprint that it let DTLS verify.
  async #theirs() {
    const { pc } = this;
    const named = only(this.#pinned);
    const ends = [pc.sctp, ...pc.getSenders(), ...pc.getReceivers()];
    const transports = new Set(ends.map((end) => end?.transport).filter(Boolean));
    // Media on another transport than this channel would be somebody else's.
    if (transports.size !== 1) throw new Garbled("more than one transport");
    const [certificate] = [...transports][0].getRemoteCertificates?.() ?? [];
    if (certificate && hex(await digest(certificate)) !== hex(named)) throw new Garbled("not the certificate that was named");
    return named;
  }

  #become(state) {
    if (this.state === state || this.state === "forged" || (this.state === "words" && state === "unchecked")) return;
    this.state = state;
    this.dispatchEvent(new Event("changed"));
  }
}

function fingerprints(sdp) {
  const found = sdp.matchAll(/^a=fingerprint:(\S+) (\S+)/gm);
  return [...new Set([...found].map(([, algorithm, value]) => `${algorithm} ${value}`.toLowerCase()))].sort();
}

/** With two to choose from, a browser may have verified the other one, or may do so after the next description. */
function only([first, ...others]) {
  const [algorithm, value] = first?.split(" ") ?? [];
  if (algorithm !== "sha-256" || others.length) throw new Garbled("not exactly one fingerprint");
  return unhex(value.replaceAll(":", ""));
}
