// Values by key and scope. Those of a session are in its document, those of a user and of the store in documents of the store itself, both
// saved by compare-and-swap, so that nobody's change is lost; those of the scope temp are in memory and never written.
import { SessionError, UsageError } from "../../core/index.js";
import type { Session, Store } from "../../store/index.js";
import type { JsonObject, JsonValue, SessionStateScope } from "../session-info.js";
import type { SessionReference, SessionStates, StatePlace } from "../session-manager.js";
import { sessionWords } from "../session-words.js";
import { bytesOf, checkKey, deepFrozen, frozenCopy, MAX_SCOPE_BYTES } from "./json-value.js";
import { APP_STATE, userStateName } from "./state-names.js";

/** A change of state that is saved. */
export interface StateChange {
  readonly scope: SessionStateScope;
  /** Of the scopes session and temp. */
  readonly sessionId: string | undefined;
  readonly key: string;
  /** Undefined where it was deleted. */
  readonly value: JsonValue | undefined;
}

/** What a keeper of state works with. */
export interface StateKeeperOptions {
  /** Open; whoever opened it closes it. */
  readonly store: Store;
  /** Whose values the scope user means: the name of an account. */
  readonly user: string;
  /** The session that a reference means. @throws SessionError `T2A_SESSION_NOT_FOUND`, UsageError. */
  readonly resolve: (reference: SessionReference) => Promise<Pick<Session, "id" | "name" | "status">>;
  /** Whether a session's terminal lives: the scope temp is of such alone. */
  readonly isLive: (id: string) => boolean;
  /** Changes a session's document; the store's own way by default. */
  readonly updateSession?: ((id: string, change: (session: Session) => Session) => Promise<Session>) | undefined;
  /** Is told of each change; what it throws changes nothing. */
  readonly onChange?: ((change: StateChange) => void) | undefined;
}

/** One scope, of one session where it is a session's. */
interface Scope {
  readonly scope: SessionStateScope;
  readonly sessionId: string | undefined;
  /** What messages call that session. */
  readonly words?: string | undefined;
}

/** What t2a keeps itself of a session, whose changes go by its rules. */
const OWN_KEYS = "t2a.";
const NOTHING: JsonObject = Object.freeze({});

/** Keeps state. Errors are those of the store, and `T2A_STATE`. */
export class StateKeeper implements SessionStates {
  readonly #options: StateKeeperOptions;
  readonly #temporary = new Map<string, JsonObject>();
  /** By scope, the end of what is being changed there: in one process one change waits for the other, instead of trying again. */
  readonly #turns = new Map<string, Promise<unknown>>();

  constructor(options: StateKeeperOptions) {
    this.#options = options;
  }

  async getState(
    key: string,
    place: StatePlace & { readonly fallback?: JsonValue | undefined } = {},
  ): Promise<JsonValue | undefined> {
    checkKey(key);
    const values = await this.#read(await this.#scopeOf(place));
    return Object.hasOwn(values, key) ? values[key] : place.fallback;
  }

  async setState(key: string, value: JsonValue, place: StatePlace = {}): Promise<void> {
    checkKey(key);
    const kept = frozenCopy(value);
    await this.#change(await this.#scopeOf(place), key, (values) => checkedSize({ ...values, [key]: kept }), kept);
  }

  async deleteState(key: string, place: StatePlace = {}): Promise<boolean> {
    checkKey(key);
    const scope = await this.#scopeOf(place);
    let wasThere = false;
    const without = (values: JsonObject): JsonObject => {
      wasThere = Object.hasOwn(values, key);
      if (!wasThere) return values;
      const { [key]: _, ...rest } = values;
      return rest;
    };
    await this.#change(scope, key, without, undefined);
    return wasThere;
  }

  async listState(place: StatePlace = {}): Promise<JsonObject> {
    return await this.#read(await this.#scopeOf(place));
  }

  /** Forgets the values of the scope temp of a session that has ended. */
  forget(sessionId: string): void {
    this.#temporary.delete(sessionId);
  }

  async #scopeOf({ scope, session }: StatePlace): Promise<Scope> {
    const which = scope ?? (session === undefined ? "user" : "session");
    if (which === "user" || which === "app") return { scope: which, sessionId: undefined };
    if (session === undefined) {
      throw new UsageError(`state of the scope ${which} is a session's: name the session`, { code: "T2A_STATE" });
    }
    const found = await this.#options.resolve(session);
    return { scope: which, sessionId: found.id, words: sessionWords(found) };
  }

  async #read({ scope, sessionId = "" }: Scope): Promise<JsonObject> {
    const { store } = this.#options;
    switch (scope) {
      case "temp":
        return this.#temporary.get(sessionId) ?? NOTHING;
      case "session":
        return deepFrozen((await store.get(sessionId)).state.session as JsonObject);
      default: {
        const document = await store.findNamed(this.#nameOf(scope));
        return document === undefined ? NOTHING : deepFrozen(document.values as JsonObject);
      }
    }
  }

  async #change(
    scope: Scope,
    key: string,
    change: (values: JsonObject) => JsonObject,
    value: JsonValue | undefined,
  ): Promise<void> {
    if (key.startsWith(OWN_KEYS) && scope.scope !== "temp") {
      throw new UsageError(`keys that begin with ${OWN_KEYS} are t2a's own: choose another`, { code: "T2A_STATE" });
    }
    const isChanged = await this.#inTurn(`${scope.scope} ${scope.sessionId ?? ""}`, () => this.#save(scope, change));
    if (!isChanged) return;
    try {
      this.#options.onChange?.({ scope: scope.scope, sessionId: scope.sessionId, key, value });
    } catch {} // the change is kept, whatever a listener makes of it
  }

  /** Whether anything was changed. */
  async #save({ scope, sessionId = "", words }: Scope, change: (values: JsonObject) => JsonObject): Promise<boolean> {
    const { store, updateSession = (id, update) => store.update(id, update) } = this.#options;
    let isChanged = false;
    const changed = (values: JsonObject): JsonObject => {
      const next = change(values);
      isChanged = next !== values;
      return next;
    };
    if (scope === "temp") {
      if (!this.#options.isLive(sessionId)) {
        const message = `the session ${words} is over: state of the scope temp is of live sessions alone`;
        throw new SessionError("T2A_SESSION_OVER", message, { details: { id: sessionId } });
      }
      this.#temporary.set(sessionId, deepFrozen({ ...changed(this.#temporary.get(sessionId) ?? NOTHING) }));
    } else if (scope === "session") {
      await updateSession(sessionId, (session) => {
        const before = session.state.session as JsonObject;
        const next = changed(before);
        return next === before
          ? session
          : { ...session, state: { session: { ...next } as Session["state"]["session"] } };
      });
    } else await store.updateNamed(this.#nameOf(scope), (values) => changed(values as JsonObject));
    return isChanged;
  }

  #nameOf(scope: "user" | "app"): string {
    return scope === "app" ? APP_STATE : userStateName(this.#options.user);
  }

  async #inTurn<Result>(key: string, task: () => Promise<Result>): Promise<Result> {
    const before = this.#turns.get(key);
    const turn = (async () => {
      await before?.catch(() => {});
      return await task();
    })();
    this.#turns.set(key, turn);
    try {
      return await turn;
    } finally {
      if (this.#turns.get(key) === turn) this.#turns.delete(key);
    }
  }
}

function checkedSize(values: JsonObject): JsonObject {
  const bytes = bytesOf(values);
  if (bytes <= MAX_SCOPE_BYTES) return values;
  throw new SessionError(
    "T2A_STATE",
    `all values of a scope together take at most ${MAX_SCOPE_BYTES / 1024} KB as JSON, and would take ${bytes} bytes: delete some first`,
    { details: { bytes } },
  );
}
