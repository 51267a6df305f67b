import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KINDS } from './catalog.ts';
import {
  compileFieldSelector,
  escapeFieldValue,
  fieldValue,
  formatFieldSelector,
  parseFieldSelector,
  requiredField,
} from './field-selector.ts';
import type { AnyObject } from './kind.ts';
import { isStatusError } from './status-error.ts';

const KIND = { selectableFields: { 'spec.nodeName': (object: unknown) => (object as { node: string }).node } };
const POD = { metadata: { name: 'a', namespace: 'ns' }, node: 'n1' } as unknown as AnyObject;

test('parseFieldSelector reads terms, sorted, with their escapes', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['', '[]'],
    ['a=b', '[["a","=","b"]]'],
    ['a==b', '[["a","=","b"]]'],
    ['c!=d,a=b', '[["a","=","b"],["c","!=","d"]]'],
    ['a=', '[["a","=",""]]'],
    ['a=b\\,c\\=d\\\\e', '[["a","=","b,c=d\\\\e"]]'],
    [',,a=b,', '[["a","=","b"]]'],
  ];
  for (const [text, expected] of cases) {
    const found = parseFieldSelector(text).map(({ field, operator, value }) => [field, operator, value]);
    assert.equal(JSON.stringify(found), expected, text);
  }
});

test('parseFieldSelector refuses what it cannot read in the words of upstream', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['a', "invalid selector: 'a'; can't understand 'a'"],
    ['a=b=c', 'invalid field selector: unescaped character in value: 61'],
    ['a=\\x', 'invalid field selector: invalid escape sequence: \\x'],
    ['a=b\\', 'invalid field selector: invalid escape sequence: \\'],
  ];
  for (const [text, message] of cases) {
    assert.throws(
      () => parseFieldSelector(text),
      (error) => isStatusError(error, 'BadRequest') && error.message === message,
      text,
    );
  }
});

test('compileFieldSelector matches objects by the fields of their kind', () => {
  const matches = (text: string) => compileFieldSelector(KIND, parseFieldSelector(text)).matches(POD);
  assert.equal(matches(''), true);
  assert.equal(matches('metadata.name=a,metadata.namespace=ns'), true);
  assert.equal(matches('metadata.name!=a'), false);
  assert.equal(matches('spec.nodeName=n1'), true);
  assert.equal(matches('spec.nodeName!=n1,metadata.name=a'), false);
  assert.equal(compileFieldSelector(KIND, []).isEverything, true);
});

test('fieldValue refuses fields that the kind cannot be selected by', () => {
  assert.equal(fieldValue(KIND, 'spec.nodeName')(POD), 'n1');
  assert.throws(() => fieldValue(KIND, 'spec.foo'), /^StatusError: field label not supported: spec\.foo$/);
  assert.throws(
    () => fieldValue({}, 'constructor'),
    /"constructor" is not a known field selector: only "metadata.name", "metadata.namespace"/,
  );
});

test('requiredField, formatFieldSelector and escapeFieldValue', () => {
  const requirements = parseFieldSelector('a=b,c!=d');
  assert.equal(requiredField(requirements, 'a'), 'b');
  assert.equal(requiredField(requirements, 'c'), undefined);
  assert.equal(formatFieldSelector(requirements), 'a=b,c!=d');
  const value = 'x,y=\\z';
  assert.equal(parseFieldSelector(`a=${escapeFieldValue(value)}`)[0]?.value, value);
});

test('fieldValue takes the namespace of what is in one, and of kinds that have no fields of their own', () => {
  const { selectableFields } = KIND;
  assert.equal(fieldValue({ selectableFields, scope: 'Namespaced' }, 'metadata.namespace')(POD), 'ns');
  assert.equal(fieldValue({ scope: 'Cluster' }, 'metadata.namespace')(POD), 'ns');
  assert.throws(
    () => fieldValue({ selectableFields, scope: 'Cluster' }, 'metadata.namespace'),
    /^StatusError: field label not supported: metadata\.namespace$/,
  );
});

test('kinds can be selected by the fields that upstream has, and by no others', () => {
  const expected: Readonly<Record<string, readonly string[]>> = {
    'v1 Event': [
      'involvedObject.kind',
      'involvedObject.namespace',
      'involvedObject.name',
      'involvedObject.uid',
      'involvedObject.apiVersion',
      'involvedObject.resourceVersion',
      'involvedObject.fieldPath',
      'reason',
      'reportingComponent',
      'source',
      'type',
    ],
    'v1 Namespace': ['status.phase'],
    'v1 Node': ['spec.unschedulable'],
    'v1 Pod': [
      'spec.nodeName',
      'spec.host',
      'spec.restartPolicy',
      'spec.schedulerName',
      'spec.serviceAccountName',
      'spec.hostNetwork',
      'status.phase',
      'status.podIP',
      'status.podIPs',
      'status.nominatedNodeName',
    ],
    'v1 ReplicationController': ['status.replicas'],
    'v1 Secret': ['type'],
    'v1 Service': ['spec.clusterIP', 'spec.type'],
    'apps/v1 ReplicaSet': ['status.replicas'],
    'batch/v1 Job': ['status.successful'],
    'certificates.k8s.io/v1 CertificateSigningRequest': ['spec.signerName'],
    'events.k8s.io/v1 Event': [
      'regarding.kind',
      'regarding.namespace',
      'regarding.name',
      'regarding.uid',
      'regarding.apiVersion',
      'regarding.resourceVersion',
      'regarding.fieldPath',
      'reason',
      'reportingController',
      'type',
    ],
    'resource.k8s.io/v1 ResourceSlice': ['spec.nodeName', 'spec.driver'],
  };
  const selectable = KINDS.filter(({ selectableFields }) => selectableFields !== undefined);
  const found = selectable.map((kind) => [`${kind.apiVersion} ${kind.kind}`, Object.keys(kind.selectableFields ?? {})]);
  assert.deepEqual(Object.fromEntries(found), expected);
});
