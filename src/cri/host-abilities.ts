// What this machine can do that containerd has to be told: its programs, capabilities, cgroups and overlay mounts.

import { execFile } from 'node:child_process';
import { access, constants, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { CgroupDriver } from './containerd-config.ts';
import type { Architecture } from './oci-image.ts';

const run = promisify(execFile);

/** Where programs for administrators are, whatever PATH the caller has. */
const BINARY_DIRS = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];
/** Where the standard CNI plugins are: upstream's own place, Debian's and Fedora's. */
const CNI_DIRS = ['/opt/cni/bin', '/usr/lib/cni', '/usr/libexec/cni'];
const CAP_SYS_RESOURCE = 24n;

/** The full path of a program. Throws an error that names the package to install. */
export async function findBinary(name: string, packageName = name): Promise<string> {
  for (const directory of BINARY_DIRS) {
    const path = join(directory, name);
    if (await isExecutable(path)) return path;
  }
  throw new Error(`${name} was not found in ${BINARY_DIRS.join(', ')}: install the package ${packageName}`);
}

/** The directory of the standard CNI plugins. Throws an error that names the package to install. */
export async function findCniBinDir(): Promise<string> {
  for (const directory of CNI_DIRS) {
    const plugins = ['ptp', 'bandwidth', 'host-local', 'loopback'].map((name) => isExecutable(join(directory, name)));
    if ((await Promise.all(plugins)).every(Boolean)) return directory;
  }
  throw new Error(
    `the CNI plugins were not found in ${CNI_DIRS.join(', ')}: install the package containernetworking-plugins`,
  );
}

/** Whether this process may lower a process's OOM score: containers get less than that only with it. */
export async function hasCapSysResource(): Promise<boolean> {
  return capabilityIn(await readFile('/proc/self/status', 'utf8'), CAP_SYS_RESOURCE);
}

/** Whether the capability of this number is in effect, according to the text of /proc/PID/status. */
export function capabilityIn(status: string, capability: bigint): boolean {
  const [, effective] = /^CapEff:\s*([0-9a-f]+)$/m.exec(status) ?? [];
  return effective !== undefined && ((BigInt(`0x${effective}`) >> capability) & 1n) === 1n;
}

/**
 * systemd manages the cgroups where it runs and all controllers are in one cgroup v2 tree; everywhere else (cgroup v1,
 * hybrid, or no systemd) whoever makes a cgroup manages it.
 */
export async function detectCgroupDriver(): Promise<CgroupDriver> {
  const unified = await exists('/sys/fs/cgroup/cgroup.controllers');
  return unified && (await exists('/run/systemd/system')) ? 'systemd' : 'cgroupfs';
}

/** Whether an overlay can be mounted on the directory's file system, found out by mounting one. Makes the directory. */
export async function canMountOverlay(directory: string): Promise<boolean> {
  await mkdir(directory, { recursive: true });
  const trial = await mkdtemp(join(directory, 'overlay-'));
  const [lower, upper, work, merged] = ['lower', 'upper', 'work', 'merged'].map((name) => join(trial, name));
  try {
    for (const path of [lower, upper, work, merged]) await mkdir(path!);
    const options = `lowerdir=${lower},upperdir=${upper},workdir=${work}`;
    await run('mount', ['-t', 'overlay', 'overlay', '-o', options, merged!]);
    await run('umount', [merged!]);
    return true;
  } catch {
    return false; // The file system cannot (it is itself an overlay, or a network's), the kernel cannot, or we may not.
  } finally {
    await rm(trial, { recursive: true, force: true });
  }
}

/** The machine's architecture under its name in images. Throws for one there is no pause program for. */
export function machineArchitecture(): Architecture {
  switch (process.arch) {
    case 'x64':
      return 'amd64';
    case 'arm64':
      return 'arm64';
    default:
      throw new Error(`containers are not supported on ${process.arch}`);
  }
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
