import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type ApiUnderTest, apiUnderTest } from '../../../test/support/api-requests.ts';
import { forbidden } from '../../api/status-error.ts';
import { FakeClock } from '../../base/clock.ts';

const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';
const PODS = '/api/v1/namespaces/default/pods';
const SPEC = { containers: [{ name: 'c', image: 'i' }] };

describe('create', () => {
  let api: ApiUnderTest;
  const clock = new FakeClock(Date.UTC(2026, 4, 1, 12, 30, 15, 900));
  before(async () => {
    api = await apiUnderTest({
      clock,
      parts: () => ({
        admission: [
          {
            name: 'Marks',
            mutate({ object, operation, kind }) {
              if (operation === 'CREATE' && kind.kind === 'Secret') object!.metadata.labels = { marked: 'yes' };
            },
            validate({ kind, object }) {
              if (kind.kind === 'Secret' && object?.metadata.name === 'refused') {
                throw forbidden({ group: '', resource: 'secrets' }, 'refused', 'for the test');
              }
            },
          },
        ],
      }),
    });
  });
  after(() => api[Symbol.asyncDispose]());

  test('answers 201 with what the server decides', async () => {
    const body = {
      metadata: {
        name: 'a',
        uid: 'mine',
        creationTimestamp: '2000-01-01T00:00:00Z',
        generation: 7,
        deletionTimestamp: '2000-01-01T00:00:00Z',
        deletionGracePeriodSeconds: 5,
        managedFields: [{ manager: 'x' }],
      },
      data: { k: 'v' },
    };
    const answer = await api.send(`POST ${CONFIG_MAPS}`, { body });
    assert.equal(answer.status, 201);
    const uid = answer.at('metadata.uid');
    assert.match(String(uid), /^[0-9a-f-]{36}$/);
    assert.deepEqual(answer.body, {
      kind: 'ConfigMap',
      apiVersion: 'v1',
      metadata: {
        name: 'a',
        namespace: 'default',
        uid,
        resourceVersion: answer.at('metadata.resourceVersion'),
        creationTimestamp: '2026-05-01T12:30:15Z',
        managedFields: [
          {
            manager: 'unknown',
            operation: 'Update',
            apiVersion: 'v1',
            time: '2026-05-01T12:30:15Z',
            fieldsType: 'FieldsV1',
            fieldsV1: { 'f:data': { '.': {}, 'f:k': {} } },
          },
        ],
      },
      data: { k: 'v' },
    });
    assert.deepEqual((await api.send(`GET ${CONFIG_MAPS}/a`)).body, answer.body);
  });

  test('a status that a creator brings along is dropped, but a node keeps its own', async () => {
    const deployment = {
      metadata: { name: 'd' },
      spec: { selector: { matchLabels: { a: 'b' } }, template: { metadata: { labels: { a: 'b' } }, spec: SPEC } },
      status: { replicas: 9 },
    };
    const created = await api.send('POST /apis/apps/v1/namespaces/default/deployments', { body: deployment });
    assert.deepEqual(created.at('status'), {});
    assert.equal(created.at('metadata.generation'), 1);
    assert.equal(created.at('spec.replicas'), 1);
    const node = { metadata: { name: 'n' }, status: { nodeInfo: { kubeletVersion: 'v1' } } };
    const registered = await api.send('POST /api/v1/nodes', { body: node });
    assert.equal(registered.at('status.nodeInfo.kubeletVersion'), 'v1');
  });

  test('generateName makes a name and keeps the prefix', async () => {
    const answer = await api.send(`POST ${CONFIG_MAPS}`, { body: { metadata: { generateName: 'gen-' } } });
    assert.match(String(answer.at('metadata.name')), /^gen-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
    assert.equal(answer.at('metadata.generateName'), 'gen-');
  });

  test('generateName cuts a prefix that is too long', async () => {
    const answer = await api.send(`POST ${CONFIG_MAPS}`, { body: { metadata: { generateName: 'p'.repeat(100) } } });
    assert.equal(String(answer.at('metadata.name')).length, 63);
  });

  test('generateName tries another name when one is taken, eight times', async () => {
    // Each name takes five draws: the first two names are the same, later ones differ.
    let draws = 0;
    const random = { next: () => (draws++ < 10 ? 0 : 0.5), uuid: () => crypto.randomUUID() };
    await using fixed = await apiUnderTest({ random });
    const create = () => fixed.send(`POST ${CONFIG_MAPS}`, { body: { metadata: { generateName: 'x' } } });
    assert.equal((await create()).at('metadata.name'), 'xbbbbb');
    assert.equal((await create()).at('metadata.name'), 'xrrrrr');
    draws = -1000;
    const taken = await create();
    assert.equal(taken.status, 409);
    assert.equal(taken.at('reason'), 'AlreadyExists');
    assert.match(String(taken.at('message')), /the server was not able to generate a unique name for the object$/);
  });

  test('admission changes what is stored and refuses what it will not have', async () => {
    const secrets = '/api/v1/namespaces/default/secrets';
    const marked = await api.send(`POST ${secrets}`, { body: { metadata: { name: 'marked' } } });
    assert.deepEqual(marked.at('metadata.labels'), { marked: 'yes' });
    const refused = await api.send(`POST ${secrets}`, { body: { metadata: { name: 'refused' } } });
    assert.equal(refused.status, 403);
    assert.equal(refused.at('message'), 'secrets "refused" is forbidden: for the test');
    assert.equal((await api.send(`GET ${secrets}/refused`)).status, 404);
  });

  test('refuses objects that upstream could not store, by their size in protobuf', async () => {
    const limit = 1.5 * 1024 * 1024;
    const create = (name: string, value: string) =>
      api.send('POST /api/v1/namespaces/a/pods', {
        body: { metadata: { name }, spec: { containers: [{ name: 'c', image: 'i', env: [{ name: 'E', value }] }] } },
      });
    // A quotation mark takes two bytes in JSON, and one in protobuf.
    assert.equal((await create('escaped', '"'.repeat(limit / 1.6))).status, 201);
    const refused = await create('large', 'x'.repeat(limit));
    assert.equal(refused.status, 500);
    assert.deepEqual(refused.body, {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: 'etcdserver: request is too large',
      code: 500,
    });
    assert.equal((await api.send('GET /api/v1/namespaces/a/pods/large')).status, 404);
  });

  test('dryRun answers as if, and stores nothing', async () => {
    const answer = await api.send(`POST ${CONFIG_MAPS}?dryRun=All`, { body: { metadata: { name: 'dry' } } });
    assert.equal(answer.status, 201);
    assert.equal(answer.at('metadata.name'), 'dry');
    assert.ok(answer.at('metadata.uid'));
    assert.equal((await api.send(`GET ${CONFIG_MAPS}/dry`)).status, 404);
  });

  test('fieldValidation ignores, warns or refuses', async () => {
    const body = (name: string) => `{"metadata":{"name":"${name}"},"data":{"a":"1","a":"2"},"nonsense":1}`;
    const warned = await api.send(`POST ${CONFIG_MAPS}`, { body: body('warned') });
    assert.equal(warned.status, 201);
    assert.equal(
      warned.headers['warning'],
      '299 - "duplicate field \\"data.a\\"", 299 - "unknown field \\"nonsense\\""',
    );
    const ignored = await api.send(`POST ${CONFIG_MAPS}?fieldValidation=Ignore`, { body: body('ignored') });
    assert.equal(ignored.status, 201);
    assert.equal(ignored.headers['warning'], undefined);
    const strict = await api.send(`POST ${CONFIG_MAPS}?fieldValidation=Strict`, { body: body('strict') });
    assert.equal(strict.status, 400);
    assert.match(
      String(strict.at('message')),
      /strict decoding error: duplicate field "data\.a", unknown field "nonsense"$/,
    );
  });

  const refusals: [title: string, request: string, body: unknown, status: number, reason: string, message: RegExp][] = [
    [
      'a name that is taken',
      `POST ${CONFIG_MAPS}`,
      { metadata: { name: 'a' } },
      409,
      'AlreadyExists',
      /^configmaps "a" already exists$/,
    ],
    [
      'no name',
      `POST ${CONFIG_MAPS}`,
      {},
      422,
      'Invalid',
      /^ConfigMap "" is invalid: metadata\.name: Required value: name or generateName is required$/,
    ],
    [
      'a bad name',
      `POST ${CONFIG_MAPS}`,
      { metadata: { name: 'A_' } },
      422,
      'Invalid',
      /metadata\.name: Invalid value: "A_"/,
    ],
    [
      'another namespace',
      `POST ${CONFIG_MAPS}`,
      { metadata: { name: 'q', namespace: 'b' } },
      400,
      'BadRequest',
      /^the namespace of the provided object does not match the namespace sent on the request$/,
    ],
    [
      'a resourceVersion',
      `POST ${CONFIG_MAPS}`,
      { metadata: { name: 'q', resourceVersion: '1' } },
      500,
      '',
      /^resourceVersion should not be set on objects to be created$/,
    ],
    [
      'another kind',
      `POST ${CONFIG_MAPS}`,
      { kind: 'Secret', apiVersion: 'v1', metadata: { name: 'q' } },
      400,
      'BadRequest',
      /cannot be handled as a ConfigMap/,
    ],
    [
      'another version',
      `POST ${CONFIG_MAPS}`,
      { kind: 'ConfigMap', apiVersion: 'v2', metadata: { name: 'q' } },
      400,
      'BadRequest',
      /^the API version in the data \(v2\) does not match the expected API version \(v1\)$/,
    ],
    [
      'a wrong type',
      `POST ${CONFIG_MAPS}`,
      { metadata: { name: 'q' }, data: 'x' },
      400,
      'BadRequest',
      /json: cannot unmarshal string into Go struct field/,
    ],
    [
      'an invalid pod',
      `POST ${PODS}`,
      { metadata: { name: 'q' }, spec: {} },
      422,
      'Invalid',
      /spec\.containers: Required value/,
    ],
    [
      'an unknown dryRun',
      `POST ${CONFIG_MAPS}?dryRun=x`,
      { metadata: { name: 'q' } },
      422,
      'Invalid',
      /^CreateOptions\.meta\.k8s\.io "" is invalid: dryRun: Unsupported value/,
    ],
    [
      'an unknown fieldValidation',
      `POST ${CONFIG_MAPS}?fieldValidation=x`,
      { metadata: { name: 'q' } },
      422,
      'Invalid',
      /fieldValidation: Unsupported value: "x"/,
    ],
    [
      'a fieldManager too long',
      `POST ${CONFIG_MAPS}?fieldManager=${'x'.repeat(129)}`,
      { metadata: { name: 'q' } },
      422,
      'Invalid',
      /fieldManager: Too long: may not be more than 128 bytes/,
    ],
    [
      'a name in the path',
      `POST ${CONFIG_MAPS}/q`,
      { metadata: { name: 'q' } },
      405,
      'MethodNotAllowed',
      /^the server does not allow this method on the requested resource$/,
    ],
    [
      'a resource that does not exist',
      'POST /api/v1/namespaces/default/nothings',
      {},
      404,
      'NotFound',
      /^the server could not find the requested resource$/,
    ],
    [
      'a version that does not exist',
      'POST /apis/apps/v2/namespaces/default/deployments',
      {},
      404,
      'NotFound',
      /^the server could not find/,
    ],
    [
      'a namespace before what is in none',
      'POST /api/v1/namespaces/default/nodes',
      { metadata: { name: 'q' } },
      404,
      'NotFound',
      /^the server could not find/,
    ],
    [
      'no namespace before what is in one',
      'POST /api/v1/pods',
      { metadata: { name: 'q' } },
      405,
      'MethodNotAllowed',
      /does not allow/,
    ],
  ];
  for (const [title, request, body, status, reason, message] of refusals) {
    test(`refuses ${title}`, async () => {
      const answer = await api.send(request, { body });
      assert.equal(answer.status, status);
      assert.equal(answer.at('kind'), 'Status');
      assert.equal(answer.at('reason') ?? '', reason);
      assert.match(String(answer.at('message')), message);
      assert.equal(answer.at('code'), status);
    });
  }

  test('takes YAML and protobuf, and says 415 to anything else', async () => {
    const yaml = 'metadata:\n  name: from-yaml\ndata:\n  a: "1"\n';
    const created = await api.send(`POST ${CONFIG_MAPS}`, { body: yaml, contentType: 'application/yaml' });
    assert.equal(created.at('data.a'), '1');
    const accept = { accept: 'application/vnd.kubernetes.protobuf' };
    const encoded = await api.send(`GET ${CONFIG_MAPS}/from-yaml`, { headers: accept });
    assert.equal(encoded.contentType, 'application/vnd.kubernetes.protobuf');
    await api.send(`DELETE ${CONFIG_MAPS}/from-yaml`);
    const again = await api.send(`POST ${CONFIG_MAPS}`, {
      body: withoutVersion(encoded.bytes, String(created.at('metadata.resourceVersion'))),
      contentType: 'application/vnd.kubernetes.protobuf',
    });
    assert.equal(again.at('data.a'), '1');
    const refused = await api.send(`POST ${CONFIG_MAPS}`, { body: '<a/>', contentType: 'text/xml' });
    assert.equal(refused.status, 415);
    assert.match(
      String(refused.at('message')),
      /^the body of the request was in an unknown format - accepted media types include: application\/json, /,
    );
  });
});

/** A protobuf message with its resourceVersion, a string field of that text, made empty by a version of zero. */
function withoutVersion(bytes: Uint8Array, resourceVersion: string): Uint8Array {
  const at = Buffer.from(bytes).indexOf(Buffer.from([0x32, resourceVersion.length, ...Buffer.from(resourceVersion)]));
  assert.ok(at > 0);
  const changed = bytes.slice();
  changed.fill(0x30, at + 2, at + 2 + resourceVersion.length);
  return changed;
}
