import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readInput } from '../read-input.ts';
import { Pod } from './pod.ts';

const main = { name: 'main', image: 'nginx:1' };

test('Pod gets what a minimal pod leaves open', () => {
  const { spec } = readInput(Pod, { spec: { containers: [main] } });
  assert.deepEqual(spec, {
    containers: [
      {
        name: 'main',
        image: 'nginx:1',
        resources: {},
        terminationMessagePath: '/dev/termination-log',
        terminationMessagePolicy: 'File',
        imagePullPolicy: 'IfNotPresent',
      },
    ],
    restartPolicy: 'Always',
    terminationGracePeriodSeconds: 30,
    dnsPolicy: 'ClusterFirst',
    securityContext: {},
    schedulerName: 'default-scheduler',
    enableServiceLinks: true,
  });
});

test('Pod keeps what is given', () => {
  const given = {
    restartPolicy: 'Never',
    terminationGracePeriodSeconds: 0,
    dnsPolicy: 'Default',
    securityContext: { runAsUser: 0 },
    schedulerName: 'mine',
    enableServiceLinks: false,
  } as const;
  const { spec } = readInput(Pod, { spec: { containers: [{ ...main, imagePullPolicy: 'Never' }], ...given } });
  for (const [field, value] of Object.entries(given)) assert.deepEqual(spec[field as keyof typeof spec], value, field);
  assert.equal(spec.containers[0]?.imagePullPolicy, 'Never');
});

test('Pod: what it asks for as a whole follows from its containers, then from its limits', () => {
  const limits = { cpu: '1', 'hugepages-2Mi': '2Mi' };
  const { spec } = readInput(Pod, {
    spec: { containers: [{ ...main, resources: { limits } }], resources: { limits: { cpu: '2', memory: '1Gi' } } },
  });
  assert.deepEqual(spec.resources, {
    limits: { cpu: '2', memory: '1Gi', 'hugepages-2Mi': '2Mi' },
    requests: { cpu: '1', memory: '1Gi', 'hugepages-2Mi': '2Mi' },
  });
});

test('Pod: nothing is made up where a pod does not speak of itself as a whole', () => {
  const containers = [{ ...main, resources: { limits: { cpu: '1' } } }];
  assert.equal(readInput(Pod, { spec: { containers } }).spec.resources, undefined);
  assert.deepEqual(readInput(Pod, { spec: { containers, resources: {} } }).spec.resources, {});
});

test('Pod: the pull policy follows the tag', () => {
  const digest = `sha256:${'0'.repeat(64)}`;
  const cases = [
    ['nginx', 'Always'],
    ['nginx:latest', 'Always'],
    ['nginx:1', 'IfNotPresent'],
    [`nginx@${digest}`, 'IfNotPresent'],
    [`nginx:latest@${digest}`, 'Always'],
    ['No:latest', 'IfNotPresent'],
    ['', 'IfNotPresent'],
  ] as const;
  for (const [image, policy] of cases) {
    const containers = [{ name: 'a', image }];
    const { spec } = readInput(Pod, {
      spec: { containers, initContainers: containers, volumes: [{ name: 'v', image: { reference: image } }] },
    });
    assert.equal(spec.containers[0]?.imagePullPolicy, policy, image);
    assert.equal(spec.initContainers?.[0]?.imagePullPolicy, policy, image);
    assert.equal(spec.volumes?.[0]?.image?.pullPolicy, policy, image);
  }
});

test('Pod: limits are requested where requests say nothing', () => {
  const resources = { limits: { cpu: '1', memory: '1Gi' }, requests: { cpu: '500m', 'example.com/a': '1' } };
  const { spec } = readInput(Pod, {
    spec: { containers: [{ ...main, resources }], initContainers: [{ ...main, resources }] },
  });
  const requests = { cpu: '500m', memory: '1Gi', 'example.com/a': '1' };
  assert.deepEqual(spec.containers[0]?.resources.requests, requests);
  assert.deepEqual(spec.initContainers?.[0]?.resources.requests, requests);
});

test('Pod: with the host network every port is a port of the host', () => {
  const ports = [{ containerPort: 80 }, { containerPort: 81, hostPort: 81 }];
  const hostPorts = (hostNetwork: boolean) =>
    readInput(Pod, { spec: { hostNetwork, containers: [{ ...main, ports }] } }).spec.containers[0]?.ports?.map(
      ({ hostPort, protocol }) => [hostPort, protocol],
    );
  assert.deepEqual(hostPorts(true), [
    [80, 'TCP'],
    [81, 'TCP'],
  ]);
  assert.deepEqual(hostPorts(false), [
    [undefined, 'TCP'],
    [81, 'TCP'],
  ]);
});

test('Pod: volumes', () => {
  const volumes = [
    { name: 'none' },
    { name: 'host', hostPath: { path: '/a' } },
    { name: 'secret', secret: { secretName: 's' } },
    { name: 'config', configMap: { name: 'c', defaultMode: 0 } },
    { name: 'down', downwardAPI: { items: [{ path: 'p', fieldRef: { fieldPath: 'metadata.name' } }] } },
    { name: 'projected', projected: { sources: [{ serviceAccountToken: { path: 't' } }] } },
  ];
  const { spec } = readInput(Pod, { spec: { containers: [main], volumes } });
  assert.deepEqual(spec.volumes, [
    { name: 'none', emptyDir: {} },
    { name: 'host', hostPath: { path: '/a', type: '' } },
    { name: 'secret', secret: { secretName: 's', defaultMode: 0o644 } },
    { name: 'config', configMap: { name: 'c', defaultMode: 0 } },
    {
      name: 'down',
      downwardAPI: {
        items: [{ path: 'p', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.name' } }],
        defaultMode: 0o644,
      },
    },
    {
      name: 'projected',
      projected: { sources: [{ serviceAccountToken: { path: 't', expirationSeconds: 3600 } }], defaultMode: 0o644 },
    },
  ]);
});

test('Pod: probes and hooks', () => {
  const { spec } = readInput(Pod, {
    spec: {
      containers: [
        {
          ...main,
          livenessProbe: { httpGet: { port: 80 }, timeoutSeconds: 0, periodSeconds: 7 },
          readinessProbe: { grpc: { port: 1 } },
          lifecycle: { preStop: { httpGet: { port: 'http', path: '/stop', scheme: 'HTTPS' } } },
        },
      ],
    },
  });
  const container = spec.containers[0];
  assert.deepEqual(container?.livenessProbe, {
    httpGet: { path: '/', port: 80, scheme: 'HTTP' },
    timeoutSeconds: 1,
    periodSeconds: 7,
    successThreshold: 1,
    failureThreshold: 3,
  });
  assert.equal(container?.readinessProbe?.grpc?.service, '');
  assert.deepEqual(container?.lifecycle?.preStop?.httpGet, { path: '/stop', port: 'http', scheme: 'HTTPS' });
});
