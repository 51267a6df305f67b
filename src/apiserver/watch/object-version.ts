// One version of one object, shared by everything that serves it: its bytes are made once, and decoded only if somebody
// looks inside. Versions never change.

import { encodeJson } from '../../api/json-encode.ts';
import type { AnyDraft, AnyObject, Kind } from '../../api/kind.ts';
import { deepFreeze } from '../../base/freeze.ts';
import { resourceVersionOffset, withoutResourceVersion, withResourceVersion } from './resource-version-splice.ts';

const decoder = new TextDecoder();
const NO_LABELS: Readonly<Record<string, string>> = Object.freeze({});

export class ObjectVersion {
  /** `namespace/name`, or the name of a cluster-scoped object. */
  readonly key: string;
  /** 0 of an object that is not in the store, which is served without a resourceVersion. */
  readonly revision: number;
  readonly #shelf: ObjectShelf;
  /** Stored JSON until it is served for the first time, then served JSON: never both. */
  #bytes: Uint8Array;
  readonly #offset: number;
  /** How many of the bytes are the resourceVersion; 0 while it is not there. */
  #insertedBytes = 0;
  #object: WeakRef<AnyObject> | undefined;
  #labels: Readonly<Record<string, string>> | undefined;
  #fields: Map<string, string> | undefined;
  #converted: Map<Kind, ObjectVersion> | undefined;
  #encodings: Map<string, Uint8Array> | undefined;

  /** `object` is what the bytes say, if that is known already; it is given its resourceVersion, frozen and shared. */
  constructor(
    { shelf }: { readonly shelf: ObjectShelf },
    version: { readonly key: string; readonly revision: number; readonly stored: Uint8Array },
    object?: AnyObject,
  ) {
    this.key = version.key;
    this.revision = version.revision;
    this.#shelf = shelf;
    this.#bytes = version.stored;
    this.#offset = resourceVersionOffset(version.stored);
    if (object) this.#adopt(object);
  }

  get resourceVersion(): string {
    return this.revision === 0 ? '' : String(this.revision);
  }

  /** How many bytes it takes in the store, which is about what it holds in memory. */
  get sizeBytes(): number {
    return this.#bytes.length - this.#insertedBytes;
  }

  /** The object in JSON, as clients get it. */
  get json(): Uint8Array {
    if (this.#insertedBytes === 0 && this.revision > 0) {
      const served = withResourceVersion(this.#bytes, this.#offset, this.revision);
      this.#insertedBytes = served.length - this.#bytes.length;
      this.#bytes = served;
    }
    return this.#bytes;
  }

  /** The object in JSON without its resourceVersion, as it is stored. */
  get stored(): Uint8Array {
    if (this.#insertedBytes === 0) return this.#bytes;
    return withoutResourceVersion(this.#bytes, this.#offset, this.#insertedBytes);
  }

  /** The object, frozen. */
  get object(): AnyObject {
    const known = this.#object?.deref();
    if (known) {
      this.#shelf.touch(this, known);
      return known;
    }
    const decoded = JSON.parse(decoder.decode(this.json)) as AnyObject;
    this.#remember(deepFreeze(decoded));
    return decoded;
  }

  /** A copy of the object that belongs to the caller. */
  draft(): AnyDraft {
    return JSON.parse(decoder.decode(this.json)) as AnyDraft;
  }

  get labels(): Readonly<Record<string, string>> {
    this.#labels ??= this.object.metadata.labels ?? NO_LABELS;
    return this.#labels;
  }

  /** The value of a selectable field, worked out once. */
  field(name: string, select: (object: AnyObject) => string): string {
    this.#fields ??= new Map();
    let value = this.#fields.get(name);
    if (value === undefined) {
      value = select(this.object);
      this.#fields.set(name, value);
    }
    return value;
  }

  /** This version as one of another kind that shares its storage, converted when it is first asked for. */
  as(kind: Kind, convert: (object: AnyObject) => AnyDraft): ObjectVersion {
    this.#converted ??= new Map();
    let version = this.#converted.get(kind);
    if (!version) {
      const draft = convert(this.object);
      delete draft.metadata.resourceVersion;
      const stored = encodeJson(draft);
      version = new ObjectVersion({ shelf: this.#shelf }, { key: this.key, revision: this.revision, stored });
      this.#converted.set(kind, version);
    }
    return version;
  }

  /** Another encoding of this version, made by `make` when it is first asked for. */
  encoding(name: string, make: () => Uint8Array): Uint8Array {
    this.#encodings ??= new Map();
    let bytes = this.#encodings.get(name);
    if (!bytes) {
      bytes = make();
      this.#encodings.set(name, bytes);
    }
    return bytes;
  }

  /** The same content under a later revision: what watchers get of an object that was deleted or left their selector. */
  at(revision: number): ObjectVersion {
    return new ObjectVersion({ shelf: this.#shelf }, { key: this.key, revision, stored: this.stored });
  }

  /** Called when a newer version takes this one's place: what was made of its bytes is worth no more memory. */
  retire(): void {
    this.#shelf.drop(this);
    this.#encodings = undefined;
  }

  #adopt(object: AnyObject): void {
    if (this.revision > 0) (object.metadata as { resourceVersion: string }).resourceVersion = this.resourceVersion;
    this.#remember(deepFreeze(object));
    this.#labels = object.metadata.labels ?? NO_LABELS;
  }

  #remember(object: AnyObject): void {
    this.#object = new WeakRef(object);
    this.#shelf.keep(this, object);
  }
}

/**
 * Keeps the decoded objects that were used last, up to a number of bytes of their JSON (they take several times that).
 * The others stay alive only as long as somebody else holds them, an informer for instance, and are shared with it.
 */
export class ObjectShelf {
  readonly #limitBytes: number;
  readonly #objects = new Map<ObjectVersion, AnyObject>();
  #sizeBytes = 0;

  constructor(options: { readonly limitBytes: number }) {
    this.#limitBytes = options.limitBytes;
  }

  /** Whose objects are kept, the one used longest ago first. */
  keys(): readonly string[] {
    return [...this.#objects.keys()].map(({ key }) => key);
  }

  keep(version: ObjectVersion, object: AnyObject): void {
    this.#objects.set(version, object);
    this.#sizeBytes += version.sizeBytes;
    for (const oldest of this.#objects.keys()) {
      if (this.#sizeBytes <= this.#limitBytes) break;
      this.drop(oldest);
    }
  }

  touch(version: ObjectVersion, object: AnyObject): void {
    if (this.#objects.delete(version)) this.#objects.set(version, object);
    else this.keep(version, object);
  }

  drop(version: ObjectVersion): void {
    if (this.#objects.delete(version)) this.#sizeBytes -= version.sizeBytes;
  }
}
