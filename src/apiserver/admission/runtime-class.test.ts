import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pod } from '../../api/core/pod.ts';
import type { Toleration } from '../../api/core/toleration.ts';
import type { AnyDraft } from '../../api/kind.ts';
import { RuntimeClass } from '../../api/node/runtime-class.ts';
import { readInput } from '../../api/read-input.ts';
import { MapObjectReader } from '../registry/map-object-reader.ts';
import { mergeTolerations } from './merge-tolerations.ts';
import { runtimeClass } from './runtime-class.ts';

const objects = new MapObjectReader();
objects.put(RuntimeClass, { metadata: { name: 'plain' }, handler: 'runc' });
objects.put(RuntimeClass, {
  metadata: { name: 'vm' },
  handler: 'kata',
  overhead: { podFixed: { cpu: '250m', memory: '120Mi' } },
  scheduling: { nodeSelector: { vm: 'yes' }, tolerations: [{ key: 'vm', operator: 'Exists' }] },
});

async function admit(spec: object) {
  const pod = readInput(Pod, { metadata: { name: 'web' }, spec: { containers: [{ name: 'c' }], ...spec } });
  const request = {
    operation: 'CREATE',
    kind: Pod,
    subresource: '',
    namespace: 'a',
    name: 'web',
    object: pod as unknown as AnyDraft,
    oldObject: undefined,
    user: { name: 'jane', uid: undefined, groups: [], extra: {} },
    dryRun: false,
    warn() {},
  } as const;
  const plugin = runtimeClass({ objects });
  await plugin.mutate?.(request);
  await plugin.validate?.(request);
  const { overhead, nodeSelector, tolerations } = pod.spec;
  return { overhead, nodeSelector, tolerations };
}

const nothing = { overhead: undefined, nodeSelector: undefined, tolerations: undefined };
const OVERHEAD = { cpu: '250m', memory: '120Mi' };
const TOLERATION = { key: 'vm', operator: 'Exists' };
const ofVm = { overhead: OVERHEAD, nodeSelector: { vm: 'yes' }, tolerations: [TOLERATION] };
const cases: readonly [string, object, object | string][] = [
  ['no class', {}, nothing],
  ['a class that says nothing', { runtimeClassName: 'plain' }, nothing],
  ['the overhead and the nodes of the class', { runtimeClassName: 'vm' }, ofVm],
  ['the same overhead', { runtimeClassName: 'vm', overhead: { cpu: '0.25', memory: '120Mi' } }, ofVm],
  [
    'nodes of its own as well',
    { runtimeClassName: 'vm', nodeSelector: { disk: 'ssd' } },
    { ...ofVm, nodeSelector: { disk: 'ssd', vm: 'yes' } },
  ],
  ['a class that does not exist', { runtimeClassName: 'x' }, 'pod rejected: RuntimeClass "x" not found'],
  [
    'another overhead',
    { runtimeClassName: 'vm', overhead: { cpu: '1' } },
    "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead",
  ],
  [
    'an overhead of its own',
    { overhead: { cpu: '1' } },
    'pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead',
  ],
  [
    'other nodes',
    { runtimeClassName: 'vm', nodeSelector: { vm: 'no' } },
    'conflict: runtimeClass.scheduling.nodeSelector[vm] = yes; pod.spec.nodeSelector[vm] = no',
  ],
];
for (const [title, spec, expected] of cases) {
  test(`runtimeClass: ${title}`, async () => {
    if (typeof expected === 'object') assert.deepEqual(await admit(spec), expected);
    else await assert.rejects(admit(spec), { message: `pods "web" is forbidden: ${expected}` });
  });
}

const any: Toleration = { operator: 'Exists' };
const key: Toleration = { key: 'a', operator: 'Equal', value: '1', effect: 'NoExecute', tolerationSeconds: 5 };
const longer: Toleration = { ...key, tolerationSeconds: 50 };
const merges: readonly [string, readonly Toleration[], readonly Toleration[], readonly Toleration[]][] = [
  ['keeps what is different', [key], [{ ...key, value: '2' }], [key, { ...key, value: '2' }]],
  ['drops what is the same', [key], [{ ...key }], [key]],
  ['drops what an earlier one includes', [any], [key], [any]],
  ['drops what a later one includes', [key], [any], [any]],
  ['keeps the one that lasts longer', [key], [longer], [longer]],
];
for (const [title, first, second, merged] of merges) {
  test(`mergeTolerations ${title}`, () => assert.deepEqual(mergeTolerations(first, second), merged));
}
