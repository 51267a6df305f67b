import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { CriError } from '../../cri/cri.ts';
import { pullError } from './pull-error.ts';

describe('pullError', () => {
  const failed = (details: string) => new CriError('pullImage', 'UNKNOWN', details);
  const cases: readonly (readonly [string, unknown, string, string])[] = [
    ['leaves out a code that says nothing', failed('no such host'), 'ErrImagePull', 'no such host'],
    [
      'shows a code that says something',
      new CriError('pullImage', 'NOT_FOUND', 'app:1: not found'),
      'ErrImagePull',
      'rpc error: code = NotFound desc = app:1: not found',
    ],
    [
      'lists what each credential met, once',
      new AggregateError([failed('denied'), failed('denied'), failed('expired')]),
      'ErrImagePull',
      '[denied, expired]',
    ],
    [
      'knows what the runtime knows',
      failed('RegistryUnavailable: connection refused'),
      'RegistryUnavailable',
      'image pull failed for app:1 because the registry is unavailable: connection refused',
    ],
    [
      'knows of signatures',
      failed('SignatureValidationFailed'),
      'SignatureValidationFailed',
      'image pull failed for app:1 because the signature validation failed',
    ],
  ];
  for (const [name, cause, reason, message] of cases) {
    test(name, () => {
      const said = pullError('app:1', cause);
      assert.deepEqual([said.reason, said.message], [reason, message]);
    });
  }
});
