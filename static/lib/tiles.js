// The pictures of everybody beside the two whose call it is: one tile each, with name, role and how it stands.
import { soundFrom } from "./choices.js";
import { t } from "./words.js";

/** What there is to say about somebody else's end of the call, in a few words. */
export function stateInWords({ media, quality, present, held }) {
  if (held) return t("call.held");
  if (!present || quality === "lost") return t("call.other-lost");
  if (media?.state === "interrupted") return t("call.other-interrupted");
  if (media?.state === "screen") return t("call.other-screen");
  if (media?.state === "audio-first") return t("call.other-audio-first");
  if (["camera-stopped", "microphone-stopped", "stopped"].includes(media?.state)) return t(`call.other-${media.state}-state`);
  if (["no-microphone", "none"].includes(media?.state)) return t("call.other-no-microphone");
  if (media && !media.audio) return t("call.other-muted");
  return t(quality === "weak" ? "call.other-weak" : "call.other-good");
}

export class Tiles {
  #tiles = new Map();

  constructor(stage) {
    this.stage = stage;
    this.place = stage.querySelector(".stage");
    this.template = stage.querySelector("template[data-tile]");
  }

  /** The tiles for exactly these seats, in their order; nobody's picture is made anew while they stay. */
  show(seats) {
    if (!this.template) return;
    for (const [seat, tile] of this.#tiles) {
      if (seats.some((each) => each.seat === seat)) continue;
      tile.remove();
      this.#tiles.delete(seat);
    }
    for (const seat of seats) this.#fill(this.#tiles.get(seat.seat) ?? this.#make(seat), seat);
    this.place.dataset.others = seats.length + 1;
  }

  #make({ seat }) {
    const tile = this.template.content.firstElementChild.cloneNode(true);
    tile.dataset.seat = seat;
    this.template.before(tile);
    this.#tiles.set(seat, tile);
    return tile;
  }

  #fill(tile, seat) {
    const remote = this.stage.call.peerOf(seat.seat)?.remote ?? null;
    const role = t(`role.${seat.role}`);
    for (const player of tile.querySelectorAll("video, audio")) {
      if (player.srcObject === remote) continue;
      player.srcObject = remote;
      soundFrom(player, this.stage.devices.around);
      if (remote) player.play().catch(({ name }) => name === "NotAllowedError" && this.stage.recovery.needTap());
    }
    tile.querySelector("video").setAttribute("aria-label", `${seat.name}, ${role}`);
    const off = tile.querySelector(".stage-off");
    off.hidden = !(seat.held || (seat.media && !seat.media.video));
    write(off, t(seat.held ? "call.held-by-you" : "call.no-picture", seat));
    write(tile.querySelector("b"), seat.name);
    write(tile.querySelector(".role"), role);
    // Several small captions: only what is not as it should be is said.
    const fine = seat.present && !seat.held && seat.quality !== "lost" && (!seat.media || (seat.media.audio && seat.media.state === "ok"));
    write(tile.querySelector(".state"), !fine ? stateInWords(seat) : seat.quality === "weak" ? t("call.tile-weak") : "");
  }
}

function write(place, words) {
  if (place.textContent !== words) place.textContent = words;
}
