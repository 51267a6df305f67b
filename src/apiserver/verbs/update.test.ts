import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { type ApiUnderTest, apiUnderTest } from '../../../test/support/api-requests.ts';
import { forbidden } from '../../api/status-error.ts';

const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';
const DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments';
const SPEC = { containers: [{ name: 'c', image: 'i' }] };

let api: ApiUnderTest;
let names = 0;

before(async () => {
  api = await apiUnderTest({
    parts: () => ({
      authorizer: {
        authorize: (_user, { verb, resource }) =>
          verb === 'create' && resource === 'roles'
            ? { verdict: 'noOpinion', reason: 'no' }
            : { verdict: 'allow', reason: '' },
      },
      admission: [
        {
          name: 'Frozen',
          validate({ operation, object, oldObject }) {
            if (
              operation === 'UPDATE' &&
              object?.metadata.labels?.['frozen'] &&
              oldObject?.metadata.labels?.['frozen']
            ) {
              throw forbidden({ group: '', resource: 'configmaps' }, object.metadata.name ?? '', 'it is frozen');
            }
          },
        },
      ],
    }),
  });
});
after(() => api[Symbol.asyncDispose]());

async function configMap(metadata: object = {}): Promise<{ name: string; object: Draft }> {
  const name = `cm-${++names}`;
  const created = await api.send(`POST ${CONFIG_MAPS}`, {
    body: { metadata: { name, ...metadata }, data: { a: '1' } },
  });
  assert.equal(created.status, 201);
  return { name, object: created.body as Draft };
}

interface Draft {
  metadata: Record<string, unknown>;
  [field: string]: unknown;
}

describe('update', () => {
  test('replaces the object under a new version', async () => {
    const { name, object } = await configMap();
    const answer = await api.send(`PUT ${CONFIG_MAPS}/${name}`, { body: { ...object, data: { b: '2' } } });
    assert.equal(answer.status, 200);
    assert.deepEqual(answer.at('data'), { b: '2' });
    assert.notEqual(answer.at('metadata.resourceVersion'), object.metadata['resourceVersion']);
  });

  test('that changes nothing writes nothing, whatever the order of fields', async () => {
    const { name, object } = await configMap();
    const turned = Object.fromEntries(Object.entries(object).reverse());
    const answer = await api.send(`PUT ${CONFIG_MAPS}/${name}`, { body: turned });
    assert.equal(answer.at('metadata.resourceVersion'), object.metadata['resourceVersion']);
  });

  test('keeps what the server decides', async () => {
    const { name, object } = await configMap();
    const body = {
      metadata: { name, creationTimestamp: '1999-01-01T00:00:00Z', generation: 9, selfLink: '/x' },
      data: {},
    };
    const answer = await api.send(`PUT ${CONFIG_MAPS}/${name}`, { body });
    const { uid, creationTimestamp } = object.metadata;
    const resourceVersion = answer.at('metadata.resourceVersion');
    assert.deepEqual(answer.at('metadata'), { name, namespace: 'default', uid, resourceVersion, creationTimestamp });
  });

  test('without a resourceVersion replaces whatever is there; many at once all succeed', async () => {
    const { name } = await configMap();
    const bodies = Array.from({ length: 12 }, (_, index) => ({ metadata: { name }, data: { index: String(index) } }));
    const answers = await Promise.all(bodies.map((body) => api.send(`PUT ${CONFIG_MAPS}/${name}`, { body })));
    assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]));
    assert.equal(new Set(answers.map((answer) => answer.at('metadata.resourceVersion'))).size, 12);
  });

  test('of one version by many lets one through', async () => {
    const { name, object } = await configMap();
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        api.send(`PUT ${CONFIG_MAPS}/${name}`, { body: { ...object, data: { index: String(index) } } }),
      ),
    );
    const codes = answers.map(({ status }) => status).sort();
    assert.deepEqual(codes, [200, 409, 409, 409, 409, 409, 409, 409]);
  });

  const refusals: [
    title: string,
    change: (object: Draft) => Draft | [path: string, body: object],
    status: number,
    message: RegExp,
  ][] = [
    [
      'an old version',
      (o) => ({ ...o, metadata: { ...o.metadata, resourceVersion: '1' } }),
      409,
      /the object has been modified; please apply your changes to the latest version and try again$/,
    ],
    [
      'another uid',
      (o) => ({ ...o, metadata: { ...o.metadata, uid: 'other' } }),
      409,
      /Precondition failed: UID in precondition: other, UID in object meta: /,
    ],
    [
      'another name',
      (o) => ({ ...o, metadata: { ...o.metadata, name: 'other' } }),
      400,
      /^the name of the object \(other\) does not match the name on the URL \(cm-\d+\)$/,
    ],
    [
      'another namespace',
      (o) => ({ ...o, metadata: { ...o.metadata, namespace: 'other' } }),
      400,
      /^the namespace of the object \(other\) does not match the namespace on the request \(default\)$/,
    ],
    [
      'no name',
      () => ({ metadata: {} }),
      400,
      /^the name of the object \(cm-\d+ based on URL\) was undeterminable: name must be provided$/,
    ],
    [
      'an invalid label',
      (o) => ({ ...o, metadata: { ...o.metadata, labels: { 'a b': '' } } }),
      422,
      /metadata\.labels: Invalid value: "a b"/,
    ],
  ];
  for (const [title, change, status, message] of refusals) {
    test(`refuses ${title}`, async () => {
      const { name, object } = await configMap();
      const answer = await api.send(`PUT ${CONFIG_MAPS}/${name}`, { body: change(object) });
      assert.equal(answer.status, status);
      assert.match(String(answer.at('message')), message);
    });
  }

  test('answers 404 for what does not exist', async () => {
    const answer = await api.send(`PUT ${CONFIG_MAPS}/gone`, { body: { metadata: { name: 'gone' } } });
    assert.equal(answer.status, 404);
    assert.equal(answer.at('message'), 'configmaps "gone" not found');
    assert.deepEqual(answer.at('details'), { name: 'gone', kind: 'configmaps' });
  });

  test('creates what does not exist where the kind allows it, for those who may create', async () => {
    const path = '/apis/coordination.k8s.io/v1/namespaces/default/leases/l';
    const created = await api.send(`PUT ${path}`, {
      body: { metadata: { name: 'l' }, spec: { holderIdentity: 'me' } },
    });
    assert.equal(created.status, 201);
    assert.equal(created.at('metadata.namespace'), 'default');
    const unconditional = await api.send(`PUT ${path}`, { body: { metadata: { name: 'l' }, spec: {} } });
    assert.equal(unconditional.status, 422);
    assert.match(
      String(unconditional.at('message')),
      /metadata\.resourceVersion: Invalid value: 0: must be specified for an update$/,
    );
    const role = '/apis/rbac.authorization.k8s.io/v1/namespaces/default/roles/r';
    assert.equal((await api.send(`PUT ${role}`, { body: { metadata: { name: 'r' }, rules: [] } })).status, 403);
  });

  test('asks admission, with the old object', async () => {
    const { name, object } = await configMap({ labels: { frozen: 'yes' } });
    const answer = await api.send(`PUT ${CONFIG_MAPS}/${name}`, { body: { ...object, data: {} } });
    assert.equal(answer.status, 403);
    assert.match(String(answer.at('message')), /it is frozen$/);
  });

  test('dryRun answers as if and leaves the object alone', async () => {
    const { name, object } = await configMap();
    const answer = await api.send(`PUT ${CONFIG_MAPS}/${name}?dryRun=All`, { body: { ...object, data: { b: '2' } } });
    assert.deepEqual(answer.at('data'), { b: '2' });
    assert.deepEqual((await api.send(`GET ${CONFIG_MAPS}/${name}`)).body, object);
  });
});

describe('update of status and spec', () => {
  let name = '';
  let object: Draft;
  beforeEach(async () => {
    name = `d-${++names}`;
    const spec = { selector: { matchLabels: { a: 'b' } }, template: { metadata: { labels: { a: 'b' } }, spec: SPEC } };
    object = (await api.send(`POST ${DEPLOYMENTS}`, { body: { metadata: { name }, spec } })).body as Draft;
  });

  test('the object counts a generation for a new spec and leaves the status alone', async () => {
    const spec = { ...(object['spec'] as object), replicas: 3 };
    const changed = await api.send(`PUT ${DEPLOYMENTS}/${name}`, {
      body: { ...object, spec, status: { replicas: 7 } },
    });
    assert.equal(changed.at('metadata.generation'), 2);
    assert.equal(changed.at('spec.replicas'), 3);
    assert.deepEqual(changed.at('status'), {});
    const labeled = await api.send(`PUT ${DEPLOYMENTS}/${name}`, {
      body: { ...(changed.body as Draft), metadata: { ...(changed.body as Draft).metadata, labels: { x: 'y' } } },
    });
    assert.equal(labeled.at('metadata.generation'), 2);
  });

  test('the status subresource writes the status and leaves the rest alone', async () => {
    const body = { ...object, spec: { ...(object['spec'] as object), replicas: 9 }, status: { replicas: 7 } };
    const changed = await api.send(`PUT ${DEPLOYMENTS}/${name}/status`, { body });
    assert.equal(changed.status, 200);
    assert.equal(changed.at('spec.replicas'), 1);
    assert.equal(changed.at('status.replicas'), 7);
    assert.equal(changed.at('metadata.generation'), 1);
  });

  test('the status subresource is read like the object, and is not there for kinds without one', async () => {
    assert.deepEqual((await api.send(`GET ${DEPLOYMENTS}/${name}/status`)).body, object);
    const { name: plain } = await configMap();
    assert.equal((await api.send(`GET ${CONFIG_MAPS}/${plain}/status`)).status, 404);
    assert.equal((await api.send(`DELETE ${DEPLOYMENTS}/${name}/status`)).status, 405);
  });

  test('warns of the object, but not of one whose status alone is written', async () => {
    const sets = '/apis/apps/v1/namespaces/default/statefulsets';
    const template = { metadata: { labels: { a: 'b' } }, spec: SPEC };
    const spec = { revisionHistoryLimit: -1, selector: { matchLabels: { a: 'b' } }, template };
    const created = await api.send(`POST ${sets}`, { body: { metadata: { name: 'endless' }, spec } });
    assert.equal(created.status, 201);
    const body = created.body as object;
    const updated = await api.send(`PUT ${sets}/endless`, { body });
    assert.match(String(updated.headers['warning']), /a negative value retains all historical revisions/);
    const status = await api.send(`PUT ${sets}/endless/status`, { body });
    assert.deepEqual([status.status, status.headers['warning']], [200, undefined]);
  });
});
