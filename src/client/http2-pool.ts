// HTTP/2 connections to one server: opened when needed, shared by all requests, replaced when they break. Says how many
// requests may be under way; what a request is belongs to https-transport.ts.

import type { SecureClientSessionOptions } from 'node:http2';
import { type ClientHttp2Session, connect } from 'node:http2';
import { Backoff } from '../base/backoff.ts';
import { type Clock, sleep } from '../base/clock.ts';
import type { Logger } from '../base/log.ts';
import type { Random } from '../base/random.ts';

export interface Http2PoolOptions {
  /** `https://host:port`. */
  readonly origin: string;
  /** Asked before each connection, so that renewed certificates are used. */
  tls(): Promise<SecureClientSessionOptions>;
  /** A further connection is opened only when all are full. */
  readonly maxConnections: number;
  readonly keepAliveMs: number;
  readonly connectTimeoutMs: number;
}

export interface Deps {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

/** A place for one request; disposing gives it back. */
export interface Slot extends Disposable {
  readonly session: ClientHttp2Session;
}

interface Connection {
  readonly session: ClientHttp2Session;
  inUse: number;
}

// Node's default of 65,535 bytes starves watches that share a connection.
const STREAM_WINDOW_BYTES = 256 * 1024;
const CONNECTION_WINDOW_BYTES = 25 * 1024 * 1024;
/** What a server allows that has not said so yet. */
const ASSUMED_MAX_STREAMS = 100;
const MAX_WAITING = 10_000;
const RECONNECT_BACKOFF = { baseMs: 100, maxMs: 2_000, jitter: 0.5 };

export class Http2Pool implements AsyncDisposable {
  readonly #deps: Deps;
  readonly #options: Http2PoolOptions;
  readonly #backoff: Backoff;
  readonly #closed = new AbortController();
  readonly #connections = new Set<Connection>();
  readonly #waiting = new Set<() => void>();
  #connecting: Promise<void> | undefined;
  #notBeforeMs = 0;

  constructor(deps: Deps, options: Http2PoolOptions) {
    this.#deps = deps;
    this.#options = options;
    this.#backoff = new Backoff(RECONNECT_BACKOFF, deps.random);
  }

  /** Waits for a connection and for room on it. Throws what connecting threw, or the signal's reason. */
  async acquire(signal: AbortSignal): Promise<Slot> {
    for (;;) {
      signal.throwIfAborted();
      this.#closed.signal.throwIfAborted();
      const connection = this.#leastBusy();
      if (connection) return this.#take(connection);
      if (this.#connecting || this.#connections.size < this.#options.maxConnections) await this.#connected(signal);
      else await this.#roomFreed(signal);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed.abort(new Error('the client was closed'));
    const closings = [...this.#connections].map(
      ({ session }) => new Promise<void>((resolve) => session.once('close', resolve)),
    );
    for (const { session } of this.#connections) session.destroy();
    this.#wakeAll();
    await Promise.all(closings);
    await this.#connecting?.catch(() => {}); // It fails because of the abort; its waiters were told.
  }

  #leastBusy(): Connection | undefined {
    let best: Connection | undefined;
    for (const connection of this.#connections) {
      const { session, inUse } = connection;
      if (session.closed || session.destroyed) continue;
      const limit = session.remoteSettings?.maxConcurrentStreams ?? ASSUMED_MAX_STREAMS;
      if (inUse < limit && (!best || inUse < best.inUse)) best = connection;
    }
    return best;
  }

  #take(connection: Connection): Slot {
    connection.inUse++;
    let taken = true;
    return {
      session: connection.session,
      [Symbol.dispose]: () => {
        if (!taken) return;
        taken = false;
        connection.inUse--;
        const [next] = this.#waiting;
        next?.();
      },
    };
  }

  #connected(signal: AbortSignal): Promise<void> {
    this.#connecting ??= this.#connect().finally(() => {
      this.#connecting = undefined;
    });
    return untilAborted(this.#connecting, signal);
  }

  async #connect(): Promise<void> {
    const { clock } = this.#deps;
    const waitMs = this.#notBeforeMs - clock.elapsed();
    if (waitMs > 0) await sleep(clock, waitMs, this.#closed.signal);
    try {
      const session = await this.#open(await this.#options.tls());
      this.#backoff.reset();
      this.#keep(session);
    } catch (error) {
      this.#notBeforeMs = clock.elapsed() + this.#backoff.next();
      throw error;
    }
  }

  #open(tls: SecureClientSessionOptions): Promise<ClientHttp2Session> {
    this.#closed.signal.throwIfAborted();
    return new Promise((resolve, reject) => {
      const settings = { initialWindowSize: STREAM_WINDOW_BYTES, enablePush: false };
      const session = connect(this.#options.origin, { ...tls, settings });
      const { connectTimeoutMs } = this.#options;
      const timer = this.#deps.clock.after(connectTimeoutMs, () => {
        session.destroy(new Error(`no connection to ${this.#options.origin} within ${connectTimeoutMs} ms`));
      });
      const onClosed = () => session.destroy(this.#closed.signal.reason);
      this.#closed.signal.addEventListener('abort', onClosed, { once: true });
      const settle = () => {
        timer[Symbol.dispose]();
        this.#closed.signal.removeEventListener('abort', onClosed);
      };
      session.once('error', (error) => {
        settle();
        reject(error);
      });
      session.once('connect', () => {
        settle();
        session.setLocalWindowSize(CONNECTION_WINDOW_BYTES);
        resolve(session);
      });
    });
  }

  #keep(session: ClientHttp2Session): void {
    const connection: Connection = { session, inUse: 0 };
    this.#connections.add(connection);
    const keepAlive = this.#keepAlive(session);
    session.on('error', (error) => this.#deps.log.debug('a connection to the API server failed', { error }));
    session.once('remoteSettings', () => this.#wakeAll());
    session.once('close', () => {
      keepAlive[Symbol.dispose]();
      this.#connections.delete(connection);
      this.#wakeAll();
    });
  }

  /** A connection whose other end has vanished says nothing: it is asked, and given up without an answer. */
  #keepAlive(session: ClientHttp2Session): Disposable {
    const { clock } = this.#deps;
    const { keepAliveMs } = this.#options;
    let timer: Disposable;
    const schedule = () => {
      timer = clock.after(keepAliveMs, () => {
        timer = clock.after(keepAliveMs, () => session.destroy(new Error('the API server does not answer pings')));
        if (session.destroyed) return;
        session.ping((error) => {
          timer[Symbol.dispose]();
          if (!error && !session.destroyed) schedule();
        });
      });
    };
    schedule();
    return { [Symbol.dispose]: () => timer[Symbol.dispose]() };
  }

  async #roomFreed(signal: AbortSignal): Promise<void> {
    if (this.#waiting.size >= MAX_WAITING) throw new Error(`more than ${MAX_WAITING} requests wait for the API server`);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.add(resolve);
    try {
      await untilAborted(promise, signal);
    } finally {
      this.#waiting.delete(resolve);
    }
  }

  #wakeAll(): void {
    for (const wake of [...this.#waiting]) wake();
  }
}

/** The promise, unless the signal is aborted before it settles. */
function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
