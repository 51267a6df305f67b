// The programs that running containers takes, and the Debian packages they come in. Missing ones are installed by apt.

import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** A program (looked up on PATH, or an absolute path) and the package that brings it. */
const REQUIRED: readonly { readonly program: string; readonly package: string }[] = [
  { program: 'containerd', package: 'containerd' },
  { program: 'runc', package: 'runc' },
  { program: '/usr/lib/cni/bridge', package: 'containernetworking-plugins' },
  { program: 'nft', package: 'nftables' },
  { program: 'ip', package: 'iproute2' },
  { program: 'conntrack', package: 'conntrack' },
  { program: 'nsenter', package: 'util-linux' },
  { program: 'mount', package: 'mount' },
];

const LOCK_TIMEOUT_SECONDS = 300;
const SYSTEM_PATH = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/** The packages whose programs are not there. */
export function missingPackages(path: string = SYSTEM_PATH.join(delimiter)): readonly string[] {
  const missing = REQUIRED.filter(({ program }) => !isThere(program, path.split(delimiter)));
  return [...new Set(missing.map((entry) => entry.package))];
}

/**
 * Installs packages with apt-get, refreshing its lists first. Throws with apt's last words when that fails or when there
 * is no apt. Needs root.
 */
export async function installPackages(packages: readonly string[], signal?: AbortSignal): Promise<void> {
  if (!isThere('apt-get', SYSTEM_PATH)) {
    throw new Error(`these packages are missing and there is no apt-get to install them with: ${packages.join(', ')}`);
  }
  await apt(['update', '-qq'], signal);
  await apt(['install', '-y', '-qq', '--no-install-recommends', ...packages], signal);
}

async function apt(args: readonly string[], signal: AbortSignal | undefined): Promise<void> {
  // Another apt may be at work, as after the first start of a machine: wait for its lock.
  const child = spawn('apt-get', ['-o', `DPkg::Lock::Timeout=${LOCK_TIMEOUT_SECONDS}`, ...args], {
    env: { PATH: SYSTEM_PATH.join(delimiter), DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(signal ? { signal } : {}),
  });
  let output = '';
  const keep = (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(-4_000);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) throw new Error(`apt-get ${args.join(' ')} failed:\n${output}`);
}

function isThere(program: string, directories: readonly string[]): boolean {
  const candidates = program.startsWith('/') ? [program] : directories.map((directory) => join(directory, program));
  return candidates.some((candidate) => {
    try {
      accessSync(candidate, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
