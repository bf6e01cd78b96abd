// Whether anything still comes from the other side. The relay answers for itself, so a connection stays "connected" while
// the person behind it is gone: then its answers go on, and nothing else arrives. Without answers it is the own network.
const SILENT_MS = 4000;
const ANSWERS = 2;

export class Hearing {
  #last = null;

  silent = false;

  /** Nothing is to be heard now, in the waiting room or on hold: what comes next begins anew. */
  forget() {
    this.#last = null;
    this.silent = false;
  }

  /** `rows`: getStats() as an array; `now`: milliseconds. */
  take(rows, now) {
    const packets = rows.reduce((sum, { type, packetsReceived = 0 }) => (type === "inbound-rtp" ? sum + packetsReceived : sum), 0);
    const answers = rows.find(({ type, nominated }) => type === "candidate-pair" && nominated)?.responsesReceived ?? 0;
    if (packets !== this.#last?.packets) this.#last = { packets, answers, at: now };
    this.silent = now - this.#last.at >= SILENT_MS && answers - this.#last.answers >= ANSWERS;
  }
}
