import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { buildOciImage, digestOf, type OciImage, ociArchive } from './oci-image.ts';
import { type TarEntry, writeTar } from './tar.ts';

const layer: readonly TarEntry[] = [{ type: 'file', path: 'motd', data: new TextEncoder().encode('hello') }];
const parsed = (image: OciImage, digest: string) => JSON.parse(new TextDecoder().decode(image.blobs.get(digest)));

describe('buildOciImage', () => {
  test('links manifest, config and layers by the digests of their contents', () => {
    const image = buildOciImage({ layers: [layer, layer], config: { cmd: ['sh'] } }, { architecture: 'amd64' });
    for (const [digest, content] of image.blobs) assert.equal(digestOf(content), digest);
    const manifest = parsed(image, image.manifest.digest);
    assert.deepEqual(manifest.config, image.config);
    assert.deepEqual(manifest.layers, image.layers);
    assert.equal(manifest.layers[0].size, writeTar(layer).length);
    const config = parsed(image, image.config.digest);
    assert.deepEqual(config.rootfs.diff_ids, [digestOf(writeTar(layer)), digestOf(writeTar(layer))]);
    assert.equal(config.os, 'linux');
    assert.equal(config.architecture, 'amd64');
  });

  test('writes the configuration under its names in the specification and leaves out what is not given', () => {
    const config = {
      entrypoint: ['/run'],
      cmd: ['now'],
      env: ['A=b'],
      workingDir: '/srv',
      user: '1000:1000',
      exposedPorts: ['80/tcp'],
      labels: { tier: 'web' },
      stopSignal: 'SIGQUIT',
    };
    const image = buildOciImage({ layers: [], config }, { architecture: 'arm64' });
    assert.deepEqual(parsed(image, image.config.digest).config, {
      User: '1000:1000',
      ExposedPorts: { '80/tcp': {} },
      Env: ['A=b'],
      Entrypoint: ['/run'],
      Cmd: ['now'],
      WorkingDir: '/srv',
      Labels: { tier: 'web' },
      StopSignal: 'SIGQUIT',
    });
    const bare = buildOciImage({ layers: [], config: {} }, { architecture: 'arm64' });
    assert.deepEqual(parsed(bare, bare.config.digest).config, {});
  });

  test('compresses layers while their identity stays that of the plain archive', () => {
    const image = buildOciImage({ layers: [layer], config: {} }, { architecture: 'amd64', compression: 'gzip' });
    const [descriptor] = image.layers;
    assert.ok(descriptor);
    assert.match(descriptor.mediaType, /\+gzip$/);
    assert.equal(digestOf(gunzipSync(image.blobs.get(descriptor.digest)!)), digestOf(writeTar(layer)));
    assert.deepEqual(parsed(image, image.config.digest).rootfs.diff_ids, [digestOf(writeTar(layer))]);
  });

  test('gives the same digest for the same input', () => {
    const build = () => buildOciImage({ layers: [layer], config: {} }, { architecture: 'amd64', compression: 'gzip' });
    assert.equal(build().manifest.digest, build().manifest.digest);
  });
});

test('ociArchive is an OCI layout that names the image', () => {
  const image = buildOciImage({ layers: [layer], config: {} }, { architecture: 'amd64' });
  const archive = ociArchive(image, 'docker.io/library/motd:2');
  const read = (path: string) =>
    spawnSync('tar', ['--extract', '--to-stdout', '-f', '-', path], { input: archive }).stdout.toString();
  assert.deepEqual(JSON.parse(read('oci-layout')), { imageLayoutVersion: '1.0.0' });
  const { manifests } = JSON.parse(read('index.json'));
  assert.equal(manifests[0].digest, image.manifest.digest);
  assert.equal(manifests[0].annotations['io.containerd.image.name'], 'docker.io/library/motd:2');
  assert.equal(manifests[0].annotations['org.opencontainers.image.ref.name'], '2');
  const manifest = JSON.parse(read(`blobs/${image.manifest.digest.replace(':', '/')}`));
  assert.deepEqual(manifest.config, image.config);
});
