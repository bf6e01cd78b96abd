// What must reach the clinic from a patient's page: kept here first, told now or as soon as there is a network.
// Event on window: "told" (detail: what became of everything kept, see unsent.js).
import { now } from "./clock.js";
import { formToken } from "./http.js";
import "./unsent.js";

const { unsent } = globalThis;
const AGAIN_MS = 4000;
const mark = document.querySelector('meta[name="home"]')?.content ?? "";
let home = mark;

/** Resolves to whether this device can keep anything: else a form posts itself. */
export const ready = begin().catch(() => false);

async function begin() {
  if (mark) await unsent.settle(mark);
  // The page for "no network" knows nobody; the device knows whose it is.
  else home = (await unsent.home()) ?? "";
  return Boolean(home);
}

/** Resolves to the number under which it is kept; rejects when this device cannot keep it. */
export async function keep(thing) {
  if (!(await ready)) throw new Error("nothing is kept here");
  const n = await unsent.keep({ at: new Date(now()).toISOString(), home, ...thing });
  // Where the browser has it, the worker tells it even when no page is open any more.
  navigator.serviceWorker?.ready.then(({ sync }) => sync?.register(unsent.TAG)).catch(() => {});
  return n;
}

let sending = Promise.resolve();
let later = null;

/** Sends what is kept; one after the other, and again by itself until everything is told. */
export function send() {
  clearTimeout(later);
  return (sending = sending.then(async () => {
    const outcome = await unsent.flush(mark ? { csrf: formToken(), home: mark } : null);
    if (outcome.left > 0 && outcome.why !== "not-known") later = setTimeout(send, AGAIN_MS);
    dispatchEvent(new CustomEvent("told", { detail: outcome }));
    return outcome;
  }));
}
