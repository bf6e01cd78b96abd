// A laptop that slept tells nobody: its timers simply go on later. What was connected is gone by then.
const TICK_MS = 1000;
// Browsers hold back the timers of pages nobody looks at, by up to a minute.
const SLEPT_MS = 10_000;
const SLEPT_HIDDEN_MS = 90_000;

/** Calls `act` when the page's time has jumped. Returns a function that stops watching. */
export function onWake(act) {
  // Not performance.now(): it stands still while some machines sleep.
  let last = Date.now();
  let hidden = document.hidden;
  const timer = setInterval(() => {
    const gap = Date.now() - last - TICK_MS;
    const slept = gap > (hidden || document.hidden ? SLEPT_HIDDEN_MS : SLEPT_MS);
    [last, hidden] = [Date.now(), document.hidden];
    if (slept) act();
  }, TICK_MS);
  return () => clearInterval(timer);
}
