import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { type Answered, type ApiUnderTest, apiUnderTest } from '../../../test/support/api-requests.ts';
import { ConfigMap } from '../../api/core/config-map.ts';
import type { ManagedFieldsEntry } from '../../api/meta/object-meta.ts';
import { FakeClock } from '../../base/clock.ts';
import { podBinding } from '../registry/actions/pod-binding.ts';

const NAMESPACE = '/api/v1/namespaces/default';
const DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments';
const AUTOSCALERS = 'namespaces/default/horizontalpodautoscalers';
const MERGE = 'application/merge-patch+json';

let api: ApiUnderTest;
let clock: FakeClock;
let name = '';
let names = 0;

before(async () => {
  clock = new FakeClock();
  api = await apiUnderTest({ clock, parts: () => ({ actions: { 'pods/binding': podBinding({ clock }) } }) });
});
after(() => api[Symbol.asyncDispose]());
beforeEach(() => {
  name = `x-${++names}`;
});

const apply = (path: string, body: unknown, query = 'fieldManager=a') =>
  api.send(`PATCH ${path}?${query}`, { body, contentType: 'application/apply-patch+yaml' });
const managersOf = (answer: Answered) => (answer.at('metadata.managedFields') ?? []) as ManagedFieldsEntry[];
const ownersOf = (answer: Answered) =>
  Object.fromEntries(
    managersOf(answer).map(({ manager, operation, subresource, fieldsV1 }) => [
      [manager, operation, subresource].filter(Boolean).join(' '),
      fieldsV1,
    ]),
  );
const configMap = (data: object, metadata: object = {}) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata, data });
const applyMap = (data: object, query?: string) =>
  apply(`${NAMESPACE}/configmaps/${name}`, configMap(data, { name }), query);
const deployment = (spec: object = {}, image = 'one') => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name },
  spec: {
    selector: { matchLabels: { a: 'b' } },
    template: { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image }] } },
    ...spec,
  },
});

describe('apply', () => {
  test('creates what is not there, and changes what is', async () => {
    const created = await applyMap({ k: 'v' });
    assert.equal(created.status, 201);
    assert.deepEqual(managersOf(created), [
      {
        manager: 'a',
        operation: 'Apply',
        apiVersion: 'v1',
        time: '2026-01-01T00:00:00Z',
        fieldsType: 'FieldsV1',
        fieldsV1: { 'f:data': { 'f:k': {} } },
      },
    ]);
    const changed = await applyMap({ l: 'w' });
    assert.equal(changed.status, 200);
    assert.deepEqual(changed.at('data'), { l: 'w' });
    assert.equal(changed.at('metadata.uid'), created.at('metadata.uid'));
  });

  test('takes YAML, and defaults and validates what it makes', async () => {
    const yaml = `
apiVersion: v1
kind: Service
metadata: {name: ${name}}
spec:
  ports:
  - {port: 80}
`;
    const answer = await apply(`${NAMESPACE}/services/${name}`, yaml);
    assert.equal(answer.status, 201);
    assert.deepEqual(answer.at('spec.ports'), [{ protocol: 'TCP', port: 80, targetPort: 80 }]);
    assert.deepEqual(ownersOf(answer), {
      'a Apply': { 'f:spec': { 'f:ports': { 'k:{"port":80,"protocol":"TCP"}': { '.': {}, 'f:port': {} } } } },
    });
    const invalid = await apply(`${NAMESPACE}/services/${name}`, yaml.replace('80', '-1'));
    assert.deepEqual([invalid.status, invalid.at('reason')], [422, 'Invalid']);
  });

  test('that changes nothing writes nothing, and leaves the time as it is', async () => {
    const before = await applyMap({ k: 'v' });
    await clock.advance(60_000);
    const again = await applyMap({ k: 'v' });
    assert.deepEqual(again.body, before.body);
  });

  test('names those that it has a conflict with, and takes their fields by force', async () => {
    const path = `${DEPLOYMENTS}/${name}`;
    await api.send(`POST ${DEPLOYMENTS}?fieldManager=creator`, { body: deployment({ replicas: 2 }) });
    const refused = await apply(path, deployment({ replicas: 3 }));
    const message = 'conflict with "creator" using apps/v1';
    assert.deepEqual(refused.body, {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: `Apply failed with 1 conflict: ${message}: .spec.replicas`,
      reason: 'Conflict',
      details: { causes: [{ reason: 'FieldManagerConflict', message, field: '.spec.replicas' }] },
      code: 409,
    });
    const forced = await apply(path, deployment({ replicas: 3 }), 'fieldManager=a&force=true');
    assert.equal(forced.at('spec.replicas'), 3);
    assert.equal(forced.at('metadata.generation'), 2);
    assert.ok(!JSON.stringify(ownersOf(forced)['creator Update']).includes('f:replicas'));
  });

  test('is there for components in this process, too', async () => {
    const ref = { name, namespace: 'default' };
    const body = configMap({ k: 'v' }, { name });
    await api.client.patch(ConfigMap, ref, { type: 'apply', body }, { fieldManager: 'a' });
    const taken = { type: 'apply', body: configMap({ k: 'w' }, { name }), force: true } as const;
    const { data, metadata } = await api.client.patch(ConfigMap, ref, taken, { fieldManager: 'b' });
    assert.deepEqual([data, metadata.managedFields?.map(({ manager }) => manager)], [{ k: 'w' }, ['b']]);
  });

  test('by several managers at once all take effect', async () => {
    const keys = Array.from({ length: 8 }, (_, index) => `k${index}`);
    const answers = await Promise.all(keys.map((key) => applyMap({ [key]: 'v' }, `fieldManager=${key}`)));
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 200, 200, 200, 200, 200, 200, 201]);
    const after = await api.send(`GET ${NAMESPACE}/configmaps/${name}`);
    assert.deepEqual(Object.keys(after.at('data') as object), keys);
    assert.equal(managersOf(after).length, 8);
  });

  test('dryRun tells and writes nothing', async () => {
    const created = await applyMap({ k: 'v' }, 'fieldManager=a&dryRun=All');
    assert.deepEqual([created.status, ownersOf(created)], [201, { 'a Apply': { 'f:data': { 'f:k': {} } } }]);
    assert.equal((await api.send(`GET ${NAMESPACE}/configmaps/${name}`)).status, 404);
  });

  test('with a resourceVersion is for that version only', async () => {
    const resourceVersion = (await applyMap({ k: '1' })).at('metadata.resourceVersion');
    const path = `${NAMESPACE}/configmaps/${name}`;
    assert.equal((await apply(path, configMap({ k: '2' }, { name, resourceVersion }))).status, 200);
    assert.equal((await apply(path, configMap({ k: '3' }, { name, resourceVersion }))).status, 409);
  });

  test('of the status owns the status, and creates nothing', async () => {
    const path = `${DEPLOYMENTS}/${name}`;
    assert.equal((await apply(`${path}/status`, { ...deployment(), status: { replicas: 1 } })).status, 404);
    await apply(path, { ...deployment(), status: { replicas: 5 } });
    const answer = await apply(`${path}/status`, { ...deployment({}, 'other'), status: { replicas: 1 } });
    assert.deepEqual([answer.at('status.replicas'), answer.at('spec.template.spec.containers.0.image')], [1, 'one']);
    assert.deepEqual(ownersOf(answer)['a Apply status'], { 'f:status': { 'f:replicas': {} } });
    assert.ok(!JSON.stringify(ownersOf(answer)['a Apply']).includes('f:status'));
  });

  test('through another version of a kind conflicts in the terms of each', async () => {
    const target = { scaleTargetRef: { kind: 'Deployment', name: 'd', apiVersion: 'apps/v1' } };
    const v1 = { apiVersion: 'autoscaling/v1', kind: 'HorizontalPodAutoscaler', metadata: { name } };
    const v2 = { ...v1, apiVersion: 'autoscaling/v2' };
    const metric = (value: number) => ({
      type: 'Resource',
      resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: value } },
    });
    const path = (version: string) => `/apis/autoscaling/${version}/${AUTOSCALERS}/${name}`;
    const spec = { ...target, maxReplicas: 3 };
    assert.equal(
      (await apply(path('v1'), { ...v1, spec: { ...spec, targetCPUUtilizationPercentage: 50 } })).status,
      201,
    );
    const refused = await apply(path('v2'), { ...v2, spec: { ...spec, metrics: [metric(60)] } }, 'fieldManager=b');
    assert.equal(
      refused.at('message'),
      'Apply failed with 1 conflict: conflict with "a": .spec.targetCPUUtilizationPercentage',
    );
    const shared = await apply(path('v2'), { ...v2, spec: { ...spec, metrics: [metric(50)] } }, 'fieldManager=b');
    assert.deepEqual(
      managersOf(shared)
        .map(({ apiVersion }) => apiVersion)
        .sort(),
      ['autoscaling/v1', 'autoscaling/v2'],
    );
  });

  const refusals: [title: string, body: unknown, query: string, status: number, message: RegExp][] = [
    [
      'no manager',
      {},
      '',
      422,
      /^PatchOptions\.meta\.k8s\.io "" is invalid: fieldManager: Required value: is required for apply patch$/,
    ],
    [
      'no object',
      '[1]',
      'fieldManager=a',
      400,
      /^error decoding YAML: error unmarshaling JSON: .* cannot unmarshal array into/,
    ],
    [
      'too much in one another',
      `{"a":${'['.repeat(9999)}${']'.repeat(9999)}}`,
      'fieldManager=a',
      400,
      /exceeded max depth$/,
    ],
    ['no YAML', 'a: [', 'fieldManager=a', 400, /^error decoding YAML: error converting YAML to JSON: yaml: line 1: /],
    ['nothing', '', 'fieldManager=a', 400, /^invalid object type: \/, Kind=$/],
    ['another kind', { apiVersion: 'v1', kind: 'Pod' }, 'fieldManager=a', 400, /^invalid object type: \/v1, Kind=Pod$/],
    ['another name', configMap({}, { name: 'other' }), 'fieldManager=a', 400, /does not match the name on the URL/],
    ['no metadata', configMap({}, null as unknown as object), 'fieldManager=a', 400, /name must be provided$/],
    [
      'a kind that is no text',
      { ...configMap({}), kind: { toString: 1 } },
      'fieldManager=a',
      400,
      /^invalid object type: \/v1, Kind=$/,
    ],
    ['no name', configMap({}), 'fieldManager=a', 400, /was undeterminable: name must be provided$/],
    [
      'another namespace',
      configMap({}, { namespace: 'x' }),
      'fieldManager=a',
      400,
      /^the namespace of the provided object does not/,
    ],
    [
      'a field that there is not',
      { ...configMap({}), nonsense: 1 },
      'fieldManager=a',
      500,
      /^failed to create typed patch object \(\/; \/v1, Kind=ConfigMap\): \.nonsense: field not declared in schema$/,
    ],
    ['managers', configMap({}, { managedFields: [] }), 'fieldManager=a', 400, /^metadata\.managedFields must be nil$/],
    [
      'another uid',
      configMap({}, { uid: 'u' }),
      'fieldManager=a',
      409,
      /uid mismatch: the provided object specified uid u, and/,
    ],
  ];
  for (const [title, body, query, status, message] of refusals) {
    test(`refuses ${title}`, async () => {
      const answer = await apply(`${NAMESPACE}/configmaps/${name}`, body, query);
      assert.match(String(answer.at('message')), message);
      assert.equal(answer.status, status);
    });
  }

  test('fieldValidation tells of keys that stand twice', async () => {
    const path = `${NAMESPACE}/configmaps/${name}`;
    const twice = `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"${name}"},"data":{"k":"1",\n"k":"2"}}`;
    const refused = await apply(path, twice, 'fieldManager=a&fieldValidation=Strict');
    assert.deepEqual(
      [refused.status, refused.at('message')],
      [
        400,
        'error strict decoding YAML: error converting YAML to JSON: yaml: unmarshal errors:\n  line 2: key "k" already set in map',
      ],
    );
    const warned = await apply(path, twice);
    assert.deepEqual([warned.status, warned.at('data.k')], [201, '2']);
    assert.equal(warned.headers['warning'], '299 - "line 2: key \\"k\\" already set in map"');
    assert.equal((await apply(path, twice, 'fieldManager=a&fieldValidation=Ignore')).headers['warning'], undefined);
  });
});

describe('managedFields', () => {
  const create = (query = '', headers: Record<string, string> = {}) =>
    api.send(`POST ${NAMESPACE}/configmaps${query}`, { body: configMap({ k: 'v' }, { name }), headers });
  const mergePatch = (body: object, query = '') =>
    api.send(`PATCH ${NAMESPACE}/configmaps/${name}${query}`, { body, contentType: MERGE });

  const agents: readonly [agent: string | undefined, manager: string][] = [
    ['kubectl/v1.36 (linux/amd64)', 'kubectl'],
    ['a\u0007b', 'ab'],
    ['x'.repeat(200), 'x'.repeat(128)],
    ['', 'unknown'],
    [undefined, 'unknown'],
  ];
  for (const [agent, manager] of agents) {
    test(`of a client called ${JSON.stringify(agent)} are those of ${manager.slice(0, 8)}`, async () => {
      const answer = await create('', agent === undefined ? {} : { 'user-agent': agent });
      assert.deepEqual(
        managersOf(answer).map((entry) => entry.manager),
        [manager],
      );
    });
  }

  test('follow updates and patches, each under its own name', async () => {
    const created = await create('?fieldManager=creator');
    const body = { ...(created.body as object), data: { k: 'v', l: 'w' } };
    await api.send(`PUT ${NAMESPACE}/configmaps/${name}?fieldManager=updater`, { body });
    const patched = await mergePatch({ data: { k: 'x', m: 'y' } }, '?fieldManager=patcher');
    assert.deepEqual(ownersOf(patched), {
      'creator Update': { 'f:data': {} },
      'updater Update': { 'f:data': { 'f:l': {} } },
      'patcher Update': { 'f:data': { 'f:k': {}, 'f:m': {} } },
    });
  });

  test('are there after an update by a client that knows nothing of them', async () => {
    await create('?fieldManager=creator');
    const body = configMap({ k: 'v' }, { name });
    const answer = await api.send(`PUT ${NAMESPACE}/configmaps/${name}`, { body });
    assert.deepEqual(Object.keys(ownersOf(answer)), ['creator Update']);
  });

  for (const [title, patch, contentType] of [
    ['a merge patch', { metadata: { managedFields: [{}] } }, MERGE],
    ['a merge patch to nothing', { metadata: { managedFields: [] } }, MERGE],
    ['a JSON patch', [{ op: 'replace', path: '/metadata/managedFields', value: [{}] }], 'application/json-patch+json'],
  ] as const) {
    test(`are forgotten by ${title}, and begin anew with the next apply`, async () => {
      await create('?fieldManager=creator');
      const path = `${NAMESPACE}/configmaps/${name}`;
      assert.deepEqual(managersOf(await api.send(`PATCH ${path}`, { body: patch, contentType })), []);
      assert.deepEqual(managersOf(await mergePatch({ data: { l: 'w' } })), []);
      assert.deepEqual(Object.keys(ownersOf(await applyMap({ k: 'v', m: 'x' }))), [
        'a Apply',
        'before-first-apply Update',
      ]);
    });
  }

  test('that a client writes itself count', async () => {
    const created = await create('?fieldManager=creator');
    const managedFields = managersOf(created).map((entry) => ({ ...entry, manager: 'renamed' }));
    const answer = await mergePatch({ metadata: { managedFields } });
    assert.deepEqual(Object.keys(ownersOf(answer)), ['renamed Update']);
  });

  test('are not those of the server, where it acts on its own behalf', async () => {
    const path = `${NAMESPACE}/pods/${name}`;
    const body = { metadata: { name, finalizers: ['x/y'] }, spec: { containers: [{ name: 'c', image: 'i' }] } };
    const created = await api.send(`POST ${NAMESPACE}/pods?fieldManager=creator`, { body });
    assert.equal((await api.send(`POST ${path}/binding`, { body: { target: { name: 'n' } } })).status, 201);
    assert.equal((await api.send(`DELETE ${path}`)).status, 200);
    const after = await api.send(`GET ${path}`);
    assert.equal(after.at('spec.nodeName'), 'n');
    assert.deepEqual(managersOf(after), managersOf(created));
    // Being bound is no new generation, being deleted is.
    assert.equal(after.at('metadata.generation'), 2);
  });

  test('of a status are those of its subresource', async () => {
    await api.send(`POST ${DEPLOYMENTS}?fieldManager=creator`, { body: deployment() });
    const answer = await api.send(`PATCH ${DEPLOYMENTS}/${name}/status?fieldManager=controller`, {
      body: { metadata: { labels: { l: '1' } }, status: { replicas: 1 } },
      contentType: MERGE,
    });
    assert.deepEqual(ownersOf(answer)['controller Update status'], { 'f:status': { 'f:replicas': {} } });
  });

  test('of scaling are those of whoever scales, under the names of the object', async () => {
    await api.send(`POST ${DEPLOYMENTS}?fieldManager=creator`, { body: deployment({ replicas: 1 }) });
    const path = `${DEPLOYMENTS}/${name}`;
    const scale = (replicas: number) => ({ body: { spec: { replicas } }, contentType: MERGE });
    const replicasOf = async () =>
      managersOf(await api.send(`GET ${path}`))
        .filter(({ fieldsV1 }) => JSON.stringify(fieldsV1).includes('f:replicas'))
        .map(({ manager, operation, apiVersion, subresource }) => [manager, operation, apiVersion, subresource]);
    assert.equal((await api.send(`PATCH ${path}/scale?fieldManager=creator`, scale(1))).status, 200);
    assert.deepEqual(await replicasOf(), [['creator', 'Update', 'apps/v1', undefined]]);
    assert.equal((await api.send(`PATCH ${path}/scale?fieldManager=scaler`, scale(2))).status, 200);
    assert.deepEqual(await replicasOf(), [['scaler', 'Update', 'apps/v1', 'scale']]);
    const body = { apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: { name }, spec: { replicas: 3 } };
    assert.equal(
      (await apply(`${path}/scale`, body)).at('message'),
      'Apply failed with 1 conflict: conflict with "scaler" with subresource "scale" using autoscaling/v1: .spec.replicas',
    );
    const forced = await apply(`${path}/scale`, body, 'fieldManager=a&force=true');
    assert.deepEqual([forced.status, forced.at('spec.replicas')], [200, 3]);
    assert.deepEqual(await replicasOf(), [['a', 'Apply', 'apps/v1', 'scale']]);
  });
});
