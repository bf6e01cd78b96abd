// The page for "no network": as soon as there is one again, on to the real one.
import "../lib/stops.js";

addEventListener("online", () => setTimeout(() => location.assign("/home/today"), 1000));
