// The page for "no network": as soon as there is one again, on to the real one.
addEventListener("online", () => setTimeout(() => location.assign("/home/today"), 1000));
