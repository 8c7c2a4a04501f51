// The mouse: a click or drag on the timeline goes there, the wheel a little back and forward.
import type { Player } from "../player.js";
import type { MouseInput } from "../terminal-input.js";
import { SEEK_NANOS } from "./player-actions.js";
import { shareAt, type TimelinePlace } from "./timeline-bar.js";

/** Moves the player by the mouse. */
export class TimelineMouse {
  readonly #player: Player;
  #isDragging = false;

  constructor(player: Player) {
    this.#player = player;
  }

  take({ action, x, y }: MouseInput, timeline: TimelinePlace | undefined): void {
    if (action === "wheel-up") void this.#player.seek({ by: -SEEK_NANOS });
    if (action === "wheel-down") void this.#player.seek({ by: SEEK_NANOS });
    if (action === "press") this.#isDragging = isOn(timeline, x, y);
    if (action === "release") this.#isDragging = false;
    if (!this.#isDragging || timeline === undefined || (action !== "press" && action !== "drag")) return;
    // Dragged beyond the timeline's ends it is its ends.
    void this.#player.seek({ fraction: shareAt(x - timeline.x, timeline.cols) });
  }
}

function isOn(timeline: TimelinePlace | undefined, x: number, y: number): boolean {
  return timeline !== undefined && y === timeline.y && x >= timeline.x && x < timeline.x + timeline.cols;
}
