// What a page measures at its end of a connection test: the `quality` message of webrtc/PROTOCOL.md.
const sum = (rows, name) => rows.reduce((total, row) => total + (row[name] ?? 0), 0);
const known = (figures) => Object.fromEntries(Object.entries(figures).filter(([, value]) => Number.isFinite(value) && value >= 0));

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
      // Repeated packets may outnumber the lost ones for a moment.
      loss_down: received ? Math.max(0, lost) / (Math.max(0, lost) + received) : undefined,
      bitrate_down: this.#best ?? undefined,
      estimate_up: pair?.availableOutgoingBitrate,
    });
  }
}
