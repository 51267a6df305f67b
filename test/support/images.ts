// The images that tests run, built from Debian packages under the names that manifests use. They behave like their
// namesakes where the manifests and tests look; nothing is pulled from anywhere.

import { execFile } from 'node:child_process';
import { lstat, readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { machineArchitecture } from '../../src/cri/host-abilities.ts';
import { buildOciImage, type ImageConfig, type OciImage } from '../../src/cri/oci-image.ts';
import type { TarEntry } from '../../src/cri/tar.ts';
import { LIBRARY_DIRS, LOADER, librariesOf, unpackedPackages } from './system-packages.ts';

const run = promisify(execFile);

/** The images by the names manifests give them; all are Docker Hub's, but `echo`. */
const IMAGES = {
  'busybox:latest': busybox,
  'busybox:1.28.4': busybox,
  'nginx:latest': () => nginx('latest'),
  'nginx:alpine': () => nginx('alpine'),
  'nginx:1.7.9': () => nginx('1.7.9'),
  'nginx:1.9.1': () => nginx('1.9.1'),
  'nginx:1.25': () => nginx('1.25'),
  'redis:5-alpine': redis,
  'echo:latest': echo,
  'curlimages/curl:latest': curl,
  'resouer/ubuntu-bc:latest': calculator,
  'myrepo/job-wq-1:latest': () => queueWorker('one'),
  'myrepo/job-wq-2:latest': () => queueWorker('all'),
} as const satisfies Record<string, () => Promise<Recipe>>;

export type TestImage = keyof typeof IMAGES;
export const TEST_IMAGES = Object.keys(IMAGES) as TestImage[];

/** Builds the image; its packages are downloaded when they are not in the cache yet. */
export async function buildTestImage(name: TestImage): Promise<OciImage> {
  const recipe = await IMAGES[name]();
  return buildOciImage(recipe, { architecture: machineArchitecture(), compression: 'gzip' });
}

interface Recipe {
  readonly layers: readonly (readonly TarEntry[])[];
  readonly config: ImageConfig;
}

const PATH = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** As the official image: every applet a name in /bin, and a shell where no command is given. */
async function busybox(): Promise<Recipe> {
  return { layers: [await busyboxLayer()], config: { cmd: ['sh'], env: [PATH] } };
}

async function busyboxLayer(): Promise<TarEntry[]> {
  const packages = await unpackedPackages('busybox', ['busybox-static']);
  const program = join(packages, 'bin/busybox');
  const { stdout } = await run(program, ['--list']);
  const applets = stdout.split('\n').filter((name) => name !== '' && name !== 'busybox');
  return [
    ...[
      'bin',
      'dev',
      'etc',
      'home',
      'proc',
      'root',
      'run',
      'sys',
      'usr',
      'usr/bin',
      'usr/sbin',
      'usr/share',
      'var',
    ].map((path) => directory(path)),
    directory('tmp', 0o1777),
    symlink('var/run', '/run'),
    symlink('var/tmp', '/tmp'),
    { type: 'file', path: 'bin/busybox', mode: 0o755, data: await readFile(program) },
    ...applets.map((name) => symlink(`bin/${name}`, 'busybox')),
    text('bin/printenv', PRINTENV, 0o755),
    text('etc/passwd', `root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/home:/bin/false\n`),
    text('etc/group', `root:x:0:\nnogroup:x:65534:\n`),
    text('etc/os-release', 'ID=busybox\nPRETTY_NAME="BusyBox of Debian"\n'),
  ];
}

/** An applet that Debian's busybox is built without. */
const PRINTENV = `#!/bin/sh
[ $# -gt 0 ] || exec env
for name; do env | sed -n "s/^$name=//p"; done
`;

/**
 * Debian's nginx laid out as the official image: configuration in /etc/nginx/conf.d, pages in /usr/share/nginx/html,
 * logs on stdout and stderr, the pid in /run/nginx.pid. Tags are told apart by their environment and their page.
 */
async function nginx(tag: string): Promise<Recipe> {
  const packages = await unpackedPackages('nginx', ['nginx', 'nginx-common']);
  const page = `<!DOCTYPE html>\n<title>Welcome to nginx!</title>\n<h1>Welcome to nginx!</h1>\n<p>${tag}</p>\n`;
  return {
    layers: [
      await busyboxLayer(),
      [
        ...(await programEntries(packages, 'usr/sbin/nginx')),
        ...['etc/nginx', 'etc/nginx/conf.d', 'usr/share/nginx', 'usr/share/nginx/html', 'var/lib', 'var/lib/nginx'].map(
          (path) => directory(path),
        ),
        ...['var/log', 'var/log/nginx'].map((path) => directory(path)),
        symlink('var/log/nginx/access.log', '/dev/stdout'),
        symlink('var/log/nginx/error.log', '/dev/stderr'),
        await copied(packages, 'etc/nginx/mime.types'),
        text('etc/nginx/nginx.conf', NGINX_CONF),
        text('etc/nginx/conf.d/default.conf', NGINX_DEFAULT_SERVER),
        text('etc/passwd', `root:x:0:0:root:/root:/bin/sh\nnginx:x:101:101:nginx:/nonexistent:/bin/false\n`),
        text('etc/group', `root:x:0:\nnginx:x:101:\n`),
        text('etc/os-release', 'ID=debian\nPRETTY_NAME="nginx of Debian"\n'),
      ],
      [text('usr/share/nginx/html/index.html', page), text('usr/share/nginx/html/50x.html', page)],
    ],
    config: {
      cmd: ['nginx', '-g', 'daemon off;'],
      env: [PATH, `NGINX_VERSION=${tag}`],
      exposedPorts: ['80/tcp'],
      stopSignal: 'SIGQUIT',
    },
  };
}

/** Debian's curl in a busybox: what speaks TLS with everybody. */
async function curl(): Promise<Recipe> {
  const packages = await unpackedPackages('curl', ['curl']);
  return {
    layers: [await busyboxLayer(), await programEntries(packages, 'usr/bin/curl')],
    config: { cmd: ['curl', '--help'], env: [PATH] },
  };
}

const NGINX_CONF = `user nginx;
worker_processes auto;
error_log /var/log/nginx/error.log notice;
pid /var/run/nginx.pid;

events {
  worker_connections 1024;
}

http {
  include /etc/nginx/mime.types;
  default_type application/octet-stream;
  log_format main '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" '
                  '"$http_user_agent" "$http_x_forwarded_for"';
  access_log /var/log/nginx/access.log main;
  sendfile on;
  keepalive_timeout 65;
  include /etc/nginx/conf.d/*.conf;
}
`;

const NGINX_DEFAULT_SERVER = `server {
  listen 80;
  server_name localhost;
  location / {
    root /usr/share/nginx/html;
    index index.html index.htm;
  }
  error_page 500 502 503 504 /50x.html;
  location = /50x.html {
    root /usr/share/nginx/html;
  }
}
`;

/** Debian's redis, reachable from other pods without a password as the official image's is. Data in /data. */
async function redis(): Promise<Recipe> {
  const packages = await unpackedPackages('redis', ['redis-server', 'redis-tools']);
  return {
    layers: [
      await busyboxLayer(),
      [
        ...(await programEntries(packages, 'usr/bin/redis-server', 'usr/bin/redis-cli')),
        directory('data'),
        directory('usr/local'),
        directory('usr/local/bin'),
        text('usr/local/bin/docker-entrypoint.sh', REDIS_ENTRYPOINT, 0o755),
      ],
    ],
    config: {
      entrypoint: ['docker-entrypoint.sh'],
      cmd: ['redis-server'],
      env: [PATH, 'REDIS_VERSION=5'],
      workingDir: '/data',
      exposedPorts: ['6379/tcp'],
    },
  };
}

const REDIS_ENTRYPOINT = `#!/bin/sh
set -e
case "$1" in
  -*|*.conf) set -- redis-server "$@" ;;
esac
if [ "$1" = redis-server ]; then
  set -- "$@" --protected-mode no
fi
exec "$@"
`;

/**
 * Takes one item from the queue $QUEUE of the broker at $BROKER_URL and says so, or all until there is none. What speaks
 * for the broker is a redis on its port.
 */
async function queueWorker(takes: 'one' | 'all'): Promise<Recipe> {
  const { layers, config } = await redis();
  return {
    layers: [...layers, [text('worker.sh', takes === 'one' ? QUEUE_WORKER : `${QUEUE_WORKER}exec "$0"\n`, 0o755)]],
    config: {
      env: [PATH],
      entrypoint: [],
      cmd: ['/worker.sh'],
      ...(config.workingDir ? { workingDir: config.workingDir } : {}),
    },
  };
}

const QUEUE_WORKER = `#!/bin/sh
set -e
server=\${BROKER_URL#*@}
item=$(redis-cli -h "\${server%:*}" -p "\${server#*:}" lpop "$QUEUE")
[ -n "$item" ] || exit 0
echo "Processing $item"
`;

/**
 * A bc that knows one formula, for which the real one takes minutes: see bc.pl. The shell is Debian's, for that of
 * busybox prefers the bc of its own to any other.
 */
async function calculator(): Promise<Recipe> {
  const packages = await unpackedPackages('dash', ['dash']);
  return {
    layers: [
      await busyboxLayer(),
      await perlLayer(),
      [...(await programEntries(packages, 'bin/dash')), symlink('bin/sh', 'dash')],
      [text('usr/bin/bc', await readFile(join(import.meta.dirname, 'bc.pl'), 'utf8'), 0o755)],
    ],
    config: { cmd: ['sh'], env: ['PATH=/usr/bin:/bin'] },
  };
}

/** The server that says what reached it: see echo-server.pl for its ports and answers. */
async function echo(): Promise<Recipe> {
  return {
    layers: [
      await busyboxLayer(),
      await perlLayer(),
      [text('echo-server.pl', await readFile(join(import.meta.dirname, 'echo-server.pl'), 'utf8'), 0o755)],
    ],
    config: {
      entrypoint: ['perl', '/echo-server.pl'],
      env: [PATH],
      exposedPorts: ['80/tcp', '7/tcp', '7/udp', '50051/tcp'],
    },
  };
}

/** Debian's perl with the modules that it comes with. */
async function perlLayer(): Promise<TarEntry[]> {
  const packages = await unpackedPackages('perl', ['perl-base']);
  const modules = await treeEntries(packages, join(LIBRARY_DIRS[1]!, 'perl-base'));
  const parents = LIBRARY_DIRS[1]!
    .split('/')
    .slice(1)
    .map((_name, index, names) => directory(join('usr', ...names.slice(0, index + 1))));
  return [...(await programEntries(packages, 'usr/bin/perl')), ...parents, ...modules];
}

/** The programs, the loader and every library they are linked with, all libraries in one directory. */
async function programEntries(packages: string, ...programs: readonly string[]): Promise<TarEntry[]> {
  const libraries = new Map<string, string>();
  for (const program of programs) {
    for (const [name, path] of await librariesOf(packages, program)) libraries.set(name, path);
  }
  const [libraryDir] = LIBRARY_DIRS;
  const loaderDir = LOADER.slice(0, LOADER.indexOf('/'));
  return [
    ...new Set(['lib', libraryDir!, loaderDir]).values().map((path) => directory(path)),
    await copied(packages, LOADER),
    ...(await Promise.all(programs.map((path) => copied(packages, path)))),
    ...(await Promise.all(
      libraries.entries().map(async ([name, path]): Promise<TarEntry> => {
        return { type: 'file', path: `${libraryDir}/${name}`, mode: 0o755, data: await readFile(path) };
      }),
    )),
  ];
}

/** The file's contents, whatever links lead to it. */
async function copied(root: string, path: string): Promise<TarEntry> {
  const from = join(root, path);
  const [data, { mode }] = await Promise.all([readFile(from), lstat(from)]);
  return { type: 'file', path, mode: mode & 0o777, data };
}

/** The directory with all below it. */
async function treeEntries(root: string, path: string): Promise<TarEntry[]> {
  const entries: TarEntry[] = [directory(path)];
  const found = await readdir(join(root, path), { withFileTypes: true });
  for (const entry of found.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const below = join(path, entry.name);
    if (entry.isDirectory()) entries.push(...(await treeEntries(root, below)));
    else if (entry.isSymbolicLink()) entries.push(symlink(below, await readlink(join(root, below))));
    else entries.push(await copied(root, below));
  }
  return entries;
}

function directory(path: string, mode = 0o755): TarEntry {
  return { type: 'directory', path, mode };
}

function symlink(path: string, target: string): TarEntry {
  return { type: 'symlink', path, target };
}

function text(path: string, content: string, mode = 0o644): TarEntry {
  return { type: 'file', path, mode, data: new TextEncoder().encode(content) };
}
