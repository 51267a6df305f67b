// Writes objects of one stored kind by compare-and-swap, and answers only when this server's own caches have the write:
// whoever wrote reads it back. What may be written is the business of the write path above.

import { encodeJson } from '../../api/json-encode.ts';
import type { AnyDraft, AnyObject, Kind } from '../../api/kind.ts';
import { encodeMessage } from '../../api/protobuf-codec.ts';
import { StatusError } from '../../api/status-error.ts';
import { prefixRange, type Store, StoreUnavailableError, type WriteResult } from '../../store/store.ts';
import type { ObjectVersion } from '../watch/object-version.ts';
import type { ResourceCache } from '../watch/resource-cache.ts';
import type { StoreFeed } from '../watch/store-feed.ts';

/** How long a write that is durable may take to come back through the store's watch. */
const FEED_TIMEOUT_MS = 10_000;
/** What etcd takes in one request: --max-request-bytes. */
const MAX_OBJECT_BYTES = 1.5 * 1024 * 1024;

export class ObjectStorage {
  readonly kind: Kind;
  readonly cache: ResourceCache;
  readonly #store: Store;
  readonly #feed: () => StoreFeed;

  constructor(
    { store, feed }: { readonly store: Store; readonly feed: () => StoreFeed },
    options: { readonly kind: Kind; readonly cache: ResourceCache },
  ) {
    this.#store = store;
    this.#feed = feed;
    this.kind = options.kind;
    this.cache = options.cache;
  }

  get(key: string): ObjectVersion | undefined {
    return this.cache.get(key);
  }

  /**
   * A page of a namespace (or everything) from a key on, as of an older revision. Throws `CompactedError` and
   * `FutureRevisionError`.
   */
  async listAsOf(
    namespace: string,
    page: { readonly start: string; readonly revision: number; readonly limit: number },
  ): Promise<{ readonly versions: readonly ObjectVersion[]; readonly remaining: number }> {
    const { prefix } = this.cache;
    const range = prefixRange(namespace === '' ? prefix : `${prefix}${namespace}/`);
    const first = prefix + page.start;
    const { revision, limit } = page;
    const from = page.start === '' || first < range.start ? range.start : first;
    const read = await this.#store.list({ start: from, end: range.end }, { revision, limit });
    const versions = read.items.map((item) =>
      this.cache.versionOf({ key: item.key.slice(prefix.length), revision: item.revision, stored: item.value }),
    );
    return { versions, remaining: read.remaining };
  }

  /** Undefined when there is such an object already. Takes the draft over. */
  create(key: string, draft: AnyDraft): Promise<ObjectVersion | undefined> {
    return this.#put(key, draft, 0);
  }

  /** Undefined when `previous` is not the newest version any more; the newest is in the cache then. */
  replace(previous: ObjectVersion, draft: AnyDraft): Promise<ObjectVersion | undefined> {
    return this.#put(previous.key, draft, previous.revision);
  }

  /** The last version, under the revision of its deletion; undefined as in `replace`. */
  async remove(previous: ObjectVersion): Promise<ObjectVersion | undefined> {
    const result = await this.#attempt(() => this.#store.delete(this.cache.prefix + previous.key, previous.revision));
    if (!this.#hasSeen(result)) await this.#catchUp(result);
    return result.ok ? previous.at(result.revision) : undefined;
  }

  async #put(key: string, draft: AnyDraft, expected: number): Promise<ObjectVersion | undefined> {
    delete draft.metadata.resourceVersion;
    const stored = encodeJson(draft);
    refuseTooLarge(this.kind, stored, draft);
    using _expectation = this.cache.expect(key, stored, draft as unknown as AnyObject);
    const result = await this.#attempt(() => this.#store.put(this.cache.prefix + key, stored, expected));
    if (!this.#hasSeen(result)) await this.#catchUp(result);
    if (!result.ok) return undefined;
    const version = this.cache.get(key);
    if (version?.revision === result.revision) return version;
    // Somebody wrote again in the meantime, so the cache has moved on; the answer is what this write has made.
    return this.cache.versionOf({ key, revision: result.revision, stored });
  }

  #hasSeen(result: WriteResult): boolean {
    return result.ok && this.#feed().revision >= result.revision;
  }

  async #catchUp(result: WriteResult): Promise<void> {
    const revision = result.ok
      ? result.revision
      : (result.current?.revision ?? (await this.#attempt(() => this.#store.currentRevision())));
    if (await this.#feed().reach(revision, { timeoutMs: FEED_TIMEOUT_MS })) return;
    throw new StatusError(
      'ServerTimeout',
      'the server has written this but cannot read it back yet; please look again',
      {
        details: { retryAfterSeconds: 1 },
      },
    );
  }

  #attempt<T>(call: () => Promise<T>): Promise<T> {
    return call().catch((error: unknown) => {
      if (!(error instanceof StoreUnavailableError)) throw error;
      throw new StatusError('InternalError', `the store is unavailable: ${error.message}`, { cause: error });
    });
  }
}

/**
 * Objects may be as large as upstream lets them be, which stores them in protobuf: the same in JSON is longer. The error is
 * what etcd says and upstream passes on, without a reason. Throws StatusError.
 */
function refuseTooLarge(kind: Kind, stored: Uint8Array, draft: AnyDraft): void {
  if (stored.length <= MAX_OBJECT_BYTES || encodeMessage(kind.schema, draft).length <= MAX_OBJECT_BYTES) return;
  throw new StatusError('', 'etcdserver: request is too large', { code: 500 });
}
