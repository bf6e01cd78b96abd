/** How loud a track is, 0 to 1, to `show` several times a second. Returns a function that stops it. */
export function meter(track, show) {
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  analyser.fftSize = 512;
  // Some browsers let no sound run, not even listening, before the page was touched.
  const wake = () => context.resume();
  addEventListener("pointerdown", wake, { once: true });
  // On iPhones a phone call interrupts it, and nothing goes on by itself.
  context.onstatechange = () => context.state === "interrupted" && document.addEventListener("visibilitychange", wake, { once: true });
  context.createMediaStreamSource(new MediaStream([track])).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const timer = setInterval(() => {
    analyser.getFloatTimeDomainData(samples);
    const loudness = Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length);
    show(Math.min(1, loudness * 6));
  }, 100);
  return () => {
    clearInterval(timer);
    removeEventListener("pointerdown", wake);
    document.removeEventListener("visibilitychange", wake);
    context.close();
  };
}
