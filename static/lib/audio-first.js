// Sound before picture: on a path that carries too little for both, the picture pauses and later tries again.
const TOO_LITTLE = 150_000;
// A low estimate alone is no reason: on a line that only trembles it sinks to 30 kbit/s while sound and picture arrive.
const LATE_MS = 500;
const LOST = 0.1;
const PATIENCE_MS = 5000;
// Without a picture nothing shows that the path got better, so it is tried; each failure makes the next try rarer.
const FIRST_REST_MS = 20_000;
const LONGEST_REST_MS = 120_000;

export class AudioFirst {
  #lowSince = null;
  #rest = FIRST_REST_MS;
  #until = 0;

  paused = false;

  /** Takes what a `quality` message holds, whatever of it is known; `now` in ms. Says whether `paused` changed. */
  measured({ estimate_up: estimate, rtt_ms: late, loss_up: lost }, now) {
    const was = this.paused;
    if (this.paused) this.#tryAgain(now);
    else if (estimate < TOO_LITTLE && (late >= LATE_MS || lost >= LOST)) this.#tooLittle(now);
    else {
      // A whole rest's time without trouble: the next trouble starts from the beginning.
      if (this.#until && now - this.#until > this.#rest) this.#rest = FIRST_REST_MS;
      this.#lowSince = null;
    }
    return was !== this.paused;
  }

  #tooLittle(now) {
    this.#lowSince ??= now;
    if (now - this.#lowSince < PATIENCE_MS) return;
    this.paused = true;
    this.#until = now + this.#rest;
    this.#rest = Math.min(this.#rest * 2, LONGEST_REST_MS);
  }

  #tryAgain(now) {
    if (now < this.#until) return;
    this.paused = false;
    this.#lowSince = null;
  }
}
