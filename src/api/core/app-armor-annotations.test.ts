import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readInput } from '../read-input.ts';
import { adoptAppArmorAnnotations } from './app-armor-annotations.ts';
import { Pod } from './pod.ts';

type Spec = NonNullable<Parameters<typeof readInput<typeof Pod>>[1]['spec']>;

const KEY = 'container.apparmor.security.beta.kubernetes.io/main';
const WARNING = `metadata.annotations[${KEY}]: deprecated since v1.30; use the "appArmorProfile" field instead`;
const main = { name: 'main', image: 'nginx' };
const unconfined = { type: 'Unconfined' } as const;
const localhost = { type: 'Localhost', localhostProfile: 'web' } as const;

const cases: readonly [
  title: string,
  annotation: string,
  spec: Partial<Spec>,
  profile: object | undefined,
  warns: boolean,
][] = [
  ['none', 'unconfined', {}, unconfined, true],
  ["the runtime's", 'runtime/default', {}, { type: 'RuntimeDefault' }, true],
  ["the node's", 'localhost/web', {}, localhost, true],
  ["the node's without a name", 'localhost/', {}, undefined, true],
  ['one that does not exist', 'strict', {}, undefined, true],
  ["the pod's as well", 'localhost/web', { securityContext: { appArmorProfile: localhost } }, undefined, false],
  ["another than the pod's", 'unconfined', { securityContext: { appArmorProfile: localhost } }, unconfined, true],
  [
    "the container's as well",
    'unconfined',
    { containers: [{ ...main, securityContext: { appArmorProfile: localhost } }] },
    localhost,
    false,
  ],
  ['one for Windows', 'unconfined', { os: { name: 'windows' } }, undefined, false],
];
for (const [title, annotation, spec, profile, warns] of cases) {
  test(`adoptAppArmorAnnotations of a profile: ${title}`, () => {
    const metadata = { annotations: { [KEY]: annotation } };
    const pod = readInput(Pod, { metadata, spec: { containers: [main], ...spec } });
    const warnings: string[] = [];
    adoptAppArmorAnnotations(pod, (text) => warnings.push(text));
    assert.deepEqual(pod.spec.containers?.[0]?.securityContext?.appArmorProfile, profile);
    assert.deepEqual(warnings, warns ? [WARNING] : []);
  });
}
