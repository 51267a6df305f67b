import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type ApiUnderTest, apiUnderTest, valueAt } from '../../../test/support/api-requests.ts';
import { ProtobufReader } from '../../base/protobuf.ts';

let api: ApiUnderTest;

before(async () => {
  api = await apiUnderTest();
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

describe('openapi v2', () => {
  test('defines everything that it refers to', async () => {
    const document = await api.send('GET /openapi/v2');
    assert.equal(document.at('swagger'), '2.0');
    const definitions = document.at('definitions') as Schemas;
    for (const ref of refsIn(document.body)) {
      assert.ok(Object.hasOwn(definitions, ref.replace('#/definitions/', '')), ref);
    }
    const again = await api.send('GET /openapi/v2', { headers: { 'if-none-match': String(document.headers['etag']) } });
    assert.equal(again.status, 304);
  });

  test('comes in protobuf to those who ask for it by either name, and in no other form', async () => {
    for (const version of ['v2@v1.0', 'v2.v1.0']) {
      const accept = `application/com.github.proto-openapi.spec.${version}+protobuf`;
      const { status, contentType, bytes } = await api.send('GET /openapi/v2', { headers: { accept } });
      assert.equal(status, 200);
      assert.equal(contentType, 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf');
      const reader = new ProtobufReader(bytes);
      assert.ok(reader.next());
      assert.deepEqual([reader.field, reader.string()], [1, '2.0']);
    }
    assert.equal((await api.send('GET /openapi/v2', { headers: { accept: 'text/html' } })).status, 406);
  });
});

describe('openapi v3', () => {
  const schemasOf = async (path: string) => {
    const root = await api.send('GET /openapi/v3');
    const { serverRelativeURL } = (root.at('paths') as Record<string, { serverRelativeURL: string }>)[path]!;
    assert.match(serverRelativeURL, new RegExp(`^/openapi/v3/${path}\\?hash=[0-9A-F]{32}$`));
    const document = await api.send(`GET ${serverRelativeURL}`);
    assert.equal(document.headers['cache-control'], 'public, immutable');
    return { document, schemas: valueAt(document.body, 'components.schemas') as Schemas };
  };

  test('has a document for each group and version, complete in itself', async () => {
    const root = await api.send('GET /openapi/v3');
    for (const path of Object.keys(root.at('paths') as object)) {
      const { document, schemas } = await schemasOf(path);
      for (const ref of refsIn(document.body)) {
        assert.ok(Object.hasOwn(schemas, ref.replace('#/components/schemas/', '')), `${path} ${ref}`);
      }
    }
  });

  test('describes fields with what clients go by', async () => {
    const { schemas } = await schemasOf('api/v1');
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

  test('describes requests: patches take fieldValidation and dryRun', async () => {
    const { document } = await schemasOf('apis/apps/v1');
    const paths = document.at('paths') as Record<
      string,
      Record<string, { [key: string]: unknown; parameters: { name: string }[] }>
    >;
    const patch = paths['/apis/apps/v1/namespaces/{namespace}/deployments/{name}']!['patch']!;
    const names = patch.parameters.map(({ name }) => name);
    for (const name of ['dryRun', 'fieldManager', 'fieldValidation', 'force']) assert.ok(names.includes(name), name);
    assert.deepEqual(patch['x-kubernetes-group-version-kind'], { group: 'apps', kind: 'Deployment', version: 'v1' });
    assert.equal(patch['operationId'], 'patchAppsV1NamespacedDeployment');
    assert.ok(paths['/apis/apps/v1/deployments']?.['get']);
    assert.ok(paths['/apis/apps/v1/namespaces/{namespace}/deployments/{name}/scale']?.['put']);
  });
});
