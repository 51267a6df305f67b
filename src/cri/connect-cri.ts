// The client of a CRI v1 runtime over gRPC on a unix socket. Only this file loads @grpc/grpc-js.

import { Client, credentials, type CallOptions as GrpcOptions, Metadata, type ServiceError } from '@grpc/grpc-js';
import { systemClock } from '../base/clock.ts';
import type { Logger } from '../base/log.ts';
import type { ContainerEvent } from './container-messages.ts';
import { endedTask, TASK_EXIT_FILTERS, TASK_EXITS } from './containerd-events.ts';
import { type AnyCall, CALLS, type CallOptions, CONTAINER_EVENTS, type Cri, CriError, GRPC_CODES } from './cri.ts';
import { decode, encode, type Message } from './message.ts';

/** Upstream's limit for one message of CRI. */
const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;
/** Upstream's --runtime-request-timeout. */
const DEFAULT_TIMEOUT_MS = 120_000;

/**
 * A connection to the runtime at the endpoint (`unix:///path/to.sock`, or the path alone). It is made with the first
 * call and made again by itself after it broke; meanwhile calls fail with UNAVAILABLE. Throws where the endpoint is not
 * a unix socket.
 */
export function connectCri(
  { endpoint, log }: { readonly endpoint: string; readonly log: Logger },
  { timeoutMs = DEFAULT_TIMEOUT_MS }: { readonly timeoutMs?: number } = {},
): Cri {
  const client = new Client(`unix://${socketPath(endpoint)}`, credentials.createInsecure(), {
    'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
    'grpc.max_send_message_length': MAX_MESSAGE_BYTES,
    'grpc.initial_reconnect_backoff_ms': 100,
    'grpc.max_reconnect_backoff_ms': 3000,
    'grpc.use_local_subchannel_pool': 1,
  });
  const connection: Connection = { client, log, timeoutMs };
  const names = Object.keys(CALLS) as (keyof typeof CALLS)[];
  const calls = names.map((name) => [
    name,
    (request: object, options?: CallOptions) => callUnary(connection, name, request, options),
  ]);
  return {
    ...(Object.fromEntries(calls) as Omit<Cri, 'getContainerEvents' | 'getTaskExits' | typeof Symbol.asyncDispose>),
    getContainerEvents: (options) =>
      readStream<ContainerEvent>(connection, 'getContainerEvents', CONTAINER_EVENTS, {}, options?.signal),
    getTaskExits: (options) => readTaskExits(connection, options?.signal),
    [Symbol.asyncDispose]: async () => client.close(),
  };
}

interface Connection {
  readonly client: Client;
  readonly log: Logger;
  readonly timeoutMs: number;
}

function socketPath(endpoint: string): string {
  const path = endpoint.replace(/^unix:(\/\/)?/, '');
  if (!path.startsWith('/')) throw new Error(`container runtime endpoint ${endpoint} is not a unix socket`);
  return path;
}

function callUnary(
  { client, log, timeoutMs }: Connection,
  name: keyof typeof CALLS,
  request: object,
  options: CallOptions = {},
): Promise<object> {
  const { signal } = options;
  const call: AnyCall = CALLS[name];
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const onAbort = () => pending.cancel();
    const pending = client.makeUnaryRequest(
      call.method,
      serializerOf(call.request),
      deserializerOf(call.response),
      request,
      metadata(),
      deadlineAfter(options.timeoutMs ?? standardTimeoutMs(call, request, timeoutMs)),
      (error, response) => {
        signal?.removeEventListener('abort', onAbort);
        if (!error) return resolve(response as object);
        if (signal?.aborted) return reject(signal.reason);
        const failure = criError(name, error);
        log.debug('call of the container runtime failed', { method: name, code: failure.code });
        reject(failure);
      },
    );
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

async function* readTaskExits(connection: Connection, signal: AbortSignal | undefined): AsyncGenerator<string> {
  type Envelope = Parameters<typeof endedTask>[0];
  for await (const event of readStream<Envelope>(connection, 'getTaskExits', TASK_EXITS, TASK_EXIT_FILTERS, signal)) {
    const id = endedTask(event);
    if (id !== undefined) yield id;
  }
}

async function* readStream<Item>(
  { client }: Connection,
  name: keyof Cri,
  { method, request, response }: { readonly method: string; readonly request: Message; readonly response: Message },
  asked: object,
  signal: AbortSignal | undefined,
): AsyncGenerator<Item> {
  signal?.throwIfAborted();
  const stream = client.makeServerStreamRequest(method, serializerOf(request), deserializerOf(response), asked);
  const onAbort = () => stream.cancel();
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    for await (const item of stream) yield item as Item;
  } catch (error) {
    signal?.throwIfAborted();
    throw isServiceError(error) ? criError(name, error) : error;
  } finally {
    signal?.removeEventListener('abort', onAbort);
    stream.cancel();
  }
}

function serializerOf(message: Message): (value: object) => Buffer {
  return (value) => Buffer.from(encode(message, value).buffer);
}

function deserializerOf(message: Message): (bytes: Buffer) => object {
  return (bytes) => decode(message, bytes);
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

/** containerd's own services keep what is CRI's apart from what is others'; CRI itself does not look at this. */
function metadata(): Metadata {
  const values = new Metadata();
  values.set('containerd-namespace', 'k8s.io');
  return values;
}

/** gRPC wants a moment of the machine's own clock. */
function deadlineAfter(timeoutMs: number): GrpcOptions {
  return Number.isFinite(timeoutMs) ? { deadline: systemClock.now() + timeoutMs } : {};
}

function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && 'code' in error && 'details' in error;
}

function criError(method: keyof Cri, error: ServiceError): CriError {
  return new CriError(method, GRPC_CODES[error.code] ?? 'UNKNOWN', error.details);
}
