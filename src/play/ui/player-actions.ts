// What the player's keys do.
import { NANOS_PER_SECOND } from "../../core/index.js";
import { PlaybackController, SeekController, SpeedController } from "../controllers.js";
import type { Player } from "../player.js";
import type { CommandBrowser } from "./command-browser.js";
import type { Finder } from "./finder.js";
import type { UiAction } from "./player-keys.js";
import type { PlayerPicture } from "./player-picture.js";
import type { Prompting } from "./prompting.js";

/** One press of the keys that seek a little, and of the wheel; nanoseconds. */
export const SEEK_NANOS = 5 * NANOS_PER_SECOND;
const SEEK_SHARE = 0.1;

/** Whom the keys move. */
export interface PlayerActionsOptions {
  readonly player: Player;
  readonly finder: Finder;
  readonly picture: PlayerPicture;
  readonly prompting: Prompting;
  readonly commands: CommandBrowser;
  readonly onSuspend: () => void;
  readonly onQuit: () => void;
}

/** What to do for each action; called with the name of the key. */
export function playerActions(options: PlayerActionsOptions): Readonly<Record<UiAction, (key: string) => void>> {
  const { player, finder, picture, prompting, commands, onSuspend, onQuit } = options;
  const playback = new PlaybackController(player);
  const seek = new SeekController(player);
  const speed = new SpeedController(player);
  // Faster, slower and the like go out from what the one before has led to.
  let settings: Promise<void> = Promise.resolve();
  const set = (change: () => Promise<void>): void => {
    settings = settings.then(change);
  };
  const toMarker = (which: "next" | "previous"): void => {
    const { complete, markers } = player.outline;
    if (complete && markers.length === 0) picture.say("this recording has no markers");
    else void seek.toMarker(which);
  };
  return {
    toggle: () => void playback.toggle(),
    back: () => void seek.by(-SEEK_NANOS),
    forward: () => void seek.by(SEEK_NANOS),
    backShare: () => void seek.byFraction(-SEEK_SHARE),
    forwardShare: () => void seek.byFraction(SEEK_SHARE),
    faster: () => set(() => speed.faster()),
    slower: () => set(() => speed.slower()),
    previousEvent: () => void playback.step(-1),
    nextEvent: () => void playback.step(1),
    previousFrame: () => void playback.step(-1, "frame"),
    nextFrame: () => void playback.step(1, "frame"),
    previousMarker: () => toMarker("previous"),
    nextMarker: () => toMarker("next"),
    commandList: () => commands.open(),
    previousCommand: () => commands.jump("previous"),
    nextCommand: () => commands.jump("next"),
    nextFailedCommand: () => commands.jump("nextFailed"),
    searchForward: () => prompting.openSearch(1),
    searchBackward: () => prompting.openSearch(-1),
    nextHit: () => finder.next(1),
    previousHit: () => finder.next(-1),
    forgetSearch: () => finder.forget(),
    goTo: () => prompting.openPosition(),
    start: () => void seek.to(0),
    end: () => void seek.toFraction(1),
    tenth: (key) => void seek.toFraction(Number(key) / 10),
    loop: () => set(() => playback.toggleLoop()),
    idle: () => set(() => playback.nextIdleMode()),
    timeStamps: () => picture.toggleTimeStamps(),
    pan: (key) => picture.viewport.pan(key),
    repaint: () => picture.forget(),
    help: () => picture.openHelp(),
    suspend: onSuspend,
    quit: onQuit,
  };
}
