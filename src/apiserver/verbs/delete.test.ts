import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type Answered, type ApiUnderTest, apiUnderTest } from '../../../test/support/api-requests.ts';
import { ConfigMap } from '../../api/core/config-map.ts';
import type { AnyObject } from '../../api/kind.ts';
import { forbidden } from '../../api/status-error.ts';
import { FakeClock } from '../../base/clock.ts';

const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';
const PODS = '/api/v1/namespaces/default/pods';
const MERGE = 'application/merge-patch+json';
const START = Date.UTC(2026, 0, 1);

let api: ApiUnderTest;
let names = 0;
const clock = new FakeClock(START);
const gone: string[] = [];

before(async () => {
  api = await apiUnderTest({
    clock,
    parts: () => ({
      hooks: [{ kind: ConfigMap, afterDelete: ({ metadata }: AnyObject) => void gone.push(metadata.name) }],
      admission: [
        {
          name: 'Keeps',
          validate({ operation, oldObject }) {
            if (operation === 'DELETE' && oldObject?.metadata.labels?.['keep']) {
              throw forbidden({ group: '', resource: 'configmaps' }, oldObject.metadata.name, 'it is to be kept');
            }
          },
        },
      ],
    }),
  });
});
after(() => api[Symbol.asyncDispose]());

async function configMap(metadata: object = {}): Promise<{ name: string; created: Answered }> {
  const name = `cm-${++names}`;
  const created = await api.send(`POST ${CONFIG_MAPS}`, { body: { metadata: { name, ...metadata } } });
  assert.equal(created.status, 201);
  return { name, created };
}

async function runningPod(metadata: object = {}, spec: object = {}): Promise<string> {
  const name = `p-${++names}`;
  const body = {
    metadata: { name, ...metadata },
    spec: { nodeName: 'n', containers: [{ name: 'c', image: 'i' }], ...spec },
  };
  assert.equal((await api.send(`POST ${PODS}`, { body })).status, 201);
  return name;
}

describe('delete', () => {
  test('answers with a Status, and the object is gone', async () => {
    const { name, created } = await configMap();
    const answer = await api.send(`DELETE ${CONFIG_MAPS}/${name}`);
    assert.equal(answer.status, 200);
    assert.deepEqual(answer.body, {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Success',
      details: { name, kind: 'configmaps', uid: created.at('metadata.uid') },
    });
    assert.equal((await api.send(`GET ${CONFIG_MAPS}/${name}`)).status, 404);
    assert.equal((await api.send(`DELETE ${CONFIG_MAPS}/${name}`)).status, 404);
    assert.ok(gone.includes(name));
  });

  test('of some kinds answers with the object, under the revision of its end', async () => {
    const body = { metadata: { name: 'sa' } };
    const created = await api.send('POST /api/v1/namespaces/default/serviceaccounts', { body });
    const answer = await api.send('DELETE /api/v1/namespaces/default/serviceaccounts/sa');
    assert.equal(answer.at('kind'), 'ServiceAccount');
    assert.ok(Number(answer.at('metadata.resourceVersion')) > Number(created.at('metadata.resourceVersion')));
  });

  test('with a grace period marks a pod first, may be shortened, and ends with a delete of zero', async () => {
    const name = await runningPod();
    const marked = await api.send(`DELETE ${PODS}/${name}`);
    assert.equal(marked.status, 200);
    assert.equal(marked.at('metadata.deletionGracePeriodSeconds'), 30);
    assert.equal(marked.at('metadata.deletionTimestamp'), '2026-01-01T00:00:30Z');
    assert.equal(marked.at('metadata.generation'), 2);

    const longer = await api.send(`DELETE ${PODS}/${name}?gracePeriodSeconds=60`);
    assert.equal(longer.at('metadata.resourceVersion'), marked.at('metadata.resourceVersion'));
    const again = await api.send(`DELETE ${PODS}/${name}`);
    assert.equal(again.at('metadata.resourceVersion'), marked.at('metadata.resourceVersion'));

    const shorter = await api.send(`DELETE ${PODS}/${name}`, { body: { gracePeriodSeconds: 5 } });
    assert.equal(shorter.at('metadata.deletionTimestamp'), '2026-01-01T00:00:05Z');
    assert.equal(shorter.at('metadata.deletionGracePeriodSeconds'), 5);
    assert.equal(shorter.at('metadata.generation'), 2);

    assert.equal((await api.send(`DELETE ${PODS}/${name}?gracePeriodSeconds=0`)).at('kind'), 'Pod');
    assert.equal((await api.send(`GET ${PODS}/${name}`)).status, 404);
  });

  test('of a pod that runs nowhere is over at once, and a negative grace period counts as one second', async () => {
    const pending = await runningPod({}, { nodeName: '' });
    assert.equal((await api.send(`DELETE ${PODS}/${pending}`)).at('metadata.deletionTimestamp'), undefined);
    assert.equal((await api.send(`GET ${PODS}/${pending}`)).status, 404);
    const running = await runningPod();
    const marked = await api.send(`DELETE ${PODS}/${running}?gracePeriodSeconds=-7`);
    assert.equal(marked.at('metadata.deletionGracePeriodSeconds'), 1);
  });

  test('waits for finalizers; the update that takes the last one away ends the object', async () => {
    const { name } = await configMap({ finalizers: ['example.com/a', 'example.com/b'] });
    const marked = await api.send(`DELETE ${CONFIG_MAPS}/${name}`);
    assert.equal(marked.at('metadata.deletionTimestamp'), '2026-01-01T00:00:00Z');
    assert.equal(marked.at('metadata.deletionGracePeriodSeconds'), 0);
    const finalizers = (list: string[]) =>
      api.send(`PATCH ${CONFIG_MAPS}/${name}`, { body: { metadata: { finalizers: list } }, contentType: MERGE });
    assert.equal((await finalizers(['example.com/a'])).status, 200);
    assert.equal((await finalizers(['example.com/a', 'example.com/new'])).status, 422);
    assert.equal((await api.send(`GET ${CONFIG_MAPS}/${name}`)).status, 200);
    const again = await api.send(`POST ${CONFIG_MAPS}`, { body: { metadata: { name } } });
    assert.equal(again.status, 409);
    assert.equal(again.at('message'), `object is being deleted: configmaps "${name}" already exists`);
    assert.equal((await finalizers([])).status, 200);
    assert.equal((await api.send(`GET ${CONFIG_MAPS}/${name}`)).status, 404);
  });

  test('a pod with a grace period stays when its last finalizer goes', async () => {
    const name = await runningPod({ finalizers: ['example.com/a'] });
    await api.send(`DELETE ${PODS}/${name}`);
    await api.send(`PATCH ${PODS}/${name}`, { body: { metadata: { finalizers: null } }, contentType: MERGE });
    assert.equal((await api.send(`GET ${PODS}/${name}`)).status, 200);
    await api.send(`DELETE ${PODS}/${name}?gracePeriodSeconds=0`);
    assert.equal((await api.send(`GET ${PODS}/${name}`)).status, 404);
  });

  const policies: [title: string, body: object, finalizers: string[] | undefined, status: number][] = [
    ['Orphan leaves work to the garbage collector', { propagationPolicy: 'Orphan' }, ['orphan'], 200],
    ['Foreground, too', { propagationPolicy: 'Foreground' }, ['foregroundDeletion'], 200],
    ['Background does not', { propagationPolicy: 'Background' }, undefined, 200],
    ['orphanDependents is the older Orphan', { orphanDependents: true }, ['orphan'], 200],
    ['and no orphanDependents the older Background', { orphanDependents: false }, undefined, 200],
  ];
  for (const [title, body, finalizers, status] of policies) {
    test(`propagationPolicy ${title}`, async () => {
      const { name } = await configMap();
      const answer = await api.send(`DELETE ${CONFIG_MAPS}/${name}`, { body });
      assert.equal(answer.status, status);
      assert.deepEqual(answer.at('metadata.finalizers'), finalizers);
      assert.equal((await api.send(`GET ${CONFIG_MAPS}/${name}`)).status, finalizers ? 200 : 404);
    });
  }

  test('propagationPolicy takes the place of what was wanted before', async () => {
    const { name } = await configMap({ finalizers: ['orphan', 'example.com/a'] });
    const answer = await api.send(`DELETE ${CONFIG_MAPS}/${name}?propagationPolicy=Foreground`);
    assert.deepEqual(answer.at('metadata.finalizers'), ['example.com/a', 'foregroundDeletion']);
  });

  test('preconditions hold or refuse', async () => {
    const { name, created } = await configMap();
    const withPreconditions = (preconditions: object) =>
      api.send(`DELETE ${CONFIG_MAPS}/${name}`, { body: { preconditions } });
    const wrongUid = await withPreconditions({ uid: 'other' });
    assert.equal(wrongUid.status, 409);
    assert.match(
      String(wrongUid.at('message')),
      /the UID in the precondition \(other\) does not match the UID in record \([0-9a-f-]+\)\. The object might have been deleted and then recreated$/,
    );
    const oldVersion = await withPreconditions({ resourceVersion: '1' });
    assert.equal(oldVersion.status, 409);
    assert.match(
      String(oldVersion.at('message')),
      /the ResourceVersion in the precondition \(1\) does not match the ResourceVersion in record/,
    );
    const { uid, resourceVersion } = created.at('metadata') as { uid: string; resourceVersion: string };
    assert.equal((await withPreconditions({ uid, resourceVersion })).status, 200);
  });

  test('dryRun and admission leave the object alone', async () => {
    const { name } = await configMap({ labels: { keep: 'yes' } });
    assert.equal((await api.send(`DELETE ${CONFIG_MAPS}/${name}`)).status, 403);
    const { name: other } = await configMap();
    assert.equal((await api.send(`DELETE ${CONFIG_MAPS}/${other}?dryRun=All`)).status, 200);
    for (const kept of [name, other]) assert.equal((await api.send(`GET ${CONFIG_MAPS}/${kept}`)).status, 200);
    const pod = await runningPod();
    const dry = await api.send(`DELETE ${PODS}/${pod}`, { body: { dryRun: ['All'] } });
    assert.equal(dry.at('metadata.deletionGracePeriodSeconds'), 30);
    assert.equal((await api.send(`GET ${PODS}/${pod}`)).at('metadata.deletionTimestamp'), undefined);
  });

  const refusals: [title: string, body: object, message: RegExp][] = [
    ['an unknown policy', { propagationPolicy: 'x' }, /propagationPolicy: Unsupported value: "x"/],
    [
      'both ways to say it',
      { propagationPolicy: 'Orphan', orphanDependents: true },
      /orphanDependents and deletionPropagation cannot be both set/,
    ],
    ['an unknown dryRun', { dryRun: ['x'] }, /dryRun: Unsupported value/],
  ];
  for (const [title, body, message] of refusals) {
    test(`refuses ${title}`, async () => {
      const { name } = await configMap();
      const answer = await api.send(`DELETE ${CONFIG_MAPS}/${name}`, { body });
      assert.equal(answer.status, 422);
      assert.match(String(answer.at('message')), message);
    });
  }
});

describe('delete of a namespace', () => {
  test('marks it as terminating; finalize without finalizers ends it', async () => {
    await api.send('POST /api/v1/namespaces', { body: { metadata: { name: 'n' } } });
    const marked = await api.send('DELETE /api/v1/namespaces/n');
    assert.equal(marked.at('status.phase'), 'Terminating');
    assert.ok(marked.at('metadata.deletionTimestamp'));
    const again = await api.send('DELETE /api/v1/namespaces/n');
    assert.equal(again.at('metadata.resourceVersion'), marked.at('metadata.resourceVersion'));
    const plain = await api.send('PUT /api/v1/namespaces/n', {
      body: { ...(marked.body as object), spec: { finalizers: [] } },
    });
    assert.deepEqual(plain.at('spec.finalizers'), ['kubernetes']);
    const finalized = await api.send('PUT /api/v1/namespaces/n/finalize', {
      body: { ...(marked.body as object), spec: { finalizers: [] } },
    });
    assert.equal(finalized.status, 200);
    assert.equal((await api.send('GET /api/v1/namespaces/n')).status, 404);
  });
});

describe('deletecollection', () => {
  test('deletes what the selectors say, and answers with it', async () => {
    for (let i = 0; i < 40; i++) await configMap({ labels: { batch: i < 30 ? 'a' : 'b' } });
    const answer = await api.send(`DELETE ${CONFIG_MAPS}?labelSelector=batch=a`);
    assert.equal(answer.status, 200);
    assert.equal((answer.at('items') as unknown[]).length, 30);
    const left = await api.send(`GET ${CONFIG_MAPS}?labelSelector=batch`);
    assert.equal((left.at('items') as unknown[]).length, 10);
    await api.send(`DELETE ${CONFIG_MAPS}?labelSelector=batch=b&dryRun=All`);
    assert.equal(((await api.send(`GET ${CONFIG_MAPS}?labelSelector=batch`)).at('items') as unknown[]).length, 10);
  });

  test('is not there for kinds that do not have it', async () => {
    assert.equal((await api.send('DELETE /api/v1/namespaces')).status, 405);
  });
});
