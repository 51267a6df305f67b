// Debian packages for tests: installed where a test needs the system to have them, or unpacked into the cache where it
// only needs their files.

import { execFile } from 'node:child_process';
import { access, chmod, mkdtemp, readdir, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cachedDirectory } from './cache.ts';

const run = promisify(execFile);

const APT_TIMEOUT_MS = 300_000;
const LOCK_TIMEOUT_SECONDS = 240;
const LIBRARY = /^(lib[a-z0-9.+-]+|zlib1g)$/;
const MAX_DEPENDENCY_ROUNDS = 8;

/**
 * Sees to it that the programs are there, each given as a path and the package it comes in, by `apt-get install` of what
 * is missing (with a message). Returns why they cannot be had, if so: the reason to skip a test with.
 */
export async function ensureInstalled(programs: Readonly<Record<string, string>>): Promise<string | undefined> {
  if (process.platform !== 'linux') return 'containers need Linux';
  if (process.getuid?.() !== 0) return 'containers need root';
  const there = await Promise.all(Object.keys(programs).map(exists));
  const missing = new Set(Object.values(programs).filter((_name, index) => !there[index]));
  if (missing.size === 0) return undefined;
  process.stderr.write(`installing ${[...missing].join(', ')} with apt-get\n`);
  await apt(['install', '--yes', '--no-install-recommends', ...missing]);
  return undefined;
}

/**
 * A directory in the cache with the files of the packages, and of the libraries they depend on, as they would lie below
 * `/`. Nothing is installed and no script of a package is run.
 */
export function unpackedPackages(name: string, packages: readonly string[]): Promise<string> {
  return cachedDirectory(join('packages', name), async (directory) => {
    const downloads = await mkdtemp(join(tmpdir(), 't8s-packages-'));
    try {
      const wanted = await withLibraries(packages).catch(async () => {
        await apt(['update']);
        return withLibraries(packages);
      });
      process.stderr.write(`downloading ${wanted.join(', ')}\n`);
      // The directory has to be open to the user that apt downloads as, or it warns.
      await chmod(downloads, 0o777);
      await apt(['download', ...wanted], downloads);
      for (const file of await readdir(downloads))
        await run('dpkg-deb', ['--extract', join(downloads, file), directory]);
    } finally {
      await rm(downloads, { recursive: true });
    }
  });
}

/** The libraries that a program below the directory is linked with, by the names it asks for them, and their files. */
export async function librariesOf(directory: string, program: string): Promise<ReadonlyMap<string, string>> {
  const directories = LIBRARY_DIRS.map((path) => join(directory, path));
  // The loader of these packages rather than the system's: a C library works with its own loader only.
  const loader = join(directory, LOADER);
  const { stdout } = await run(loader, ['--library-path', directories.join(':'), '--list', join(directory, program)]);
  const libraries = new Map<string, string>();
  for (const [, name, path] of stdout.matchAll(/^\s*([^\s/]+) => (\S+) \(0x/gm)) {
    if (!path!.startsWith(directory)) throw new Error(`${program} needs ${name}, which its packages do not have`);
    libraries.set(name!, await realpath(path!));
  }
  return libraries;
}

const TRIPLET = process.arch === 'arm64' ? 'aarch64-linux-gnu' : 'x86_64-linux-gnu';

/** Where Debian keeps shared libraries for this machine, and where programs look for the loader. Relative to the root. */
export const LIBRARY_DIRS: readonly string[] = [`lib/${TRIPLET}`, `usr/lib/${TRIPLET}`];
export const LOADER = process.arch === 'arm64' ? 'lib/ld-linux-aarch64.so.1' : 'lib64/ld-linux-x86-64.so.2';

async function apt(args: readonly string[], cwd = '/'): Promise<void> {
  const options = { cwd, timeout: APT_TIMEOUT_MS, env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
  // Another test file may be installing at the same time: wait for its lock.
  const attempt = (words: readonly string[]) =>
    run('apt-get', ['--quiet', '-o', `DPkg::Lock::Timeout=${LOCK_TIMEOUT_SECONDS}`, ...words], options);
  try {
    await attempt(args);
  } catch (error) {
    if (args[0] === 'update') throw error;
    await attempt(['update']); // The lists may be missing or older than the mirror.
    await attempt(args);
  }
}

/** The packages and, round by round, the libraries among what they depend on. */
async function withLibraries(packages: readonly string[]): Promise<string[]> {
  const all = new Set(packages);
  let frontier: readonly string[] = packages;
  for (let round = 0; frontier.length > 0; round++) {
    if (round === MAX_DEPENDENCY_ROUNDS) throw new Error(`the dependencies of ${packages.join(', ')} have no end`);
    const { stdout } = await run('apt-cache', ['depends', '--important', ...frontier]);
    const named = [...stdout.matchAll(/^\s*\|?(?:Pre)?Depends: (\S+)$/gm)].map(([, name]) => name!);
    frontier = [...new Set(named)].filter((name) => LIBRARY.test(name) && !all.has(name));
    for (const name of frontier) all.add(name);
  }
  return [...all];
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
