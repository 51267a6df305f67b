// Our own containerd: started once, left running when the node agent restarts, found again, kept running. Its shims hold
// the containers, so neither the end of containerd nor that of its starter touches one. docs/decisions/0003-own-containerd.md

import { execFile } from 'node:child_process';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { Backoff } from '../base/backoff.ts';
import { type Clock, sleep } from '../base/clock.ts';
import type { Logger } from '../base/log.ts';
import { connectCri } from './connect-cri.ts';
import {
  type CgroupDriver,
  type ContainerdLogLevel,
  type ContainerdPaths,
  type ContainerdSettings,
  containerdPaths,
  type RegistryMirror,
  renderContainerdConfig,
  renderRegistryHosts,
  type Snapshotter,
} from './containerd-config.ts';
import { type Cri, CriError } from './cri.ts';
import { findDaemon, removePidFile, startDaemon, stopProcess, writePidFile } from './daemon-process.ts';
import {
  canMountOverlay,
  detectCgroupDriver,
  findBinary,
  findCniBinDir,
  hasCapSysResource,
  machineArchitecture,
} from './host-abilities.ts';
import { readIfThere } from './if-there.ts';
import { ociArchive } from './oci-image.ts';
import { PAUSE_IMAGE, pauseImage } from './pause-image.ts';
import { isRunning, listProcesses, type ProcessIdentity } from './process-table.ts';
import { removeIdleShims } from './shims.ts';

const run = promisify(execFile);

const POLL_MS = 20;
const WATCH_MS = 1000;
const STOP_TIMEOUT_MS = 10_000;
const IMPORT_TIMEOUT_MS = 60_000;
const LOG_TAIL_CHARS = 2000;

/** Both directories belong to this containerd alone: `removeContainerd` deletes them. `runDir` is best below /run. */
export interface ContainerdDeps {
  readonly dataDir: string;
  readonly runDir: string;
  readonly log: Logger;
  readonly clock: Clock;
}

export interface ContainerdOptions {
  /** Where CNI looks for the pods' network; absent: `cni` below the data directory. It may be filled later. */
  readonly cniConfDir?: string | undefined;
  /** Where the CNI plugins are; absent: where the system's packages put them. */
  readonly cniBinDir?: string | undefined;
  readonly registryMirrors?: readonly RegistryMirror[] | undefined;
  /** Where the streaming server listens; absent: 127.0.0.1. */
  readonly streamAddress?: string | undefined;
  /** The path of a network namespace (`/run/netns/NAME`) to be a node of its own in; absent: the caller's. */
  readonly networkNamespace?: string | undefined;
  /** Absent: systemd where that manages a pure cgroup v2 tree, else cgroupfs. */
  readonly cgroupDriver?: CgroupDriver | undefined;
  /** Absent: warn, which keeps the log of a busy node small. */
  readonly logLevel?: ContainerdLogLevel | undefined;
  /** How long it may take until containerd answers; absent: 30 seconds. */
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface Containerd {
  /** For connectCri. */
  readonly endpoint: string;
  readonly paths: ContainerdPaths;
  readonly cniConfDir: string;
  /** How sandboxes have to name their cgroup parent: a path, or a systemd slice. */
  readonly cgroupDriver: CgroupDriver;
  readonly snapshotter: Snapshotter;
  /** As containerd says it. */
  readonly version: string;
  /** Whether it was found running. */
  readonly adopted: boolean;
  /** The process now; it changes when `keepRunning` had to start another. */
  readonly process: ProcessIdentity;
  /** Reads an image out of an OCI or Docker archive. */
  importImage(archivePath: string, options?: { readonly signal?: AbortSignal | undefined }): Promise<void>;
  /** Starts containerd again whenever it has ended, until the signal is aborted; then returns. Abort it before `stop`. */
  keepRunning(options: { readonly signal: AbortSignal }): Promise<void>;
  /** Ends containerd and nothing else: containers go on, and the next start finds them. */
  stop(options?: { readonly signal?: AbortSignal | undefined }): Promise<void>;
}

/**
 * Starts containerd, or adopts the one that runs with the same configuration, and returns when CRI answers and the pause
 * image is there. One that runs with another configuration is replaced, without harm to its containers. Throws where a
 * program is missing (with the name of its package) or containerd does not come up (with the end of its log).
 */
export async function startContainerd(deps: ContainerdDeps, options: ContainerdOptions = {}): Promise<Containerd> {
  const { clock, log } = deps;
  const { signal } = options;
  const paths = containerdPaths(deps.dataDir, deps.runDir);
  const cniConfDir = options.cniConfDir ?? join(paths.dataDir, 'cni');
  for (const directory of [paths.dataDir, paths.runDir, cniConfDir]) {
    await mkdir(directory, { recursive: true, mode: 0o711 });
  }
  const settings = await settingsFor(paths, { ...options, cniConfDir });
  await writeRegistryHosts(paths, options.registryMirrors ?? []);
  const command = await commandOf(paths, options.networkNamespace);
  const service: Service = { clock, log, paths, command, timeoutMs: options.timeoutMs ?? 30_000 };

  const config = renderContainerdConfig(paths, settings);
  let running = await findContainerd(paths);
  if (running && (await readIfThere(paths.configFile)) !== config) {
    log.info('restarting containerd with a new configuration', { pid: running.pid });
    await stopProcess({ clock }, running, { timeoutMs: STOP_TIMEOUT_MS, signal });
    running = undefined;
  }
  const adopted = running !== undefined;
  await writeFile(paths.configFile, config);
  await using cri = connectCri({ endpoint: paths.socket, log });
  let current = running ?? (await start(service));
  const version = await untilReady(service, { cri, daemon: current, signal });
  log.info(adopted ? 'adopted containerd' : 'started containerd', { pid: current.pid, version });

  const importImage: Containerd['importImage'] = (archivePath, importOptions) =>
    importArchive(paths, settings.snapshotter, archivePath, importOptions?.signal);
  await ensurePauseImage({ cri, clock, paths, importImage }, { signal });
  return {
    endpoint: `unix://${paths.socket}`,
    paths,
    cniConfDir,
    cgroupDriver: settings.cgroupDriver,
    snapshotter: settings.snapshotter,
    version,
    adopted,
    get process() {
      return current;
    },
    importImage,
    keepRunning: (watchOptions) =>
      keepRunning(service, { ...watchOptions, current, replace: (next) => (current = next) }),
    stop: (stopOptions) => stopContainerd(deps, stopOptions),
  };
}

/** Ends the containerd of these directories if it runs; its containers go on. */
export async function stopContainerd(
  { dataDir, runDir, clock, log }: ContainerdDeps,
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): Promise<void> {
  const paths = containerdPaths(dataDir, runDir);
  const running = await findContainerd(paths);
  if (running) {
    await stopProcess({ clock }, running, { timeoutMs: STOP_TIMEOUT_MS, signal });
    log.info('stopped containerd', { pid: running.pid });
  }
  await removePidFile(paths.pidFile);
}

interface Service {
  readonly clock: Clock;
  readonly log: Logger;
  readonly paths: ContainerdPaths;
  readonly command: readonly [string, ...string[]];
  readonly timeoutMs: number;
}

async function settingsFor(
  paths: ContainerdPaths,
  options: ContainerdOptions & { readonly cniConfDir: string },
): Promise<ContainerdSettings> {
  return {
    architecture: machineArchitecture(),
    sandboxImage: PAUSE_IMAGE,
    snapshotter: await chooseSnapshotter(paths),
    cgroupDriver: options.cgroupDriver ?? (await detectCgroupDriver()),
    restrictOomScoreAdj: !(await hasCapSysResource()),
    runcBinary: await findBinary('runc'),
    cniBinDir: options.cniBinDir ?? (await findCniBinDir()),
    cniConfDir: options.cniConfDir,
    streamAddress: options.streamAddress ?? '127.0.0.1',
    logLevel: options.logLevel ?? 'warn',
  };
}

/** Chosen once for a data directory: images unpacked by one snapshotter are unknown to another. */
async function chooseSnapshotter({ snapshotterFile, dataDir }: ContainerdPaths): Promise<Snapshotter> {
  const before = (await readIfThere(snapshotterFile))?.trim();
  if (before === 'overlayfs' || before === 'native') return before;
  const chosen = (await canMountOverlay(dataDir)) ? 'overlayfs' : 'native';
  await writeFile(snapshotterFile, `${chosen}\n`);
  return chosen;
}

/** Containerd reads these at every pull, so a running one follows them too. */
async function writeRegistryHosts({ certsDir }: ContainerdPaths, mirrors: readonly RegistryMirror[]): Promise<void> {
  const files = renderRegistryHosts(mirrors);
  await mkdir(certsDir, { recursive: true });
  const wanted = new Set([...files.keys()].map((path) => dirname(path)));
  for (const name of await readdir(certsDir)) {
    if (!wanted.has(name)) await rm(join(certsDir, name), { recursive: true });
  }
  for (const [path, content] of files) {
    await mkdir(join(certsDir, dirname(path)), { recursive: true });
    await writeFile(join(certsDir, path), content);
  }
}

/** `nsenter --net` leaves /sys alone, where `ip netns exec` mounts one without cgroups; either becomes containerd itself. */
async function commandOf(paths: ContainerdPaths, networkNamespace: string | undefined): Promise<[string, ...string[]]> {
  const containerd = [await findBinary('containerd'), '--config', paths.configFile] as const;
  return networkNamespace
    ? [await findBinary('nsenter', 'util-linux'), `--net=${networkNamespace}`, ...containerd]
    : [...containerd];
}

/**
 * The running containerd of these directories. Its starter may have died before it wrote the pid file, so it is looked
 * for by its command line too: a second one would wait for ever for the first one's database.
 */
async function findContainerd({ pidFile, configFile }: ContainerdPaths): Promise<ProcessIdentity | undefined> {
  const noted = await findDaemon(pidFile);
  if (noted) return noted;
  const ours = (await listProcesses()).find(
    ({ commandLine: [program = '', option, file] }) =>
      /(^|\/)containerd$/.test(program) && option === '--config' && file === configFile,
  );
  if (ours) await writePidFile(pidFile, ours);
  return ours;
}

async function start({ command, paths }: Service): Promise<ProcessIdentity> {
  await removeIdleShims(paths);
  await rm(paths.socket, { force: true });
  return startDaemon(command, { pidFile: paths.pidFile, logFile: paths.logFile });
}

/** Returns containerd's version once its CRI plugin has recovered what it knew of. */
async function untilReady(
  { clock, paths, timeoutMs }: Service,
  {
    cri,
    daemon,
    signal,
  }: {
    readonly cri: Cri;
    readonly daemon: ProcessIdentity;
    readonly signal: AbortSignal | undefined;
  },
): Promise<string> {
  const deadline = clock.elapsed() + timeoutMs;
  for (;;) {
    try {
      const { runtimeVersion } = await cri.version({}, { signal, timeoutMs });
      await cri.status({}, { signal, timeoutMs });
      return runtimeVersion;
    } catch (cause) {
      signal?.throwIfAborted();
      const fault = await faultOf(cause, daemon, clock.elapsed() >= deadline);
      if (!fault) {
        await sleep(clock, POLL_MS, signal);
        continue;
      }
      const log = (await readIfThere(paths.logFile))?.slice(-LOG_TAIL_CHARS) ?? '';
      throw new Error(`containerd ${fault}; its log ends with:\n${log}`, { cause });
    }
  }
}

/** Why waiting for containerd is of no use, if it is not. A service it lacks when it answers does not come later. */
async function faultOf(error: unknown, daemon: ProcessIdentity, isLate: boolean): Promise<string | undefined> {
  if (error instanceof CriError && error.code === 'UNIMPLEMENTED') return 'runs without CRI';
  if (!(await isRunning(daemon))) return 'ended';
  return isLate ? 'does not answer' : undefined;
}

async function keepRunning(
  service: Service,
  {
    signal,
    current,
    replace,
  }: {
    readonly signal: AbortSignal;
    readonly current: ProcessIdentity;
    readonly replace: (next: ProcessIdentity) => void;
  },
): Promise<void> {
  const { clock, log } = service;
  const backoff = new Backoff({ baseMs: 1000, maxMs: 30_000 });
  let daemon = current;
  let startedAt = clock.elapsed();
  try {
    for (;;) {
      await sleep(clock, WATCH_MS, signal);
      if (await isRunning(daemon)) {
        if (clock.elapsed() - startedAt > 60_000) backoff.reset();
        continue;
      }
      const delayMs = backoff.next();
      log.warn('containerd has ended, starting it again', { pid: daemon.pid, delayMs });
      await sleep(clock, delayMs, signal);
      daemon = await start(service);
      startedAt = clock.elapsed();
      replace(daemon);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

async function ensurePauseImage(
  {
    cri,
    clock,
    paths,
    importImage,
  }: {
    readonly cri: Cri;
    readonly clock: Clock;
    readonly paths: ContainerdPaths;
    readonly importImage: Containerd['importImage'];
  },
  { signal }: { readonly signal?: AbortSignal | undefined },
): Promise<void> {
  const isThere = async () =>
    (await cri.imageStatus({ image: { image: PAUSE_IMAGE } }, { signal })).image !== undefined;
  if (await isThere()) return;
  const archive = join(paths.dataDir, 'pause.tar');
  await writeFile(archive, ociArchive(pauseImage(machineArchitecture()), PAUSE_IMAGE));
  await importImage(archive, { signal });
  await rm(archive);
  // The CRI plugin hears of a new image through an event.
  const deadline = clock.elapsed() + IMPORT_TIMEOUT_MS;
  while (!(await isThere())) {
    if (clock.elapsed() >= deadline) throw new Error(`containerd does not find the imported image ${PAUSE_IMAGE}`);
    await sleep(clock, POLL_MS, signal);
  }
}

/** Through containerd's own client, which comes in the same package: it reads archives of every kind and unpacks them. */
async function importArchive(
  { socket }: ContainerdPaths,
  snapshotter: Snapshotter,
  archivePath: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const ctr = await findBinary('ctr', 'containerd');
  const args = [
    '--address',
    socket,
    '--namespace',
    'k8s.io',
    'images',
    'import',
    '--snapshotter',
    snapshotter,
    archivePath,
  ];
  await run(ctr, args, { timeout: IMPORT_TIMEOUT_MS, signal });
}
