// Calls whoever has this page open for everything on it that nobody has seen: a chime again and again, a mark on the tab,
// and a notification that names nobody. What calls is on the page as [data-alert]; [data-in-call] keeps it quiet.
import { t } from "./words.js";

const EVERY_MS = 20_000;
const LOUDEST = 10;
const place = document.querySelector("[data-alerts]");
const part = (name) => place.querySelector(`[data-${name}]`);
const icon = document.querySelector('link[rel="icon"]');
const plain = { title: document.title, icon: icon?.href };
const rung = new Set();
let lastRang = 0;
let sound = null;
let first = false;
let asked = false;

// Of this person on this device.
const kept = (name) => `alerts-${name}-${place.dataset.person}`;
const wanted = () => localStorage.getItem(kept("sound")) !== "off";
const volume = () => Number(localStorage.getItem(kept("volume")) ?? 6);

/** Browsers keep a page silent until somebody has pressed something on it. */
const heard = () => sound?.state === "running";

function listen() {
  sound ??= new AudioContext();
  sound.onstatechange = () => (takeTurn(), show());
  return sound.resume().then(() => (takeTurn(), show()));
}

/** Of several tabs one chimes: the first that can be heard. One that is silent yet must not keep the others silent. */
function takeTurn() {
  if (asked || !heard()) return;
  asked = true;
  navigator.locks?.request("bedside-chime", () => ((first = true), new Promise(() => {})));
}

function chime() {
  if (!heard() || !(first || !navigator.locks)) return;
  for (const [at, pitch] of [[0, 660], [0.22, 880]]) {
    const tone = new OscillatorNode(sound, { frequency: pitch });
    const gain = new GainNode(sound, { gain: 0 });
    const begins = sound.currentTime + at;
    gain.gain.setValueAtTime(0, begins);
    gain.gain.linearRampToValueAtTime((volume() / LOUDEST) * 0.5, begins + 0.03);
    gain.gain.exponentialRampToValueAtTime(0.0001, begins + 0.6);
    tone.connect(gain).connect(sound.destination);
    tone.start(begins);
    tone.stop(begins + 0.65);
  }
  document.dispatchEvent(new CustomEvent("chimed"));
}

function notify(kinds) {
  if (globalThis.Notification?.permission !== "granted" || (!document.hidden && document.hasFocus())) return;
  const kind = ["waiting", "message", "task"].find((each) => kinds.includes(each)) ?? "task";
  const shown = new Notification(t(`alert.${kind}`), { body: t("alert.body"), tag: `bedside-${kind}`, renotify: true });
  shown.onclick = () => (window.focus(), shown.close());
}

function look() {
  const calling = [...document.querySelectorAll("[data-alert]")];
  const waiting = Number(document.querySelector("[data-waiting]")?.dataset.waiting ?? 0);
  const count = Math.max(calling.length, waiting);
  document.title = `${calling.length ? "● " : ""}${count ? `(${count}) ` : ""}${plain.title}`;
  if (icon) icon.href = calling.length ? place.dataset.icon : plain.icon;
  for (const key of rung) if (!calling.some(({ dataset }) => dataset.alert === key)) rung.delete(key);
  // Somebody who talks with a patient reads it and hears nothing.
  if (!calling.length || document.querySelector("[data-in-call]")) return;
  const news = calling.filter(({ dataset }) => !rung.has(dataset.alert));
  if (!news.length && Date.now() - lastRang < EVERY_MS) return;
  for (const { dataset } of news) rung.add(dataset.alert);
  lastRang = Date.now();
  if (wanted()) chime();
  if (news.length) notify(news.map(({ dataset }) => dataset.alertKind));
}

function show() {
  const on = wanted() && heard();
  part("sound").textContent = on ? t("alert.sound-on") : t("alert.turn-on");
  part("sound").setAttribute("aria-pressed", String(on));
  part("volume").hidden = !on;
  part("volume").querySelector("input").value = volume();
  part("notify").hidden = globalThis.Notification?.permission !== "default";
  part("alerts-hint").textContent = on ? "" : wanted() ? t("alert.silent") : t("alert.off");
  place.hidden = false;
}

if (place) {
  part("sound").addEventListener("click", async () => {
    const turnOff = wanted() && heard();
    localStorage.setItem(kept("sound"), turnOff ? "off" : "on");
    await listen();
    show();
    if (!turnOff) chime();
  });
  part("volume").addEventListener("change", ({ target }) => (localStorage.setItem(kept("volume"), target.value), chime()));
  part("notify").addEventListener("click", () => Notification.requestPermission().then(show));
  // Somebody who works on this page has pressed something: that is enough for the sound they did not turn off.
  addEventListener("pointerdown", () => wanted() && !heard() && listen());
  show();
  if (wanted()) listen();
  document.addEventListener("refreshed", look);
  setInterval(look, 1000);
  look();
}
