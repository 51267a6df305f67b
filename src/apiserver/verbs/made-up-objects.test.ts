import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type ApiUnderTest, apiUnderTest } from '../../../test/support/api-requests.ts';
import { PodMetrics } from '../../api/metrics/pod-metrics.ts';
import { decodeProtobuf } from '../../api/protobuf-codec.ts';
import type { MadeUpObject, Wanted } from '../registry/handlers.ts';

const PATH = '/apis/metrics.k8s.io/v1beta1';
const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io';
const TIME = '2026-01-01T00:00:00Z';

function podMetrics(namespace: string, name: string, labels: Readonly<Record<string, string>>): MadeUpObject {
  const usage = (cpu: string, memory: string) => ({ cpu, memory });
  return {
    kind: 'PodMetrics',
    apiVersion: 'metrics.k8s.io/v1beta1',
    metadata: { name, namespace, creationTimestamp: TIME, labels },
    timestamp: TIME,
    window: '15s',
    containers: [
      { name: 'a', usage: usage('1500001n', '1Mi') },
      { name: 'b', usage: usage('500u', '512Ki') },
    ],
  };
}

describe('objects that are made up when asked for', () => {
  const wanted: Wanted[] = [];
  let api: ApiUnderTest;
  before(async () => {
    const all = [podMetrics('default', 'web', { app: 'web' }), podMetrics('default', 'db', { app: 'db' })];
    const source = async (what: Wanted) => {
      wanted.push(what);
      return [...all, podMetrics('other', 'web', { app: 'web' })];
    };
    api = await apiUnderTest({ parts: () => ({ sources: { 'pods.metrics.k8s.io': source } }) });
  });
  after(() => api[Symbol.asyncDispose]());

  const names = async (query: string) => {
    const { status, body } = await api.send(`GET ${PATH}/${query}`);
    assert.equal(status, 200);
    const { items } = body as { items: { metadata: { name: string; namespace: string } }[] };
    return items.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
  };

  test('one is read, without a version', async () => {
    const { status, body } = await api.send(`GET ${PATH}/namespaces/default/pods/web`);
    assert.equal(status, 200);
    assert.deepEqual(body, podMetrics('default', 'web', { app: 'web' }));
    assert.deepEqual(wanted.at(-1), { namespace: 'default', name: 'web', labels: undefined });
  });

  test('one that nobody makes up is not there', async () => {
    const { status, at } = await api.send(`GET ${PATH}/namespaces/default/pods/gone`);
    assert.equal(status, 404);
    assert.equal(at('message'), 'pods.metrics.k8s.io "gone" not found');
    assert.deepEqual(await names('nodes'), []);
  });

  test('lists are in order and selected from', async () => {
    assert.deepEqual(await names('pods'), ['default/db', 'default/web', 'other/web']);
    assert.deepEqual(await names('namespaces/default/pods'), ['default/db', 'default/web']);
    assert.deepEqual(await names('pods?labelSelector=app%3Dweb'), ['default/web', 'other/web']);
    assert.equal(wanted.at(-1)?.labels?.matches({ app: 'db' }), false);
    assert.deepEqual(await names('pods?fieldSelector=metadata.namespace%3Dother'), ['other/web']);
    assert.deepEqual(await names('namespaces/default/pods?fieldSelector=metadata.name%3Ddb'), ['default/db']);
    assert.equal(wanted.at(-1)?.name, 'db');
    const { at } = await api.send(`GET ${PATH}/pods`);
    assert.deepEqual(at('metadata'), {});
    assert.equal(at('kind'), 'PodMetricsList');
  });

  test('a field that they cannot be selected by is refused', async () => {
    assert.equal((await api.send(`GET ${PATH}/pods?fieldSelector=spec.nodeName%3Da`)).status, 400);
  });

  test('they come as a table', async () => {
    const { at } = await api.send(`GET ${PATH}/namespaces/default/pods`, { headers: { accept: TABLE } });
    const columns = at('columnDefinitions') as { name: string }[];
    assert.deepEqual(
      columns.map(({ name }) => name),
      ['Name', 'cpu', 'memory', 'Window'],
    );
    assert.deepEqual(at('rows.1.cells'), ['web', '2000001n', '1536Ki', '15s']);
  });

  test('they come in protobuf', async () => {
    const headers = { accept: 'application/vnd.kubernetes.protobuf' };
    const { bytes, contentType } = await api.send(`GET ${PATH}/namespaces/default/pods/web`, { headers });
    assert.equal(contentType, headers.accept);
    assert.deepEqual({ ...decodeProtobuf(PodMetrics, bytes) }, podMetrics('default', 'web', { app: 'web' }));
  });

  test('they cannot be written or watched', async () => {
    const body = podMetrics('default', 'web', {});
    assert.equal((await api.send(`POST ${PATH}/namespaces/default/pods`, { body })).status, 405);
    assert.equal((await api.send(`GET ${PATH}/pods?watch=true`)).status, 405);
    assert.equal((await api.send(`DELETE ${PATH}/namespaces/default/pods/web`)).status, 405);
  });

  test('discovery tells of them', async () => {
    const { at } = await api.send(`GET ${PATH}`);
    assert.deepEqual(at('resources'), [
      { name: 'nodes', singularName: '', namespaced: false, kind: 'NodeMetrics', verbs: ['get', 'list'] },
      { name: 'pods', singularName: '', namespaced: true, kind: 'PodMetrics', verbs: ['get', 'list'] },
    ]);
  });
});
