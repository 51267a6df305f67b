// DNS messages: what a question asks, and answers as bytes that fit what the client can take.

import {
  type Answer,
  AUTHORITATIVE_ANSWER,
  decode,
  encode,
  type Packet,
  RECURSION_AVAILABLE,
  RECURSION_DESIRED,
  TRUNCATED_RESPONSE,
} from 'dns-packet';
import type { DnsRecord } from './zone.ts';

export type ResponseCode = 'NOERROR' | 'FORMERR' | 'SERVFAIL' | 'NXDOMAIN' | 'NOTIMP' | 'REFUSED';
const CODES: Readonly<Record<ResponseCode, number>> = {
  NOERROR: 0,
  FORMERR: 1,
  SERVFAIL: 2,
  NXDOMAIN: 3,
  NOTIMP: 4,
  REFUSED: 5,
};

/** Short, because services come and go; upstream's CoreDNS has the same. */
const TTL_SECONDS = 5;
/** What fits into an answer over UDP when the question does not say more, and what is sent at most. */
const MIN_UDP_BYTES = 512;
const MAX_UDP_BYTES = 4096;
const HEADER_BYTES = 12;
const MAX_NAME = 253;
const MAX_LABEL = 63;
/** The bits that say what is asked for; 0 is a plain query. */
const OPCODE = 0x7800;

export interface Query {
  readonly packet: Packet;
  /** Undefined: it asks for nothing that can be answered here. */
  readonly question: { readonly name: string; readonly type: string } | undefined;
  /** How long an answer over UDP may be. */
  readonly udpBytes: number;
  /** The question has an OPT record (EDNS), and so has the answer. */
  readonly edns: boolean;
}

export interface Reply {
  readonly code: ResponseCode;
  readonly answers?: readonly (DnsRecord | Answer)[];
  readonly additional?: readonly DnsRecord[];
  /** The zone that the answer is authoritative for; without records it then says so with the zone's SOA. */
  readonly zone?: string;
}

/** Nothing for what is an answer itself. Throws for what cannot be read. */
export function readQuery(message: Buffer): Query | undefined {
  const packet = decode(message);
  if (packet.type === 'response') return undefined;
  const opt = packet.additionals?.find((record) => record.type === 'OPT');
  const size = opt && 'udpPayloadSize' in opt ? Number(opt.udpPayloadSize) : MIN_UDP_BYTES;
  const isPlain = ((packet.flags ?? 0) & OPCODE) === 0 && packet.questions?.length === 1;
  return {
    packet,
    question: isPlain ? packet.questions?.[0] : undefined,
    udpBytes: Math.min(MAX_UDP_BYTES, Math.max(MIN_UDP_BYTES, size)),
    edns: opt !== undefined,
  };
}

export function writeReply({ packet, edns }: Query, { code, answers = [], additional = [], zone }: Reply): Buffer {
  return encode({
    type: 'response',
    id: packet.id ?? 0,
    flags: flagsOf(packet) | (zone === undefined ? 0 : AUTHORITATIVE_ANSWER) | CODES[code],
    questions: packet.questions ?? [],
    answers: answers.map(wireRecord),
    authorities: zone !== undefined && answers.length === 0 ? [startOfAuthority(zone)] : [],
    additionals: [...additional.map(wireRecord), ...(edns ? [EDNS] : [])],
  });
}

/** Says that the answer is too long for UDP: the client asks again over TCP. */
export function writeTruncated({ packet, edns }: Query): Buffer {
  return encode({
    type: 'response',
    id: packet.id ?? 0,
    flags: flagsOf(packet) | TRUNCATED_RESPONSE,
    questions: packet.questions ?? [],
    additionals: edns ? [EDNS] : [],
  });
}

/** An answer to what cannot be read, from its header alone; nothing where there is not even that. */
export function writeFormatError(message: Buffer): Buffer | undefined {
  if (message.length < HEADER_BYTES || ((message[2] ?? 0) & 0x80) !== 0) return undefined;
  const header = Buffer.alloc(HEADER_BYTES);
  message.copy(header, 0, 0, 2);
  header.writeUInt16BE(0x8000 | RECURSION_AVAILABLE | CODES.FORMERR, 2);
  return header;
}

/** Recursion is there for whoever wishes for it. */
function flagsOf({ flags = 0 }: Packet): number {
  return RECURSION_AVAILABLE | (flags & RECURSION_DESIRED);
}

const EDNS = {
  type: 'OPT',
  name: '.',
  udpPayloadSize: MAX_UDP_BYTES,
  extendedRcode: 0,
  ednsVersion: 0,
  flags: 0,
  flag_do: false,
  options: [],
} as const satisfies Answer;

function startOfAuthority(zone: string): Answer {
  const data = {
    ...{ mname: `ns.dns.${zone}`, rname: `hostmaster.${zone}`, serial: 1 },
    ...{ refresh: 7200, retry: 1800, expire: 86_400, minimum: TTL_SECONDS },
  };
  return { type: 'SOA', name: zone, ttl: TTL_SECONDS, data };
}

function wireRecord(record: DnsRecord | Answer): Answer {
  return 'ttl' in record || 'data' in record ? (record as Answer) : ownRecord(record as DnsRecord);
}

function ownRecord(record: DnsRecord): Answer {
  const { name } = record;
  switch (record.type) {
    case 'A':
    case 'AAAA':
      return { type: record.type, name, ttl: TTL_SECONDS, data: record.address };
    case 'CNAME':
    case 'PTR':
      return { type: record.type, name, ttl: TTL_SECONDS, data: checked(record.target) };
    case 'SRV': {
      const { target, port, weight } = record;
      return { type: 'SRV', name, ttl: TTL_SECONDS, data: { target, port, weight, priority: 0 } };
    }
    case 'TXT':
      return { type: 'TXT', name, ttl: TTL_SECONDS, data: record.text };
    default:
      return record satisfies never;
  }
}

/** An external name may be one that DNS cannot carry. Throws RangeError then. */
function checked(name: string): string {
  const fits = name.length <= MAX_NAME && name.split('.').every((label) => label.length <= MAX_LABEL);
  if (!fits) throw new RangeError(`${name} is too long for DNS`);
  return name;
}
