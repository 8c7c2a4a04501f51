// The private parts of @xterm/headless 6.0.0 that t2a reads and mends, as types. The public interface shows neither the pen, nor
// the saved cursor, charsets, tab stops and margins, nor the parser's state: an exact dump needs them all. Only engine.ts makes
// these; the engine's version is pinned, and engine.test.ts fails where a part is missing.

/** Underline style, underline colour and link of a cell; never changed once a cell refers to it. */
export interface ExtendedAttributes {
  /** Bits 0-25: underline colour; 26-28: underline style. */
  readonly _ext: number;
  readonly _urlId: number;
}

/** A row. `_data` holds three words a cell; `_combined` and `_extendedAttrs` may have stale keys. */
export interface EngineLine {
  readonly _data: Uint32Array;
  readonly _combined: Readonly<Record<number, string | undefined>>;
  readonly _extendedAttrs: Readonly<Record<number, ExtendedAttributes | undefined>>;
  readonly isWrapped: boolean;
  readonly length: number;
  resize(cols: number, fill: unknown): boolean;
}

/** A pen as the engine packs it. */
export interface EngineAttributes {
  readonly fg: number;
  readonly bg: number;
  readonly extended: ExtendedAttributes;
}

/** A translation table; the tables are shared by all engines of the process. `undefined` is US ASCII. */
export type EngineCharset = Readonly<Record<string, string>> | undefined;

/** The normal or the alternate buffer. */
export interface EngineBuffer {
  readonly lines: { readonly length: number; maxLength: number; get(index: number): EngineLine | undefined };
  /** The number of columns means: the last column was written, the next character wraps. */
  readonly x: number;
  readonly y: number;
  ybase: number;
  ydisp: number;
  savedX: number;
  savedY: number;
  readonly savedCurAttrData: EngineAttributes;
  readonly savedCharset: EngineCharset;
  readonly scrollTop: number;
  readonly scrollBottom: number;
  readonly tabs: Record<number, boolean | undefined>;
  getNullCell(): unknown;
}

/** The live parameters of a control sequence. */
export interface EngineParams {
  readonly params: Int32Array;
  readonly length: number;
}

/** The hyperlink table. */
export interface EngineLinks {
  registerLink(link: { readonly id: string | undefined; readonly uri: string }): number;
  addLineToLink(link: number, row: number): void;
  getLinkData(link: number): { readonly id: string | undefined; readonly uri: string } | undefined;
}

interface DecModes {
  readonly applicationCursorKeys: boolean;
  readonly applicationKeypad: boolean;
  readonly bracketedPasteMode: boolean;
  readonly cursorBlink: boolean | undefined;
  readonly cursorStyle: "block" | "underline" | "bar" | undefined;
  readonly origin: boolean;
  readonly reverseWraparound: boolean;
  readonly sendFocus: boolean;
  readonly synchronizedOutput: boolean;
  readonly wraparound: boolean;
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
  readonly optionsService: { readonly rawOptions: { readonly convertEol: boolean; readonly cursorBlink: boolean } };
  readonly coreService: {
    readonly isCursorHidden: boolean;
    readonly modes: { readonly insertMode: boolean };
    readonly decPrivateModes: DecModes;
  };
  readonly coreMouseService: { readonly activeProtocol: string; readonly activeEncoding: string };
  readonly _charsetService: {
    readonly charset: EngineCharset;
    readonly glevel: number;
    readonly _charsets: readonly EngineCharset[];
  };
  readonly _bufferService: {
    readonly buffer: EngineBuffer;
    readonly buffers: { readonly normal: EngineBuffer; readonly alt: EngineBuffer; readonly active: EngineBuffer };
    scroll(eraseAttributes: unknown, isWrapped?: boolean): void;
  };
  _oscLinkService: EngineLinks;
  readonly _inputHandler: {
    readonly _curAttrData: EngineAttributes;
    readonly _windowTitle: string;
    readonly _iconName: string;
    readonly _windowTitleStack: readonly string[];
    readonly _iconNameStack: readonly string[];
    readonly _parser: { readonly currentState: number; readonly precedingJoinState: number; reset(): void };
    readonly onColor: (listener: (changes: readonly EngineColourChange[]) => void) => unknown;
    parse(text: string): void;
  };
  registerCsiHandler(
    id: { readonly prefix?: string; readonly intermediates?: string; readonly final: string },
    handler: (params: EngineParams) => boolean,
  ): unknown;
  resize(cols: number, rows: number): void;
}
