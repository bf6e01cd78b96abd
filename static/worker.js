// The service worker of a patient's own pages. The server puts the list KEPT of files and lib/unsent.js in front of it.
// It keeps one page that knows nobody, and the files it needs; never an answer that holds anything of a person.
const CACHE = `bedside-${KEPT[0]}`;
const OFFLINE = "/home/offline";

addEventListener("install", (event) => {
  skipWaiting();
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll([new Request(OFFLINE, { credentials: "omit" }), ...KEPT])));
});

addEventListener("activate", (event) => {
  const old = caches.keys().then((names) => Promise.all(names.filter((name) => name !== CACHE).map((name) => caches.delete(name))));
  event.waitUntil(Promise.all([old, clients.claim()]));
});

addEventListener("fetch", (event) => {
  const { request } = event;
  const { pathname } = new URL(request.url);
  if (request.mode === "navigate" && request.method === "GET") {
    event.respondWith(fetch(request).catch(() => caches.match(OFFLINE)));
  } else if (pathname.startsWith("/static/")) {
    event.respondWith(caches.match(request).then((found) => found ?? fetch(request)));
  }
});

// The network is back, and perhaps no page is open any more: what was pressed is told all the same.
addEventListener("sync", (event) => {
  if (event.tag === unsent.TAG) event.waitUntil(tell());
});

async function tell() {
  const { left, why } = await unsent.flush();
  // The browser tries again later when this fails.
  if (left > 0 && why === "no-network") throw new Error("not told yet");
}
