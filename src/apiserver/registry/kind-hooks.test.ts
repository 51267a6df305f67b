import assert from 'node:assert/strict';
import { test } from 'node:test';
import { apiUnderTest } from '../../../test/support/api-requests.ts';
import { FakeClock } from '../../base/clock.ts';

const VOLUMES = '/api/v1/persistentvolumes';
const TIME = 'status.lastPhaseTransitionTime';
const volume = {
  metadata: { name: 'disk' },
  spec: {
    capacity: { storage: '1Gi' },
    accessModes: ['ReadWriteOnce'],
    hostPath: { path: '/data' },
    persistentVolumeReclaimPolicy: 'Recycle',
  },
};

test('stamp has the time of the request, when objects begin and when their status changes', async () => {
  const clock = new FakeClock(Date.parse('2026-01-01T00:00:00Z'));
  await using api = await apiUnderTest({ clock });
  const created = await api.send(`POST ${VOLUMES}`, { body: volume });
  assert.equal(created.at(TIME), '2026-01-01T00:00:00Z');
  await clock.advance(60_000);
  const labelled = await api.send(`PUT ${VOLUMES}/disk`, {
    body: { ...volume, metadata: { name: 'disk', labels: { a: 'b' } } },
  });
  assert.equal(labelled.at(TIME), '2026-01-01T00:00:00Z');
  const bound = await api.send(`PUT ${VOLUMES}/disk/status`, { body: { ...volume, status: { phase: 'Bound' } } });
  assert.deepEqual([bound.at('status.phase'), bound.at(TIME)], ['Bound', '2026-01-01T00:01:00Z']);
});

test('warnings are for those who write the object, not for those who write its status', async () => {
  await using api = await apiUnderTest();
  const warnings = async (request: string) => (await api.send(request, { body: volume })).headers['warning'];
  assert.match((await warnings(`POST ${VOLUMES}`)) ?? '', /The Recycle reclaim policy is deprecated/);
  assert.match((await warnings(`PUT ${VOLUMES}/disk`)) ?? '', /The Recycle reclaim policy is deprecated/);
  assert.equal(await warnings(`PUT ${VOLUMES}/disk/status`), undefined);
});

test('preparation warns of what it makes of old annotations, and fields that are not served are dropped', async () => {
  await using api = await apiUnderTest();
  const key = 'container.apparmor.security.beta.kubernetes.io/main';
  const lifecycle = { stopSignal: 'SIGUSR1' };
  const pod = {
    metadata: { name: 'web', annotations: { [key]: 'unconfined' } },
    spec: { os: { name: 'linux' }, containers: [{ name: 'main', image: 'nginx', lifecycle }] },
  };
  const created = await api.send('POST /api/v1/namespaces/default/pods', { body: pod });
  assert.equal(created.status, 201);
  assert.match(
    created.headers['warning'] ?? '',
    /deprecated since v1\.30; use the \\"appArmorProfile\\" field instead/,
  );
  const { spec } = created.body as { spec: { containers: readonly object[] } };
  assert.deepEqual(
    spec.containers.map((container) => ['lifecycle', 'securityContext'].map((name) => Reflect.get(container, name))),
    [[undefined, { appArmorProfile: { type: 'Unconfined' } }]],
  );
});

test('what is wrong with a volume is said once, by the rules of all kinds or by its own', async () => {
  await using api = await apiUnderTest();
  const spec = { ...volume.spec, accessModes: ['Often'], hostPath: { path: '' }, volumeMode: 'Tape' };
  const { status, body } = await api.send(`POST ${VOLUMES}`, { body: { ...volume, spec } });
  const { details } = body as { details: { causes: readonly { field: string; reason: string }[] } };
  assert.equal(status, 422);
  assert.deepEqual(
    details.causes.map(({ field, reason }) => `${field} ${reason}`),
    [
      'spec.hostPath.path FieldValueRequired',
      'spec.accessModes FieldValueNotSupported',
      'spec.volumeMode FieldValueNotSupported',
    ],
  );
});
