import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type ContainerInput, containerOf, kubeletPod, type PodShape } from '../../test/support/kubelet-objects.ts';
import { service } from '../../test/support/service-objects.ts';
import type { ConfigMap } from '../api/core/config-map.ts';
import type { Secret } from '../api/core/secret.ts';
import type { Service } from '../api/core/service.ts';
import { containerEnvironment, type EnvironmentSources, expand, serviceEnvironment } from './environment.ts';

const base64 = (text: string) => Buffer.from(text).toString('base64');
const CONFIG_MAPS: Readonly<Record<string, ConfigMap['data']>> = {
  settings: { COLOUR: 'green', SIZE: '3' },
  more: { SIZE: '5' },
};
const SECRETS: Readonly<Record<string, Secret['data']>> = { login: { USER: base64('root'), PASSWORD: base64('pä$$') } };
const API = service('kubernetes', { clusterIP: '10.96.0.1', ports: [{ name: 'https', port: 443 }] });

function sourcesWith(services: readonly Service[] = []): EnvironmentSources {
  return {
    configMap: async (_namespace, name) =>
      name in CONFIG_MAPS ? ({ data: CONFIG_MAPS[name] } as ConfigMap) : undefined,
    secret: async (_namespace, name) => (name in SECRETS ? ({ data: SECRETS[name] } as Secret) : undefined),
    services: () => services,
    volumeFile: async (_pod, volume, path) => {
      if (`${volume}/${path}` !== 'data/env') throw new Error('no such file');
      return "KEY='of the file'\nEMPTY=''\n";
    },
    fields: {
      status: () => ({ podIP: '10.244.0.5', podIPs: [{ ip: '10.244.0.5' }, { ip: 'fd00::5' }] }),
      hostIp: () => '192.0.2.1',
      allocatable: () => ({ cpu: '4', memory: '8Gi' }),
    },
  };
}

async function environmentOf(
  container: Partial<ContainerInput>,
  shape: PodShape = {},
  services: readonly Service[] = [],
) {
  const pod = kubeletPod({
    ...shape,
    spec: { serviceAccountName: 'builder', ...shape.spec, containers: [{ name: 'main', ...container }] },
  });
  return Object.fromEntries(await containerEnvironment(sourcesWith(services), pod, containerOf(pod, 'main')));
}

describe('expand', () => {
  const variables = new Map([
    ['A', 'a'],
    ['EMPTY', ''],
    ['NESTED', '$(A)'],
  ]);
  const cases: readonly (readonly [string, string])[] = [
    ['plain', 'plain'],
    ['$(A)', 'a'],
    ['x$(A)y$(A)', 'xaya'],
    ['$(EMPTY)', ''],
    ['$(NOBODY)', '$(NOBODY)'],
    ['$$(A)', '$(A)'],
    ['$$$(A)', '$a'],
    ['$$$$(A)', '$$(A)'],
    ['$A $', '$A $'],
    ['$(A', '$(A'],
    ['$(NESTED)', '$(A)'],
    ['$($(A))', '$($(A))'],
    ['$()', '$()'],
    ['\\$(A)', '\\a'],
  ];
  for (const [text, expected] of cases)
    test(JSON.stringify(text), () => assert.equal(expand(text, variables), expected));
});

describe('containerEnvironment', () => {
  test('sets values in their order; each may refer to those before it', async () => {
    const env = [
      { name: 'A', value: '1' },
      { name: 'B', value: '$(A)2' },
      { name: 'C', value: '$(D)' },
      { name: 'D', value: '4' },
      { name: 'A', value: '5' },
      { name: 'E', value: '$(A)' },
      { name: 'NONE' },
    ];
    assert.deepEqual(await environmentOf({ env }), { A: '5', B: '12', C: '$(D)', D: '4', E: '5', NONE: '' });
  });

  test('takes whole config maps and secrets, later ones over earlier ones, env over all', async () => {
    const envFrom = [
      { configMapRef: { name: 'settings' } },
      { configMapRef: { name: 'more' } },
      { prefix: 'DB_', secretRef: { name: 'login' } },
      { configMapRef: { name: 'nobody', optional: true } },
    ];
    const env = [
      { name: 'COLOUR', value: 'red' },
      { name: 'SEEN', value: '$(SIZE)/$(DB_USER)' },
    ];
    assert.deepEqual(await environmentOf({ envFrom, env }), {
      COLOUR: 'red',
      SIZE: '5',
      DB_USER: 'root',
      DB_PASSWORD: 'pä$$',
      SEEN: '5/root',
    });
  });

  test('reads single keys, fields and resources', async () => {
    const field = (fieldPath: string) => ({ fieldRef: { fieldPath } });
    const env = [
      { name: 'KEY', valueFrom: { configMapKeyRef: { name: 'settings', key: 'SIZE' } } },
      { name: 'PASSWORD', valueFrom: { secretKeyRef: { name: 'login', key: 'PASSWORD' } } },
      { name: 'GONE', valueFrom: { secretKeyRef: { name: 'login', key: 'x', optional: true } } },
      { name: 'GONE_TOO', valueFrom: { configMapKeyRef: { name: 'x', key: 'x', optional: true } } },
      { name: 'FILE', valueFrom: { fileKeyRef: { volumeName: 'data', path: 'env', key: 'KEY' } } },
      { name: 'NOT', valueFrom: { fileKeyRef: { volumeName: 'data', path: 'env', key: 'NOT', optional: true } } },
      { name: 'NAME', valueFrom: field('metadata.name') },
      { name: 'LABEL', valueFrom: field("metadata.labels['app']") },
      { name: 'IPS', valueFrom: field('status.podIPs') },
      { name: 'ACCOUNT', valueFrom: field('spec.serviceAccountName') },
      { name: 'CPU', valueFrom: { resourceFieldRef: { resource: 'limits.cpu' } } },
      { name: 'MEMORY', valueFrom: { resourceFieldRef: { resource: 'requests.memory', divisor: '1Mi' } } },
    ];
    const resources = { requests: { memory: '100Mi' } };
    assert.deepEqual(await environmentOf({ env, resources }, { metadata: { labels: { app: 'web' } } }), {
      ...{ KEY: '3', PASSWORD: 'pä$$', NAME: 'pod', LABEL: 'web', IPS: '10.244.0.5,fd00::5', ACCOUNT: 'builder' },
      ...{ CPU: '4', MEMORY: '100', FILE: 'of the file' },
    });
  });

  const missing: readonly (readonly [string, Partial<ContainerInput>, string])[] = [
    ['a config map', { envFrom: [{ configMapRef: { name: 'x' } }] }, 'configmap "x" not found'],
    ['a secret', { envFrom: [{ secretRef: { name: 'x' } }] }, 'secret "x" not found'],
    [
      'a key of a config map',
      { env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'settings', key: 'k' } } }] },
      "couldn't find key k in ConfigMap default/settings",
    ],
    [
      'a key of a secret',
      { env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 'login', key: 'k' } } }] },
      "couldn't find key k in Secret default/login",
    ],
  ];
  for (const [name, container, message] of missing) {
    test(`throws for ${name} that is missing`, () =>
      assert.rejects(environmentOf(container), { name: 'EnvironmentError', message }));
  }

  test('tells of services last: what the pod sets itself wins, and may refer to them', async () => {
    const env = [
      { name: 'KUBERNETES_SERVICE_HOST', value: 'mine' },
      { name: 'SEEN', value: '$(WEB_SERVICE_HOST)' },
    ];
    const { KUBERNETES_SERVICE_HOST: host, SEEN: seen } = await environmentOf({ env }, {}, [API, service('web')]);
    assert.deepEqual([host, seen], ['mine', '10.96.0.10']);
  });
});

describe('serviceEnvironment', () => {
  test('has all the variables of each port', () => {
    const web = service('my-web', {
      ports: [
        { name: 'http-web', port: 80 },
        { name: 'dns', port: 53, protocol: 'UDP' },
      ],
    });
    assert.deepEqual(Object.fromEntries(serviceEnvironment(kubeletPod(), [web])), {
      MY_WEB_SERVICE_HOST: '10.96.0.10',
      MY_WEB_SERVICE_PORT: '80',
      MY_WEB_SERVICE_PORT_HTTP_WEB: '80',
      MY_WEB_SERVICE_PORT_DNS: '53',
      MY_WEB_PORT: 'tcp://10.96.0.10:80',
      MY_WEB_PORT_80_TCP: 'tcp://10.96.0.10:80',
      MY_WEB_PORT_80_TCP_PROTO: 'tcp',
      MY_WEB_PORT_80_TCP_PORT: '80',
      MY_WEB_PORT_80_TCP_ADDR: '10.96.0.10',
      MY_WEB_PORT_53_UDP: 'udp://10.96.0.10:53',
      MY_WEB_PORT_53_UDP_PROTO: 'udp',
      MY_WEB_PORT_53_UDP_PORT: '53',
      MY_WEB_PORT_53_UDP_ADDR: '10.96.0.10',
    });
  });

  const hostsOf = (shape: PodShape, services: readonly Service[]) =>
    [...serviceEnvironment(kubeletPod(shape), services).keys()].filter((name) => name.endsWith('_SERVICE_HOST'));
  const all = [API, service('web'), service('far', {}, { namespace: 'other' }), service('db', { clusterIP: 'None' })];

  test('has the services of the pod’s namespace, and that of the API wherever the pod is', () => {
    assert.deepEqual(hostsOf({}, all), ['KUBERNETES_SERVICE_HOST', 'WEB_SERVICE_HOST']);
    assert.deepEqual(hostsOf({ namespace: 'other' }, all), ['KUBERNETES_SERVICE_HOST', 'FAR_SERVICE_HOST']);
  });

  test('has that of the API alone where the pod wants no links', () => {
    assert.deepEqual(hostsOf({ spec: { enableServiceLinks: false } }, all), ['KUBERNETES_SERVICE_HOST']);
  });

  test('puts IPv6 addresses in brackets', () => {
    const six = service('six', { clusterIP: 'fd00::1', clusterIPs: ['fd00::1'] });
    assert.equal(serviceEnvironment(kubeletPod(), [six]).get('SIX_PORT'), 'tcp://[fd00::1]:80');
  });
});
