// What our own containerd is told: config.toml and the registries' hosts.toml, as pure functions of settings. Finding
// the settings out is host-abilities.ts's, starting the process is containerd.ts's.

import { join } from 'node:path';
import type { Architecture } from './oci-image.ts';

/** Everything containerd keeps or opens. All of it lies below the two directories that belong to it alone. */
export interface ContainerdPaths {
  readonly dataDir: string;
  readonly runDir: string;
  readonly configFile: string;
  readonly logFile: string;
  readonly pidFile: string;
  /** Remembers which snapshotter the images are unpacked with. */
  readonly snapshotterFile: string;
  readonly certsDir: string;
  /** Images, snapshots and metadata: kept. */
  readonly root: string;
  /** What is about running containers: lost when the machine restarts. */
  readonly state: string;
  readonly socket: string;
  readonly runcRoot: string;
}

export type Snapshotter = 'overlayfs' | 'native';
export type CgroupDriver = 'cgroupfs' | 'systemd';
export type ContainerdLogLevel = 'debug' | 'info' | 'warn' | 'error';

export interface ContainerdSettings {
  readonly architecture: Architecture;
  readonly sandboxImage: string;
  readonly snapshotter: Snapshotter;
  readonly cgroupDriver: CgroupDriver;
  /** Keep containers' OOM scores at or above containerd's own: needed where the process lacks CAP_SYS_RESOURCE. */
  readonly restrictOomScoreAdj: boolean;
  readonly runcBinary: string;
  readonly cniBinDir: string;
  readonly cniConfDir: string;
  /** Where the streaming server of exec, attach and port-forward listens, on a port of its own choice. */
  readonly streamAddress: string;
  readonly logLevel: ContainerdLogLevel;
}

/** Images named `host/…` are pulled from `url` instead. The host `*` stands for all without an entry of their own. */
export interface RegistryMirror {
  readonly host: string;
  readonly url: string;
}

/** A unix socket's path may be this long on Linux. */
const MAX_SOCKET_PATH_BYTES = 107;

/** Throws where the socket's path would be too long for Linux. */
export function containerdPaths(dataDir: string, runDir: string): ContainerdPaths {
  const socket = join(runDir, 'containerd.sock');
  if (Buffer.byteLength(`${socket}.ttrpc`) > MAX_SOCKET_PATH_BYTES) {
    throw new Error(`the directory ${runDir} is too long for a unix socket in it`);
  }
  return {
    dataDir,
    runDir,
    configFile: join(dataDir, 'config.toml'),
    logFile: join(dataDir, 'containerd.log'),
    pidFile: join(runDir, 'containerd.pid'),
    snapshotterFile: join(dataDir, 'snapshotter'),
    certsDir: join(dataDir, 'certs.d'),
    root: join(dataDir, 'root'),
    state: join(runDir, 'state'),
    socket,
    runcRoot: join(runDir, 'runc'),
  };
}

/** `HOST=URL` as it is given on the command line. Throws where it is not that. */
export function parseRegistryMirror(text: string): RegistryMirror {
  const [, host, url] = /^([^=/]+)=(https?:\/\/[^/].*)$/.exec(text) ?? [];
  if (!host || !url || !URL.canParse(url)) {
    throw new Error(`${text} is not HOST=URL with an http or https URL, such as docker.io=http://127.0.0.1:5000`);
  }
  return { host, url: url.replace(/\/+$/, '') };
}

/** config.toml in version 2, which containerd 1.4 to 2.x read. */
export function renderContainerdConfig(paths: ContainerdPaths, settings: ContainerdSettings): string {
  return toml({
    '': {
      version: 2,
      root: paths.root,
      state: paths.state,
      disabled_plugins: DISABLED_PLUGINS,
    },
    grpc: { address: paths.socket },
    debug: { level: settings.logLevel },
    // Both would use one directory or socket of the machine, which other instances of containerd use as well.
    [plugin('io.containerd.internal.v1.opt')]: { path: join(paths.root, 'opt') },
    [plugin('io.containerd.nri.v1.nri')]: { disable: true },
    [CRI]: {
      sandbox_image: settings.sandboxImage,
      restrict_oom_score_adj: settings.restrictOomScoreAdj,
      stream_server_address: settings.streamAddress,
      stream_server_port: '0',
      netns_mounts_under_state_dir: true,
      // The default from containerd 2.0 on: a pod has its network to itself, so any of its users may take any port.
      enable_unprivileged_ports: true,
      enable_unprivileged_icmp: true,
    },
    [`${CRI}.cni`]: { bin_dir: settings.cniBinDir, conf_dir: settings.cniConfDir },
    [`${CRI}.containerd`]: { snapshotter: settings.snapshotter, default_runtime_name: 'runc' },
    [`${CRI}.containerd.runtimes.runc`]: { runtime_type: 'io.containerd.runc.v2' },
    [`${CRI}.containerd.runtimes.runc.options`]: {
      BinaryName: settings.runcBinary,
      Root: paths.runcRoot,
      SystemdCgroup: settings.cgroupDriver === 'systemd',
    },
    [`${CRI}.registry`]: { config_path: paths.certsDir },
    // From containerd 2.0 on `ctr images import` leaves the unpacking to this service, which knows overlayfs alone.
    [listItem(`${plugin('io.containerd.transfer.v1.local')}.unpack_config`)]: {
      platform: `linux/${settings.architecture}`,
      snapshotter: settings.snapshotter,
    },
  });
}

/**
 * The files below certs.d, by their paths in it. What no mirror of a host has is not asked for elsewhere: on a miss
 * containerd goes on to `server`, so that is the last mirror too, and a node without a way out fails at once.
 */
export function renderRegistryHosts(mirrors: readonly RegistryMirror[]): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  for (const [host, ofHost] of Map.groupBy(mirrors, ({ host }) => host)) {
    const directory = host === '*' ? '_default' : host;
    const hosts = ofHost.map(({ url }): [string, Section] => [
      `host.${quoted(url)}`,
      { capabilities: ['pull', 'resolve'], ...pathOverride(url) },
    ]);
    const { url: last } = ofHost.at(-1)!;
    files.set(
      join(directory, 'hosts.toml'),
      toml({ '': { server: last, ...pathOverride(last) }, ...Object.fromEntries(hosts) }),
    );
  }
  return files;
}

/** A registry's API is below /v2, unless its URL has a path of its own. */
function pathOverride(url: string): Section {
  return new URL(url).pathname === '/' ? {} : { override_path: true };
}

type Value = string | number | boolean | readonly string[];
type Section = Readonly<Record<string, Value>>;

const CRI = plugin('io.containerd.grpc.v1.cri');

/** Snapshotters that need what a machine seldom has (some would call modprobe), and services that nothing here uses. */
const DISABLED_PLUGINS = [
  'io.containerd.snapshotter.v1.aufs',
  'io.containerd.snapshotter.v1.blockfile',
  'io.containerd.snapshotter.v1.btrfs',
  'io.containerd.snapshotter.v1.devmapper',
  'io.containerd.snapshotter.v1.erofs',
  'io.containerd.snapshotter.v1.zfs',
  'io.containerd.internal.v1.restart',
  'io.containerd.internal.v1.tracing',
  'io.containerd.tracing.processor.v1.otlp',
];

function plugin(id: string): string {
  return `plugins.${quoted(id)}`;
}

/** A section in double brackets is one item of a list of sections. */
function listItem(name: string): string {
  return `[${name}]`;
}

/** TOML of sections; the one without a name comes first. */
function toml(sections: Readonly<Record<string, Section>>): string {
  return Object.entries(sections)
    .map(([name, section]) => {
      const lines = Object.entries(section).map(([key, value]) => `${key} = ${tomlValue(value)}\n`);
      return (name === '' ? '' : `\n[${name}]\n`) + lines.join('');
    })
    .join('');
}

function tomlValue(value: Value): string {
  if (typeof value === 'string') return quoted(value);
  if (typeof value === 'object') return `[${value.map(quoted).join(', ')}]`;
  return String(value);
}

/** A JSON string is a TOML basic string too. */
function quoted(text: string): string {
  return JSON.stringify(text);
}
