// The DNS server of a node, over UDP and TCP on one port. What is answered is resolver.ts.

import { createSocket, type RemoteInfo } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import type { Logger } from '../../base/log.ts';
import { writeTruncated } from './dns-message.ts';
import { createResolver, type ResolverDeps } from './resolver.ts';

export interface DnsServerOptions {
  readonly address: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** `cluster.local` */
  readonly domain: string;
}

export interface DnsServer extends AsyncDisposable {
  readonly port: number;
}

const MAX_TCP_CONNECTIONS = 256;
const TCP_IDLE_MS = 10_000;
/** UDP and TCP must agree on a port: where the one that is free for UDP is taken for TCP, another is tried. */
const MAX_PORT_ATTEMPTS = 5;

/** Rejects when the address and port cannot be listened on. */
export async function startDnsServer(
  deps: ResolverDeps & { readonly log: Logger },
  options: DnsServerOptions,
): Promise<DnsServer> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await listen(deps, options);
    } catch (error) {
      if (options.port !== 0 || attempt === MAX_PORT_ATTEMPTS) throw error;
    }
  }
}

async function listen(deps: ResolverDeps & { readonly log: Logger }, options: DnsServerOptions): Promise<DnsServer> {
  const { log } = deps;
  const resolve = createResolver(deps, options);
  await using stack = new AsyncDisposableStack();
  const udp = createSocket('udp4');
  let isOpen = true;
  stack.defer(() => {
    isOpen = false;
    return new Promise<void>((done) => udp.close(() => done()));
  });
  udp.on('message', (message, remote) => void answerUdp(message, remote));
  const bound = once(udp, 'listening');
  udp.bind(options.port, options.address);
  await bound;
  udp.on('error', (error) => log.error('the DNS socket failed', { error }));
  const { port } = udp.address();

  const connections = new Set<Socket>();
  const tcp = createServer((socket) => {
    connections.add(socket);
    socket.setTimeout(TCP_IDLE_MS, () => socket.destroy());
    socket.on('error', () => {}); // The client went away.
    socket.on('close', () => connections.delete(socket));
    void serveTcp(socket);
  });
  tcp.maxConnections = MAX_TCP_CONNECTIONS;
  const listening = once(tcp, 'listening');
  tcp.listen(port, options.address);
  await listening;
  stack.defer(() => {
    for (const socket of connections) socket.destroy();
    return new Promise<void>((done) => tcp.close(() => done()));
  });

  async function answerUdp(message: Buffer, remote: RemoteInfo): Promise<void> {
    const resolved = await resolve(message);
    if (!resolved || !isOpen) return;
    const { query, answer } = resolved;
    const fits = !query || answer.length <= query.udpBytes;
    udp.send(fits ? answer : writeTruncated(query), remote.port, remote.address, () => {}); // UDP may be lost.
  }

  /** Messages over TCP carry their length in two bytes before them. */
  async function serveTcp(socket: Socket): Promise<void> {
    let buffered: Buffer = Buffer.alloc(0);
    try {
      for await (const chunk of socket) {
        buffered = Buffer.concat([buffered, chunk as Buffer]);
        while (buffered.length >= 2 && buffered.length >= 2 + buffered.readUInt16BE(0)) {
          const size = buffered.readUInt16BE(0);
          const resolved = await resolve(buffered.subarray(2, 2 + size));
          buffered = buffered.subarray(2 + size);
          if (!resolved) return void socket.destroy();
          const length = Buffer.alloc(2);
          length.writeUInt16BE(resolved.answer.length);
          socket.write(Buffer.concat([length, resolved.answer]));
        }
      }
    } catch {
      socket.destroy(); // The client went away in the middle of something.
    }
  }

  const owned = stack.move();
  return { port, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
