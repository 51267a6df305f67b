// The client of a CRI v1 runtime over gRPC on a unix socket.

import type { Logger } from '../base/log.ts';
import type { ContainerEvent } from './container-messages.ts';
import { endedTask, TASK_EXIT_FILTERS, TASK_EXITS } from './containerd-events.ts';
import { type AnyCall, CALLS, type CallOptions, CONTAINER_EVENTS, type Cri, CriError, GRPC_CODES } from './cri.ts';
import { callUnary, connectUnix, type GrpcCall, type GrpcClient, isServiceError, readStream } from './grpc-calls.ts';

/** Upstream's limit for one message of CRI. */
const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;
/** Upstream's --runtime-request-timeout. */
const DEFAULT_TIMEOUT_MS = 120_000;
/** containerd's own services keep what is CRI's apart from what is others'; CRI itself does not look at this. */
const NAMESPACE = { 'containerd-namespace': 'k8s.io' };

/**
 * A connection to the runtime at the endpoint (`unix:///path/to.sock`, or the path alone). It is made with the first
 * call and made again by itself after it broke; meanwhile calls fail with UNAVAILABLE. Throws where the endpoint is not
 * a unix socket.
 */
export function connectCri(
  { endpoint, log }: { readonly endpoint: string; readonly log: Logger },
  { timeoutMs = DEFAULT_TIMEOUT_MS }: { readonly timeoutMs?: number } = {},
): Cri {
  const client = connectUnix(socketPath(endpoint), {
    'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
    'grpc.max_send_message_length': MAX_MESSAGE_BYTES,
  });
  const connection: Connection = { client, log, timeoutMs };
  const names = Object.keys(CALLS) as (keyof typeof CALLS)[];
  const calls = names.map((name) => [
    name,
    (request: object, options?: CallOptions) => call(connection, name, request, options),
  ]);
  return {
    ...(Object.fromEntries(calls) as Omit<Cri, 'getContainerEvents' | 'getTaskExits' | typeof Symbol.asyncDispose>),
    getContainerEvents: (options) =>
      stream<ContainerEvent>(connection, 'getContainerEvents', CONTAINER_EVENTS, {}, options?.signal),
    getTaskExits: (options) => readTaskExits(connection, options?.signal),
    [Symbol.asyncDispose]: async () => client.close(),
  };
}

interface Connection {
  readonly client: GrpcClient;
  readonly log: Logger;
  readonly timeoutMs: number;
}

function socketPath(endpoint: string): string {
  const path = endpoint.replace(/^unix:(\/\/)?/, '');
  if (!path.startsWith('/')) throw new Error(`container runtime endpoint ${endpoint} is not a unix socket`);
  return path;
}

async function call(
  { client, log, timeoutMs: standardMs }: Connection,
  name: keyof typeof CALLS,
  request: object,
  options: CallOptions = {},
): Promise<object> {
  const timeoutMs = options.timeoutMs ?? standardTimeoutMs(CALLS[name], request, standardMs);
  try {
    return await callUnary(client, CALLS[name], request, { signal: options.signal, timeoutMs, metadata: NAMESPACE });
  } catch (error) {
    options.signal?.throwIfAborted();
    const failure = criError(name, error);
    log.debug('call of the container runtime failed', { method: name, code: failure.code });
    throw failure;
  }
}

async function* readTaskExits(connection: Connection, signal: AbortSignal | undefined): AsyncGenerator<string> {
  type Envelope = Parameters<typeof endedTask>[0];
  for await (const event of stream<Envelope>(connection, 'getTaskExits', TASK_EXITS, TASK_EXIT_FILTERS, signal)) {
    const id = endedTask(event);
    if (id !== undefined) yield id;
  }
}

async function* stream<Item>(
  { client }: Connection,
  name: keyof Cri,
  what: GrpcCall,
  asked: object,
  signal: AbortSignal | undefined,
): AsyncGenerator<Item> {
  try {
    for await (const item of readStream(client, what, asked, signal)) yield item as Item;
  } catch (error) {
    signal?.throwIfAborted();
    throw criError(name, error);
  }
}

function standardTimeoutMs({ deadline }: AnyCall, request: { timeout?: number }, timeoutMs: number): number {
  const ownMs = (request.timeout ?? 0) * 1000;
  switch (deadline) {
    case 'standard':
      return timeoutMs;
    case 'twice':
      return timeoutMs * 2;
    case 'afterStop':
      return timeoutMs + ownMs;
    case 'afterExec':
      return ownMs > 0 ? timeoutMs + ownMs : Number.POSITIVE_INFINITY;
    case 'none':
      return Number.POSITIVE_INFINITY;
    default:
      return deadline satisfies never;
  }
}

/** Throws what no server has said. */
function criError(method: keyof Cri, error: unknown): CriError {
  if (!isServiceError(error)) throw error;
  return new CriError(method, GRPC_CODES[error.code] ?? 'UNKNOWN', error.details);
}
