// A registry of container images on loopback: Debian's docker-registry, run out of the cache with its images in a
// directory of its own, and the push of images that were built in memory.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { OciImage } from '../../src/cri/oci-image.ts';
import { buildTestImage, TEST_IMAGES, type TestImage } from './images.ts';
import { unpackedPackages } from './system-packages.ts';

const START_TIMEOUT_MS = 15_000;

export interface Registry extends AsyncDisposable {
  /** `http://127.0.0.1:PORT`: what a registry mirror points at. */
  readonly url: string;
  /** `127.0.0.1:PORT`: what an image's name starts with to come from here without a mirror. */
  readonly host: string;
  push(image: OciImage, repository: string, tag: string): Promise<void>;
}

/**
 * Starts a registry and pushes test images to it where a mirror for docker.io looks for them (`nginx` as
 * `library/nginx`). Disposing ends it and deletes its images.
 */
export async function startRegistry({
  images = TEST_IMAGES,
}: {
  readonly images?: readonly TestImage[];
} = {}): Promise<Registry> {
  const packages = await unpackedPackages('docker-registry', ['docker-registry']);
  await using stack = new AsyncDisposableStack();
  const directory = await mkdtemp(join(tmpdir(), 't8s-registry-'));
  stack.defer(() => rm(directory, { recursive: true, force: true }));
  const config = join(directory, 'config.yml');
  await writeFile(config, JSON.stringify(configuration(join(directory, 'images'))));
  // It dies with its starter, so that a test that crashes leaves no registry behind.
  const command = ['--pdeathsig', 'KILL', join(packages, 'usr/bin/docker-registry'), 'serve', config];
  const server = spawn('setpriv', command, { stdio: ['ignore', 'ignore', 'pipe'] });
  stack.defer(async () => {
    server.kill('SIGKILL');
    if (server.exitCode === null && server.signalCode === null) await once(server, 'exit');
  });
  const host = await listeningAddress(server.stderr);
  server.stderr.resume(); // What it says from here on is read and dropped, so that it never has to wait.
  const url = `http://${host}`;
  for (const name of images) {
    const [repository = '', tag = ''] = name.split(':');
    await push(url, await buildTestImage(name), repository.includes('/') ? repository : `library/${repository}`, tag);
  }
  const owned = stack.move();
  return {
    url,
    host,
    push: (image, repository, tag) => push(url, image, repository, tag),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** YAML is a superset of JSON. Port 0 lets the system choose, so that registries never meet. */
function configuration(rootdirectory: string): object {
  return {
    version: 0.1,
    log: { level: 'info', accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory }, delete: { enabled: true } },
    http: { addr: '127.0.0.1:0' },
  };
}

/** The address that it listens at is in a line of its log. */
async function listeningAddress(log: NodeJS.ReadableStream): Promise<string> {
  const lines: string[] = [];
  for await (const line of createInterface({ input: log, signal: AbortSignal.timeout(START_TIMEOUT_MS) })) {
    const [, address] = /listening on ([\d.]+:\d+)/.exec(line) ?? [];
    if (address !== undefined) return address;
    lines.push(line);
  }
  throw new Error(`docker-registry did not start:\n${lines.join('\n')}`);
}

/** Uploads what the registry does not have yet, then the manifest under its tag. */
async function push(url: string, image: OciImage, repository: string, tag: string): Promise<void> {
  const base = `${url}/v2/${repository}`;
  for (const { digest } of [image.config, ...image.layers]) {
    const { status } = await fetch(`${base}/blobs/${digest}`, { method: 'HEAD' });
    if (status === 200) continue;
    const started = await expectStatus(202, fetch(`${base}/blobs/uploads/`, { method: 'POST' }));
    const upload = new URL(started.headers.get('location') ?? '', url);
    upload.searchParams.set('digest', digest);
    await expectStatus(201, fetch(upload, { method: 'PUT', body: bodyOf(image, digest), headers: BINARY }));
  }
  const { digest, mediaType } = image.manifest;
  const headers = { 'content-type': mediaType };
  await expectStatus(201, fetch(`${base}/manifests/${tag}`, { method: 'PUT', body: bodyOf(image, digest), headers }));
}

const BINARY = { 'content-type': 'application/octet-stream' };

function bodyOf(image: OciImage, digest: string): Uint8Array<ArrayBuffer> {
  return image.blobs.get(digest) as Uint8Array<ArrayBuffer>;
}

async function expectStatus(expected: number, pending: Promise<Response>): Promise<Response> {
  const response = await pending;
  if (response.status === expected) return response;
  throw new Error(`the registry answers ${response.url} with ${response.status}: ${await response.text()}`);
}
