// What a request to the API is, apart from how it travels. Two transports carry it: HTTPS (https-transport.ts) and, in
// the all-in-one server, the request chain itself (apiserver). Both see the same requests and give the same answers.

import type { AnyObject } from '../api/kind.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'HEAD' | 'OPTIONS';

/**
 * A body is either bytes with a content type, or an object that has not been encoded (its type is the header
 * `content-type`): HTTPS encodes it; in process it is decoded (copied, normalised, checked) like bytes would be, since
 * whoever receives it does not own it.
 */
export type RequestBody =
  | { readonly type: 'bytes'; readonly contentType: string; readonly bytes: Uint8Array }
  | { readonly type: 'object'; readonly object: unknown };

export interface ApiRequest {
  readonly method: Method;
  /** Percent-encoded, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: RequestBody | undefined;
  /** Aborted when the caller has gone: ends watches. */
  readonly signal: AbortSignal;
}

export interface WatchEventOf<Object> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';
  readonly object: Object;
}

/** `ERROR` ends a watch: the object is a Status (410 when history is gone). */
export type ApiWatchEvent = WatchEventOf<AnyObject> | { readonly type: 'ERROR'; readonly object: unknown };

/**
 * An answer. `object` bodies are frozen and shared (never change one); a failed request has a Status as its object.
 * Watches deliver what happened in one turn of the event loop as one batch.
 */
export type ResponseBody =
  | { readonly type: 'none' }
  | { readonly type: 'object'; readonly object: unknown }
  | { readonly type: 'bytes'; readonly contentType: string; readonly bytes: Uint8Array }
  | {
      readonly type: 'stream';
      readonly contentType: string;
      readonly chunks: AsyncIterable<Uint8Array>;
      /** One long answer in pieces, and not pieces that each have to arrive at once (watches, logs). */
      readonly isWhole?: true;
    }
  | { readonly type: 'watch'; readonly events: AsyncIterable<readonly ApiWatchEvent[]> };

export interface ApiResponse {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: ResponseBody;
}

export interface Transport extends AsyncDisposable {
  /** Rejects only when no answer came (connection refused, broken, aborted); a failed request is an answer. */
  send(request: ApiRequest): Promise<ApiResponse>;
}
