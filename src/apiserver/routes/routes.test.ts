import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type ApiUnderTest, apiUnderTest } from '../../../test/support/api-requests.ts';
import { APIGroupDiscoveryList } from '../../api/apidiscovery/api-group-discovery.ts';
import { KINDS } from '../../api/catalog.ts';
import { decodeProtobuf, readEnvelope } from '../../api/protobuf-codec.ts';
import { createMemoryStore } from '../../store/memory.ts';
import type { WatchListener } from '../../store/store.ts';
import { startHooks } from './start-hooks.ts';

let api: ApiUnderTest;

before(async () => {
  api = await apiUnderTest({ kubernetesVersion: 'v1.36.4', platform: 'linux/amd64', serverAddress: '10.0.0.1:6443' });
});
after(() => api[Symbol.asyncDispose]());

const get = (path: string, headers: Record<string, string> = {}) => api.send(`GET ${path}`, { headers });

describe('discovery', () => {
  test('/api and /apis name versions and groups in order', async () => {
    assert.deepEqual((await get('/api')).body, {
      kind: 'APIVersions',
      versions: ['v1'],
      serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: '10.0.0.1:6443' }],
    });
    const groups = await get('/apis');
    assert.equal(groups.at('groups.0.name'), 'apiregistration.k8s.io');
    const autoscaling = (groups.at('groups') as { name: string }[]).find(({ name }) => name === 'autoscaling');
    assert.deepEqual(autoscaling, {
      name: 'autoscaling',
      versions: [
        { groupVersion: 'autoscaling/v2', version: 'v2' },
        { groupVersion: 'autoscaling/v1', version: 'v1' },
      ],
      preferredVersion: { groupVersion: 'autoscaling/v2', version: 'v2' },
    });
    assert.deepEqual((await get('/apis/autoscaling/')).body, { kind: 'APIGroup', apiVersion: 'v1', ...autoscaling });
    assert.equal((await get('/apis/nothing')).status, 404);
  });

  test('a group and version lists its resources and subresources', async () => {
    const list = await get('/api/v1');
    const resources = list.at('resources') as Record<string, unknown>[];
    assert.deepEqual(
      resources.find(({ name }) => name === 'pods'),
      {
        name: 'pods',
        singularName: 'pod',
        namespaced: true,
        kind: 'Pod',
        verbs: ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'],
        shortNames: ['po'],
        categories: ['all'],
        storageVersionHash: 'xPOwRZ+Yhw8=',
      },
    );
    assert.deepEqual(
      resources.find(({ name }) => name === 'pods/eviction'),
      {
        name: 'pods/eviction',
        singularName: '',
        namespaced: true,
        group: 'policy',
        version: 'v1',
        kind: 'Eviction',
        verbs: ['create'],
      },
    );
    const names = resources.map(({ name }) => name);
    assert.deepEqual(names, [...names].sort());
  });

  test('the aggregated form has everything, and an ETag', async () => {
    const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json';
    const core = await get('/api', { accept });
    assert.equal(core.contentType, 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList');
    assert.equal(core.at('kind'), 'APIGroupDiscoveryList');
    const pods = (core.at('items.0.versions.0.resources') as { resource: string; subresources?: object[] }[]).find(
      ({ resource }) => resource === 'pods',
    );
    assert.deepEqual(pods?.subresources?.at(-1), {
      subresource: 'status',
      responseKind: { group: '', version: '', kind: 'Pod' },
      verbs: ['get', 'patch', 'update'],
    });
    const groups = await get('/apis', { accept });
    const served = (groups.at('items') as { versions: { resources: unknown[] }[] }[]).flatMap(({ versions }) =>
      versions.flatMap(({ resources }) => resources),
    );
    assert.equal(served.length, KINDS.filter(({ group }) => group !== '').length);
    const again = await get('/apis', { accept, 'if-none-match': String(groups.headers['etag']) });
    assert.equal(again.status, 304);
    assert.equal((await get('/apis', { accept: 'application/json' })).at('kind'), 'APIGroupList');
  });

  test('the aggregated form comes as clients before 1.30 know it, and in protobuf', async () => {
    const as = (type: string, version: string) => `${type};g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`;
    const older = await get('/apis', { accept: as('application/json', 'v2beta1') });
    assert.equal(older.at('apiVersion'), 'apidiscovery.k8s.io/v2beta1');
    assert.equal(older.contentType, as('application/json', 'v2beta1'));
    const accept = as('application/vnd.kubernetes.protobuf', 'v2');
    const encoded = await get('/apis', { accept });
    assert.deepEqual([encoded.contentType, encoded.headers['etag']], [accept, older.headers['etag']]);
    const type = { group: 'apidiscovery.k8s.io', version: 'v2', kind: 'APIGroupDiscoveryList' };
    const { items } = decodeProtobuf({ ...type, schema: APIGroupDiscoveryList }, encoded.bytes);
    const names = (list: unknown) => (list as { metadata: { name: string } }[]).map(({ metadata }) => metadata.name);
    assert.deepEqual(names(items), names(older.at('items')));
  });

  test('the older form comes in YAML and protobuf as well', async () => {
    const yaml = await get('/apis/apps', { accept: 'application/yaml' });
    assert.equal(yaml.contentType, 'application/yaml');
    assert.match(String(yaml.body), /^kind: APIGroup\napiVersion: v1\nname: apps\n/);
    const { bytes } = await get('/apis/apps/v1', { accept: 'application/vnd.kubernetes.protobuf' });
    assert.equal(readEnvelope(bytes).kind, 'APIResourceList');
  });
});

describe('version, root and health', () => {
  test('/version has plain integers', async () => {
    const version = await get('/version');
    assert.equal(version.at('major'), '1');
    assert.equal(version.at('minor'), '36');
    assert.equal(version.at('emulationMinor'), '36');
    assert.equal(version.at('minCompatibilityMinor'), '35');
    assert.equal(version.at('gitVersion'), 'v1.36.4');
    assert.equal(version.at('platform'), 'linux/amd64');
  });

  test('/ lists what there is', async () => {
    const paths = (await get('/')).at('paths') as string[];
    for (const path of ['/api/v1', '/apis/apps/v1', '/healthz/ping', '/livez', '/metrics', '/openapi/v3', '/version']) {
      assert.ok(paths.includes(path), path);
    }
  });

  test('health is ok, in detail on demand, and check by check', async () => {
    for (const endpoint of ['healthz', 'livez', 'readyz']) {
      assert.equal((await get(`/${endpoint}`)).body, 'ok');
      assert.match(
        String((await get(`/${endpoint}?verbose`)).body),
        new RegExp(`^\\[\\+\\]ping ok\\n.*\\n${endpoint} check passed\\n$`, 's'),
      );
    }
    assert.equal((await get('/livez/ping')).body, 'ok');
    assert.equal((await get('/livez/nothing')).status, 404);
    assert.equal((await get('/livez/shutdown')).status, 404);
    assert.equal((await get('/readyz/shutdown')).body, 'ok');
    const excluded = String((await get('/readyz?verbose&exclude=etcd&exclude=x')).body);
    assert.match(excluded, /\[\+\]etcd excluded: ok\n/);
    assert.match(excluded, /warn: some health checks cannot be excluded: no matches for "x"\n/);
  });

  test('health says when a start is not over yet, and that the server is about to end', async () => {
    const hooks = startHooks(['rbac/bootstrap-roles']);
    await using starting = await apiUnderTest({ parts: () => ({ checks: hooks.checks }) });
    const roles = () => starting.send('GET /livez/poststarthook/rbac/bootstrap-roles');
    assert.equal((await roles()).status, 500);
    assert.equal((await roles()).body, 'internal server error: not finished\n');
    assert.equal((await starting.send('GET /readyz')).status, 500);
    assert.equal((await starting.send('GET /readyz?exclude=poststarthook/rbac/bootstrap-roles')).status, 200);
    await hooks.run('rbac/bootstrap-roles', async () => {});
    assert.equal((await roles()).body, 'ok');
    assert.equal((await starting.send('GET /readyz')).body, 'ok');
    starting.server.endWatches();
    assert.match(String((await starting.send('GET /readyz')).body), /^\[-\]shutdown failed: reason withheld\n/m);
    assert.equal((await starting.send('GET /livez')).body, 'ok');
  });

  test('health fails while the store cannot be followed, and heals', async () => {
    const store = createMemoryStore();
    const watch = store.watch.bind(store);
    let listener: WatchListener | undefined;
    store.watch = (range, from, given) => {
      listener = given;
      return watch(range, from, given);
    };
    await using ill = await apiUnderTest({ store });
    listener?.closed(new Error('lost'));
    const answer = await ill.send('GET /readyz');
    assert.equal(answer.status, 500);
    assert.match(String(answer.body), /\[-\]etcd failed: reason withheld\n.*readyz check failed\n/s);
    const deadline = performance.now() + 10_000;
    while ((await ill.send('GET /readyz')).status !== 200) {
      assert.ok(performance.now() < deadline);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  });
});
