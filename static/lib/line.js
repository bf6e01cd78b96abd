// What a page measures at its end of a connection test: the `quality` message of webrtc/PROTOCOL.md.
import { known, share, sum } from "./figures.js";

/** Takes one connection's statistics again and again; the bit rate is the best that held between two looks. */
export class Line {
  #before = null;
  #best = null;

  /** `rows`: getStats() as an array; `at`: milliseconds. */
  take(rows, at) {
    const inbound = rows.filter(({ type }) => type === "inbound-rtp");
    const pair = rows.find(({ type, nominated }) => type === "candidate-pair" && nominated);
    const [lost, received, bytes] = ["packetsLost", "packetsReceived", "bytesReceived"].map((name) => sum(inbound, name));
    if (this.#before && at > this.#before.at) {
      this.#best = Math.max(this.#best ?? 0, ((bytes - this.#before.bytes) * 8000) / (at - this.#before.at));
    }
    this.#before = { bytes, at };
    return known({
      rtt_ms: pair?.currentRoundTripTime * 1000,
      jitter_ms: inbound.find(({ kind }) => kind === "audio")?.jitter * 1000,
      loss_down: share(lost, lost + received),
      bitrate_down: this.#best ?? undefined,
      estimate_up: pair?.availableOutgoingBitrate,
    });
  }
}
