// Conformance cases whose expected screen the engine does not show, by its reason: of xterm.js, its own tests skip them too; of
// others, terminals differ here. The engine as it comes, without what t2a mends in it, shows the same in all of them (the check says
// so of each that is not listed).

const REASONS = {
  "xterm.js's own tests skip it: CBT at the last column, with a wrap pending": ["xterm: t0084-CBT"],
  "DECCOLM clears the screen there; xterm.js obeys it only where the window may be resized": [
    "alacritty: deccolm_reset",
    "zellij: vttest1_2",
  ],
  "an extension of zellij's own (DCS)": ["zellij: text_ui_component"],
  "the alternate buffer has a cursor of its own there; in xterm.js both share one": [
    "vt100: alternate_buffer/4",
    "vt100: alternate_buffer/6",
    "vt100: alternate_buffer/11",
    "vt100: alternate_buffer/13",
  ],
  "a line feed with a wrap pending keeps it pending there; xterm.js goes to the last column": [
    "vt100: attrs/12",
    "vt100: lf/4",
    "vt100: wrap/20",
    "vt100: wrap/21",
  ],
  "IL and DL keep the column there; xterm.js goes to the first one, as VT510 and xterm do": [
    "vt100: il_dl/2",
    "vt100: il_dl/18",
    "vt100: il_dl/21",
    "libvterm: 13state_edit: IL",
  ],
  "a combining character after the cursor moved joins the character before it there; xterm.js gives it a cell": [
    "vt100: combining/5",
    "vt100: combining/6",
    "vt100: combining/7",
    "vt100: combining/14",
  ],
  "inserting in the middle of a wide character keeps its first half there; xterm.js erases both": [
    "vt100: ich_dch_ech/15",
    "vt100: wide/9",
  ],
  "each mouse mode is switched off for itself there; in xterm.js switching one off switches off all": [
    "vt100: modes/13",
    "vt100: modes/15",
  ],
  "REP ends at the end of the row there; in xterm.js what is repeated wraps": [
    "libvterm: 31state_rep: REP till end of line",
  ],
  "EL ends a wrapped row there; xterm.js keeps the mark on the row below": [
    "libvterm: 32state_flow: EL cancels continuation of following line",
  ],
  "a cell holds six code points at most there": [
    "libvterm: 61screen_unicode: 10 combining accents should not crash",
    "libvterm: 61screen_unicode: 40 combining accents in two split writes of 20 should not crash",
  ],
};

/** Reason by name of the case. */
export const KNOWN = Object.fromEntries(
  Object.entries(REASONS).flatMap(([reason, names]) => names.map((name) => [name, reason])),
);
