import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { type ApiUnderTest, apiUnderTest } from '../../../test/support/api-requests.ts';

const PODS = '/api/v1/namespaces/default/pods';
const REPLICA_SETS = '/apis/apps/v1/namespaces/default/replicasets';
const MERGE = 'application/merge-patch+json';
const JSON_PATCH = 'application/json-patch+json';
const STRATEGIC = 'application/strategic-merge-patch+json';

let api: ApiUnderTest;
let name = '';
let names = 0;

before(async () => {
  api = await apiUnderTest();
});
after(() => api[Symbol.asyncDispose]());

describe('patch', () => {
  beforeEach(async () => {
    name = `p-${++names}`;
    const metadata = { name, labels: { app: 'a' } };
    const spec = {
      containers: [
        { name: 'x', image: 'one' },
        { name: 'y', image: 'two' },
      ],
    };
    assert.equal((await api.send(`POST ${PODS}`, { body: { metadata, spec } })).status, 201);
  });

  const patch = (body: unknown, contentType: string, query = '') =>
    api.send(`PATCH ${PODS}/${name}${query}`, { body, contentType });

  test('merges, and takes away what is null', async () => {
    const answer = await patch({ metadata: { labels: { app: null, b: 'c' } } }, MERGE);
    assert.equal(answer.status, 200);
    assert.deepEqual(answer.at('metadata.labels'), { b: 'c' });
  });

  test('merges lists by their keys strategically', async () => {
    const answer = await patch({ spec: { containers: [{ name: 'y', image: 'three' }] } }, STRATEGIC);
    assert.deepEqual(
      (answer.at('spec.containers') as { name: string; image: string }[]).map(
        ({ name: of, image }) => `${of}=${image}`,
      ),
      ['x=one', 'y=three'],
    );
  });

  test('applies JSON patches', async () => {
    const operations = [
      { op: 'test', path: '/metadata/labels/app', value: 'a' },
      { op: 'replace', path: '/metadata/labels/app', value: 'b' },
    ];
    assert.equal((await patch(operations, JSON_PATCH)).at('metadata.labels.app'), 'b');
    const failed = await patch(operations, JSON_PATCH);
    assert.equal(failed.status, 422);
    assert.match(String(failed.at('message')), /rejected our request/);
  });

  test('that changes nothing writes nothing', async () => {
    const before = await api.send(`GET ${PODS}/${name}`);
    const answer = await patch({ metadata: { labels: { app: 'a' } } }, MERGE);
    assert.equal(answer.at('metadata.resourceVersion'), before.at('metadata.resourceVersion'));
  });

  test('many at once all take effect', async () => {
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, index) => patch({ metadata: { labels: { [`l${index}`]: 'x' } } }, MERGE)),
    );
    assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]));
    const after = await api.send(`GET ${PODS}/${name}`);
    assert.equal(Object.keys(after.at('metadata.labels') as object).length, 11);
  });

  test('with a resourceVersion is for that version only', async () => {
    const current = (await api.send(`GET ${PODS}/${name}`)).at('metadata.resourceVersion');
    const labels = (value: string) => ({ metadata: { resourceVersion: current, labels: { v: value } } });
    assert.equal((await patch(labels('1'), MERGE)).status, 200);
    assert.equal((await patch(labels('2'), MERGE)).status, 409);
  });

  test('of the status subresource changes the status only', async () => {
    const body = { status: { phase: 'Running' }, spec: { nodeName: 'n' }, metadata: { labels: { s: 't' } } };
    const answer = await api.send(`PATCH ${PODS}/${name}/status`, { body, contentType: MERGE });
    assert.equal(answer.at('status.phase'), 'Running');
    assert.equal(answer.at('spec.nodeName'), undefined);
  });

  test('dryRun leaves the object alone', async () => {
    assert.equal(
      (await patch({ metadata: { labels: { b: 'c' } } }, MERGE, '?dryRun=All')).at('metadata.labels.b'),
      'c',
    );
    assert.equal((await api.send(`GET ${PODS}/${name}`)).at('metadata.labels.b'), undefined);
  });

  test('fieldValidation names unknown fields', async () => {
    const warned = await patch({ spec: { nonsense: 1 } }, MERGE);
    assert.match(String(warned.headers['warning']), /unknown field \\"spec\.nonsense\\"/);
    assert.equal((await patch({ spec: { nonsense: 1 } }, MERGE, '?fieldValidation=Strict')).status, 422);
  });

  const refusals: [title: string, body: unknown, type: string, query: string, status: number, message: RegExp][] = [
    [
      'server-side apply in CBOR',
      {},
      'application/apply-patch+cbor',
      '?fieldManager=x',
      415,
      /include: application\/json-patch\+json, application\/merge-patch\+json, application\/strategic-merge-patch\+json, application\/apply-patch\+yaml$/,
    ],
    ['plain JSON', {}, 'application/json', '', 415, /accepted media types/],
    [
      'force without apply',
      {},
      MERGE,
      '?force=true',
      422,
      /^PatchOptions\.meta\.k8s\.io "" is invalid: force: Forbidden: may not be specified for non-apply patch$/,
    ],
    ['broken JSON', '{"a"', MERGE, '', 400, /unexpected end of JSON input/],
    ['a list to merge', [], MERGE, '', 400, /./],
    ['an object as JSON patch', {}, JSON_PATCH, '', 400, /./],
    ['a wrong type', { spec: { containers: 'x' } }, MERGE, '', 422, /json: cannot unmarshal string/],
    ['an invalid result', { metadata: { labels: { 'a b': 'c' } } }, MERGE, '', 422, /metadata\.labels: Invalid value/],
    ['another name', { metadata: { name: 'other' } }, MERGE, '', 400, /does not match the name on the URL/],
  ];
  for (const [title, body, type, query, status, message] of refusals) {
    test(`refuses ${title}`, async () => {
      const answer = await patch(body, type, query);
      assert.equal(answer.status, status);
      assert.match(String(answer.at('message')), message);
    });
  }

  test('answers 404 for what does not exist', async () => {
    assert.equal((await api.send(`PATCH ${PODS}/gone`, { body: {}, contentType: MERGE })).status, 404);
  });
});

describe('scale', () => {
  beforeEach(async () => {
    name = `rs-${++names}`;
    const spec = {
      replicas: 2,
      selector: { matchLabels: { a: 'b' }, matchExpressions: [{ key: 'c', operator: 'In', values: ['d', 'e'] }] },
      template: { metadata: { labels: { a: 'b', c: 'd' } }, spec: { containers: [{ name: 'c', image: 'i' }] } },
    };
    assert.equal((await api.send(`POST ${REPLICA_SETS}`, { body: { metadata: { name }, spec } })).status, 201);
  });

  test('is read in a form of its own', async () => {
    const owner = await api.send(`GET ${REPLICA_SETS}/${name}`);
    const scale = await api.send(`GET ${REPLICA_SETS}/${name}/scale`);
    const { uid, resourceVersion, creationTimestamp } = owner.at('metadata') as Record<string, unknown>;
    assert.deepEqual(scale.body, {
      kind: 'Scale',
      apiVersion: 'autoscaling/v1',
      metadata: { name, namespace: 'default', uid, resourceVersion, creationTimestamp },
      spec: { replicas: 2 },
      status: { replicas: 0, selector: 'a=b,c in (d,e)' },
    });
  });

  test('an update and a patch change the replicas', async () => {
    const scale = (await api.send(`GET ${REPLICA_SETS}/${name}/scale`)).body as object;
    const updated = await api.send(`PUT ${REPLICA_SETS}/${name}/scale`, { body: { ...scale, spec: { replicas: 5 } } });
    assert.equal(updated.at('spec.replicas'), 5);
    assert.equal((await api.send(`PUT ${REPLICA_SETS}/${name}/scale`, { body: scale })).status, 409);
    const patched = await api.send(`PATCH ${REPLICA_SETS}/${name}/scale`, {
      body: { spec: { replicas: 0 } },
      contentType: MERGE,
    });
    assert.deepEqual(patched.at('spec'), {});
    const owner = await api.send(`GET ${REPLICA_SETS}/${name}`);
    assert.equal(owner.at('spec.replicas'), 0);
    assert.equal(owner.at('metadata.generation'), 3);
  });

  test('refuses a negative number of replicas', async () => {
    const body = { metadata: { name }, spec: { replicas: -1 } };
    const answer = await api.send(`PUT ${REPLICA_SETS}/${name}/scale`, { body });
    assert.equal(answer.status, 422);
    assert.match(
      String(answer.at('message')),
      /^Scale\.autoscaling "rs-\d+" is invalid: spec\.replicas: Invalid value: -1: must be greater than or equal to 0$/,
    );
  });

  test('refuses a Scale of another object, or of none', async () => {
    for (const [metadata, message] of [
      [{}, `the name of the object (${name} based on URL) was undeterminable: name must be provided`],
      [{ name: 'other' }, `the name of the object (other) does not match the name on the URL (${name})`],
    ] as const) {
      const answer = await api.send(`PUT ${REPLICA_SETS}/${name}/scale`, { body: { metadata, spec: { replicas: 1 } } });
      assert.equal(answer.status, 400);
      assert.equal(answer.at('message'), message);
    }
  });

  test('comes in protobuf, too', async () => {
    const headers = { accept: 'application/vnd.kubernetes.protobuf' };
    const answer = await api.send(`GET ${REPLICA_SETS}/${name}/scale`, { headers });
    assert.equal(Buffer.from(answer.bytes.subarray(0, 4)).toString('hex'), '6b387300');
  });
});
