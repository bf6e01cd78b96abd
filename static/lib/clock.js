// The server's time, so that the demo's and the tests' clock moves pages too, and a wrong phone clock does not.
const meta = document.querySelector('meta[name="server-time"]');
const ahead = meta ? Date.parse(meta.content) - Date.now() : 0;

/** Milliseconds since 1970 on the server's clock, near enough for minutes and seconds on a page. */
export function now() {
  return Date.now() + ahead;
}

/** "08:12" or "1:08:12" for a number of seconds. */
export function minutes(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60].map((n) => String(n).padStart(2, "0"));
  return parts[0] === "00" ? parts.slice(1).join(":") : parts.join(":").replace(/^0/, "");
}

/** The language's own way of writing a time of day, in the clinic's zone: the same as the server writes on the page. */
export function timeOfDay(at, { seconds = false } = {}) {
  const { lang, dataset } = document.documentElement;
  const options = { hour: "numeric", minute: "2-digit", second: seconds ? "2-digit" : undefined, timeZone: dataset.zone };
  return new Intl.DateTimeFormat(lang, options).format(at);
}
