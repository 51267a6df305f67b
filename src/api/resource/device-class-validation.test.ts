import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faultsOf } from '../../../test/support/faults.ts';
import { DeviceClass } from './device-class.ts';

type Spec = Parameters<typeof faultsOf<typeof DeviceClass>>[1]['spec'];

const opaque = { driver: 'gpu.example.com', parameters: {} };
const many = <T>(count: number, item: T): T[] => Array.from({ length: count }, () => item);

const cases: readonly [title: string, spec: Spec, expected: readonly string[]][] = [
  [
    'all there is',
    { selectors: [{ cel: { expression: 'true' } }], config: [{ opaque }], extendedResourceName: 'example.com/gpu' },
    [],
  ],
  ['nothing', {}, []],
  [
    'too many selectors',
    { selectors: many(33, { cel: { expression: 'true' } }) },
    ['spec.selectors: Too many: 33: must have at most 32 items'],
  ],
  ['no selector', { selectors: [{}] }, ['spec.selectors[0].cel: Required value']],
  [
    'too many configurations',
    { config: many(33, { opaque }) },
    ['spec.config: Too many: 33: must have at most 32 items'],
  ],
  ['no configuration', { config: [{}] }, ['spec.config[0].opaque: Required value']],
  [
    'a resource of Kubernetes',
    { extendedResourceName: 'cpu' },
    ['spec.extendedResourceName: Invalid value: "cpu": must be a valid extended resource name'],
  ],
  [
    'a resource that is none',
    { extendedResourceName: 'example.com/!' },
    ['spec.extendedResourceName: Invalid value: "example.com/!": must be a valid extended resource name'],
  ],
];

for (const [title, spec, expected] of cases) {
  test(`DeviceClass.validate of ${title}`, () => assert.deepEqual(faultsOf(DeviceClass, { spec }), expected));
}
