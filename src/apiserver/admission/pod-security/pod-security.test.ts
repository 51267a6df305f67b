import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Deployment } from '../../../api/apps/deployment.ts';
import { CronJob } from '../../../api/batch/cron-job.ts';
import { ConfigMap } from '../../../api/core/config-map.ts';
import { Namespace } from '../../../api/core/namespace.ts';
import { Pod } from '../../../api/core/pod.ts';
import { formatFieldError } from '../../../api/field-error.ts';
import type { AnyDraft, AnyObject, Kind } from '../../../api/kind.ts';
import { readInput } from '../../../api/read-input.ts';
import { FakeClock } from '../../../base/clock.ts';
import { MapObjectReader } from '../../registry/map-object-reader.ts';
import type { AdmissionRequest } from '../admission.ts';
import { podSecurity } from './pod-security.ts';
import { formatStandard, securityPolicyOf } from './security-level.ts';

type Labels = Readonly<Record<string, string>>;

/** `{ enforce: 'baseline' }` as labels of a namespace. */
const labelsOf = (of: Labels): Labels =>
  Object.fromEntries(Object.entries(of).map(([key, value]) => [`pod-security.kubernetes.io/${key}`, value]));

const policies: readonly [title: string, labels: Labels, policy: string, errors?: readonly string[]][] = [
  ['nothing', {}, 'privileged:latest privileged:latest privileged:latest'],
  ['a level, which warns as well', { enforce: 'baseline' }, 'baseline:latest privileged:latest baseline:latest'],
  [
    'a version, which warns as well',
    { enforce: 'baseline', 'enforce-version': 'v1.30' },
    'baseline:v1.30 privileged:latest baseline:v1.30',
  ],
  [
    'a version of warnings alone',
    { enforce: 'restricted', 'enforce-version': 'v1.30', 'warn-version': 'v1.31' },
    'restricted:v1.30 privileged:latest restricted:v1.31',
  ],
  [
    'a level of each',
    { enforce: 'privileged', audit: 'baseline', warn: 'restricted', 'audit-version': 'v1.0' },
    'privileged:latest baseline:v1.0 restricted:latest',
  ],
  [
    'less to be warned of',
    { enforce: 'restricted', warn: 'privileged' },
    'restricted:latest privileged:latest privileged:latest',
  ],
  [
    'what there is not',
    { enforce: 'strict', 'enforce-version': '1.30', audit: '', warn: 'Baseline', 'warn-version': 'v1.07' },
    'restricted:latest privileged:latest privileged:latest',
    [
      'metadata.labels[pod-security.kubernetes.io/enforce]: Invalid value: "strict": must be one of privileged, baseline, restricted',
      'metadata.labels[pod-security.kubernetes.io/enforce-version]: Invalid value: "1.30": must be "latest" or "v1.x"',
      'metadata.labels[pod-security.kubernetes.io/audit]: Invalid value: "": must be one of privileged, baseline, restricted',
      'metadata.labels[pod-security.kubernetes.io/warn]: Invalid value: "Baseline": must be one of privileged, baseline, restricted',
      'metadata.labels[pod-security.kubernetes.io/warn-version]: Invalid value: "v1.07": must be "latest" or "v1.x"',
    ],
  ],
];
for (const [title, labels, expected, errors = []] of policies) {
  test(`securityPolicyOf labels that say ${title}`, () => {
    const { policy, errors: found } = securityPolicyOf({ other: 'x', ...labelsOf(labels) });
    assert.equal([policy.enforce, policy.audit, policy.warn].map(formatStandard).join(' '), expected);
    assert.deepEqual(found.map(formatFieldError), errors);
  });
}

const PLAIN = { containers: [{ name: 'c', image: 'i' }] };
const SHARING = { ...PLAIN, hostPID: true };

const podOf = (spec: object, metadata: object = {}) =>
  readInput(Pod, { metadata: { name: 'web', namespace: 'a', ...metadata }, spec } as never);

/** Admits it in namespace `a`, which has the labels; resolves with the warnings. */
async function admitted(
  labels: Labels,
  given: Omit<Partial<AdmissionRequest>, 'object'> & { readonly kind: Kind; readonly object: object },
  pods: readonly Pod[] = [],
): Promise<readonly string[]> {
  const objects = new MapObjectReader();
  objects.put(Namespace, { metadata: { name: 'a', labels: labelsOf(labels) }, spec: {}, status: {} });
  for (const pod of pods) objects.put(Pod, pod as never);
  const warnings: string[] = [];
  await podSecurity({ objects, clock: new FakeClock() }).validate?.({
    operation: 'CREATE',
    subresource: '',
    namespace: 'a',
    name: 'web',
    oldObject: undefined,
    user: { name: 'jane', uid: undefined, groups: [], extra: {} },
    dryRun: false,
    warn: (text) => warnings.push(text),
    ...given,
    object: given.object as AnyDraft,
  });
  return warnings;
}

const update = (object: Pod, before: Pod, subresource = '') =>
  ({ kind: Pod, operation: 'UPDATE', subresource, object, oldObject: before as unknown as AnyObject }) as const;

describe('PodSecurity of pods', () => {
  const message = 'pods "web" is forbidden: violates PodSecurity "baseline:latest": host namespaces (hostPID)';
  const other = podOf({ ...SHARING, containers: [{ name: 'c', image: 'j' }] });
  const debugged = podOf({ ...SHARING, ephemeralContainers: [{ name: 'd', image: 'i' }] });
  const relabelled = podOf(SHARING, { labels: { a: 'b' } });

  const refused: readonly [string, Parameters<typeof admitted>[1]][] = [
    ['a new one', { kind: Pod, object: podOf(SHARING) }],
    ['one that gets another image', update(other, podOf(SHARING))],
    ['one that gets a container for debugging', update(debugged, podOf(SHARING), 'ephemeralcontainers')],
  ];
  for (const [title, request] of refused) {
    test(`refuses ${title} that violates what is enforced`, async () => {
      await assert.rejects(admitted({ enforce: 'baseline' }, request), { message, code: 403 });
    });
  }

  const allowed: readonly [string, Parameters<typeof admitted>[1]][] = [
    ['one that does not violate it', { kind: Pod, object: podOf(PLAIN) }],
    ['one that was let in before, and changes otherwise', update(relabelled, podOf(SHARING))],
    ['one whose status changes', update(other, podOf(SHARING), 'status')],
    ['the binding of one', { kind: Pod, subresource: 'binding', object: { target: { name: 'n' } } }],
    ['other kinds', { kind: ConfigMap, object: {} }],
  ];
  for (const [title, request] of allowed) {
    test(`lets in ${title}`, async () => assert.deepEqual(await admitted({ enforce: 'baseline' }, request), []));
  }

  test('warns of what violates the standard for warnings, by its version', async () => {
    const labels = { enforce: 'privileged', warn: 'restricted', 'warn-version': 'v1.18' };
    assert.deepEqual(await admitted(labels, { kind: Pod, object: podOf(SHARING) }), [
      'would violate PodSecurity "restricted:v1.18": host namespaces (hostPID), ' +
        'allowPrivilegeEscalation != false (container "c" must set securityContext.allowPrivilegeEscalation=false), ' +
        'runAsNonRoot != true (pod or container "c" must set securityContext.runAsNonRoot=true)',
    ]);
  });
});

test('PodSecurity only warns of what makes pods', async () => {
  const template = { spec: SHARING };
  const selector = { matchLabels: { a: 'b' } };
  const expected = ['would violate PodSecurity "baseline:latest": host namespaces (hostPID)'];
  const deployment = readInput(Deployment, { spec: { selector, template } } as never);
  const cronJob = readInput(CronJob, { spec: { schedule: '* * * * *', jobTemplate: { spec: { template } } } } as never);
  assert.deepEqual(await admitted({ enforce: 'baseline' }, { kind: Deployment, object: deployment }), expected);
  assert.deepEqual(await admitted({ warn: 'baseline' }, { kind: CronJob, object: cronJob }), expected);
  assert.deepEqual(await admitted({ audit: 'baseline' }, { kind: Deployment, object: deployment }), []);
  const scale = { kind: Deployment, subresource: 'scale', object: { spec: { replicas: 2 } } };
  assert.deepEqual(await admitted({ warn: 'baseline' }, scale), []);
});

describe('PodSecurity of namespaces', () => {
  const namespace = (labels: Labels) => readInput(Namespace, { metadata: { name: 'a', labels: labelsOf(labels) } });
  const relabel = (before: Labels, after: Labels) =>
    ({
      kind: Namespace,
      operation: 'UPDATE',
      namespace: '',
      name: 'a',
      object: namespace(after),
      oldObject: namespace(before) as unknown as AnyObject,
    }) as const;
  const owned = (name: string, uid: string) =>
    podOf(SHARING, { name, ownerReferences: [{ apiVersion: 'v1', kind: 'X', name: 'x', uid, controller: true }] });
  const pods = [
    podOf(PLAIN, { name: 'plain' }),
    owned('z', '1'),
    owned('y', '1'),
    owned('x', '2'),
    podOf(
      {
        ...PLAIN,
        hostNetwork: true,
        hostPID: true,
        containers: [{ name: 'c', image: 'i', securityContext: { privileged: true } }],
      },
      { name: 'm' },
    ),
  ];

  const title = 'existing pods in namespace "a" violate the new PodSecurity enforce level "baseline:latest"';
  const all = [title, 'm: host namespaces, privileged', 'x (and 2 other pods): host namespaces'];
  const cases: readonly [title: string, before: Labels, after: Labels, expected: readonly string[]][] = [
    ['enforces more', {}, { enforce: 'baseline' }, all],
    ['enforces less', { enforce: 'restricted' }, { enforce: 'baseline' }, []],
    [
      'enforces less of another version',
      { enforce: 'restricted', 'enforce-version': 'v1.30' },
      { enforce: 'baseline' },
      all,
    ],
    ['enforces the same', { enforce: 'baseline' }, { enforce: 'baseline', warn: 'restricted' }, []],
    ['enforces nothing any more', { enforce: 'baseline' }, {}, []],
  ];
  for (const [title, before, after, expected] of cases) {
    test(`tells of pods that are there, of one that ${title}: ${expected.length > 0}`, async () => {
      assert.deepEqual(await admitted({}, relabel(before, after), pods), expected);
    });
  }

  test('looks at 3000 pods at most, and says so', async () => {
    const many = Array.from({ length: 3002 }, (_, index) => podOf(SHARING, { name: `p${index}` }));
    assert.deepEqual(await admitted({}, relabel({}, { enforce: 'baseline' }), many), [
      'new PodSecurity enforce level only checked against the first 3000 of 3002 existing pods',
      title,
      'p0 (and 2999 other pods): host namespaces',
    ]);
  });

  test('refuses labels that cannot be read, unless they were there', async () => {
    const bad = { enforce: 'strict' };
    const message =
      'Namespace "a" is invalid: metadata.labels[pod-security.kubernetes.io/enforce]: Invalid value: "strict": must be one of privileged, baseline, restricted';
    const create = { kind: Namespace, namespace: '', name: 'a', object: namespace(bad) };
    await assert.rejects(admitted({}, create), { message, code: 422 });
    await assert.rejects(admitted({}, relabel({}, bad)), { message, code: 422 });
    assert.deepEqual(await admitted({}, relabel(bad, bad)), []);
  });
});
