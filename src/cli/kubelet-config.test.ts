import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { UsageError } from './command.ts';
import { credentialProvidersFrom, kubeletConfigFrom } from './kubelet-config.ts';

const directory = mkdtempSync(join(tmpdir(), 't8s-cli-'));
after(() => rmSync(directory, { recursive: true }));

test('kubeletConfigFrom reads a file, and says which one it was and what is wrong with it', () => {
  const file = join(directory, 'kubelet.yaml');
  assert.equal(kubeletConfigFrom(undefined), undefined);
  writeFileSync(file, 'maxPods: 20\n');
  assert.deepEqual(kubeletConfigFrom(file), { maxPods: 20 });
  writeFileSync(file, 'maxPods: 20\nmaxBods: 20\n');
  const isSaid = (message: RegExp) => (error: unknown) => error instanceof UsageError && message.test(error.message);
  assert.throws(() => kubeletConfigFrom(file), isSaid(/^--kubelet-config .*kubelet\.yaml: unknown field "maxBods" \(/));
  assert.throws(() => kubeletConfigFrom(join(directory, 'missing')), isSaid(/ENOENT/));
});

test('credentialProvidersFrom takes the file and the directory together', () => {
  const file = join(directory, 'providers.yaml');
  const values = { 'image-credential-provider-config': file, 'image-credential-provider-bin-dir': directory };
  assert.equal(credentialProvidersFrom({}), undefined);
  writeFileSync(file, 'apiVersion: kubelet.config.k8s.io/v1\nkind: CredentialProviderConfig\nproviders: []\n');
  assert.throws(
    () => credentialProvidersFrom({ ...values, 'image-credential-provider-bin-dir': undefined }),
    UsageError,
  );
  writeFileSync(
    file,
    `apiVersion: kubelet.config.k8s.io/v1
kind: CredentialProviderConfig
providers:
  - name: login
    matchImages: ["registry.example.com"]
    defaultCacheDuration: 1m
    apiVersion: credentialprovider.kubelet.k8s.io/v1
`,
  );
  assert.deepEqual(credentialProvidersFrom(values), { configFile: file, binDir: directory });
  assert.throws(
    () => credentialProvidersFrom({ ...values, 'image-credential-provider-config': join(directory, 'missing') }),
    /ENOENT/,
  );
});
