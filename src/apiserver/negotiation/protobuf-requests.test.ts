import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type Answered, type ApiUnderTest, apiUnderTest, valueAt } from '../../../test/support/api-requests.ts';
import { Deployment } from '../../api/apps/deployment.ts';
import { Scale } from '../../api/autoscaling/scale.ts';
import { Binding } from '../../api/core/binding.ts';
import { Pod } from '../../api/core/pod.ts';
import { decodeObject, type ObjectType } from '../../api/decode-object.ts';
import { listType } from '../../api/list-type.ts';
import { DeleteOptions } from '../../api/meta/options.ts';
import { Status } from '../../api/meta/status.ts';
import { decodeProtobuf, decodeWatchEvent, encodeProtobuf, readEnvelope } from '../../api/protobuf-codec.ts';

const PROTOBUF = 'application/vnd.kubernetes.protobuf';
const PODS = '/api/v1/namespaces/a/pods';
const DEPLOYMENTS = '/apis/apps/v1/namespaces/a/deployments';
const STATUS: ObjectType = { group: '', version: 'v1', kind: 'Status', schema: Status };
const SCALE: ObjectType = { group: 'autoscaling', version: 'v1', kind: 'Scale', schema: Scale };
const DELETE_OPTIONS: ObjectType = { group: 'apps', version: 'v1', kind: 'DeleteOptions', schema: DeleteOptions };
const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } };

describe('protobuf', () => {
  let api: ApiUnderTest;
  before(async () => {
    api = await apiUnderTest();
  });
  after(() => api[Symbol.asyncDispose]());

  /** A request with a body in protobuf, and the answer as an object of `answerType`. */
  const send = async (request: string, type: ObjectType, input: object, answerType = type) => {
    const body = encodeProtobuf(type, decodeObject(type, input));
    const answer = await api.send(request, { body, contentType: PROTOBUF, headers: { accept: PROTOBUF } });
    return read(answer, answerType);
  };

  test('goes in and out of every verb', async () => {
    const name = { name: 'web' };
    const spec = { selector: { matchLabels: { a: 'b' } }, template, replicas: 1 };
    const created = await send(`POST ${DEPLOYMENTS}`, Deployment, { metadata: name, spec });
    assert.equal(created.code, 201);
    const updated = await send(`PUT ${DEPLOYMENTS}/web`, Deployment, {
      metadata: name,
      spec: { ...spec, paused: true },
    });
    assert.deepEqual([updated.code, updated.at('spec.paused')], [200, true]);
    const scaled = await send(`PUT ${DEPLOYMENTS}/web/scale`, SCALE, { metadata: name, spec: { replicas: 3 } });
    assert.deepEqual([scaled.code, scaled.at('spec.replicas')], [200, 3]);
    const gone = await send(`DELETE ${DEPLOYMENTS}/web`, DELETE_OPTIONS, { propagationPolicy: 'Background' }, STATUS);
    assert.deepEqual([gone.code, gone.at('status'), gone.at('details.name')], [200, 'Success', 'web']);
  });

  test('is taken by what is posted to subresources, and failures come in it', async () => {
    await api.send(`POST ${PODS}`, { body: { metadata: { name: 'p' }, spec: template.spec } });
    const binding = { metadata: { name: 'p' }, target: { kind: 'Node', name: 'n' } };
    const refused = await send(`POST ${PODS}/none/binding`, Binding, binding, STATUS);
    assert.ok(refused.code >= 400);
    assert.deepEqual([refused.at('status'), refused.at('code')], ['Failure', refused.code]);
  });

  test('holds lists, of which the items say no kind', async () => {
    const answer = await api.send(`GET ${PODS}`, { headers: { accept: PROTOBUF } });
    const list = read(answer, listType(Pod));
    assert.equal(list.at('items.0.metadata.name'), 'p');
    assert.equal(list.at('items.0.kind'), undefined);
  });

  test('comes on a watch as frames of events around enveloped objects', async () => {
    const headers = { accept: `${PROTOBUF};stream=watch` };
    const chunks = await api.stream(`${PODS}?watch=1`, { headers });
    const { value } = await chunks.next();
    await chunks.return?.();
    const frame = value as Uint8Array;
    const length = new DataView(frame.buffer, frame.byteOffset).getUint32(0);
    assert.equal(length, frame.length - 4);
    const { type, object } = decodeWatchEvent(frame.subarray(4));
    assert.equal(type, 'ADDED');
    assert.equal(decodeProtobuf(Pod, object).metadata.name, 'p');
  });

  test('is refused as a patch, like CBOR is as anything', async () => {
    const answers = [
      await api.send(`PATCH ${PODS}/p`, { body: '', contentType: PROTOBUF }),
      await api.send(`POST ${PODS}`, { body: 'x', contentType: 'application/cbor' }),
      await api.send(`POST ${PODS}`, { body: '{}', contentType: 'constructor' }),
      await api.send(`PATCH ${PODS}/p`, { body: 'x', contentType: 'application/apply-patch+cbor' }),
      await api.send(`GET ${PODS}`, { headers: { accept: 'application/cbor' } }),
      await api.send(`GET ${PODS}?watch=1`, { headers: { accept: 'application/cbor-seq' } }),
    ];
    assert.deepEqual(
      answers.map(({ status }) => status),
      [415, 415, 415, 415, 406, 406],
    );
  });
});

/** The answer's code, and what stands at a path in its object. */
function read(answer: Answered, type: ObjectType): { code: number; at(path: string): unknown } {
  assert.equal(answer.contentType, PROTOBUF);
  const { kind, apiVersion } = readEnvelope(answer.bytes);
  const object = decodeProtobuf(type, answer.bytes);
  assert.deepEqual({ kind, apiVersion }, { kind: type.kind, apiVersion: object.apiVersion });
  return { code: answer.status, at: (path) => valueAt(object, path) };
}
