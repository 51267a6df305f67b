// The forms that answers travel in. A renderer knows one format and one shape; what it makes of a version or of a batch of
// changes is kept with that version or batch under the renderer's name, so that all clients share it.

import type { ObjectType } from '../../api/decode-object.ts';
import type { AnyObject, Column } from '../../api/kind.ts';
import type { ListMetadata } from '../chain/answer.ts';
import type { Change } from '../watch/cache-event.ts';
import type { ObjectVersion } from '../watch/object-version.ts';

/** What an object that is not in the store is declared as. A kind is one. */
export interface ValueType extends ObjectType {
  readonly columns?: readonly Column<AnyObject>[];
}

export interface Renderer {
  /** Renderers of one name give the same bytes for the same thing. */
  readonly name: string;
  readonly contentType: string;
  /** Of a watch. */
  readonly streamType: string;
  /** An object of the resource, as the whole answer. */
  version(version: ObjectVersion): Uint8Array;
  /** An object that is not in the store, which says its kind; `type` is its declaration. */
  value(object: object, type: ValueType | undefined): Uint8Array;
  /** A list in parts that follow each other, made as they are read. */
  list(versions: readonly ObjectVersion[], metadata: ListMetadata, buffers: ChunkBuffers): AsyncIterable<Uint8Array>;
  /** Changes as a piece of a watch. `first`: nothing has been sent on this watch before. */
  changes(changes: readonly Change[], first: boolean): Uint8Array;
  /** Whether `first` makes a difference. */
  readonly startsDifferently: boolean;
  /** The event that tells how far a watch has come: an object with nothing but this metadata. `first` as above. */
  bookmark(metadata: BookmarkMetadata, first: boolean): Uint8Array;
  /** The event that ends a watch. */
  error(status: object): Uint8Array;
}

export interface BookmarkMetadata {
  readonly resourceVersion: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Parts are gathered into chunks of about this size. */
export const CHUNK_BYTES = 256 * 1024;

/** What the next chunk is put together in. */
export type ChunkBuffers = () => Uint8Array<ArrayBuffer>;

/** For those who keep chunks: each has a buffer of its own. */
export const ownBuffers: ChunkBuffers = () => new Uint8Array(CHUNK_BYTES);

const IN_TURN = 4;

/**
 * For those who have used a chunk up when they ask for the next but two: the same few buffers in turn. With a buffer for each
 * chunk a long list makes V8 look for garbage in everything it holds, again and again.
 */
export function buffersInTurn(): ChunkBuffers {
  const buffers: Uint8Array<ArrayBuffer>[] = [];
  let count = 0;
  return () => {
    const at = count++ % IN_TURN;
    buffers[at] ??= ownBuffers();
    return buffers[at];
  };
}

/** Gathers many small parts into chunks; a part that is large by itself goes on as it is. */
export function* inChunks(parts: Iterable<Uint8Array>, buffers: ChunkBuffers): Generator<Uint8Array> {
  let chunk = buffers();
  let length = 0;
  for (const part of parts) {
    if (length + part.length > CHUNK_BYTES) {
      if (length > 0) {
        yield chunk.subarray(0, length);
        chunk = buffers();
      }
      length = 0;
      if (part.length > CHUNK_BYTES) {
        yield part;
        continue;
      }
    }
    chunk.set(part, length);
    length += part.length;
  }
  if (length > 0) yield chunk.subarray(0, length);
}

/** Parts from this size on are worth a write of their own. */
const WRITE_BYTES = 16 * 1024;

/** Joins small parts that follow each other; a copy of a large one would cost more than another write. */
export function* inWrites(parts: readonly Uint8Array[]): Generator<Uint8Array> {
  let small: Uint8Array[] = [];
  for (const part of parts) {
    if (part.length < WRITE_BYTES) {
      small.push(part);
      continue;
    }
    if (small.length > 0) yield concatenated(small);
    small = [];
    yield part;
  }
  if (small.length > 0) yield concatenated(small);
}

export function concatenated(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0] as Uint8Array;
  let length = 0;
  for (const part of parts) length += part.length;
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
