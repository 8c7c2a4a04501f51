// The private parts of @xterm/headless 6.0.0 that t2a reads and mends, as types. The public interface shows neither the pen, nor
// the saved cursor, charsets, tab stops and margins, nor the parser's state: an exact dump needs them all, a saved state also
// writes them. Only engine.ts makes these; the engine's version is pinned, and engine.test.ts fails where a part is missing.

/** Underline style, underline colour and link of a cell; never changed once a cell refers to it. */
export interface ExtendedAttributes {
  /** Bits 0-25: underline colour; 26-28: underline style. */
  readonly _ext: number;
  readonly _urlId: number;
}

/** The same as the engine makes them: only a copy of one can make another. */
export interface EngineExtendedAttributes extends ExtendedAttributes {
  clone(): EngineExtendedAttributes;
}

/** A row. `_data` holds three words a cell; `_combined` and `_extendedAttrs` may have stale keys. */
export interface EngineLine {
  readonly _data: Uint32Array;
  _combined: Readonly<Record<number, string | undefined>>;
  _extendedAttrs: Readonly<Record<number, ExtendedAttributes | undefined>>;
  isWrapped: boolean;
  readonly length: number;
  resize(cols: number, fill: unknown): boolean;
}

/** A pen as the engine packs it. */
export interface EngineAttributes {
  fg: number;
  bg: number;
  extended: EngineExtendedAttributes;
}

/** A translation table; the tables are shared by all engines of the process. `undefined` is US ASCII. */
export type EngineCharset = Readonly<Record<string, string>> | undefined;

/** The normal or the alternate buffer. */
export interface EngineBuffer {
  readonly lines: { readonly length: number; maxLength: number; get(index: number): EngineLine | undefined };
  /** The number of columns means: the last column was written, the next character wraps. */
  x: number;
  y: number;
  ybase: number;
  ydisp: number;
  savedX: number;
  savedY: number;
  readonly savedCurAttrData: EngineAttributes;
  savedCharset: EngineCharset;
  scrollTop: number;
  scrollBottom: number;
  tabs: Record<number, boolean | undefined>;
  getNullCell(): unknown;
}

/** The live parameters of a control sequence; what lies beyond the lengths is left over and never read. */
export interface EngineParams {
  readonly params: Int32Array;
  length: number;
  readonly _subParams: Int32Array;
  _subParamsLength: number;
  /** For each parameter where its sub parameters begin (high byte) and end. */
  readonly _subParamsIdx: Uint16Array;
  _rejectDigits: boolean;
  _rejectSubDigits: boolean;
  _digitIsSub: boolean;
  clone(): EngineParams;
}

/** Who collects the payload of a string (OSC, DCS) until it ends. */
export interface EngineStringHandler {
  _data: string;
  /** The payload was too long and is thrown away. */
  _hitLimit: boolean;
}

/** The parser of operating system commands. */
export interface EngineOscParser {
  /** 0 outside, 1 in the number, 2 in the payload, 3 dropping. */
  _state: number;
  /** -1 before the first digit; beyond 2^53, even infinite, where a program sends digits without end. */
  _id: number;
  _active: readonly EngineStringHandler[];
  readonly _handlers: Readonly<Record<number, readonly EngineStringHandler[] | undefined>>;
  reset(): void;
}

/** The parser of device control strings. */
export interface EngineDcsParser {
  _ident: number;
  _active: readonly (EngineStringHandler & { _params: EngineParams })[];
  readonly _handlers: Readonly<
    Record<number, readonly (EngineStringHandler & { _params: EngineParams })[] | undefined>
  >;
  reset(): void;
}

/** The parser of control functions. */
export interface EngineParser {
  currentState: number;
  precedingJoinState: number;
  _collect: number;
  readonly _params: EngineParams;
  readonly _oscParser: EngineOscParser;
  readonly _dcsParser: EngineDcsParser;
  reset(): void;
}

/** The hyperlink table. */
export interface EngineLinks {
  registerLink(link: { readonly id: string | undefined; readonly uri: string }): number;
  addLineToLink(link: number, row: number): void;
  getLinkData(link: number): { readonly id: string | undefined; readonly uri: string } | undefined;
}

interface DecModes {
  applicationCursorKeys: boolean;
  applicationKeypad: boolean;
  bracketedPasteMode: boolean;
  cursorBlink: boolean | undefined;
  cursorStyle: "block" | "underline" | "bar" | undefined;
  origin: boolean;
  reverseWraparound: boolean;
  sendFocus: boolean;
  synchronizedOutput: boolean;
  wraparound: boolean;
}

/** A colour that a program set or reset: type 0 asks, 1 sets, 2 restores; without an index all of the palette. */
export interface EngineColourChange {
  readonly type: number;
  readonly index?: number;
  readonly color?: readonly [number, number, number];
}

/** The engine behind the public class. */
export interface EngineCore {
  readonly cols: number;
  readonly rows: number;
  readonly optionsService: {
    readonly rawOptions: { readonly convertEol: boolean; readonly cursorBlink: boolean };
    /** Writing here tells who listens. */
    readonly options: { convertEol: boolean; cursorBlink: boolean };
  };
  readonly coreService: {
    isCursorHidden: boolean;
    isCursorInitialized: boolean;
    readonly modes: { insertMode: boolean };
    readonly decPrivateModes: DecModes;
  };
  readonly coreMouseService: { activeProtocol: string; activeEncoding: string };
  readonly _charsetService: {
    charset: EngineCharset;
    glevel: number;
    _charsets: readonly EngineCharset[];
  };
  readonly _bufferService: {
    readonly buffer: EngineBuffer;
    readonly buffers: {
      readonly normal: EngineBuffer;
      readonly alt: EngineBuffer;
      readonly active: EngineBuffer;
      /** Empties the alternate buffer. */
      activateNormalBuffer(): void;
      activateAltBuffer(): void;
    };
    scroll(eraseAttributes: unknown, isWrapped?: boolean): void;
    /** Makes both buffers anew, blank. */
    reset(): void;
  };
  _oscLinkService: EngineLinks;
  readonly _inputHandler: {
    readonly _curAttrData: EngineAttributes;
    _windowTitle: string;
    _iconName: string;
    _windowTitleStack: readonly string[];
    _iconNameStack: readonly string[];
    readonly _parser: EngineParser;
    /** Rows that the last parse touched. */
    readonly _dirtyRowTracker: {
      start: number;
      end: number;
      markRangeDirty(first: number, last: number): void;
    };
    /** Half a surrogate pair at a chunk's end. */
    readonly _stringDecoder: { _interim: number };
    readonly onColor: (listener: (changes: readonly EngineColourChange[]) => void) => unknown;
    parse(text: string): void;
  };
  registerCsiHandler(
    id: { readonly prefix?: string; readonly intermediates?: string; readonly final: string },
    handler: (params: EngineParams) => boolean,
  ): unknown;
  registerEscHandler(id: { readonly final: string }, handler: () => boolean): unknown;
  resize(cols: number, rows: number): void;
}
