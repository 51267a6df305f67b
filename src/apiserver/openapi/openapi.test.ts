import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type ApiUnderTest, apiUnderTest, valueAt } from '../../../test/support/api-requests.ts';
import { KINDS } from '../../api/catalog.ts';
import { FakeClock } from '../../base/clock.ts';
import { ProtobufReader } from '../../base/protobuf.ts';
import { servedGroups } from '../discovery/served-groups.ts';
import { openApiDocuments } from './openapi-documents.ts';

let api: ApiUnderTest;

before(async () => {
  api = await apiUnderTest({
    describe: async (typeName) => (typeName === 'core/v1.Pod' ? { text: 'A pod.', fields: {} } : undefined),
  });
});
after(() => api[Symbol.asyncDispose]());

type Schemas = Readonly<
  Record<string, { properties?: Record<string, Record<string, unknown>>; [key: string]: unknown }>
>;

/** Every reference in a document. */
function refsIn(value: unknown, found = new Set<string>()): Set<string> {
  if (typeof value !== 'object' || value === null) return found;
  for (const [key, inner] of Object.entries(value)) {
    if (key === '$ref' && typeof inner === 'string') found.add(inner);
    else refsIn(inner, found);
  }
  return found;
}

/** Everything that a document refers to is in it. */
function assertComplete(document: unknown, about: string): void {
  for (const ref of refsIn(document)) {
    const [, ...path] = ref.split('/');
    const target = path.reduce((at: unknown, name) => (at as Record<string, unknown> | undefined)?.[name], document);
    assert.ok(target, `${about}: ${ref}`);
  }
}

const protobuf = (version: string) => `application/com.github.proto-openapi.spec.${version}+protobuf`;

describe('openapi v2', () => {
  test('has everything that it refers to, and says so once', async () => {
    const document = await api.send('GET /openapi/v2');
    assert.equal(document.at('swagger'), '2.0');
    assertComplete(document.body, 'v2');
    assert.equal(document.headers['vary'], 'Accept');
    const again = await api.send('GET /openapi/v2', { headers: { 'if-none-match': String(document.headers['etag']) } });
    assert.equal(again.status, 304);
  });

  test('has no defaults, shares parameters, and describes types', async () => {
    const { body } = await api.send('GET /openapi/v2');
    const { definitions, paths } = body as { definitions: Schemas; paths: Record<string, unknown> };
    assert.equal(definitions['io.k8s.api.core.v1.Pod']?.['description'], 'A pod.');
    const protocol = definitions['io.k8s.api.core.v1.ContainerPort']?.properties?.['protocol'];
    assert.deepEqual(protocol, { type: 'string', enum: ['SCTP', 'TCP', 'UDP'] });
    const list = paths['/api/v1/pods'];
    assert.deepEqual(valueAt(list, 'parameters.0'), { $ref: '#/parameters/allowWatchBookmarks-query' });
    const options = definitions['io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions'];
    const groups = options?.['x-kubernetes-group-version-kind'] as { group: string; version: string }[];
    assert.equal(groups.length, new Set(KINDS.map(({ apiVersion }) => apiVersion)).size);
  });

  test('comes in protobuf to those who ask for it by either name, and in no other form', async () => {
    for (const version of ['v2@v1.0', 'v2.v1.0']) {
      const accept = protobuf(version);
      const { status, contentType, bytes } = await api.send('GET /openapi/v2', { headers: { accept } });
      assert.equal(status, 200);
      assert.equal(contentType, protobuf('v2.v1.0'));
      const reader = new ProtobufReader(bytes);
      assert.ok(reader.next());
      assert.deepEqual([reader.field, reader.string()], [1, '2.0']);
    }
    assert.equal((await api.send('GET /openapi/v2', { headers: { accept: 'text/html' } })).status, 406);
  });
});

describe('openapi v3', () => {
  const indexed = async () => {
    const index = await api.send('GET /openapi/v3');
    return index.at('paths') as Record<string, { serverRelativeURL: string }>;
  };
  const documentAt = async (name: string) => api.send(`GET ${(await indexed())[name]?.serverRelativeURL}`);
  const schemasOf = async (name: string) => (await documentAt(name)).at('components.schemas') as Schemas;

  test('has a document for each group and version, complete in itself', async () => {
    const names = Object.keys(await indexed());
    for (const name of ['api', 'api/v1', 'apis', 'apis/apps', 'apis/apps/v1', 'apis/autoscaling/v2', 'version']) {
      assert.ok(names.includes(name), name);
    }
    for (const name of names) {
      const { status, body } = await documentAt(name);
      assert.equal(status, 200, name);
      assertComplete(body, name);
    }
  });

  test('describes fields with what clients go by', async () => {
    const schemas = await schemasOf('api/v1');
    const container = schemas['io.k8s.api.core.v1.Container']!;
    assert.deepEqual(container['required'], ['name']);
    assert.deepEqual(container.properties?.['imagePullPolicy']?.['enum'], ['Always', 'IfNotPresent', 'Never']);
    assert.deepEqual(container.properties?.['ports'], {
      type: 'array',
      items: { allOf: [{ $ref: '#/components/schemas/io.k8s.api.core.v1.ContainerPort' }], default: {} },
      'x-kubernetes-list-map-keys': ['containerPort', 'protocol'],
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-patch-merge-key': 'containerPort',
      'x-kubernetes-patch-strategy': 'merge',
    });
    assert.equal(schemas['io.k8s.api.core.v1.ContainerPort']?.properties?.['protocol']?.['default'], 'TCP');
    assert.deepEqual(schemas['io.k8s.api.core.v1.Pod']?.['x-kubernetes-group-version-kind'], [
      { group: '', kind: 'Pod', version: 'v1' },
    ]);
    assert.ok(schemas['io.k8s.api.core.v1.PodList']);
    assert.deepEqual(schemas['io.k8s.apimachinery.pkg.apis.meta.v1.Time'], { type: 'string', format: 'date-time' });
  });

  test('knows objects of other groups, and says of options only whose they are', async () => {
    const schemas = await schemasOf('apis/apps/v1');
    assert.deepEqual(schemas['io.k8s.api.core.v1.PersistentVolumeClaim']?.['x-kubernetes-group-version-kind'], [
      { group: '', kind: 'PersistentVolumeClaim', version: 'v1' },
    ]);
    const options = schemas['io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions'];
    assert.deepEqual(options?.['x-kubernetes-group-version-kind'], [
      { group: '', kind: 'DeleteOptions', version: 'v1' },
      { group: 'apps', kind: 'DeleteOptions', version: 'v1' },
    ]);
  });

  test('describes requests: patches take fieldValidation and dryRun', async () => {
    const paths = (await documentAt('apis/apps/v1')).at('paths') as Record<
      string,
      Record<string, { [key: string]: unknown; parameters: { name: string }[] }>
    >;
    const patch = paths['/apis/apps/v1/namespaces/{namespace}/deployments/{name}']!['patch']!;
    assert.deepEqual(
      patch.parameters.map(({ name }) => name),
      ['dryRun', 'fieldManager', 'fieldValidation', 'force'],
    );
    assert.deepEqual(patch['x-kubernetes-group-version-kind'], { group: 'apps', kind: 'Deployment', version: 'v1' });
    const types = Object.keys(valueAt(patch, 'requestBody.content') as object);
    assert.ok(types.includes('application/apply-patch+yaml'));
    assert.ok(paths['/apis/apps/v1/deployments']?.['get']);
    assert.ok(paths['/apis/apps/v1/namespaces/{namespace}/deployments/{name}/scale']?.['put']);
  });

  test('comes in protobuf by either name, under the same tag', async () => {
    const json = await documentAt('apis/batch/v1');
    for (const version of ['v3@v1.0', 'v3.v1.0']) {
      const answer = await api.send('GET /openapi/v3/apis/batch/v1', { headers: { accept: protobuf(version) } });
      assert.equal(answer.contentType, protobuf('v3.v1.0'));
      assert.equal(answer.headers['etag'], json.headers['etag']);
      const reader = new ProtobufReader(answer.bytes);
      assert.ok(reader.next());
      assert.deepEqual([reader.field, reader.string()], [1, '3.0.0']);
    }
    const accept = protobuf('v2.v1.0');
    assert.equal((await api.send('GET /openapi/v3/apis/batch/v1', { headers: { accept } })).status, 406);
  });

  test('is kept for good by its hash, and found from an older one', async () => {
    const { serverRelativeURL } = (await indexed())['api/v1']!;
    assert.match(serverRelativeURL, /^\/openapi\/v3\/api\/v1\?hash=[0-9A-F]{32}$/);
    const { headers } = await api.send(`GET ${serverRelativeURL}`);
    assert.equal(headers['cache-control'], 'public, immutable');
    assert.equal(headers['etag'], `"${serverRelativeURL.split('=')[1]}"`);
    const years = (Date.parse(String(headers['expires'])) - Date.now()) / (365 * 24 * 3_600_000);
    assert.ok(Math.abs(years - 1) < 0.01, headers['expires']);
    const older = await api.send('GET /openapi/v3/api/v1?hash=0123');
    assert.deepEqual([older.status, older.headers['location']], [301, serverRelativeURL]);
    const plain = await api.send('GET /openapi/v3/api/v1');
    assert.deepEqual([plain.status, plain.headers['expires']], [200, undefined]);
    assert.notEqual(plain.headers['cache-control'], 'public, immutable');
    const known = { headers: { 'if-none-match': `W/"other", ${headers['etag']}` } };
    assert.equal((await api.send('GET /openapi/v3/api/v1', known)).status, 304);
    assert.equal((await api.send('GET /openapi/v3/apis/nonsense/v1')).status, 404);
  });
});

test('openApiDocuments makes again only what has changed', async () => {
  let kinds = KINDS.filter(({ group }) => group === 'apps' || group === 'batch');
  const asked: string[] = [];
  const describeType = async (typeName: string) => {
    asked.push(typeName);
    return undefined;
  };
  const served = servedGroups(() => kinds);
  const documents = openApiDocuments({ clock: new FakeClock(), describe: describeType }, served, 'v1.36.0');
  const { index, v3 } = documents();
  await index();
  assert.equal(documents().v3.get('apis/apps/v1'), v3.get('apis/apps/v1'));
  kinds = kinds.filter(({ kind }) => kind !== 'CronJob');
  const changed = documents();
  assert.equal(changed.v3.get('apis/apps/v1'), v3.get('apis/apps/v1'));
  assert.notEqual(changed.v3.get('apis/batch/v1'), v3.get('apis/batch/v1'));
  assert.notEqual(await changed.v3.get('apis/batch/v1')?.hash(), await v3.get('apis/batch/v1')?.hash());
  const before = asked.length;
  assert.notEqual((await changed.index()).hash, (await index()).hash);
  assert.deepEqual(
    asked.slice(before).filter((name) => /^(apps|batch)\//.test(name)),
    [],
  );
});
