import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { parse } from 'yaml';
import { type ApiUnderTest, apiUnderTest } from '../../../test/support/api-requests.ts';
import { Pod } from '../../api/core/pod.ts';
import { PartialObjectMetadata } from '../../api/meta/table.ts';
import { decodeProtobuf, readEnvelope } from '../../api/protobuf-codec.ts';
import { FakeClock } from '../../base/clock.ts';
import { clausesOf, negotiate } from './accept.ts';

const PODS = '/api/v1/namespaces/a/pods';
const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io';
const METADATA = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1';
const METADATA_LIST = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';
const PROTOBUF = 'application/vnd.kubernetes.protobuf';

describe('negotiate', () => {
  const cases: [accept: string | undefined, expected: string][] = [
    [undefined, 'json object'],
    ['', 'json object'],
    ['*/*', 'json object'],
    ['application/*', 'json object'],
    ['application/yaml', 'yaml object'],
    [PROTOBUF, 'protobuf object'],
    [`${PROTOBUF},application/json`, 'protobuf object'],
    [`application/json;q=0.5,${PROTOBUF};q=0.9`, 'protobuf object'],
    ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', 'json object'],
    [`${TABLE},application/json`, 'json table'],
    [`${TABLE};charset=utf-8`, 'json table'],
    ['application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json', 'json table'],
    ['application/json;as=Table;v=v2;g=meta.k8s.io,application/json', 'json object'],
    ['application/json;v=v1,application/yaml', 'yaml object'],
    ['application/json;stream=watch', 'json object'],
    ['application/json;stream=other,application/yaml;q=0.1', 'yaml object'],
    [`${PROTOBUF};stream=watch`, 'protobuf object'],
    ['application/cbor,application/json', 'json object'],
    ['application/json;q=0', 'json object'],
    [`*/*;q=0.9,${PROTOBUF};q=0.1`, 'protobuf object'],
    [`${PROTOBUF};as=Table;v=v1;g=meta.k8s.io,application/json`, 'json object'],
    [METADATA_LIST, 'json metadata'],
    [`${PROTOBUF};as=PartialObjectMetadata;v=v1;g=meta.k8s.io`, 'protobuf metadata'],
  ];
  for (const [accept, expected] of cases) {
    test(`${accept} is ${expected}`, () => {
      const { format, shape } = negotiate(accept);
      assert.equal(`${format} ${shape}`, expected);
    });
  }

  const refused = [
    'text/html',
    'application/cbor',
    'constructor',
    'application/json;as=Nonsense;v=v1;g=meta.k8s.io',
    'application/yaml;stream=watch',
    `${PROTOBUF};as=Table;v=v1;g=meta.k8s.io`,
  ];
  for (const accept of refused) {
    test(`refuses ${accept}`, () => {
      assert.throws(() => negotiate(accept), {
        reason: 'NotAcceptable',
        message:
          'only the following media types are accepted: application/json, application/yaml, application/vnd.kubernetes.protobuf',
      });
    });
  }

  test('clausesOf bears anything', () => {
    for (const accept of [',', ';', 'a;;b', 'a;=', ';q=x', 'a;q=2,b;q=-1', '\u0000']) assert.ok(clausesOf(accept));
  });
});

describe('answers', () => {
  let api: ApiUnderTest;
  const clock = new FakeClock();
  before(async () => {
    api = await apiUnderTest({ clock });
    for (const name of ['one', 'two']) {
      const body = { metadata: { name, labels: { of: name } }, spec: { containers: [{ name: 'c', image: 'i' }] } };
      assert.equal((await api.send(`POST ${PODS}`, { body })).status, 201);
    }
    await clock.advance(65_000);
  });
  after(() => api[Symbol.asyncDispose]());

  const get = (path: string, accept: string) => api.send(`GET ${path}`, { headers: { accept } });

  test('a list as a table has columns, rows and the metadata of each object', async () => {
    const table = await get(PODS, `${TABLE},application/json`);
    assert.equal(table.at('kind'), 'Table');
    assert.equal(table.at('apiVersion'), 'meta.k8s.io/v1');
    assert.deepEqual(table.at('metadata'), { resourceVersion: '2' });
    const columns = table.at('columnDefinitions') as { name: string; type: string; format: string; priority: number }[];
    assert.deepEqual(
      columns.filter(({ priority }) => priority === 0).map(({ name }) => name),
      ['Name', 'Ready', 'Status', 'Restarts', 'Age'],
    );
    assert.equal(columns[0]?.format, 'name');
    assert.deepEqual((table.at('rows.0.cells') as unknown[]).slice(0, 5), ['one', '0/1', 'Pending', '0', '65s']);
    assert.equal(table.at('rows.1.object.kind'), 'PartialObjectMetadata');
    assert.equal(table.at('rows.1.object.metadata.labels.of'), 'two');
    assert.equal(table.at('rows.1.object.spec'), undefined);
  });

  test('a table pages like a list', async () => {
    const table = await get(`${PODS}?limit=1`, TABLE);
    assert.equal((table.at('rows') as unknown[]).length, 1);
    assert.equal(table.at('metadata.remainingItemCount'), 1);
    assert.ok(table.at('metadata.continue'));
  });

  const included: [query: string, kind: string | undefined][] = [
    ['includeObject=None', undefined],
    ['includeObject=Metadata', 'PartialObjectMetadata'],
    ['includeObject=Object', 'Pod'],
  ];
  for (const [query, kind] of included) {
    test(`a table with ${query}`, async () => {
      const table = await get(`${PODS}/one?${query}`, TABLE);
      assert.equal(table.at('rows.0.object.kind'), kind);
      assert.equal((table.at('rows') as unknown[]).length, 1);
    });
  }

  test('includeObject of something else is refused', async () => {
    const answer = await get(`${PODS}?includeObject=x`, TABLE);
    assert.equal(answer.status, 400);
    assert.equal(
      answer.at('message'),
      'Unable to convert to Table as requested: includeObject: Invalid value: "x": ' +
        "must be 'Metadata', 'Object', 'None', or empty",
    );
  });

  test('a failure is a Status in whatever shape', async () => {
    assert.equal((await get(`${PODS}/none`, TABLE)).at('kind'), 'Status');
    assert.equal((await get(`${PODS}/none`, METADATA)).at('kind'), 'Status');
  });

  test('metadata alone, of one and of many', async () => {
    const one = await get(`${PODS}/one`, METADATA);
    assert.equal(one.at('kind'), 'PartialObjectMetadata');
    assert.equal(one.at('metadata.name'), 'one');
    assert.equal(one.at('spec'), undefined);
    const many = await get(PODS, METADATA_LIST);
    assert.equal(many.at('kind'), 'PartialObjectMetadataList');
    assert.deepEqual(Object.keys(many.at('items.0') as object), ['kind', 'apiVersion', 'metadata']);
  });

  test('watches come in every shape; a table names its columns once', async () => {
    const read = async (accept: string) => {
      const chunks = await api.stream(`${PODS}?watch=1`, { headers: { accept } });
      const { value } = await chunks.next();
      await chunks.return?.();
      return Buffer.from(value)
        .toString()
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));
    };
    const tables = await read(`${TABLE},application/json`);
    assert.deepEqual(
      tables.map(({ type, object }) => `${type} ${object.kind} ${object.rows[0].cells[0]}`),
      ['ADDED Table one', 'ADDED Table two'],
    );
    assert.ok(tables[0].object.columnDefinitions.length > 4);
    assert.equal(tables[1].object.columnDefinitions, null);
    const metadata = await read(METADATA);
    assert.equal(metadata[0].object.kind, 'PartialObjectMetadata');
  });

  test('bookmarks come in the shape of the watch', async () => {
    const query =
      'watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&labelSelector=none';
    const bookmark = async (accept: string) => {
      const chunks = await api.stream(`${PODS}?${query}`, { headers: { accept } });
      const { value } = await chunks.next();
      await chunks.return?.();
      return JSON.parse(Buffer.from(value).toString());
    };
    const metadata = { resourceVersion: '2', annotations: { 'k8s.io/initial-events-end': 'true' } };
    const { object: pod, type } = await bookmark('application/json');
    assert.equal(type, 'BOOKMARK');
    assert.deepEqual(pod, { kind: 'Pod', apiVersion: 'v1', metadata });
    const partial = { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata };
    assert.deepEqual((await bookmark(METADATA)).object, partial);
    const table = (await bookmark(TABLE)).object;
    assert.equal(table.kind, 'Table');
    assert.ok(table.columnDefinitions.length > 4);
    assert.equal(table.rows[0].object.metadata.annotations['k8s.io/initial-events-end'], 'true');
  });

  test('protobuf says what JSON says', async () => {
    const json = await get(`${PODS}/one`, 'application/json');
    const protobuf = await get(`${PODS}/one`, PROTOBUF);
    assert.equal(protobuf.contentType, PROTOBUF);
    assert.deepEqual(decodeProtobuf(Pod, protobuf.bytes), json.body);
    const metadata = await get(`${PODS}/one`, `${PROTOBUF};as=PartialObjectMetadata;v=v1;g=meta.k8s.io`);
    const type = { group: 'meta.k8s.io', version: 'v1', kind: 'PartialObjectMetadata', schema: PartialObjectMetadata };
    assert.deepEqual(decodeProtobuf(type, metadata.bytes)['metadata'], json.at('metadata'));
    const missing = await get(`${PODS}/none`, PROTOBUF);
    assert.equal(readEnvelope(missing.bytes).kind, 'Status');
    const list = await get(PODS, PROTOBUF);
    assert.equal(readEnvelope(list.bytes).kind, 'PodList');
  });

  test('YAML says what JSON says', async () => {
    for (const path of [PODS, `${PODS}/one`, `${PODS}/none`]) {
      const json = await get(path, 'application/json');
      const yaml = await get(path, 'application/yaml');
      assert.equal(yaml.contentType, 'application/yaml');
      assert.deepEqual(parse(Buffer.from(yaml.bytes).toString()), json.body);
    }
  });

  test('an earlier version of meta.k8s.io comes by its own name', async () => {
    const beta = (accept: string) => accept.replace('v=v1', 'v=v1beta1');
    assert.equal((await get(PODS, beta(TABLE))).at('apiVersion'), 'meta.k8s.io/v1beta1');
    assert.equal((await get(PODS, beta(METADATA_LIST))).at('items.0.apiVersion'), 'meta.k8s.io/v1beta1');
    const { bytes } = await get(`${PODS}/one`, `${PROTOBUF};as=PartialObjectMetadata;g=meta.k8s.io;v=v1beta1`);
    assert.equal(readEnvelope(bytes).apiVersion, 'meta.k8s.io/v1beta1');
  });

  test('metadata of one is no list, and of a list no object', async () => {
    const one = await get(PODS, METADATA);
    assert.deepEqual(
      [one.status, one.at('message')],
      [406, 'you requested PartialObjectMetadata, but the requested object is a list (*core.PodList)'],
    );
    const list = await get(`${PODS}/one`, METADATA_LIST);
    assert.deepEqual(
      [list.status, list.at('message')],
      [406, 'you requested PartialObjectMetadataList, but the requested object is not a list (*core.Pod)'],
    );
  });

  test('a failure comes in the first form that a Status has', async () => {
    const metadata = `${PROTOBUF};as=PartialObjectMetadata;g=meta.k8s.io;v=v1`;
    assert.equal((await get(`${PODS}/none`, metadata)).contentType, 'application/json');
    const fallback = await get(`${PODS}/none`, `${metadata},${PROTOBUF}`);
    assert.equal(readEnvelope(fallback.bytes).kind, 'Status');
  });

  test('watches are not offered in YAML', async () => {
    const answer = await get(`${PODS}?watch=1`, 'application/yaml');
    assert.equal(answer.status, 406);
    assert.equal(
      parse(Buffer.from(answer.bytes).toString()).message,
      'only the following media types are accepted: application/json;stream=watch, ' +
        'application/vnd.kubernetes.protobuf;stream=watch',
    );
  });

  test('what cannot be accepted is 406, in JSON', async () => {
    const answer = await get(PODS, 'text/html');
    assert.equal(answer.status, 406);
    assert.equal(answer.at('reason'), 'NotAcceptable');
  });

  test('pretty is for who asks, and for curl', async () => {
    const lines = async (query: string, agent: string) => {
      const { bytes } = await api.send(`GET ${PODS}/one${query}`, { headers: { 'user-agent': agent } });
      return Buffer.from(bytes).toString().split('\n').length > 5;
    };
    assert.deepEqual(
      [
        await lines('', 'kubectl'),
        await lines('?pretty=true', 'kubectl'),
        await lines('', 'curl/8'),
        await lines('?pretty=false', 'curl/8'),
      ],
      [false, true, true, false],
    );
  });
});
