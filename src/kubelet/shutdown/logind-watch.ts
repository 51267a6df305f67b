// systemd's word on shutdowns: logind delays one for as long as a process holds its lock, and says on the system bus when
// one begins. systemd's own programs do the talking: `systemd-inhibit` holds the lock while the `busctl` that it runs
// listens. Not every machine has them. See https://systemd.io/INHIBITOR_LOCKS.

import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface, type Interface } from 'node:readline';
import type { ShutdownWatch } from './shutdown-manager.ts';

const LISTENER = [
  '--what=shutdown',
  '--who=kubelet',
  '--why=Kubelet needs time to handle node shutdown',
  '--mode=delay',
  'busctl',
  'monitor',
  '--system',
  '--json=short',
  "--match=type='signal',interface='org.freedesktop.login1.Manager',member='PrepareForShutdown'",
];

interface Listener {
  readonly process: ChildProcess;
  readonly lines: Interface;
}

export class LogindWatch implements ShutdownWatch, Disposable {
  #listener: Listener | undefined;

  async next(signal: AbortSignal): Promise<boolean> {
    this.#listener ??= startListener();
    const { process, lines } = this.#listener;
    return new Promise((resolve, reject) => {
      const off = () => {
        lines.off('line', take);
        process.off('close', gone);
        process.off('error', gone);
        signal.removeEventListener('abort', aborted);
      };
      const take = (line: string) => {
        const begins = shutdownSignal(line);
        if (begins === undefined) return;
        off();
        resolve(begins);
      };
      const gone = (cause: unknown) => {
        off();
        this.#listener = undefined;
        reject(new Error('systemd-logind cannot be listened to', { cause }));
      };
      const aborted = () => {
        off();
        reject(signal.reason);
      };
      signal.throwIfAborted();
      lines.on('line', take);
      process.on('close', gone);
      process.on('error', gone);
      signal.addEventListener('abort', aborted, { once: true });
    });
  }

  /** With the listener goes its lock. */
  release(): void {
    this.#listener?.process.kill();
    this.#listener = undefined;
  }

  [Symbol.dispose](): void {
    this.release();
  }
}

function startListener(): Listener {
  const process = spawn('systemd-inhibit', LISTENER, { stdio: ['ignore', 'pipe', 'ignore'] });
  process.on('error', () => {}); // Whoever waits for the next signal hears of it.
  return { process, lines: createInterface({ input: process.stdout }) };
}

/** What a line of busctl says: a shutdown begins, or has been called off; undefined for other lines. Exported for its test. */
export function shutdownSignal(line: string): boolean | undefined {
  try {
    const { member, payload } = JSON.parse(line) as { member?: unknown; payload?: { data?: readonly unknown[] } };
    const [begins] = payload?.data ?? [];
    return member === 'PrepareForShutdown' && typeof begins === 'boolean' ? begins : undefined;
  } catch {
    return undefined; // busctl says some things in words.
  }
}
