import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readInput } from '../read-input.ts';
import { ServiceAccount } from './service-account.ts';

const account = (annotations: Readonly<Record<string, string>>) =>
  readInput(ServiceAccount, { metadata: { annotations } }) as unknown as ServiceAccount;

test('a service account that comes to enforce mountable secrets is warned of', () => {
  const enforcing = account({ 'kubernetes.io/enforce-mountable-secrets': 'true' });
  const plain = account({});
  const expected = [
    'metadata.annotations[kubernetes.io/enforce-mountable-secrets]: deprecated in v1.32+; prefer separate namespaces to isolate access to mounted secrets',
  ];
  const { warnings } = ServiceAccount;
  assert.deepEqual(warnings?.(enforcing, undefined), expected);
  assert.deepEqual(warnings?.(enforcing, plain), expected);
  assert.deepEqual(warnings?.(enforcing, enforcing), []);
  assert.deepEqual(warnings?.(plain, enforcing), []);
});
