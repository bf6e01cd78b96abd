// What a person asked of the room – to admit, ask, answer, hold – kept until a snapshot shows that it is so.
//
// A press may go into a socket that is away, or into one that is dead and does not know it: it is said again on the next
// one. What takes somebody out of hearing is said until it is done. What lets somebody in is given up after a while, and
// that is said: by then it may be another moment, or somebody else who stands there.
const LATE_MS = 1500;
const GIVEN_UP_MS = 20_000;
const LOOK_MS = 500;
// The room's answers to one of these.
const REFUSALS = ["not-allowed", "unknown-seat", "not-waiting", "not-agreed", "not-asked"];

const shuts = ({ type, held, agreed }) => (type === "hold" ? held : type === "answer" && !agreed);

/**
 * Whether it is so; `said` on this very socket. A patient sees only guests who are in the call or asked about, so that
 * one who is not seen after a restart may have been said no to, or may not be back yet.
 */
function done({ type, held, agreed }, seat, said) {
  if (type === "answer") return seat?.agreed !== "asked" && (agreed || (said && !seat?.admitted));
  if (type === "hold") return seat?.held === held || (seat?.present && !seat.admitted);
  if (type === "ask") return seat?.admitted || ["asked", "yes"].includes(seat?.agreed);
  return seat?.admitted;
}

/** Whether the room would take it now: after a restart, the other page may come back later than this one. */
function possible({ type }, seat) {
  return Boolean(type === "answer" ? seat : type === "hold" ? seat?.admitted : seat?.present);
}

/** Events: changed (read `state`). */
export class Pressed extends EventTarget {
  #open = new Map();
  #seats = new Map();
  #socket = 0;
  #online = false;
  #failed = false;

  constructor(signalling, now = () => performance.now()) {
    super();
    Object.assign(this, { signalling, now });
    const on = (type, act) => signalling.addEventListener(type, ({ detail }) => act(detail));
    on("online", () => ((this.#socket += 1), (this.#online = true)));
    on("offline", () => (this.#online = false));
    on("snapshot", ({ seats }) => this.#follow(seats));
    on("error", ({ code }) => REFUSALS.includes(code) && this.#refused());
  }

  /** Whether it could be handed to the socket; what becomes of it, `state` tells. */
  say(message) {
    const wish = { message, at: this.now(), on: null };
    // Whoever presses Hold and then Take back wants the second one.
    this.#open.set(`${message.type} ${message.seat}`, wish);
    this.#failed = false;
    this.looking ??= setInterval(() => this.look(), LOOK_MS);
    const sent = this.#send(wish);
    this.signalling.probe();
    this.#changed();
    return sent;
  }

  /** null, or what a person is to know of what they pressed: "late", or "failed" when it has to be pressed again. */
  get state() {
    if (this.#failed) return "failed";
    const late = ({ message, at }) => this.now() - at >= LATE_MS && (!this.#online || possible(message, this.#seats.get(message.seat)));
    return [...this.#open.values()].some(late) ? "late" : null;
  }

  /** Time passes. */
  look() {
    for (const [key, { message, at }] of this.#open) {
      if (shuts(message) || this.now() - at < GIVEN_UP_MS) continue;
      this.#open.delete(key);
      this.#failed = true;
    }
    this.#changed();
  }

  stop() {
    this.#open.clear();
    this.#rest();
  }

  #follow(seats) {
    this.#seats = new Map(seats.map((seat) => [seat.seat, seat]));
    for (const [key, wish] of this.#open) {
      const seat = this.#seats.get(wish.message.seat);
      const said = wish.on === this.#socket;
      if (done(wish.message, seat, said)) this.#open.delete(key);
      else if (!said && possible(wish.message, seat)) this.#send(wish);
    }
    this.#changed();
  }

  #send(wish) {
    const sent = this.signalling.send(wish.message);
    if (sent) wish.on = this.#socket;
    return sent;
  }

  // The snapshot says how it is, and the page shows that.
  #refused() {
    for (const [key, { on }] of this.#open) if (on === this.#socket) this.#open.delete(key);
    this.#changed();
  }

  #rest() {
    clearInterval(this.looking);
    this.looking = null;
  }

  #changed() {
    if (!this.#open.size) this.#rest();
    if (this.state === this.told) return;
    this.told = this.state;
    this.dispatchEvent(new Event("changed"));
  }
}
