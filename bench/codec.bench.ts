// What does it cost to decode and encode a pod of 2.5 KB, in JSON and in protobuf, next to the engine's own JSON?
//
// Every write that the API server takes is decoded, checked for unknown and duplicate fields, defaulted and encoded, all
// on one event loop; at 5,000 writes a second that has 200 microseconds each for everything. Compares with JSON.parse
// and JSON.stringify of the same pod in one run: the floor that nothing on this engine gets below.

import { performance } from 'node:perf_hooks';
import { applyConfiguration, managedFieldsAfterUpdate } from '../src/api/apply/field-manager.ts';
import { FieldScopes } from '../src/api/apply/kind-scope.ts';
import type { JsonMap } from '../src/api/apply/typed-value.ts';
import { Pod } from '../src/api/core/pod.ts';
import { decodeBody } from '../src/api/decode-body.ts';
import { decodeObject } from '../src/api/decode-object.ts';
import { deepEqual } from '../src/api/deep-equal.ts';
import { applyDefaults } from '../src/api/defaults.ts';
import { hasDuplicateKeys } from '../src/api/json-decode.ts';
import { encodeJson } from '../src/api/json-encode.ts';
import type { AnyObject } from '../src/api/kind.ts';
import { validateObject } from '../src/api/object-validation.ts';
import { readPatch } from '../src/api/patch/patch-object.ts';
import { decodeProtobuf, encodeProtobuf } from '../src/api/protobuf-codec.ts';
import { report, rounded } from './report.ts';

const WARM_UP_MS = 200;
const RUN_MS = 400;
const BATCH = 100;

run();

function run(): void {
  const object = decodeObject(Pod, examplePod()) as unknown as AnyObject;
  const text = JSON.stringify(object);
  const bytes = new TextEncoder().encode(text);
  const parsed: unknown = JSON.parse(text);
  const protobuf = encodeProtobuf(Pod, object);
  const patch = readPatch('strategic', '{"metadata":{"labels":{"new":"label"}}}', 'Warn');
  const other: unknown = JSON.parse(text);
  const sizes = { jsonBytes: bytes.length, protobufBytes: protobuf.length };

  const parse = measure('JSON.parse', sizes, () => JSON.parse(text));
  const stringify = measure('JSON.stringify', sizes, () => JSON.stringify(object));
  const operations: readonly (readonly [string, number, () => unknown])[] = [
    ['decode a parsed pod', parse, () => decodeObject(Pod, parsed)],
    ['look for duplicate keys', parse, () => hasDuplicateKeys(text)],
    ['decode a strict body', parse, () => decodeBody(Pod, bytes, { format: 'json', fieldValidation: 'Strict' })],
    ['apply declared defaults', parse, () => applyDefaults(Pod.schema, object)],
    ['validate in general', parse, () => validateObject(Pod, object)],
    ['apply a strategic merge patch', parse, () => patch.apply(Pod, object)],
    ['compare', parse, () => deepEqual(object, other)],
    ...managing(object as unknown as JsonMap, parsed as JsonMap).map(([what, work]) => [what, parse, work] as const),
    ['encode as JSON', stringify, () => encodeJson(object)],
    ['encode as protobuf', stringify, () => encodeProtobuf(Pod, object)],
    ['decode protobuf', parse, () => decodeProtobuf(Pod, protobuf)],
  ];
  for (const [operation, floorUs, work] of operations) measure(operation, sizes, work, floorUs);
}

/** Who manages what: of a pod that begins, a pod whose status goes on, a write that changes nothing, and an apply. */
function managing(pod: JsonMap, copy: JsonMap): readonly (readonly [string, () => unknown])[] {
  const scopes = new FieldScopes([Pod]);
  const [scope, statusScope] = [scopes.of(Pod, ''), scopes.of(Pod, 'status')];
  const time = '2024-05-06T07:08:09Z';
  const { metadata } = pod as { metadata: object };
  const unsaved = { ...pod, metadata: { ...metadata, uid: undefined } };
  const created = managedFieldsAfterUpdate(scope, { live: scope.empty, next: unsaved, manager: 'creator', time });
  const noStatus = { ...pod, metadata: { ...metadata, managedFields: created }, status: scope.empty['status'] };
  const write = { live: noStatus, next: { ...copy, metadata }, manager: 'kubelet', time };
  const running = { ...pod, metadata: { ...metadata, managedFields: managedFieldsAfterUpdate(statusScope, write) } };
  const later = { ...copy, metadata, status: { ...(copy['status'] as object), podIP: '10.244.0.18' } };
  const labels = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web', labels: { new: 'label' } } };
  return [
    [
      'manage a new pod',
      () => managedFieldsAfterUpdate(scope, { live: scope.empty, next: unsaved, manager: 'creator', time }),
    ],
    [
      'manage a status update',
      () => managedFieldsAfterUpdate(statusScope, { live: running, next: later, manager: 'kubelet', time }),
    ],
    [
      'manage an update that changes nothing',
      () => managedFieldsAfterUpdate(scope, { live: running, next: { ...copy, metadata }, manager: 'kubelet', time }),
    ],
    [
      'apply a label',
      () => applyConfiguration(scope, { live: running, applied: labels, manager: 'a', force: false, time }),
    ],
  ];
}

/** Microseconds an operation takes; the best of the batches, which says what the code costs and not what else ran. */
function measure(operation: string, sizes: object, work: () => unknown, floorUs?: number): number {
  batches(work, WARM_UP_MS);
  const microseconds = batches(work, RUN_MS);
  const comparison = floorUs === undefined ? {} : { timesJson: rounded(microseconds / floorUs) };
  report('codec', { measure: operation, value: microseconds, unit: 'µs' }, { ...sizes, ...comparison });
  return microseconds;
}

function batches(work: () => unknown, durationMs: number): number {
  const end = performance.now() + durationMs;
  let best = Number.POSITIVE_INFINITY;
  let kept: unknown;
  while (performance.now() < end) {
    const start = performance.now();
    for (let i = 0; i < BATCH; i++) kept = work();
    best = Math.min(best, (performance.now() - start) / BATCH);
  }
  if (kept === null) throw new Error('the work has no result');
  return best * 1000;
}

/** A pod as it is stored once it runs: what the server reads and writes most. */
function examplePod(): object {
  const container = (name: string) => ({
    name,
    image: `registry.example.com/team/${name}:1.2.3`,
    ports: [{ name: 'http', containerPort: 8080, protocol: 'TCP' }],
    env: [
      { name: 'POD_NAME', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.name' } } },
      { name: 'LOG_LEVEL', value: 'info' },
    ],
    resources: { limits: { cpu: '500m', memory: '256Mi' }, requests: { cpu: '100m', memory: '128Mi' } },
    volumeMounts: [{ name: 'token', readOnly: true, mountPath: '/var/run/secrets/kubernetes.io/serviceaccount' }],
    readinessProbe: {
      httpGet: { path: '/healthz', port: 'http', scheme: 'HTTP' },
      timeoutSeconds: 1,
      periodSeconds: 10,
    },
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    imagePullPolicy: 'IfNotPresent',
  });
  const toleration = (key: string) => ({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 });
  const condition = (type: string) => ({ type, status: 'True', lastTransitionTime: '2024-05-06T07:08:09Z' });
  return {
    metadata: {
      name: 'web-6d4cf56db6-x7xqk',
      generateName: 'web-6d4cf56db6-',
      namespace: 'default',
      uid: '5b1f7e0c-2b1a-4bb1-9d0e-3f1d0f5f7a11',
      resourceVersion: '12345',
      generation: 1,
      creationTimestamp: '2024-05-06T07:08:08Z',
      labels: { app: 'web', 'pod-template-hash': '6d4cf56db6' },
      ownerReferences: [
        {
          apiVersion: 'apps/v1',
          kind: 'ReplicaSet',
          name: 'web-6d4cf56db6',
          uid: '8a9b',
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
    },
    spec: {
      volumes: [
        {
          name: 'token',
          projected: {
            sources: [
              { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
              { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
            ],
            defaultMode: 420,
          },
        },
      ],
      containers: [container('web'), container('sidecar')],
      restartPolicy: 'Always',
      terminationGracePeriodSeconds: 30,
      dnsPolicy: 'ClusterFirst',
      serviceAccountName: 'default',
      nodeName: 'node-1',
      securityContext: {},
      schedulerName: 'default-scheduler',
      tolerations: [toleration('node.kubernetes.io/not-ready'), toleration('node.kubernetes.io/unreachable')],
      priority: 0,
      enableServiceLinks: true,
      preemptionPolicy: 'PreemptLowerPriority',
    },
    status: {
      phase: 'Running',
      conditions: [condition('Initialized'), condition('Ready'), condition('PodScheduled')],
      hostIP: '10.0.0.5',
      podIP: '10.244.0.17',
      startTime: '2024-05-06T07:08:08Z',
      qosClass: 'Burstable',
    },
  };
}
