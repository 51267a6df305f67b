import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faultsOf, updateFaultsOf } from '../../../test/support/faults.ts';
import { Pod } from './pod.ts';

type Input = Parameters<typeof faultsOf<typeof Pod>>[1];
type Annotations = Readonly<Record<string, string>>;
type Spec = NonNullable<Input['spec']>;

const MIRROR = 'kubernetes.io/config.mirror';
const COST = 'controller.kubernetes.io/pod-deletion-cost';
const SECCOMP = 'seccomp.security.alpha.kubernetes.io/pod';
const SECCOMP_MAIN = 'container.seccomp.security.alpha.kubernetes.io/main';
const APP_ARMOR = 'container.apparmor.security.beta.kubernetes.io/';

const podOf = (annotations: Annotations, spec: Partial<Spec> = {}): Input => ({
  metadata: { annotations },
  spec: { containers: [{ name: 'main', image: 'nginx' }], ...spec },
});
const faults = (annotations: Annotations, spec: Partial<Spec> = {}) => faultsOf(Pod, podOf(annotations, spec));

const cases: readonly [title: string, annotations: Annotations, spec: Partial<Spec>, expected: readonly string[]][] = [
  ['a mirror on a node', { [MIRROR]: 'a' }, { nodeName: 'node' }, []],
  [
    'a mirror nowhere',
    { [MIRROR]: 'a' },
    {},
    [
      'metadata.annotations[kubernetes.io/config.mirror]: Invalid value: "a": must set spec.nodeName if mirror pod annotation is set',
    ],
  ],
  ['a cost', { [COST]: '-10' }, {}, []],
  [
    'a cost with a plus',
    { [COST]: '+10' },
    {},
    ['metadata.annotations[controller.kubernetes.io/pod-deletion-cost]: Invalid value: "+10": must be a 32bit integer'],
  ],
  [
    'a cost that is too much',
    { [COST]: '2147483648' },
    {},
    [
      'metadata.annotations[controller.kubernetes.io/pod-deletion-cost]: Invalid value: "2147483648": must be a 32bit integer',
    ],
  ],
  ['profiles of seccomp', { [SECCOMP]: 'docker/default', [SECCOMP_MAIN]: 'localhost/a' }, {}, []],
  [
    'a profile of seccomp that is none',
    { [SECCOMP]: 'other' },
    {},
    [
      'metadata.annotations.seccomp.security.alpha.kubernetes.io/pod: Invalid value: "other": must be a valid seccomp profile',
    ],
  ],
  [
    'a profile of seccomp elsewhere',
    { [SECCOMP_MAIN]: 'localhost//a' },
    {},
    [
      'metadata.annotations.container.seccomp.security.alpha.kubernetes.io/main: Invalid value: "/a": must be a relative path',
    ],
  ],
  ['a profile of AppArmor', { [`${APP_ARMOR}main`]: 'localhost/a' }, {}, []],
  [
    'a profile of AppArmor that is none',
    { [`${APP_ARMOR}main`]: 'other' },
    {},
    [
      'metadata.annotations[container.apparmor.security.beta.kubernetes.io/main]: Invalid value: "other": invalid AppArmor profile name: "other"',
    ],
  ],
  [
    'a profile of AppArmor for no container',
    { [`${APP_ARMOR}other`]: 'unconfined' },
    {},
    [
      'metadata.annotations[container.apparmor.security.beta.kubernetes.io/other]: Invalid value: "other": container not found',
    ],
  ],
  [
    'the same profiles as the fields',
    { [SECCOMP]: 'runtime/default', [`${APP_ARMOR}main`]: 'unconfined' },
    { securityContext: { seccompProfile: { type: 'RuntimeDefault' }, appArmorProfile: { type: 'Unconfined' } } },
    [],
  ],
  [
    'another profile of seccomp than the field',
    { [SECCOMP]: 'unconfined' },
    { securityContext: { seccompProfile: { type: 'RuntimeDefault' } } },
    ['spec.securityContext.seccompProfile.type: Forbidden: seccomp type in annotation and field must match'],
  ],
  [
    'another local profile of seccomp than the field',
    { [SECCOMP_MAIN]: 'localhost/a' },
    {
      containers: [
        {
          name: 'main',
          image: 'nginx',
          securityContext: { seccompProfile: { type: 'Localhost', localhostProfile: 'b' } },
        },
      ],
    },
    [
      'spec.containers[0].securityContext.seccompProfile.localhostProfile: Forbidden: seccomp profile in annotation and field must match',
    ],
  ],
  [
    'another profile of AppArmor than the field',
    { [`${APP_ARMOR}main`]: 'runtime/default' },
    { securityContext: { appArmorProfile: { type: 'Localhost', localhostProfile: 'a' } } },
    [
      'spec.containers[0].securityContext.appArmorProfile.type: Forbidden: apparmor type in annotation and field must match',
    ],
  ],
  [
    'another local profile of AppArmor than the field',
    { [`${APP_ARMOR}main`]: 'localhost/a' },
    { securityContext: { appArmorProfile: { type: 'Localhost', localhostProfile: 'b' } } },
    [
      'spec.containers[0].securityContext.appArmorProfile.localhostProfile: Forbidden: apparmor profile in annotation and field must match',
    ],
  ],
];

for (const [title, annotations, spec, expected] of cases) {
  test(`Pod.validate of a pod annotated with ${title}`, () => {
    assert.deepEqual(faults(annotations, spec), expected);
  });
}

const updateFaults = (annotations: Annotations, previous: Annotations) =>
  updateFaultsOf(Pod, podOf(annotations, { nodeName: 'node' }), podOf(previous, { nodeName: 'node' }));

const updateCases: readonly [
  title: string,
  annotations: Annotations,
  previous: Annotations,
  expected: readonly string[],
][] = [
  ['others', { a: '1', [MIRROR]: 'a' }, { b: '2', [MIRROR]: 'a' }, []],
  [
    'a mirror that was none',
    { [MIRROR]: 'a' },
    {},
    ['metadata.annotations[kubernetes.io/config.mirror]: Forbidden: may not add mirror pod annotation'],
  ],
  [
    'a mirror that is none any more',
    {},
    { [MIRROR]: 'a' },
    ['metadata.annotations[kubernetes.io/config.mirror]: Forbidden: may not remove or update mirror pod annotation'],
  ],
  [
    'a new profile of AppArmor',
    { [`${APP_ARMOR}main`]: 'unconfined' },
    {},
    [
      'metadata.annotations[container.apparmor.security.beta.kubernetes.io/main]: Forbidden: may not add AppArmor annotations',
    ],
  ],
  [
    'another profile of AppArmor',
    { [`${APP_ARMOR}main`]: 'unconfined' },
    { [`${APP_ARMOR}main`]: 'runtime/default' },
    [
      'metadata.annotations[container.apparmor.security.beta.kubernetes.io/main]: Forbidden: may not remove or update AppArmor annotations',
    ],
  ],
];

for (const [title, annotations, previous, expected] of updateCases) {
  test(`Pod.validateUpdate of annotations: ${title}`, () => {
    assert.deepEqual(updateFaults(annotations, previous), expected);
  });
}
