// The face of src/play/ui: the player on the user's terminal.
export { PLAYER_KEYS, type PlayerKey, type UiAction } from "./player-keys.js";
export { PlayerUi, type PlayerUiOptions } from "./player-ui.js";
