// The last script of every page: the ones before it have run. Until then, buttons that only a script can answer stay
// out of sight (base.css), so that nobody presses one in vain on a slow phone or without scripts.
document.documentElement.classList.add("ready");
