// Runs the program of a credential provider: a request goes in as JSON, an answer comes out. Upstream: ExecPlugin in
// pkg/credentialprovider/plugin/plugin.go.

import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Clock } from '../../base/clock.ts';
import type { CredentialProvider } from './credential-provider-config.ts';

export interface ProviderPrograms {
  readonly clock: Clock;
  /** Where the programs are, by the providers' names. */
  readonly directory: string;
  /** The environment that those of the configuration are added to. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

const TIMEOUT_MS = 60_000;
/** Of what it prints: more is no answer. */
const MAX_BYTES = 1024 * 1024;

/** Resolves with what the program has printed, as JSON. Rejects when it fails, or takes longer than a minute. */
export async function runCredentialProvider(
  { clock, directory, environment }: ProviderPrograms,
  { name, args, env }: CredentialProvider,
  request: object,
): Promise<unknown> {
  const child = spawn(join(directory, name), args, {
    env: { ...environment, ...Object.fromEntries(env.map(({ name: key, value }) => [key, value])) },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let failure: Error | undefined;
  const fail = (message: string) => {
    failure ??= new Error(message);
    child.kill('SIGKILL');
  };
  using _timer = clock.after(TIMEOUT_MS, () => fail('it has not answered within a minute'));
  const output = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      output[stream] += text;
      if (output[stream].length > MAX_BYTES) fail('it prints without end');
    });
  }
  child.stdin.on('error', () => {}); // It may end without reading: what it says then counts.
  child.stdin.end(JSON.stringify(request));
  const code = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (failure) throw failure;
  if (code !== 0) throw new Error(`it has ended with code ${code}: ${output.stderr.trim()}`);
  return JSON.parse(output.stdout);
}
