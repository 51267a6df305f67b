// The contract of connect subresources: exec, attach, port-forward, log and the proxies. A connector is called with a
// request that is authorized and admitted; it answers like any other verb, or takes the connection itself over.

import type { IncomingMessage } from 'node:http';
import type { Duplex, Readable, Writable } from 'node:stream';
import type { AnyObject, Kind } from '../../api/kind.ts';
import type { ApiResponse } from '../../client/transport.ts';
import type { User } from '../../client/user.ts';
import type { RequestHead } from '../chain/incoming-request.ts';

export interface ConnectRequest {
  readonly kind: Kind;
  readonly subresource: string;
  /** The pod, node or service, as it is now. */
  readonly object: AnyObject;
  /** The path behind the subresource and its slash, still percent-encoded; `''` for none, `/` for the slash alone. */
  readonly suffix: string;
  /** What the name says besides the object's, for subresources whose names may. */
  readonly target: NamedTarget;
  /** What the query says, by the subresource's declared options. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Method, headers and query as they came; the body stays with the exchange. */
  readonly request: RequestHead;
  readonly user: User;
  readonly signal: AbortSignal;
}

/** Of `https:web:8443`. Scheme and port are `''` where the name does not say them. */
export interface NamedTarget {
  readonly given: string;
  readonly scheme: '' | 'http' | 'https';
  /** A number or a name. */
  readonly port: string;
}

/** The raw request, for whoever takes it over. Closing it is the new owner's business, errors included. */
export type RawExchange =
  /** HTTP/1.1 or HTTP/2: the body as it comes, and the way to answer. */
  | {
      readonly type: 'request';
      /** Path and query, as they came. */
      readonly target: string;
      readonly hasBody: boolean;
      readonly body: Readable;
      respond(status: number, headers: Readonly<Record<string, string | readonly string[]>>): Writable;
    }
  /** HTTP/1.1 with `Upgrade` (WebSocket, SPDY/3.1): the socket, and what was read of it too far. */
  | { readonly type: 'upgrade'; readonly request: IncomingMessage; readonly socket: Duplex; readonly head: Uint8Array };

export interface Takeover {
  takeOver(exchange: RawExchange): void;
}

/** Throws StatusError. */
export type Connector = (request: ConnectRequest) => Promise<ApiResponse | Takeover>;
