import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DaemonSet } from './apps/daemon-set.ts';
import { Deployment } from './apps/deployment.ts';
import { ConfigMap } from './core/config-map.ts';
import { Namespace } from './core/namespace.ts';
import { Pod } from './core/pod.ts';
import { Service } from './core/service.ts';
import { decodeObject } from './decode-object.ts';
import { fieldError, formatFieldError, Path } from './field-error.ts';
import type { AnyObject, Kind } from './kind.ts';
import {
  immutable,
  mergeErrors,
  validateFieldManager,
  validateObject,
  validateObjectUpdate,
} from './object-validation.ts';

function object(kind: Kind, value: object): AnyObject {
  return decodeObject(kind, value) as unknown as AnyObject;
}

function faults(kind: Kind, value: object): string[] {
  return validateObject(kind, object(kind, value)).map(formatFieldError);
}

const META = { name: 'a', namespace: 'ns' };

test('validateObject finds nothing wrong with a sound object', () => {
  const labels = { app: 'web', 'example.com/tier': '' };
  const ownerReferences = [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'a', uid: '1', controller: true }];
  const annotations = { 'Example.com/Any-Case': 'any text' };
  assert.deepEqual(
    faults(ConfigMap, { metadata: { ...META, labels, annotations, ownerReferences, finalizers: ['a/b'] } }),
    [],
  );
});

test('validateObject checks metadata in the words of upstream', () => {
  const owner = { apiVersion: 'v1', kind: 'Pod', name: 'a', uid: '1' };
  const cases: readonly (readonly [object, RegExp])[] = [
    [{ namespace: 'ns' }, /^metadata.name: Required value: name or generateName is required$/],
    [{ ...META, name: 'A' }, /^metadata.name: Invalid value: "A": a lowercase RFC 1123 subdomain/],
    [{ ...META, generateName: 'Ab-' }, /^metadata.generateName: Invalid value: "Ab-": a lowercase RFC 1123/],
    [{ name: 'a' }, /^metadata.namespace: Required value$/],
    [{ ...META, namespace: 'a.b' }, /^metadata.namespace: Invalid value: "a.b": must not contain dots$/],
    [{ ...META, generation: -1 }, /^metadata.generation: Invalid value: -1: must be greater than or equal to 0$/],
    [{ ...META, labels: { 'a b': 'c' } }, /^metadata.labels: Invalid value: "a b": name part must consist of/],
    [{ ...META, labels: { a: '-' } }, /^metadata.labels: Invalid value: "-": a valid label must be/],
    [{ ...META, annotations: { 'a b': '' } }, /^metadata.annotations: Invalid value: "a b": name part/],
    [
      { ...META, annotations: { a: 'x'.repeat(262144) } },
      /^metadata.annotations: Too long: may not be more than 262144 bytes$/,
    ],
    [{ ...META, finalizers: ['a b'] }, /^metadata.finalizers: Invalid value: "a b": name part/],
    [
      { ...META, finalizers: ['orphan', 'foregroundDeletion'] },
      /finalizer orphan and foregroundDeletion cannot be both set$/,
    ],
    [
      { ...META, ownerReferences: [{ ...owner, uid: '' }] },
      /^metadata.ownerReferences.uid: Invalid value: "": must not be empty$/,
    ],
    [
      { ...META, ownerReferences: [{ ...owner, apiVersion: 'a/b/c' }] },
      /apiVersion: Invalid value: "a\/b\/c": version must not be empty$/,
    ],
    [
      { ...META, ownerReferences: [{ ...owner, kind: 'Event' }] },
      /\/v1, Kind=Event is disallowed from being an owner$/,
    ],
    [
      {
        ...META,
        ownerReferences: [
          { ...owner, controller: true },
          { ...owner, name: 'b', controller: true },
        ],
      },
      /Only one reference can have Controller set to true. Found "true" in references for Pod\/a and Pod\/b$/,
    ],
    [
      { ...META, managedFields: [{ operation: 'Merge' }] },
      /operation: Invalid value: "Merge": must be `Apply` or `Update`$/,
    ],
    [
      { ...META, managedFields: [{ operation: 'Apply', fieldsType: 'X' }] },
      /fieldsType: Invalid value: "X": must be `FieldsV1`$/,
    ],
  ];
  for (const [metadata, expected] of cases) {
    const found = faults(ConfigMap, { metadata });
    assert.equal(found.length, 1, found.join('\n'));
    assert.match(found[0] ?? '', expected);
  }
});

test('validateObject wants no namespace where there is none, and the name that the kind has', () => {
  assert.deepEqual(faults(Namespace, { metadata: META }), ['metadata.namespace: Forbidden: not allowed on this type']);
  assert.match(faults(Namespace, { metadata: { name: 'a.b' } })[0] ?? '', /must not contain dots/);
  assert.match(
    faults(Service, { metadata: { ...META, name: '1' } })[0] ?? '',
    /DNS-1035|DNS-1123|RFC 1123|RFC 1035|^$/,
  );
});

test('validateObject checks required fields, enumerations and label selectors of the declaration, but not status', () => {
  const container = { image: 'x', imagePullPolicy: 'Sometimes', env: [{ value: 'v' }] };
  const found = faults(Deployment, {
    metadata: META,
    spec: { template: { spec: { containers: [container], restartPolicy: 'Often' } } },
    status: { conditions: [{}] },
  });
  assert.deepEqual(found.sort(), [
    'spec.selector: Required value',
    'spec.template.spec.containers[0].env[0].name: Required value',
    'spec.template.spec.containers[0].imagePullPolicy: Unsupported value: "Sometimes": supported values: "Always", "IfNotPresent", "Never"',
    'spec.template.spec.containers[0].name: Required value',
    'spec.template.spec.restartPolicy: Unsupported value: "Often": supported values: "Always", "Never", "OnFailure"',
  ]);
  const selector = { matchExpressions: [{ key: 'a', operator: 'In' }] };
  assert.deepEqual(faults(Deployment, { metadata: META, spec: { selector } }), [
    "spec.selector.matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'",
  ]);
});

test('validateObject leaves to a kind what it has rules of its own for', () => {
  const spec = { updateStrategy: { type: 'Often' }, template: { spec: { containers: [] } } };
  assert.deepEqual(faults(DaemonSet, { metadata: META, spec }), []);
  const selector = { matchExpressions: [{ key: 'a', operator: 'In' }] };
  assert.equal(faults(DaemonSet, { metadata: META, spec: { ...spec, selector } }).length, 1);
});

test('validateObject lets a required string be empty where upstream does', () => {
  const probe = { httpGet: { port: 80, httpHeaders: [{ name: 'X', value: '' }] } };
  assert.deepEqual(faults(Pod, { metadata: META, spec: { containers: [{ name: 'c', readinessProbe: probe }] } }), []);
});

test('validateObjectUpdate holds fast what may not change', () => {
  const before = object(ConfigMap, { metadata: { ...META, uid: '1', resourceVersion: '5', generation: 2 } });
  const step = (metadata: object, previous = before) => {
    const next = object(ConfigMap, { metadata: { ...before.metadata, ...metadata } });
    return validateObjectUpdate(ConfigMap, next, previous).map(formatFieldError);
  };
  assert.deepEqual(step({ labels: { a: 'b' } }), []);
  assert.deepEqual(step({ uid: '2' }), ['metadata.uid: Invalid value: "2": field is immutable']);
  assert.deepEqual(step({ name: 'b' }), ['metadata.name: Invalid value: "b": field is immutable']);
  assert.deepEqual(step({ generation: 1 }), ['metadata.generation: Invalid value: 1: must not be decremented']);
  assert.deepEqual(step({ resourceVersion: '' }), [
    'metadata.resourceVersion: Invalid value: "": must be specified for an update',
  ]);
  const deleted = object(ConfigMap, {
    metadata: { ...before.metadata, deletionTimestamp: '2024-01-01T00:00:00Z', finalizers: ['a/b'] },
  });
  const { deletionTimestamp } = deleted.metadata;
  assert.deepEqual(step({ deletionTimestamp, finalizers: [] }, deleted), []);
  assert.deepEqual(step({ deletionTimestamp, finalizers: ['a/b', 'c/d'] }, deleted), [
    'metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"c/d"}',
  ]);
});

test('mergeErrors lets a kind speak for its own fields', () => {
  const general = [fieldError.required('a'), fieldError.required('b')];
  const own = [fieldError.required('b', 'because')];
  assert.deepEqual(mergeErrors(general, own), [general[0], own[0]]);
});

test('mergeErrors lets a kind speak for the elements of its lists, not for what is below them', () => {
  const general = [fieldError.required('a[0]'), fieldError.required('a[1].b')];
  const own = [fieldError.required('a')];
  assert.deepEqual(mergeErrors(general, own), [general[1], own[0]]);
});

test('immutable and validateFieldManager', () => {
  assert.deepEqual(immutable(Path.of('a'), { b: [] }, {}), []);
  assert.equal(immutable(Path.of('a'), 1, 2).length, 1);
  const found = validateFieldManager('a\u0007b', Path.of('fieldManager')).map(formatFieldError);
  assert.deepEqual(found, ['fieldManager: Invalid value: "a\\u0007b": invalid character U+0007 (at position 1)']);
  assert.equal(validateFieldManager('m'.repeat(129), Path.of('fieldManager'))[0]?.type, 'TooLong');
});
