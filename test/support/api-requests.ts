// The API server in this process, on a store in memory, with everything allowed, and requests to it as they come over the
// wire: bytes with a content type in, a status and decoded JSON out.

import {
  type ApiServer,
  type ApiServerOptions,
  type ApiServerParts,
  createApiServer,
} from '../../src/apiserver/api-server.ts';
import type { DescribeType } from '../../src/apiserver/openapi/type-description.ts';
import type { ObjectReader } from '../../src/apiserver/registry/object-reader.ts';
import { type Clock, systemClock } from '../../src/base/clock.ts';
import { silentLogger } from '../../src/base/log.ts';
import type { MetricsRegistry } from '../../src/base/metrics.ts';
import { type Random, seededRandom } from '../../src/base/random.ts';
import type { Client } from '../../src/client/client.ts';
import { createClient } from '../../src/client/create-client.ts';
import type { Method } from '../../src/client/transport.ts';
import type { User } from '../../src/client/user.ts';
import { createMemoryStore } from '../../src/store/memory.ts';
import type { Store } from '../../src/store/store.ts';

export const ADMIN: User = { name: 'admin', uid: undefined, groups: ['system:authenticated'], extra: {} };

export interface RequestOptions {
  readonly body?: unknown;
  /** Absent: JSON. */
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

export interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly contentType: string;
  readonly bytes: Uint8Array;
  /** The body as JSON; as text where it is none. */
  readonly body: unknown;
  /** What stands in the body: `items.0.metadata.name`. */
  at(path: string): unknown;
}

export interface ApiUnderTest extends AsyncDisposable {
  readonly server: ApiServer;
  readonly store: Store;
  readonly client: Client;
  /** `GET /api/v1/namespaces?limit=1`; a body that is a string goes as it is. */
  send(request: string, options?: RequestOptions): Promise<Answered>;
  /** The pieces of a stream as they come. */
  stream(path: string, options?: RequestOptions): Promise<AsyncIterator<Uint8Array>>;
}

export interface ApiUnderTestOptions extends ApiServerOptions {
  readonly clock?: Clock;
  readonly random?: Random;
  readonly store?: Store;
  readonly metrics?: MetricsRegistry;
  readonly describe?: DescribeType;
  readonly parts?: (reader: ObjectReader) => Partial<ApiServerParts>;
}

export async function apiUnderTest(options: ApiUnderTestOptions = {}): Promise<ApiUnderTest> {
  const {
    clock = systemClock,
    random = seededRandom(7),
    metrics,
    describe,
    parts = () => ({}),
    ...serverOptions
  } = options;
  await using stack = new AsyncDisposableStack();
  const store = options.store ?? stack.use(createMemoryStore());
  const server = stack.use(
    await createApiServer(
      {
        store,
        clock,
        log: silentLogger,
        random,
        ...(metrics ? { metrics } : {}),
        ...(describe ? { describe } : {}),
        parts: (reader) => ({
          authenticator: { authenticate: async () => ADMIN },
          authorizer: { authorize: () => ({ verdict: 'allow', reason: '' }) },
          ...parts(reader),
        }),
      },
      serverOptions,
    ),
  );
  const client = stack.use(createClient(server.transportFor(ADMIN), { userAgent: 'test' }));
  const receive = async (request: string, { body, contentType, headers = {}, signal }: RequestOptions) => {
    const [method = '', target = ''] = request.split(' ');
    const [path = '', query = ''] = target.split('?');
    const text = body instanceof Uint8Array ? body : typeof body === 'string' ? body : JSON.stringify(body);
    const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text;
    const type = contentType ?? 'application/json';
    return server.handle(
      {
        method: method as Method,
        path,
        query: new URLSearchParams(query),
        headers: { ...(body === undefined ? {} : { 'content-type': type }), ...headers },
        body: body === undefined ? undefined : { type: 'bytes', contentType: type, bytes: bytes as Uint8Array },
        signal: signal ?? new AbortController().signal,
      },
      { type: 'credentials', credentials: { authorization: undefined, certificate: undefined } },
    );
  };
  const owned = stack.move();
  return {
    server,
    store,
    client,
    async send(request, requestOptions = {}) {
      const { status, headers, body } = await receive(request, requestOptions);
      const bytes = await wholeBody(body);
      const contentType = 'contentType' in body ? body.contentType : '';
      const value = decoded(bytes);
      return { status, headers, contentType, bytes, body: value, at: (path) => valueAt(value, path) };
    },
    async stream(path, requestOptions = {}) {
      const { body } = await receive(`GET ${path}`, requestOptions);
      if (body.type !== 'stream') throw new TypeError(`the answer is no stream but ${body.type}`);
      return body.chunks[Symbol.asyncIterator]();
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function wholeBody(body: Awaited<ReturnType<ApiServer['handle']>>['body']): Promise<Uint8Array> {
  if (body.type === 'bytes') return body.bytes;
  if (body.type !== 'stream') return new Uint8Array();
  const parts: Uint8Array[] = [];
  for await (const chunk of body.chunks) parts.push(chunk);
  return Buffer.concat(parts);
}

function decoded(bytes: Uint8Array): unknown {
  const text = new TextDecoder().decode(bytes);
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** What stands in a JSON value at a path of names and indexes with dots between. */
export function valueAt(value: unknown, path: string): unknown {
  let at: unknown = value;
  for (const name of path.split('.')) at = (at as Record<string, unknown> | undefined)?.[name];
  return at;
}
