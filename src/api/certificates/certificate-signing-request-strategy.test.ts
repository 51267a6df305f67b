import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readInput } from '../read-input.ts';
import type { WriteContext } from '../write-context.ts';
import { CertificateSigningRequest } from './certificate-signing-request.ts';

type Status = NonNullable<Parameters<typeof readInput<typeof CertificateSigningRequest>>[1]['status']>;
const spec = { request: 'AAAA', signerName: 'example.com/signer', usages: [], username: 'jane' } as const;
const condition = (type: string) => ({ type, status: 'True' });
const EARLIER = '2026-01-01T00:00:00Z';
const NOW = '2026-01-01T01:00:00Z';

test('CertificateSigningRequest: approval writes conditions alone, an update neither them nor the request', () => {
  const previous = readInput(CertificateSigningRequest, {
    spec,
    status: { certificate: 'AAAA', conditions: [condition('Approved')] },
  });
  const next = () =>
    readInput(CertificateSigningRequest, {
      spec: { ...spec, signerName: 'other' },
      status: { certificate: 'BBBB', conditions: [condition('Denied')] },
    });
  const { approval } = CertificateSigningRequest.subresources;
  assert.ok(approval?.type === 'view');
  const approved = next();
  approval.prepare?.(approved as never, previous as never);
  assert.equal(approved.spec.signerName, spec.signerName);
  assert.equal(approved.status.certificate, 'AAAA');
  assert.deepEqual(
    approved.status.conditions?.map(({ type }) => type),
    ['Denied'],
  );
  const updated = next();
  CertificateSigningRequest.prepareForUpdate?.(updated, previous as CertificateSigningRequest);
  assert.deepEqual(updated.spec, previous.spec);
});

const by = (user: WriteContext['user']): WriteContext => ({ user, now: NOW });
const withStatus = (status: Status) => readInput(CertificateSigningRequest, { spec, status });

test('CertificateSigningRequest: a new one says who asks, whatever it said itself', () => {
  const lie = { ...spec, username: 'admin', uid: '0', groups: ['system:masters'], extra: { a: ['b'] } };
  const stamped = (user: WriteContext['user']) => {
    const request = readInput(CertificateSigningRequest, { spec: lie });
    CertificateSigningRequest.stamp?.(request, undefined, by(user));
    const { username, uid, groups, extra } = request.spec;
    return { username, uid, groups, extra };
  };
  const jane = { username: 'jane', uid: '1', groups: ['dev'], extra: { scopes: ['view'] } };
  assert.deepEqual(stamped(jane), jane);
  assert.deepEqual(stamped({ username: 'joe' }), {
    username: 'joe',
    uid: undefined,
    groups: undefined,
    extra: undefined,
  });
});

test('CertificateSigningRequest: conditions note when they were written and when they changed', () => {
  const times = { lastUpdateTime: EARLIER, lastTransitionTime: EARLIER };
  const stamped = (status: Status, before: Status) => {
    const request = withStatus(status);
    const previous = Object.freeze(withStatus(before)) as CertificateSigningRequest;
    CertificateSigningRequest.stamp?.(request, previous, by({}));
    return request.status.conditions?.map(({ lastUpdateTime, lastTransitionTime }) => [
      lastUpdateTime,
      lastTransitionTime,
    ]);
  };
  const approved = condition('Approved');
  assert.deepEqual(stamped({ conditions: [approved] }, {}), [[NOW, NOW]]);
  assert.deepEqual(stamped({ conditions: [{ ...approved, ...times }] }, {}), [[EARLIER, EARLIER]]);
  assert.deepEqual(stamped({ conditions: [approved] }, { conditions: [{ ...approved, ...times }] }), [[NOW, EARLIER]]);
  const other = { type: 'Other', status: 'False', ...times };
  assert.deepEqual(stamped({ conditions: [condition('Other')] }, { conditions: [other] }), [[NOW, NOW]]);
  assert.equal(stamped({}, {}), undefined);
});

test('CertificateSigningRequest: who writes the status leaves approvals and denials as they are', () => {
  const prepared = (status: Status, before: Status) => {
    const request = withStatus(status);
    CertificateSigningRequest.prepareForStatusUpdate?.(request, withStatus(before) as CertificateSigningRequest);
    return request.status.conditions?.map(({ type, message }) => [type, message]);
  };
  const before = { conditions: [{ ...condition('Approved'), message: 'yes' }] };
  const changed = { ...condition('Approved'), message: 'no' };
  assert.deepEqual(prepared({ conditions: [condition('Failed'), changed] }, before), [
    ['Failed', undefined],
    ['Approved', 'yes'],
  ]);
  assert.deepEqual(prepared({ conditions: [changed] }, {}), [['Approved', 'no']]);
  assert.equal(prepared({}, before), undefined);
});
