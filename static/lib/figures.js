// What a browser's statistics say of a call, as the `quality` message of webrtc/PROTOCOL.md.
export const sum = (rows, name) => rows.reduce((total, row) => total + (row[name] ?? 0), 0);
export const known = (figures) => Object.fromEntries(Object.entries(figures).filter(([, value]) => Number.isFinite(value) && value >= 0));
/** Packets that came again may outnumber the lost ones for a moment. */
export const share = (part, whole) => (whole > 0 ? Math.min(1, Math.max(0, part) / whole) : undefined);

const COUNTED = {
  sound: ["packetsLost", "packetsReceived", "concealedSamples", "silentConcealedSamples", "totalSamplesReceived"],
  picture: ["packetsLost", "packetsReceived", "framesDecoded", "totalFreezesDuration"],
};

/** One connection, looked at again and again: each look tells of the time since the one before. */
export class Figures {
  #before = null;

  /**
   * `rows`: getStats() as an array; `at`: milliseconds; `expected`: whether the other side sends a picture. Without one
   * nothing is frozen; the first picture after a pause would else count the whole pause.
   */
  take(rows, at, { expected }) {
    const pair = rows.find(({ type, nominated }) => type === "candidate-pair" && nominated);
    const inbound = (kind) => rows.filter((row) => row.type === "inbound-rtp" && row.kind === kind);
    const sound = counts(inbound("audio"), COUNTED.sound);
    const picture = counts(inbound("video"), COUNTED.picture);
    const now = { at, sound, picture, expected, sent: pair?.bytesSent, received: pair?.bytesReceived };
    const figures = {
      rtt_ms: pair?.currentRoundTripTime * 1000,
      estimate_up: pair?.availableOutgoingBitrate,
      jitter_ms: inbound("audio")[0]?.jitter * 1000,
      loss_up: rows.find(({ type, kind }) => type === "remote-inbound-rtp" && kind === "audio")?.fractionLost,
      fps_down: expected ? inbound("video")[0]?.framesPerSecond : undefined,
      ...(this.#before && at > this.#before.at ? since(this.#before, now) : {}),
    };
    this.#before = now;
    return known(figures);
  }
}

function counts(rows, names) {
  return Object.fromEntries(names.map((name) => [name, sum(rows, name)]));
}

function since(before, now) {
  const ms = now.at - before.at;
  const more = (kind, name) => now[kind][name] - before[kind][name];
  const lost = more("sound", "packetsLost") + more("picture", "packetsLost");
  const received = more("sound", "packetsReceived") + more("picture", "packetsReceived");
  // Silence that was made up is silence: nobody missed a word.
  const concealed = more("sound", "concealedSamples") - more("sound", "silentConcealedSamples");
  const moving = more("picture", "framesDecoded") > 0;
  const frozen = moving ? Math.min(ms, more("picture", "totalFreezesDuration") * 1000) : ms;
  return {
    loss_down: share(lost, lost + received),
    concealed: share(concealed, more("sound", "totalSamplesReceived")),
    frozen_ms: before.expected && now.expected && before.picture.framesDecoded ? frozen : undefined,
    bitrate_up: ((now.sent - before.sent) * 8000) / ms,
    bitrate_down: ((now.received - before.received) * 8000) / ms,
  };
}

// Of several people at once: what is worst for this page counts, and what goes over its line adds up.
const total = (...values) => values.reduce((all, value) => all + value, 0);
const TOGETHER = { bitrate_up: total, bitrate_down: total, estimate_up: Math.min, fps_down: Math.min };

/** The figures of several connections as one report. */
export function together(reports) {
  const names = new Set(reports.flatMap(Object.keys));
  return Object.fromEntries([...names].map((name) => {
    const values = reports.map((report) => report[name]).filter((value) => value !== undefined);
    return [name, (TOGETHER[name] ?? Math.max)(...values)];
  }));
}
