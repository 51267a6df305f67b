// Calls over gRPC whose messages are data (message.ts), made and answered on unix sockets. What a server's methods mean, and
// what becomes of errors, is the callers'. Only this file loads @grpc/grpc-js.

import {
  type CallOptions,
  type ChannelOptions,
  Client,
  credentials,
  Metadata,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServiceError,
  type sendUnaryData,
} from '@grpc/grpc-js';
import { systemClock } from '../base/clock.ts';
import { messageOf } from '../base/message-of.ts';
import { decode, encode, type Message } from './message.ts';

export interface GrpcCall {
  /** `/package.Service/Method` */
  readonly method: string;
  readonly request: Message;
  readonly response: Message;
}

export interface GrpcCallOptions {
  /** Gives the call up; the promise is rejected with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Gives the call up with DEADLINE_EXCEEDED; Infinity waits for ever. */
  readonly timeoutMs: number;
  readonly metadata?: Readonly<Record<string, string>>;
}

export type GrpcClient = Client;

/** Connects with the first call, and again by itself after the connection broke; meanwhile calls fail with UNAVAILABLE. */
export function connectUnix(path: string, options: ChannelOptions = {}): GrpcClient {
  return new Client(`unix://${path}`, credentials.createInsecure(), {
    'grpc.initial_reconnect_backoff_ms': 100,
    'grpc.max_reconnect_backoff_ms': 3000,
    'grpc.use_local_subchannel_pool': 1,
    ...options,
  });
}

/** Rejects with the server's error, which isServiceError knows, or with the signal's reason. */
export function callUnary(
  client: GrpcClient,
  { method, request, response }: GrpcCall,
  asked: object,
  { signal, timeoutMs, metadata = {} }: GrpcCallOptions,
): Promise<object> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const onAbort = () => pending.cancel();
    const pending = client.makeUnaryRequest(
      method,
      serializerOf(request),
      deserializerOf(response),
      asked,
      Metadata.fromHttp2Headers(metadata),
      deadlineAfter(timeoutMs),
      (error, answer) => {
        signal?.removeEventListener('abort', onAbort);
        if (!error) return resolve(answer as object);
        reject(signal?.aborted ? signal.reason : error);
      },
    );
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

/** What the server sends, until it ends, fails, or the caller stops reading. */
export async function* readStream(
  client: GrpcClient,
  { method, request, response }: GrpcCall,
  asked: object,
  signal: AbortSignal | undefined,
): AsyncGenerator<object> {
  signal?.throwIfAborted();
  const stream = client.makeServerStreamRequest(method, serializerOf(request), deserializerOf(response), asked);
  const onAbort = () => stream.cancel();
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    for await (const item of stream) yield item as object;
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener('abort', onAbort);
    stream.cancel();
  }
}

export function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && 'code' in error && 'details' in error;
}

export interface GrpcMethod extends GrpcCall {
  /** What it throws becomes the error's details. */
  answer(asked: object): Promise<object>;
}

/** Answers calls on the socket until it is disposed. Rejects where the socket cannot be made. */
export async function serveUnix(path: string, methods: readonly GrpcMethod[]): Promise<AsyncDisposable> {
  const server = new Server();
  for (const { method, request, response, answer } of methods) {
    const definition = {
      path: method,
      requestStream: false as const,
      responseStream: false as const,
      requestSerialize: serializerOf(request),
      requestDeserialize: deserializerOf(request),
      responseSerialize: serializerOf(response),
      responseDeserialize: deserializerOf(response),
    };
    const handle = (call: ServerUnaryCall<object, object>, done: sendUnaryData<object>) => {
      answer(call.request).then(
        (value) => done(null, value),
        (error) => done({ code: UNKNOWN, details: messageOf(error) }),
      );
    };
    server.addService({ [method]: definition }, { [method]: handle });
  }
  await new Promise<void>((resolve, reject) => {
    server.bindAsync(`unix://${path}`, ServerCredentials.createInsecure(), (error) =>
      error ? reject(error) : resolve(),
    );
  });
  return { [Symbol.asyncDispose]: async () => server.forceShutdown() };
}

const UNKNOWN = 2;

function serializerOf(message: Message): (value: object) => Buffer {
  return (value) => Buffer.from(encode(message, value).buffer);
}

function deserializerOf(message: Message): (bytes: Buffer) => object {
  return (bytes) => decode(message, bytes);
}

/** gRPC wants a moment of the machine's own clock. */
function deadlineAfter(timeoutMs: number): CallOptions {
  return Number.isFinite(timeoutMs) ? { deadline: systemClock.now() + timeoutMs } : {};
}
