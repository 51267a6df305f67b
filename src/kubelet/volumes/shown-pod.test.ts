import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kubeletPod, type PodShape } from '../../../test/support/kubelet-objects.ts';
import { showsOtherwise } from './shown-pod.ts';

const limited = (cpu: string) => ({ name: 'main', resources: { limits: { cpu } } });
const before: PodShape = { metadata: { labels: { a: 'b' } }, spec: { containers: [limited('1')] } };

const cases: readonly (readonly [string, PodShape, boolean])[] = [
  ['nothing', before, false],
  ['a label', { ...before, metadata: { labels: { a: 'c' } } }, true],
  ['an annotation', { ...before, metadata: { ...before.metadata, annotations: { a: 'b' } } }, true],
  ['a limit', { ...before, spec: { containers: [limited('2')] } }, true],
  ['what an init container may use', { ...before, spec: { ...before.spec, initContainers: [limited('2')] } }, true],
  ['an image', { ...before, spec: { containers: [{ ...limited('1'), image: 'other' }] } }, false],
  ['a condition', { ...before, status: { conditions: [{ type: 'Ready', status: 'True' }] } as never }, false],
];
for (const [what, after, expected] of cases) {
  test(`showsOtherwise when ${what} has changed: ${expected}`, () => {
    assert.equal(showsOtherwise(kubeletPod(before), kubeletPod(after)), expected);
  });
}
