// What the specification's rows about ConfigMaps, Secrets and the downward API say, where it needs no container, done with
// the real kubectl. What containers see of them is test/e2e/conformance. Each test bears the ids of its rows.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type ServedCluster, servedCluster } from '../../support/served-cluster.ts';
import { until } from '../../support/until.ts';

const MANIFESTS = join(import.meta.dirname, '../../e2e/manifests');

let cluster: ServedCluster;
before(async () => {
  cluster = await servedCluster();
});
after(() => cluster[Symbol.asyncDispose]());

function secretOf(type: string, stringData: Readonly<Record<string, string>> = {}): string {
  return JSON.stringify({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'typed' }, type, stringData });
}

function podWith(env: object): string {
  const spec = { containers: [{ name: 'main', image: 'i', env: [{ name: 'KEY', ...env }] }] };
  return JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'pod' }, spec });
}

describe('configuration', () => {
  test('CF-001 a ConfigMap keeps texts and files of any form', async () => {
    const { kubectl: run } = await cluster.inNamespace('texts');
    await run(['apply', '-f', join(MANIFESTS, '06-info-configmap.yaml')]);
    const described = await run('describe cm info');
    for (const [key, value] of [
      ['count', '10'],
      ['debug', 'on'],
      ['path', '/etc/systemd'],
    ]) {
      assert.match(described, new RegExp(`^${key}:\n----\n${value}$`, 'm'));
    }
    const files = { 'a.json': '{"a": [1, "2"]}\n', 'b.properties': '# c\na.b=\\u0041\n', 'c.yaml': 'a:\n- "b"\n' };
    const literals = Object.entries(files).map(([name, text]) => `--from-literal=${name}=${text}`);
    await run(['create', 'configmap', 'files', ...literals]);
    assert.deepEqual(JSON.parse(await run('get cm files -o json')).data, files);
  });

  test('CF-002 CF-003 CF-004 CF-012 a Secret is base64, which describing it does not show', async () => {
    const { kubectl: run, refused } = await cluster.inNamespace('secrets');
    await run(['apply', '-f', join(MANIFESTS, '07-user-secret.yaml')]);
    assert.match(await run('get secret user --no-headers'), /^user +Opaque +3 /);
    assert.equal(
      await run('get secret user -o jsonpath={.data}'),
      '{"db":"bXlzY2Fw","name":"cm9vdA==","pwd":"MTIzNDU2"}',
    );
    const described = await run('describe secret user');
    assert.match(described, /^name: +4 bytes$/m);
    assert.doesNotMatch(described, /root|cm9vdA/);
    assert.match(
      await refused('create -f -', {
        stdin: '{"apiVersion":"v1","kind":"Secret","metadata":{"name":"s"},"data":{"a":"a*"}}',
      }),
      /illegal base64 data at input byte 1/,
    );
  });

  test('CF-013 a Secret for a token of an account is filled', async () => {
    const { kubectl: run } = await cluster.inNamespace('tokens');
    const metadata = { name: 'token', annotations: { 'kubernetes.io/service-account.name': 'default' } };
    const type = 'kubernetes.io/service-account-token';
    await run('create -f -', { stdin: JSON.stringify({ apiVersion: 'v1', kind: 'Secret', metadata, type }) });
    const data = async () => JSON.parse(await run('get secret token -o json')).data ?? {};
    await until(async () => (await data()).token !== undefined);
    assert.deepEqual(Object.keys(await data()).sort(), ['ca.crt', 'namespace', 'token']);
    assert.equal(Buffer.from((await data()).namespace, 'base64').toString(), 'tokens');
  });

  test('CF-014 CF-015 CF-016 CF-017 CF-018 CF-019 the type of a Secret says what it has to have', async () => {
    const { kubectl: run, refused } = await cluster.inNamespace('types');
    const complaint = async (type: string, data?: Readonly<Record<string, string>>) =>
      (await refused('create -f -', { stdin: secretOf(type, data) })).replace(/^.*? is invalid: /s, '').trim();
    assert.match(
      await complaint('kubernetes.io/dockerconfigjson', { '.dockerconfigjson': '{' }),
      /^data\[.dockerconfigjson\]: Invalid value: "<secret contents redacted>": unexpected end of JSON input$/,
    );
    assert.equal(await complaint('kubernetes.io/tls', { 'tls.crt': 'c' }), 'data[tls.key]: Required value');
    assert.match(
      await complaint('kubernetes.io/basic-auth'),
      /data\[username\]: Required value.*data\[password\]: Required value/s,
    );
    assert.equal(await complaint('kubernetes.io/ssh-auth'), 'data[ssh-privatekey]: Required value');
    for (const type of ['Opaque', 'kubernetes.io/azure-file', 'example.com/any']) {
      await run('create -f -', { stdin: secretOf(type, { 'tls.crt': 'c' }) });
      assert.equal(await run('get secret typed -o jsonpath={.type}'), type);
      await run('delete secret typed');
    }
  });

  test('CF-024 the downward API tells only what is known before a container starts', async () => {
    const { refused } = await cluster.inNamespace('downward');
    for (const [fieldPath, why] of [
      ['status.phase', 'Unsupported value: "status.phase"'],
      ['status.containerStatuses', 'Invalid value: "status.containerStatuses": error converting fieldPath'],
    ] as const) {
      const stdin = podWith({ valueFrom: { fieldRef: { fieldPath } } });
      const complaint = await refused('create -f -', { stdin });
      assert.ok(complaint.includes(`spec.containers[0].env[0].valueFrom.fieldRef.fieldPath: ${why}`), complaint);
    }
  });

  test('nothing went wrong', () => assert.deepEqual(cluster.errors, []));
});
