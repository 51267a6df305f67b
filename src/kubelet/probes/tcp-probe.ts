// TCP probes: the port takes a connection. Upstream: pkg/probe/tcp.

import { connect } from 'node:net';
import { dialError } from './network-words.ts';
import type { ProbeOutcome } from './probe-manager.ts';

/** Rejects with the signal's reason alone. */
export function probeTcp(host: string, port: number, signal: AbortSignal): Promise<ProbeOutcome> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, signal });
    socket.once('connect', () => {
      socket.destroy();
      resolve({ verdict: 'success', output: '' });
    });
    socket.once('error', (error) => {
      if (signal.aborted) reject(signal.reason);
      else resolve({ verdict: 'failure', output: dialError(error, host, port) });
    });
  });
}
