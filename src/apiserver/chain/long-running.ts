// Requests that go on for as long as somebody listens: no deadline is for them. Upstream: --long-running-request-regexp and
// BasicLongRunningRequestCheck.

import type { RequestInfo } from '../request-info.ts';

const STREAMED_SUBRESOURCES: ReadonlySet<string> = new Set(['attach', 'exec', 'log', 'portforward', 'proxy']);

export function isWatch({ verb, isResource }: RequestInfo): boolean {
  return isResource && verb === 'watch';
}

/** Whether it is a connection of its own, which the server only passes on. */
export function isStream({ subresource, isResource }: RequestInfo): boolean {
  return isResource && STREAMED_SUBRESOURCES.has(subresource);
}
