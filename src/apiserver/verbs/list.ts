// Lists a resource: from the cache, or as of an older revision from the store, in pages or whole. What each combination of
// resourceVersion, resourceVersionMatch, limit and continue means is upstream's table in "Kubernetes API Concepts".

import { badRequest, StatusError } from '../../api/status-error.ts';
import { nextTurn } from '../../base/under-way.ts';
import { CompactedError, FutureRevisionError } from '../../store/store.ts';
import type { Answer, ListMetadata } from '../chain/answer.ts';
import type { Call } from '../chain/call.ts';
import { type ListRequestOptions, listOptionsOf, revisionOf } from '../chain/request-options.ts';
import type { ObjectStorage } from '../registry/object-storage.ts';
import type { Registry } from '../registry/registry.ts';
import type { ObjectVersion } from '../watch/object-version.ts';
import { type Selection, selects } from '../watch/selection.ts';
import { type ContinueToken, decodeContinue, encodeContinue } from './continue-token.ts';
import { freshness, tooLargeResourceVersion } from './freshness.ts';
import { listMadeUp } from './made-up-objects.ts';
import { selectionOf } from './request-selection.ts';

/** So many objects are looked into before other requests get a turn. */
const SLICE = 250;
const STORE_PAGE = 1000;

export interface Listed {
  readonly versions: readonly ObjectVersion[];
  readonly metadata: ListMetadata;
}

export async function listObjects(registry: Registry, call: Call): Promise<Answer> {
  const options = listOptionsOf(call.request.query);
  const listed = await list(registry, call, options);
  return { type: 'list', resource: call.resource, ...listed };
}

/** Throws StatusError: `Expired` when the history is gone, `Timeout` for a revision of the future. */
export async function list(registry: Registry, call: Call, options: ListRequestOptions): Promise<Listed> {
  const { storage } = call.resource;
  if (!storage) return { versions: await listMadeUp(registry, call, options), metadata: {} };
  const selection = selectionOf(call, options);
  const { continueToken, resourceVersion } = options;
  if (continueToken !== '') {
    const token = decodeContinue(continueToken);
    if (resourceVersion !== '' && resourceVersion !== '0') {
      throw badRequest('specifying resource version is not allowed when using continue');
    }
    return continueList(registry, storage, selection, { ...token, limit: options.limit });
  }
  const revision = revisionOf(resourceVersion);
  const limit = revision === 0 ? 0 : options.limit;
  const exact =
    options.resourceVersionMatch === 'Exact' || (limit > 0 && revision !== undefined && !options.resourceVersionMatch);
  await freshness(registry, revision);
  if (selection.field) await storage.cache.index(selection.field);
  if (exact && revision !== undefined && !isUnchangedSince(storage, revision)) {
    return listAsOf(storage, selection, { revision, limit, start: '', continued: false });
  }
  const listedRevision = exact ? (revision as number) : registry.feed.revision;
  return listNow(storage, selection, { revision: listedRevision, limit, start: '' });
}

async function continueList(
  registry: Registry,
  storage: ObjectStorage,
  selection: Selection,
  { revision, start, limit }: ContinueToken & { readonly limit: number },
): Promise<Listed> {
  await freshness(registry, revision < 0 ? undefined : revision);
  if (revision < 0) return listNow(storage, selection, { revision: registry.feed.revision, limit, start });
  if (isUnchangedSince(storage, revision)) return listNow(storage, selection, { revision, limit, start });
  return listAsOf(storage, selection, { revision, limit, start, continued: true });
}

/** Whether what the cache has is what was there at the revision. */
function isUnchangedSince({ cache }: ObjectStorage, revision: number): boolean {
  return cache.lastChange <= revision;
}

async function listNow(
  { cache }: ObjectStorage,
  selection: Selection,
  page: { readonly revision: number; readonly limit: number; readonly start: string },
): Promise<Listed> {
  const { revision, limit, start } = page;
  if (!selection.test && limit > 0) {
    const { versions, remaining } = cache.page(selection.namespace, { from: absolute(selection, start), limit });
    cache.noteList('', versions.length, versions.length);
    return { versions, metadata: listMetadata(selection, revision, versions.at(-1)?.key, remaining) };
  }
  const candidates = cache.candidates(selection, absolute(selection, start));
  const versions: ObjectVersion[] = [];
  let examined = 0;
  for (const version of candidates) {
    if (limit > 0 && versions.length === limit) break;
    if (selects(selection, version)) versions.push(version);
    if (++examined % SLICE === 0 && selection.test) await nextTurn();
  }
  cache.noteList(selection.field ? `f:${selection.field.name}` : '', examined, versions.length);
  const remaining = candidates.length - examined;
  return { versions, metadata: listMetadata(selection, revision, candidates[examined - 1]?.key, remaining) };
}

async function listAsOf(
  storage: ObjectStorage,
  selection: Selection,
  page: ContinueToken & { readonly limit: number; readonly continued: boolean },
): Promise<Listed> {
  const { revision, limit, continued } = page;
  const versions: ObjectVersion[] = [];
  let start = absolute(selection, page.start);
  for (;;) {
    const read = await storage.listAsOf(selection.namespace, { start, revision, limit: STORE_PAGE }).catch((error) => {
      throw listError(error, { continued, start: relative(selection, start) });
    });
    for (const [index, version] of read.versions.entries()) {
      if (selects(selection, version)) versions.push(version);
      if (limit > 0 && versions.length === limit) {
        const remaining = read.remaining + read.versions.length - index - 1;
        return { versions, metadata: listMetadata(selection, revision, version.key, remaining) };
      }
    }
    const last = read.versions.at(-1);
    if (read.remaining === 0 || !last) return { versions, metadata: { resourceVersion: String(revision) } };
    start = `${last.key}\0`;
    await nextTurn();
  }
}

function listMetadata(
  selection: Selection,
  revision: number,
  last: string | undefined,
  remaining: number,
): ListMetadata {
  const resourceVersion = String(revision);
  if (remaining <= 0 || last === undefined) return { resourceVersion };
  const token = encodeContinue({ revision, start: `${relative(selection, last)}\0` });
  // With a selector nobody knows how many of the rest match.
  return { resourceVersion, continue: token, ...(selection.test ? {} : { remainingItemCount: remaining }) };
}

/** Tokens leave out the namespace, so that one cannot be used to look into another. */
function relative({ namespace }: Selection, key: string): string {
  return namespace === '' ? key : key.slice(namespace.length + 1);
}

function absolute({ namespace }: Selection, start: string): string {
  return namespace === '' || start === '' ? start : `${namespace}/${start}`;
}

const EXPIRED_CONTINUE =
  'The provided continue parameter is too old to display a consistent list result. You can start a new list without ' +
  'the continue parameter, or use the continue token in this response to retrieve the remainder of the results. ' +
  'Continuing with the provided token results in an inconsistent list - objects that were created, modified, or ' +
  'deleted between the time the first chunk was returned and now may show up in the list.';
const EXPIRED = 'The resourceVersion for the provided list is too old.';

function listError(error: unknown, page: { readonly continued: boolean; readonly start: string }): unknown {
  if (error instanceof FutureRevisionError)
    return tooLargeResourceVersion(error.currentRevision + 1, error.currentRevision);
  if (!(error instanceof CompactedError)) return error;
  if (!page.continued) return new StatusError('Expired', EXPIRED, { cause: error });
  const continueToken = encodeContinue({ revision: -1, start: page.start });
  return new StatusError('Expired', EXPIRED_CONTINUE, { continueToken, cause: error });
}
