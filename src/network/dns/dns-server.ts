// The DNS server of a node: answers for the cluster's names out of memory and hands every other question to the servers
// that the machine itself uses. UDP and TCP on one port.

import { createSocket, type RemoteInfo } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import {
  type Answer,
  AUTHORITATIVE_ANSWER,
  decode,
  encode,
  type Packet,
  RECURSION_AVAILABLE,
  TRUNCATED_RESPONSE,
} from 'dns-packet';
import type { Logger } from '../../base/log.ts';
import type { Forwarder } from './forwarder.ts';
import { type DnsRecord, type Lookup, lookup, type ZoneSource } from './zone.ts';

export interface DnsServerDeps {
  readonly source: ZoneSource;
  readonly forward: Forwarder;
  readonly log: Logger;
}

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

/** Short, because services come and go; upstream's CoreDNS has the same. */
const TTL_SECONDS = 5;
/** What fits into an answer over UDP when the question does not say more. */
const MIN_UDP_BYTES = 512;
const MAX_UDP_BYTES = 4096;
const MAX_TCP_CONNECTIONS = 256;
const TCP_IDLE_MS = 10_000;
/** The bits that say what is asked for; 0 is a plain query. */
const OPCODE = 0x7800;

type ResponseCode = 'NOERROR' | 'FORMERR' | 'SERVFAIL' | 'NXDOMAIN' | 'NOTIMP';
const CODES: Readonly<Record<ResponseCode, number>> = { NOERROR: 0, FORMERR: 1, SERVFAIL: 2, NXDOMAIN: 3, NOTIMP: 4 };

/** Rejects when the address and port cannot be listened on. */
export async function startDnsServer(deps: DnsServerDeps, options: DnsServerOptions): Promise<DnsServer> {
  const udp = createSocket('udp4');
  udp.on('message', (message, remote) => void answerUdp(message, remote));
  udp.on('error', (error) => deps.log.error('the DNS socket failed', { error }));
  udp.bind(options.port, options.address);
  await once(udp, 'listening');
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
  tcp.listen(port, options.address);
  await once(tcp, 'listening');

  async function answerUdp(message: Buffer, remote: RemoteInfo): Promise<void> {
    const answer = await respond(message);
    if (!answer) return;
    const limit = Math.min(MAX_UDP_BYTES, Math.max(MIN_UDP_BYTES, udpSizeOf(message)));
    udp.send(answer.length <= limit ? answer : truncated(message), remote.port, remote.address);
  }

  /** Messages over TCP carry their length in two bytes before them. */
  async function serveTcp(socket: Socket): Promise<void> {
    let buffered: Buffer = Buffer.alloc(0);
    try {
      for await (const chunk of socket) {
        buffered = Buffer.concat([buffered, chunk as Buffer]);
        while (buffered.length >= 2 && buffered.length >= 2 + buffered.readUInt16BE(0)) {
          const size = buffered.readUInt16BE(0);
          const answer = await respond(buffered.subarray(2, 2 + size));
          buffered = buffered.subarray(2 + size);
          if (!answer) return void socket.destroy();
          const length = Buffer.alloc(2);
          length.writeUInt16BE(answer.length);
          socket.write(Buffer.concat([length, answer]));
        }
      }
    } catch {
      socket.destroy(); // The client went away in the middle of something.
    }
  }

  async function respond(message: Buffer): Promise<Buffer | undefined> {
    let query: Packet;
    try {
      query = decode(message);
    } catch {
      return message.length >= 12 ? failure(message, 'FORMERR') : undefined;
    }
    if (query.type === 'response') return undefined;
    const [question] = query.questions ?? [];
    if (!question || ((query.flags ?? 0) & OPCODE) !== 0) return reply(query, 'NOTIMP', [], []);
    const known = lookup(deps.source, options.domain, question.name, question.type);
    if (known.result !== 'elsewhere') return replyTo(query, known, options.domain);
    try {
      return await deps.forward(message);
    } catch (error) {
      deps.log.debug('a name could not be resolved elsewhere', { name: question.name, error });
      return reply(query, 'SERVFAIL', [], []);
    }
  }

  return {
    port,
    async [Symbol.asyncDispose]() {
      for (const socket of connections) socket.destroy();
      await Promise.all([
        new Promise<void>((resolve) => udp.close(() => resolve())),
        new Promise<void>((resolve) => tcp.close(() => resolve())),
      ]);
    },
  };
}

function replyTo(query: Packet, known: Lookup, domain: string): Buffer {
  if (known.result === 'missing') return reply(query, 'NXDOMAIN', [], [], domain);
  if (known.result === 'elsewhere') return reply(query, 'SERVFAIL', [], []);
  return reply(query, 'NOERROR', turned(known.answers, query.id ?? 0), known.additional, domain);
}

/** `domain`: the answer is authoritative, and without records it says so with the zone's SOA. */
function reply(
  query: Packet,
  code: ResponseCode,
  answers: readonly DnsRecord[],
  additional: readonly DnsRecord[],
  domain?: string,
): Buffer {
  const authorities = domain !== undefined && answers.length === 0 ? [startOfAuthority(domain)] : [];
  return encode({
    type: 'response',
    id: query.id ?? 0,
    flags: flagsOf(query) | (domain === undefined ? 0 : AUTHORITATIVE_ANSWER) | CODES[code],
    questions: query.questions ?? [],
    answers: answers.map(wireRecord),
    additionals: additional.map(wireRecord),
    authorities,
  });
}

function truncated(message: Buffer): Buffer {
  const query = decode(message);
  return encode({
    type: 'response',
    id: query.id ?? 0,
    flags: flagsOf(query) | TRUNCATED_RESPONSE,
    questions: query.questions ?? [],
  });
}

/** An answer to what could not be read, from its first twelve bytes. */
function failure(message: Buffer, code: ResponseCode): Buffer {
  const header = Buffer.alloc(12);
  message.copy(header, 0, 0, 2);
  header.writeUInt16BE(0x8000 | RECURSION_AVAILABLE | CODES[code], 2);
  return header;
}

/** Recursion is there for whoever wishes for it. */
function flagsOf(query: Packet): number {
  return RECURSION_AVAILABLE | ((query.flags ?? 0) & 0x0100);
}

function startOfAuthority(domain: string): Answer {
  return {
    type: 'SOA',
    name: domain,
    ttl: TTL_SECONDS,
    data: {
      mname: `ns.dns.${domain}`,
      rname: `hostmaster.${domain}`,
      serial: 1,
      refresh: 7200,
      retry: 1800,
      expire: 86_400,
      minimum: TTL_SECONDS,
    },
  };
}

function wireRecord(record: DnsRecord): Answer {
  const { name } = record;
  switch (record.type) {
    case 'A':
    case 'AAAA':
      return { type: record.type, name, ttl: TTL_SECONDS, data: record.address };
    case 'CNAME':
    case 'PTR':
    case 'NS':
      return { type: record.type, name, ttl: TTL_SECONDS, data: record.target };
    case 'SRV': {
      const { target, port, weight } = record;
      return { type: 'SRV', name, ttl: TTL_SECONDS, data: { target, port, weight, priority: 0 } };
    }
    case 'TXT':
      return { type: 'TXT', name, ttl: TTL_SECONDS, data: record.text };
  }
}

/** What a client says that it can take over UDP (EDNS). */
function udpSizeOf(message: Buffer): number {
  const edns = decode(message).additionals?.find((record) => record.type === 'OPT');
  return edns && 'udpPayloadSize' in edns ? Number(edns.udpPayloadSize) : MIN_UDP_BYTES;
}

/** Clients take the first address; turning the list by the question's number spreads them over all. */
function turned(records: readonly DnsRecord[], by: number): readonly DnsRecord[] {
  const start = records.length < 2 ? 0 : by % records.length;
  return [...records.slice(start), ...records.slice(0, start)];
}
