// Commands that probes run in containers.

import { type Cri, CriError } from '../../cri/cri.ts';

export interface ExecResult {
  readonly exitCode: number;
  /** The beginning of what it wrote. */
  readonly output: string;
  readonly timedOut: boolean;
}

/** What an event can hold of it; the runtime gives back up to 16 MB. Upstream: maxReadLength in pkg/probe/exec. */
const MAX_OUTPUT_BYTES = 10 * 1024;

/** Runs the command to its end. Rejects when it could not be run. */
export async function execInContainer(
  cri: Pick<Cri, 'execSync'>,
  containerId: string,
  command: readonly string[],
  { timeoutMs, signal }: { readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<ExecResult> {
  try {
    const timeout = Math.ceil(timeoutMs / 1000);
    const answer = await cri.execSync({ containerId, cmd: command, timeout }, { signal });
    const output = Buffer.concat([answer.stdout, answer.stderr]).subarray(0, MAX_OUTPUT_BYTES).toString('utf8');
    return { exitCode: answer.exitCode, output, timedOut: false };
  } catch (error) {
    if (error instanceof CriError && error.code === 'DEADLINE_EXCEEDED') {
      return { exitCode: -1, output: '', timedOut: true };
    }
    throw error;
  }
}
