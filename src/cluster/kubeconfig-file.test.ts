import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { parse } from 'yaml';
import { removeKubeconfigEntry, writeKubeconfigEntry } from './kubeconfig-file.ts';

const entry = {
  name: 't8s',
  server: 'https://127.0.0.1:6443',
  certificateAuthority: 'CA',
  client: { certificate: 'CERT', key: 'KEY' },
};
const OTHERS = `# my clusters
apiVersion: v1
kind: Config
preferences: {}
clusters:
  - name: work # at the office
    cluster:
      server: https://work.example
contexts:
  - name: work
    context: { cluster: work, user: me, namespace: web }
current-context: work
users:
  - name: me
    user:
      exec:
        command: login
`;

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 't8s-kubeconfig-file-'));
  path = join(folder, 'sub', 'config');
});
afterEach(() => rm(folder, { recursive: true }));

const read = async () => parse(await readFile(path, 'utf8'));

describe('writeKubeconfigEntry', () => {
  test('makes a file for its owner alone, with the entry as the current context', async () => {
    writeKubeconfigEntry(path, entry);
    assert.deepEqual(await read(), {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 't8s', cluster: { 'certificate-authority-data': 'Q0E=', server: entry.server } }],
      contexts: [{ name: 't8s', context: { cluster: 't8s', user: 't8s' } }],
      'current-context': 't8s',
      users: [{ name: 't8s', user: { 'client-certificate-data': 'Q0VSVA==', 'client-key-data': 'S0VZ' } }],
    });
    assert.equal((await stat(path)).mode & 0o777, 0o600);
    assert.deepEqual(await readdir(join(folder, 'sub')), ['config']);
  });

  test('keeps what else is in the file, and replaces its own entry', async () => {
    path = join(folder, 'config');
    await writeFile(path, OTHERS);
    writeKubeconfigEntry(path, entry);
    writeKubeconfigEntry(path, { ...entry, server: 'https://127.0.0.1:7443' });
    const text = await readFile(path, 'utf8');
    assert.match(text, /^# my clusters\n/);
    assert.match(text, /name: work # at the office/);
    assert.match(text, /context: \{ cluster: work, user: me, namespace: web \}/);
    const { clusters, contexts, users } = await read();
    assert.deepEqual(
      clusters.map((each: { cluster: { server: string } }) => each.cluster.server),
      ['https://work.example', 'https://127.0.0.1:7443'],
    );
    assert.deepEqual([contexts.length, users.length], [2, 2]);
  });

  test('fills an empty file', async () => {
    path = join(folder, 'config');
    await writeFile(path, '');
    writeKubeconfigEntry(path, entry);
    assert.equal((await read())['current-context'], 't8s');
  });

  test('leaves a file alone that it cannot read', async () => {
    path = join(folder, 'config');
    for (const text of ['clusters: [', '- a\n- b\n']) {
      await writeFile(path, text);
      assert.throws(() => writeKubeconfigEntry(path, entry), /YAML|no kubeconfig/);
      assert.equal(await readFile(path, 'utf8'), text);
    }
  });

  test('writes what a link points at', async () => {
    path = join(folder, 'config');
    const real = join(folder, 'real');
    await writeFile(real, OTHERS);
    await symlink(real, path);
    writeKubeconfigEntry(path, entry);
    assert.match(await readFile(real, 'utf8'), /t8s/);
    assert.equal((await stat(path)).ino, (await stat(real)).ino);
  });
});

describe('removeKubeconfigEntry', () => {
  test('takes out what was put in and nothing else', async () => {
    path = join(folder, 'config');
    await writeFile(path, OTHERS);
    writeKubeconfigEntry(path, entry);
    removeKubeconfigEntry(path, 't8s');
    assert.equal(await readFile(path, 'utf8'), OTHERS.replace('current-context: work', 'current-context: ""'));
  });

  test('keeps another current context', async () => {
    path = join(folder, 'config');
    writeKubeconfigEntry(path, entry);
    writeKubeconfigEntry(path, { ...entry, name: 't8s-two' });
    removeKubeconfigEntry(path, 't8s');
    const { clusters, 'current-context': current } = await read();
    assert.deepEqual([clusters.length, current], [1, 't8s-two']);
  });

  test('does nothing without a file', () => {
    assert.doesNotThrow(() => removeKubeconfigEntry(path, 't8s'));
  });
});
