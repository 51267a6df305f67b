// Starts a watch: from a revision of the past, from now, or with everything that is there first. Upstream:
// k8s.io/apiserver/pkg/storage/cacher.Watch, KEP-3157 for streaming lists.

import { StatusError } from '../../api/status-error.ts';
import type { Answer, Watch } from '../chain/answer.ts';
import type { Call } from '../chain/call.ts';
import { revisionOf, type WatchRequestOptions, watchOptionsOf } from '../chain/request-options.ts';
import type { ObjectStorage } from '../registry/object-storage.ts';
import type { Registry } from '../registry/registry.ts';
import type { ResourceCache } from '../watch/resource-cache.ts';
import type { Selection } from '../watch/selection.ts';
import type { WatchHub } from '../watch/watch-hub.ts';
import type { Watcher } from '../watch/watcher.ts';
import { freshness } from './freshness.ts';
import { selectionOf } from './request-selection.ts';

/** No watch runs longer, whatever it asks for: a day. */
const MAX_TIMEOUT_SECONDS = 86_400;

export async function watchObjects(registry: Registry, call: Call): Promise<Answer> {
  const { resource, request } = call;
  const { storage } = resource;
  if (!storage)
    throw new StatusError(
      'MethodNotAllowed',
      `watch is not supported on resources of kind "${resource.name.resource}"`,
    );
  const options = watchOptionsOf(request.query);
  const watch = await start(registry, call, storage, options);
  limitLifetime(registry, call, { hub: storage.cache.hub, watcher: watch.watcher }, options);
  return { type: 'watch', resource, watch };
}

async function start(
  registry: Registry,
  call: Call,
  storage: ObjectStorage,
  options: WatchRequestOptions,
): Promise<Watch> {
  const { cache } = storage;
  const selection = selectionOf(call, options);
  const revision = revisionOf(options.resourceVersion);
  const { sendInitialEvents, allowBookmarks: bookmarks } = options;
  const withState = sendInitialEvents ?? !revision;
  try {
    if (withState || revision === undefined) await freshness(registry, revision);
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    return failed(cache, selection, error);
  }
  if (withState && selection.field) await cache.index(selection.field);
  const after = withState ? undefined : revision || registry.feed.revision;
  const started = cache.watch(selection, { after, bookmarks });
  if (!started) {
    const tooOld = new StatusError('Expired', `too old resource version: ${after} (${cache.watchableSince})`);
    return failed(cache, selection, tooOld);
  }
  return { ...started, initialBookmark: sendInitialEvents && bookmarks ? registry.feed.revision : undefined };
}

/** A watch that cannot begin where it was asked to says so on its stream, as upstream does, not by its status. */
function failed({ hub }: ResourceCache, selection: Selection, error: StatusError): Watch {
  const watcher = hub.join(selection, { bookmarks: false });
  watcher.end(error);
  return { initial: nothing(), initialBookmark: undefined, watcher };
}

function limitLifetime(
  registry: Registry,
  call: Call,
  { hub, watcher }: { readonly hub: WatchHub; readonly watcher: Watcher },
  options: WatchRequestOptions,
): void {
  const { clock, random, feed } = registry;
  const seconds = options.timeoutSeconds || registry.watchSeconds * (1 + random.next());
  const timer = clock.after(Math.min(seconds, MAX_TIMEOUT_SECONDS) * 1000, () => {
    // The client goes on from here, even if nothing has happened that it would have been told.
    hub.conclude(watcher, feed.revision);
  });
  const { signal } = call.lifetime;
  const onAbort = () => watcher.end();
  if (signal.aborted) watcher.end();
  signal.addEventListener('abort', onAbort, { once: true });
  watcher.onEnd(() => {
    timer[Symbol.dispose]();
    signal.removeEventListener('abort', onAbort);
  });
}

async function* nothing(): AsyncGenerator<never> {}
