import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type ApiUnderTest, apiUnderTest } from '../../../test/support/api-requests.ts';
import { seededRandom } from '../../base/random.ts';

const POD = {
  kind: 'Pod',
  apiVersion: 'v1',
  metadata: { name: 'p', labels: { a: 'b' }, annotations: { c: 'd' }, finalizers: ['example.com/f'] },
  spec: {
    containers: [
      {
        name: 'c',
        image: 'i',
        ports: [{ containerPort: 80, protocol: 'TCP' }],
        env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }],
        resources: { limits: { cpu: '1', memory: '1Gi' } },
        livenessProbe: { httpGet: { path: '/', port: 'http' }, periodSeconds: 3 },
      },
    ],
    volumes: [{ name: 'v', configMap: { name: 'x', items: [{ key: 'k', path: 'p' }] } }],
  },
};
const SERVICE = {
  kind: 'Service',
  apiVersion: 'v1',
  metadata: { name: 's' },
  spec: { ports: [{ port: 80, targetPort: 'http' }], selector: { a: 'b' }, clusterIP: '10.96.0.9' },
};
const DEPLOYMENT = {
  kind: 'Deployment',
  apiVersion: 'apps/v1',
  metadata: { name: 'd' },
  spec: {
    replicas: 1,
    selector: { matchLabels: { a: 'b' } },
    template: { metadata: { labels: { a: 'b' } }, spec: POD.spec },
  },
};
const TARGETS: readonly [path: string, object: object][] = [
  ['/api/v1/namespaces/a/pods', POD],
  ['/api/v1/namespaces/a/services', SERVICE],
  ['/apis/apps/v1/namespaces/a/deployments', DEPLOYMENT],
];
const ODDITIES: readonly unknown[] = [
  null,
  '',
  'x',
  0,
  -1,
  1.5,
  1e308,
  true,
  [],
  {},
  [null],
  [[]],
  { a: null },
  'a'.repeat(70_000),
  '\u0000',
  '💥',
  '\ud800',
  2 ** 60,
];
const ROUNDS = 1500;

let api: ApiUnderTest;

before(async () => {
  api = await apiUnderTest();
});
after(() => api[Symbol.asyncDispose]());

/** The object with one value in it replaced, taken away or put where none belongs. */
function mutated(object: unknown, next: () => number): unknown {
  const copy = structuredClone(object);
  let at = copy as Record<string, unknown>;
  for (let depth = 0; depth < 8; depth++) {
    const keys = Object.keys(at);
    if (keys.length === 0) break;
    const key = keys[Math.floor(next() * keys.length)] as string;
    const inner = at[key];
    if (typeof inner === 'object' && inner !== null && next() < 0.8) {
      at = inner as Record<string, unknown>;
      continue;
    }
    const odd = ODDITIES[Math.floor(next() * ODDITIES.length)];
    if (next() < 0.2) delete at[key];
    else if (next() < 0.3) at[`${key}x`] = odd;
    else at[key] = odd;
    break;
  }
  return copy;
}

/** A proper answer: success, or a Status with a code of the client's making. */
function assertProper(what: string, answer: Awaited<ReturnType<ApiUnderTest['send']>>): void {
  assert.ok(answer.status < 500, `${what}: ${answer.status} ${answer.at('message')}`);
  if (answer.status < 400) return;
  assert.equal(answer.at('kind'), 'Status', what);
  assert.equal(answer.at('code'), answer.status, what);
}

describe('malformed requests', () => {
  for (const method of ['POST', 'PUT', 'PATCH']) {
    test(`objects of wrong forms by ${method} are the client's mistake`, async () => {
      const random = seededRandom(method.length);
      const next = () => random.next();
      for (const [path, object] of TARGETS) await api.send(`POST ${path}`, { body: object });
      for (let round = 0; round < ROUNDS; round++) {
        const [path, object] = TARGETS[round % TARGETS.length]!;
        const body = mutated(mutated(object, next), next);
        const { name } = (object as { metadata: { name: string } }).metadata;
        const target = method === 'POST' ? path : `${path}/${name}`;
        const contentType = method === 'PATCH' ? 'application/strategic-merge-patch+json' : 'application/json';
        const validation = ['Ignore', 'Warn', 'Strict'][round % 3];
        const answer = await api.send(`${method} ${target}?dryRun=All&fieldValidation=${validation}`, {
          body,
          contentType,
        });
        // This refusal of a create that names a version is a 500 upstream as well.
        if (answer.at('message') === 'resourceVersion should not be set on objects to be created') continue;
        assertProper(`${method} ${target} ${JSON.stringify(body).slice(0, 600)}`, answer);
      }
    });
  }

  test('texts that are cut off or garbled are the client’s mistake, in every format', async () => {
    const random = seededRandom(11);
    const protobuf = await api.send('GET /api/v1/namespaces/a/pods/p', {
      headers: { accept: 'application/vnd.kubernetes.protobuf' },
    });
    const yaml = await api.send('GET /api/v1/namespaces/a/pods/p', { headers: { accept: 'application/yaml' } });
    const formats: [contentType: string, bytes: Uint8Array][] = [
      ['application/json', new TextEncoder().encode(JSON.stringify(POD))],
      ['application/yaml', yaml.bytes],
      ['application/vnd.kubernetes.protobuf', protobuf.bytes],
    ];
    for (const [contentType, bytes] of formats) {
      for (let round = 0; round < 300; round++) {
        const garbled = bytes.slice(0, Math.floor(random.next() * (bytes.length + 1)));
        for (let i = 0; i < round % 4 && garbled.length > 0; i++) {
          garbled[Math.floor(random.next() * garbled.length)] = Math.floor(random.next() * 256);
        }
        const answer = await api.send('POST /api/v1/namespaces/a/pods?dryRun=All', { body: garbled, contentType });
        if (/^resourceVersion should not be set/.test(String(answer.at('message')))) continue;
        assertProper(`${contentType} ${Buffer.from(garbled).toString('base64')}`, answer);
      }
    }
  });

  const bodies: [title: string, body: string][] = [
    ['nothing', ''],
    ['null', 'null'],
    ['a number', '1'],
    ['a list', '[]'],
    ['a text', '"x"'],
    ['no JSON', '{'],
    ['deep nesting', '['.repeat(100_000)],
    ['deep nesting in a field', `{"metadata":{"name":"x"},"spec":${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}}`],
    ['a prototype', '{"__proto__":{"x":1},"constructor":{"prototype":1},"metadata":{"name":"x","__proto__":1}}'],
    ['a kind that is no text', '{"kind":1}'],
    ['a long number', `{"spec":{"activeDeadlineSeconds":${'9'.repeat(400)}}}`],
  ];
  for (const [title, body] of bodies) {
    test(`a body of ${title} is the client's mistake`, async () => {
      for (const [path] of TARGETS) {
        const answer = await api.send(`POST ${path}?dryRun=All`, { body });
        assert.ok(answer.status >= 400 && answer.status < 500, `${answer.status}`);
        assertProper(title, answer);
      }
    });
  }

  test('paths and queries of any form have a proper answer', async () => {
    const random = seededRandom(5);
    const parts = [
      'api',
      'apis',
      'v1',
      'apps',
      'namespaces',
      'a',
      'pods',
      'p',
      'status',
      'watch',
      '',
      '..',
      '%2e%2e',
      '%2f',
      'log',
      'scale',
      '%00',
      '💥',
      'x'.repeat(300),
    ];
    const names = [
      'limit',
      'continue',
      'resourceVersion',
      'labelSelector',
      'fieldSelector',
      'dryRun',
      'watch',
      'timeoutSeconds',
      'pretty',
      'includeObject',
      'sendInitialEvents',
      'resourceVersionMatch',
      'gracePeriodSeconds',
    ];
    const values = [
      '',
      '0',
      '1',
      '-1',
      'x',
      'true',
      '%',
      'a=b',
      'a in (',
      ',',
      '!',
      '99999999999999999999',
      'Exact',
      'metadata.name=x',
      '\\',
    ];
    const pick = <T>(list: readonly T[]): T => list[Math.floor(random.next() * list.length)] as T;
    const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'];
    for (let round = 0; round < 3000; round++) {
      const path = `/${Array.from({ length: Math.floor(random.next() * 9) }, () => pick(parts)).join('/')}`;
      const query = new URLSearchParams(Array.from({ length: 3 }, (): [string, string] => [pick(names), pick(values)]));
      query.delete('watch');
      const wait = Number(query.get('resourceVersion')) > 1000;
      if (wait) query.delete('resourceVersion');
      const method = pick(methods);
      const request = `${method} ${path}?${query}`;
      const answer = await api.send(request.includes('/watch/') ? `POST ${path}?${query}` : request, {
        body: method === 'GET' ? undefined : {},
      });
      if (answer.contentType === 'application/json') assertProper(request, answer);
    }
  });
});
