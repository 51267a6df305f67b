import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Credential } from './pull-credentials.ts';
import {
  accessOf,
  isVerified,
  mergePulled,
  type PulledWith,
  pulledWith,
  type VerificationPolicy,
} from './verify-pull.ts';

describe('isVerified', () => {
  const allowlist = ['docker.io/library/*', 'r.io/app'];
  const cases: readonly (readonly [VerificationPolicy | undefined, string, boolean, boolean])[] = [
    [undefined, 'app:1', true, true],
    [undefined, 'app:1', false, false],
    ['NeverVerify', 'app:1', true, false],
    ['NeverVerifyPreloadedImages', 'app:1', false, false],
    ['NeverVerifyAllowlistedImages', 'busybox:1', true, false],
    ['NeverVerifyAllowlistedImages', 'r.io/app:1', true, false],
    ['NeverVerifyAllowlistedImages', 'r.io/app/other', false, true],
    ['AlwaysVerify', 'busybox', false, true],
  ];
  for (const [policy, image, wasPulled, expected] of cases) {
    test(`${policy ?? 'by default'}: ${image}, ${wasPulled ? 'pulled' : 'there before'}`, () => {
      const options = {
        preloadedImagesVerificationAllowlist: allowlist,
        ...(policy ? { imagePullCredentialsVerificationPolicy: policy } : {}),
      };
      assert.equal(isVerified(image, wasPulled, options), expected);
    });
  }
});

const object = (name: string) => ({ uid: `uid-${name}`, namespace: 'default', name });
const secret = (name: string, credentialHash: string): Credential => ({
  auth: {},
  source: { secret: { ...object(name), credentialHash } },
});
const account = (name: string): Credential => ({ auth: {}, source: { serviceAccount: object(name) } });

describe('accessOf', () => {
  const ofSecret = pulledWith(secret('a', 'hash'));
  const cases: readonly (readonly [string, PulledWith | undefined, readonly Credential[], boolean, PulledWith?])[] = [
    ['everybody, where it was pulled without any', pulledWith(undefined), [], true],
    ['nobody, where it is not known how it came', undefined, [secret('a', 'hash')], false],
    ['nobody without credentials', ofSecret, [], false],
    ['the same secret', ofSecret, [secret('a', 'hash')], true],
    ['another secret with the same content', ofSecret, [secret('b', 'hash')], true, pulledWith(secret('b', 'hash'))],
    ['the secret with new content', ofSecret, [secret('a', 'new')], true, pulledWith(secret('a', 'new'))],
    ['no other secret', ofSecret, [secret('b', 'other')], false],
    ['the same service account', pulledWith(account('a')), [account('a')], true],
    ['no other service account', pulledWith(account('a')), [account('b')], false],
    ['not the node’s own, which the pod has not shown', ofSecret, [{ auth: {}, source: undefined }], false],
  ];
  for (const [name, pulled, credentials, allowed, remember] of cases) {
    test(name, () => {
      assert.deepEqual(accessOf(pulled, credentials), { allowed, ...(remember ? { remember } : {}) });
    });
  }
});

describe('mergePulled', () => {
  const first = pulledWith(secret('a', '1'));
  const both = { kubernetesSecrets: [...first.kubernetesSecrets!, ...pulledWith(secret('b', '1')).kubernetesSecrets!] };
  const cases: readonly (readonly [string, PulledWith, PulledWith, PulledWith])[] = [
    ['adds', first, pulledWith(secret('b', '1')), both],
    ['takes new content for old', first, pulledWith(secret('a', '2')), pulledWith(secret('a', '2'))],
    ['everybody is all there is', first, { nodePodsAccessible: true }, { nodePodsAccessible: true }],
    ['keeps both kinds', first, pulledWith(account('a')), { ...first, ...pulledWith(account('a')) }],
  ];
  for (const [name, known, news, expected] of cases) {
    test(name, () => assert.deepEqual(mergePulled(known, news), expected));
  }

  test('is the very same where there is nothing new', () => {
    assert.equal(mergePulled(first, pulledWith(secret('a', '1'))), first);
  });
});
