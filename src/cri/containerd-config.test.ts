import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  type ContainerdSettings,
  containerdPaths,
  parseRegistryMirror,
  renderContainerdConfig,
  renderRegistryHosts,
} from './containerd-config.ts';

const paths = containerdPaths('/var/lib/t8s/node', '/run/t8s/node');
const settings: ContainerdSettings = {
  architecture: 'arm64',
  sandboxImage: 'typernetes.io/pause:1',
  snapshotter: 'native',
  cgroupDriver: 'systemd',
  restrictOomScoreAdj: true,
  runcBinary: '/usr/sbin/runc',
  cniBinDir: '/usr/lib/cni',
  cniConfDir: '/var/lib/t8s/node/cni',
  streamAddress: '10.0.0.1',
  logLevel: 'warn',
};

describe('containerdPaths', () => {
  test('keeps everything below the two directories', () => {
    const { dataDir, runDir, ...rest } = paths;
    for (const path of Object.values(rest)) {
      assert.ok(path.startsWith(`${dataDir}/`) || path.startsWith(`${runDir}/`), path);
    }
  });

  test('refuses a directory in which no unix socket can be', () => {
    assert.throws(() => containerdPaths('/data', `/run/${'x'.repeat(90)}`), /too long for a unix socket/);
  });
});

describe('renderContainerdConfig', () => {
  const config = renderContainerdConfig(paths, settings);
  const expected: readonly [section: string, line: string][] = [
    ['', 'version = 2'],
    ['', 'root = "/var/lib/t8s/node/root"'],
    ['', 'state = "/run/t8s/node/state"'],
    ['grpc', 'address = "/run/t8s/node/containerd.sock"'],
    ['debug', 'level = "warn"'],
    ['plugins."io.containerd.grpc.v1.cri"', 'sandbox_image = "typernetes.io/pause:1"'],
    ['plugins."io.containerd.grpc.v1.cri"', 'restrict_oom_score_adj = true'],
    ['plugins."io.containerd.grpc.v1.cri"', 'stream_server_address = "10.0.0.1"'],
    ['plugins."io.containerd.grpc.v1.cri".cni', 'bin_dir = "/usr/lib/cni"'],
    ['plugins."io.containerd.grpc.v1.cri".cni', 'conf_dir = "/var/lib/t8s/node/cni"'],
    ['plugins."io.containerd.grpc.v1.cri".containerd', 'snapshotter = "native"'],
    ['plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc', 'runtime_type = "io.containerd.runc.v2"'],
    ['plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options', 'BinaryName = "/usr/sbin/runc"'],
    ['plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options', 'SystemdCgroup = true'],
    ['plugins."io.containerd.grpc.v1.cri".registry', 'config_path = "/var/lib/t8s/node/certs.d"'],
    ['[plugins."io.containerd.transfer.v1.local".unpack_config]', 'platform = "linux/arm64"'],
    ['[plugins."io.containerd.transfer.v1.local".unpack_config]', 'snapshotter = "native"'],
  ];
  const sections = new Map(
    config.split(/\n(?=\[)/).map((text) => {
      const [, name = ''] = /^\[(.*)\]$/m.exec(text.split('\n')[0] ?? '') ?? [];
      return [name, text.split('\n')];
    }),
  );
  for (const [section, line] of expected) {
    test(`says ${line} in [${section}]`, () => {
      assert.ok(sections.get(section)?.includes(line), config);
    });
  }

  test('quotes what it is given', () => {
    const odd = renderContainerdConfig(paths, { ...settings, cniConfDir: '/a "b"\n[debug]' });
    assert.ok(odd.includes('conf_dir = "/a \\"b\\"\\n[debug]"\n'), odd);
  });
});

describe('parseRegistryMirror', () => {
  const valid: readonly [text: string, host: string, url: string][] = [
    ['docker.io=http://127.0.0.1:5000', 'docker.io', 'http://127.0.0.1:5000'],
    ['quay.io=https://mirror.example/v2/quay/', 'quay.io', 'https://mirror.example/v2/quay'],
    ['registry:5000=http://[::1]:5000', 'registry:5000', 'http://[::1]:5000'],
    ['*=http://127.0.0.1:5000/', '*', 'http://127.0.0.1:5000'],
  ];
  for (const [text, host, url] of valid) {
    test(`reads ${text}`, () => assert.deepEqual(parseRegistryMirror(text), { host, url }));
  }
  for (const text of [
    '',
    'docker.io',
    'docker.io=',
    '=http://x',
    'docker.io=127.0.0.1:5000',
    'a/b=http://x',
    'a=http://',
  ]) {
    test(`refuses "${text}"`, () => assert.throws(() => parseRegistryMirror(text), /is not HOST=URL/));
  }
});

describe('renderRegistryHosts', () => {
  test('asks the mirrors of a host in order and falls through to the last of them', () => {
    const files = renderRegistryHosts([
      { host: 'docker.io', url: 'http://127.0.0.1:5000' },
      { host: '*', url: 'http://127.0.0.1:6000' },
      { host: 'docker.io', url: 'https://mirror.example/v2/hub' },
    ]);
    assert.deepEqual([...files.keys()], ['docker.io/hosts.toml', '_default/hosts.toml']);
    assert.equal(
      files.get('docker.io/hosts.toml'),
      `server = "https://mirror.example/v2/hub"
override_path = true

[host."http://127.0.0.1:5000"]
capabilities = ["pull", "resolve"]

[host."https://mirror.example/v2/hub"]
capabilities = ["pull", "resolve"]
override_path = true
`,
    );
  });

  test('is empty without mirrors', () => assert.equal(renderRegistryHosts([]).size, 0));
});
