// Pure: the safety words of one connection, by commit and reveal; see PROTOCOL.md. webrtc/safety_words.py is its twin.
const DOMAIN = new TextEncoder().encode("bedside safety words 1");
const NONCE_BYTES = 32;
const WORDS = 4;
const MESSAGE = /^(commit|nonce|reveal) ([0-9a-f]{64})$/;

/** What was revealed is not what was committed to: nobody does that by mistake, so the media must stop. */
export class WrongReveal extends Error {}

/** Not a message of this exchange, or not its turn: nothing can be said about the connection. */
export class Garbled extends Error {}

export const newNonce = () => crypto.getRandomValues(new Uint8Array(NONCE_BYTES));

export async function digest(bytes) {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}

/**
 * Four numbers from 0 to 255, places in the word list. `fingerprints` are the SHA-256 digests of both certificates, in
 * any order; `nonces` the one of the side that committed, then the other's.
 */
export async function words({ fingerprints, nonces }) {
  const ordered = [...fingerprints].sort((a, b) => (hex(a) < hex(b) ? -1 : 1));
  return [...(await digest(joined([DOMAIN, ...ordered, ...nonces])))].slice(0, WORDS);
}

/** One side of it: say what `begin` returns once the channel is open, then what `hear` returns; `nonces` when over. */
export class Exchange {
  #promised = null;

  constructor({ commits, nonce = newNonce() }) {
    Object.assign(this, { commits, nonce, nonces: null });
  }

  async begin() {
    return this.commits ? `commit ${hex(await digest(this.nonce))}` : null;
  }

  /** What to say next, or null. Throws WrongReveal, Garbled. */
  async hear(message) {
    const [, kind, value] = (typeof message === "string" && message.match(MESSAGE)) || [];
    if (!kind || this.nonces) throw new Garbled();
    if (kind === "nonce" && this.commits) {
      this.nonces = [this.nonce, unhex(value)];
      return `reveal ${hex(this.nonce)}`;
    }
    if (kind === "commit" && !this.commits && !this.#promised) {
      this.#promised = value;
      return `nonce ${hex(this.nonce)}`;
    }
    if (kind !== "reveal" || !this.#promised) throw new Garbled();
    if (hex(await digest(unhex(value))) !== this.#promised) throw new WrongReveal();
    this.nonces = [unhex(value), this.nonce];
    return null;
  }
}

export function hex(bytes) {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function unhex(text) {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

function joined(parts) {
  return new Uint8Array(parts.flatMap((part) => [...part]));
}
