// What went wrong with a connection, in the words that people know from Go's net package: they end up in events.

import { messageOf } from '../../base/message-of.ts';

const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connect: connection refused',
  ECONNRESET: 'connection reset by peer',
  EHOSTUNREACH: 'connect: no route to host',
  ENETUNREACH: 'connect: network is unreachable',
  ETIMEDOUT: 'i/o timeout',
};

/** `dial tcp 10.244.0.5:80: connect: connection refused`. What is not known is told as it came. */
export function dialError(error: unknown, host: string, port: number): string {
  return `dial tcp ${host.includes(':') ? `[${host}]` : host}:${port}: ${reasonOf(error)}`;
}

/** Whether the connection could not be made, as opposed to what happened on it. */
export function isDialError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error && error.syscall === 'connect';
}

export function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return WORDS[code] ?? messageOf(error);
}
