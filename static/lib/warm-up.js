// A sender that is to show somebody later is made ready for it, without a picture of anybody.

const EVERY_MS = 60;
// The first one makes the encoder, and is not encoded yet; one has to be, or it is made once more.
const PICTURES = 4;

/** Black pictures of this size for `carry`, for a quarter of a second. It may take another track in between. */
export async function warmUp({ width, height }, carry) {
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  const pen = canvas.getContext("2d");
  const stream = canvas.captureStream(0);
  const [track] = stream.getVideoTracks();
  // Firefox has it on the stream.
  const source = track.requestFrame ? track : stream;
  await carry(track);
  for (let left = PICTURES; left; left -= 1) {
    pen.fillRect(0, 0, width, height);
    source.requestFrame();
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
  }
  await carry(null);
  track.stop();
}
