// Speaks webrtc/PROTOCOL.md and knows no page. Reconnects by itself; a running call is never touched for that.
const PING_MS = 5000;
const MISSES = 2;
// Somebody who has just come back to the page is not left waiting for two missed pings.
const PROBE_MS = 3000;
const CONNECT_MS = 8000;
// A restarted server is found again within two seconds, so this stays short for as long as a restart may take; a
// refused connection costs next to nothing. Who is away for longer than that is not waited for by anybody.
const RETRY_MS = 800;
const PATIENT_MS = 300_000;
const LONG_RETRY_MS = 5000;

/** Events: ice, snapshot, description, restart-ice, changed, error, replaced, finished (detail: the message), online, offline. */
export class Signalling extends EventTarget {
  #socket = null;
  #unanswered = 0;
  #heard = 0;
  #lostAt = null;
  #goingAway = 0;
  #stopped = false;
  #leaving = false;
  #parted = null;

  constructor(path) {
    super();
    this.path = path;
    this.page = newPage();
    this.seen = 0;
    this.lastMedia = null;
  }

  start() {
    this.#connect();
    this.pinging = setInterval(() => this.#ping(), PING_MS);
    this.onOnline = () => this.reconnect();
    addEventListener("online", this.onOnline);
    this.onVisible = () => document.visibilityState === "visible" && this.probe();
    document.addEventListener("visibilitychange", this.onVisible);
  }

  stop() {
    this.#stopped = true;
    clearInterval(this.pinging);
    clearTimeout(this.retry);
    clearTimeout(this.probing);
    clearTimeout(this.connecting);
    removeEventListener("online", this.onOnline);
    document.removeEventListener("visibilitychange", this.onVisible);
    this.#socket?.close();
  }

  /** Says whether it could be handed to the socket; the next snapshot tells the truth in any case. */
  send(message) {
    if (message.type === "media") this.lastMedia = message;
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(message));
    return true;
  }

  /** The last word. The room answers by closing the socket: until then it is said again, on the next one. */
  leave() {
    this.#leaving = true;
    if (!this.send({ type: "leave" })) return;
    this.#parted = this.#socket;
    clearTimeout(this.probing);
    this.probing = setTimeout(() => this.reconnect(), PROBE_MS);
  }

  reconnect() {
    if (this.#stopped) return;
    this.#away();
    this.#socket?.close();
    this.#connect();
  }

  /** Is the socket still alive? If nothing at all is heard, it is replaced soon; without one, it is looked for now. */
  probe() {
    const heard = this.#heard;
    if (this.#socket?.readyState === WebSocket.CLOSED) return this.reconnect();
    if (!this.send({ type: "ping" })) return;
    clearTimeout(this.probing);
    this.probing = setTimeout(() => heard === this.#heard && this.reconnect(), PROBE_MS);
  }

  #connect() {
    clearTimeout(this.retry);
    clearTimeout(this.connecting);
    clearTimeout(this.probing);
    const address = new URL(this.path, location.href);
    address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    const socket = (this.#socket = new WebSocket(address));
    this.#unanswered = 0;
    // A network that swallows packets answers neither yes nor no.
    this.connecting = setTimeout(() => this.reconnect(), CONNECT_MS);
    socket.onopen = () => {
      clearTimeout(this.connecting);
      this.#lostAt = null;
      socket.send(JSON.stringify({ type: "hello", page: this.page, seen: this.seen }));
      if (this.#leaving) return this.leave();
      if (this.lastMedia) this.send(this.lastMedia);
      this.#tell("online", {});
    };
    socket.onmessage = (event) => socket === this.#socket && this.#receive(JSON.parse(event.data));
    socket.onclose = () => socket === this.#socket && (socket === this.#parted ? this.stop() : this.#lost());
  }

  #lost() {
    if (this.#stopped) return;
    clearTimeout(this.connecting);
    this.#away();
    this.retry = setTimeout(() => this.#connect(), this.#retryMs * (0.6 + 0.8 * Math.random()));
    this.#goingAway = 0;
  }

  #away() {
    this.#lostAt ??= Date.now();
    this.#tell("offline", {});
  }

  get #retryMs() {
    return this.#goingAway || (Date.now() - this.#lostAt < PATIENT_MS ? RETRY_MS : LONG_RETRY_MS);
  }

  #receive(message) {
    this.#heard += 1;
    if (message.type === "pong") {
      this.#unanswered = 0;
      return;
    }
    if (message.type === "snapshot") this.seen = message.seq;
    if (message.type === "going-away") this.#goingAway = message.retry_ms;
    if (["replaced", "removed", "finished"].includes(message.type)) this.stop();
    if (!this.#leaving) this.#tell(message.type, message);
  }

  #ping() {
    if (this.#socket?.readyState !== WebSocket.OPEN) return;
    if (this.#unanswered >= MISSES) {
      this.reconnect();
      return;
    }
    this.#unanswered += 1;
    this.send({ type: "ping" });
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

/** Random, in the protocol's form. `crypto.randomUUID` is missing where a page came over plain HTTP. */
function newPage() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
