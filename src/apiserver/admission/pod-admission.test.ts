import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { LocalSubjectAccessReview } from '../../api/authorization/local-subject-access-review.ts';
import { ConfigMap } from '../../api/core/config-map.ts';
import { Namespace } from '../../api/core/namespace.ts';
import { Node } from '../../api/core/node.ts';
import { Pod } from '../../api/core/pod.ts';
import { ServiceAccount } from '../../api/core/service-account.ts';
import type { AnyDraft, AnyObject, Kind } from '../../api/kind.ts';
import { PriorityClass } from '../../api/scheduling/priority-class.ts';
import type { StatusError } from '../../api/status-error.ts';
import { FakeClock } from '../../base/clock.ts';
import { seededRandom } from '../../base/random.ts';
import { mapClient } from '../registry/map-client.ts';
import { MapObjectReader } from '../registry/map-object-reader.ts';
import type { AdmissionPlugin, AdmissionRequest } from './admission.ts';
import { defaultTolerationSeconds } from './default-toleration-seconds.ts';
import { namespaceLifecycle } from './namespace-lifecycle.ts';
import { ensureSystemPriorityClasses, priority, SYSTEM_PRIORITY_CLASSES } from './priority.ts';
import { serviceAccount } from './service-account.ts';
import { taintNodesByCondition } from './taint-nodes-by-condition.ts';

const user = { name: 'jane', uid: undefined, groups: [], extra: {} };

const requestFor = (kind: Kind, more: Partial<AdmissionRequest> = {}): AdmissionRequest => ({
  operation: 'CREATE',
  kind,
  subresource: '',
  namespace: 'a',
  name: 'web',
  object: undefined,
  oldObject: undefined,
  user,
  dryRun: false,
  warn() {},
  ...more,
});

/** A pod as it comes to admission: decoded and defaulted. */
const draftOf = (kind: Kind, body: object): AnyDraft =>
  ({ apiVersion: kind.apiVersion, kind: kind.kind, metadata: { name: 'web', namespace: 'a' }, ...body }) as AnyDraft;

const admit = async (plugin: AdmissionPlugin, request: AdmissionRequest) => {
  await plugin.mutate?.(request);
  await plugin.validate?.(request);
  return request.object as { spec: Record<string, unknown> } & AnyDraft;
};

describe('namespaceLifecycle', () => {
  const setUp = () => {
    const objects = new MapObjectReader();
    for (const name of ['a', 'default', 'kube-system', 'kube-public', 'kube-node-lease']) {
      objects.put(Namespace, { metadata: { name }, spec: {}, status: { phase: 'Active' } });
    }
    objects.put(Namespace, { metadata: { name: 'dying' }, spec: {}, status: { phase: 'Terminating' } });
    return namespaceLifecycle({ objects });
  };
  const inNamespace = (operation: AdmissionRequest['operation'], namespace: string, kind: Kind = ConfigMap) =>
    requestFor(kind, { operation, namespace });
  const onNamespace = (operation: AdmissionRequest['operation'], name: string) =>
    requestFor(Namespace, { operation, namespace: '', name });

  const cases: [string, AdmissionRequest, string | undefined][] = [
    ['a create in a namespace', inNamespace('CREATE', 'a'), undefined],
    ['a create in none', inNamespace('CREATE', 'nowhere'), 'namespaces "nowhere" not found'],
    ['an update in none', inNamespace('UPDATE', 'nowhere'), 'namespaces "nowhere" not found'],
    ['a delete in none', inNamespace('DELETE', 'nowhere'), undefined],
    ['a review about none', inNamespace('CREATE', 'nowhere', LocalSubjectAccessReview), undefined],
    [
      'a create in one that is being terminated',
      inNamespace('CREATE', 'dying'),
      'configmaps "web" is forbidden: unable to create new content in namespace dying because it is being terminated',
    ],
    ['an update in one that is being terminated', inNamespace('UPDATE', 'dying'), undefined],
    ['a new node', requestFor(Node, { namespace: '' }), undefined],
    ['a new namespace', onNamespace('CREATE', 'b'), undefined],
    ['the end of a namespace', onNamespace('DELETE', 'a'), undefined],
    ['the end of kube-node-lease', onNamespace('DELETE', 'kube-node-lease'), undefined],
    ...['default', 'kube-system', 'kube-public'].map((name): [string, AdmissionRequest, string] => [
      `the end of ${name}`,
      onNamespace('DELETE', name),
      `namespaces "${name}" is forbidden: this namespace may not be deleted`,
    ]),
  ];
  for (const [name, request, message] of cases) {
    test(`${message ? 'refuses' : 'allows'} ${name}`, async () => {
      const admitted = admit(setUp(), request);
      if (message) await assert.rejects(admitted, { message });
      else await admitted;
    });
  }

  test('gives the cause that clients look for', async () => {
    await assert.rejects(admit(setUp(), inNamespace('CREATE', 'dying')), (error: StatusError) => {
      assert.deepEqual(error.details?.causes, [
        {
          reason: 'NamespaceTerminating',
          message: 'namespace dying is being terminated',
          field: 'metadata.namespace',
        },
      ]);
      return error.code === 403;
    });
  });
});

describe('serviceAccount', () => {
  const setUp = (account: object = {}) => {
    const objects = new MapObjectReader();
    const clock = new FakeClock();
    objects.put(ServiceAccount, { metadata: { namespace: 'a', name: 'default' }, ...account });
    const plugin = serviceAccount({ objects, clock, random: seededRandom(1) });
    const admitPod = (spec: object, metadata: object = {}) =>
      admit(
        plugin,
        requestFor(Pod, { object: draftOf(Pod, { metadata: { name: 'web', namespace: 'a', ...metadata }, spec }) }),
      );
    return { objects, clock, admitPod };
  };
  const mount = (name: string) => ({
    name,
    readOnly: true,
    mountPath: '/var/run/secrets/kubernetes.io/serviceaccount',
  });

  test('sets the default account and mounts its token into every container, as upstream', async () => {
    const { admitPod } = setUp();
    const { spec } = await admitPod({ initContainers: [{ name: 'init' }], containers: [{ name: 'main' }] });
    const [volume] = spec['volumes'] as { name: string }[];
    assert.match(volume!.name, /^kube-api-access-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
    assert.deepEqual(spec, {
      serviceAccountName: 'default',
      serviceAccount: 'default',
      initContainers: [{ name: 'init', volumeMounts: [mount(volume!.name)] }],
      containers: [{ name: 'main', volumeMounts: [mount(volume!.name)] }],
      volumes: [
        {
          name: volume!.name,
          projected: {
            sources: [
              { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
              { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
              {
                downwardAPI: {
                  items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }],
                },
              },
            ],
            defaultMode: 420,
          },
        },
      ],
    });
  });

  const automount: [boolean | undefined, boolean | undefined, boolean][] = [
    [undefined, undefined, true],
    [undefined, false, false],
    [undefined, true, true],
    [false, undefined, false],
    [false, true, false],
    [true, false, true],
  ];
  for (const [pod, account, expected] of automount) {
    test(`mounts ${expected ? 'the' : 'no'} token when the pod says ${pod} and the account ${account}`, async () => {
      const { admitPod } = setUp(account === undefined ? {} : { automountServiceAccountToken: account });
      const says = pod === undefined ? {} : { automountServiceAccountToken: pod };
      const { spec } = await admitPod({ ...says, containers: [{ name: 'main' }] });
      assert.equal(spec['volumes'] !== undefined, expected);
    });
  }

  test('leaves a container alone that has something else at the place', async () => {
    const { admitPod } = setUp();
    const own = { name: 'mine', mountPath: '/var/run/secrets/kubernetes.io/serviceaccount' };
    const { spec } = await admitPod({ containers: [{ name: 'main', volumeMounts: [own] }] });
    assert.deepEqual(spec['containers'], [{ name: 'main', volumeMounts: [own] }]);
    assert.equal(spec['volumes'], undefined);
  });

  test('gives the pull secrets of the account to a pod that has none', async () => {
    const { admitPod } = setUp({ imagePullSecrets: [{ name: 'registry' }] });
    const containers = [{ name: 'main' }];
    assert.deepEqual((await admitPod({ containers })).spec['imagePullSecrets'], [{ name: 'registry' }]);
    const own = [{ name: 'mine' }];
    assert.deepEqual((await admitPod({ containers, imagePullSecrets: own })).spec['imagePullSecrets'], own);
  });

  test('refuses an account that does not exist, in upstream words', async () => {
    const { admitPod } = setUp();
    const pod = admitPod({ serviceAccountName: 'nobody', containers: [] }, { name: '', generateName: 'web-' });
    await assert.rejects(pod, {
      code: 403,
      message: 'pods "web" is forbidden: error looking up service account a/nobody: serviceaccount "nobody" not found',
    });
  });

  test('waits for the default account of a new namespace, but not forever', async () => {
    const { objects, clock, admitPod } = setUp();
    objects.remove(ServiceAccount, { namespace: 'a', name: 'default' });
    const admitted = admitPod({ containers: [{ name: 'main' }] });
    await clock.advance(500);
    objects.put(ServiceAccount, { metadata: { namespace: 'a', name: 'default' } });
    await clock.advance(100);
    assert.equal((await admitted).spec['serviceAccountName'], 'default');

    objects.remove(ServiceAccount, { namespace: 'a', name: 'default' });
    const refused = assert.rejects(admitPod({ containers: [] }), { code: 403 });
    await clock.advance(2000);
    await refused;
  });

  const mirror = { annotations: { 'kubernetes.io/config.mirror': 'x' } };
  const mirrors: [string, object, string | undefined][] = [
    ['a mirror pod as it is', { containers: [{ name: 'main' }] }, undefined],
    ['one with an account', { serviceAccountName: 'default', containers: [] }, 'may not reference service accounts'],
    [
      'one with a secret',
      { containers: [], volumes: [{ name: 's', secret: { secretName: 'x' } }] },
      'may not reference secrets',
    ],
    [
      'one with a token',
      { containers: [], volumes: [{ name: 't', projected: { sources: [{ serviceAccountToken: { path: 't' } }] } }] },
      'may not use ServiceAccountToken volume projections',
    ],
  ];
  for (const [name, spec, message] of mirrors) {
    test(`${message ? 'refuses' : 'takes'} ${name}`, async () => {
      const admitted = setUp().admitPod(structuredClone(spec), mirror);
      if (message) await assert.rejects(admitted, { message: `pods "web" is forbidden: a mirror pod ${message}` });
      else assert.deepEqual((await admitted).spec, spec);
    });
  }

  test('limits the secrets of an account that asks for it', async () => {
    const { admitPod } = setUp({
      metadata: {
        namespace: 'a',
        name: 'default',
        annotations: { 'kubernetes.io/enforce-mountable-secrets': 'true' },
      },
      secrets: [{ name: 'mine' }],
    });
    const using = (name: string) => ({
      containers: [{ name: 'main', env: [{ name: 'E', valueFrom: { secretKeyRef: { name, key: 'k' } } }] }],
    });
    await admitPod(using('mine'));
    await assert.rejects(admitPod(using('theirs')), {
      message:
        'pods "web" is forbidden: container main with envVar E referencing secret.secretName="theirs" ' +
        'is not allowed because service account default does not reference that secret',
    });
  });
});

describe('defaultTolerationSeconds', () => {
  const added = (key: string) => ({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 });
  const notReady = added('node.kubernetes.io/not-ready');
  const unreachable = added('node.kubernetes.io/unreachable');
  const forever = { operator: 'Exists' };
  const ownUnreachable = { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute' };
  const other = { key: 'x', operator: 'Exists', effect: 'NoSchedule' };
  const noSchedule = { ...ownUnreachable, effect: 'NoSchedule' };
  const cases: [string, object[] | undefined, object[]][] = [
    ['both to a pod without any', undefined, [notReady, unreachable]],
    ['both behind others', [other], [other, notReady, unreachable]],
    ['none to a pod that tolerates everything', [forever], [forever]],
    ['the one that is missing', [ownUnreachable], [ownUnreachable, notReady]],
    ['both where another effect is tolerated', [noSchedule], [noSchedule, notReady, unreachable]],
  ];
  for (const [name, tolerations, expected] of cases) {
    test(`adds ${name}`, async () => {
      const object = draftOf(Pod, { spec: { containers: [], ...(tolerations ? { tolerations } : {}) } });
      const { spec } = await admit(defaultTolerationSeconds(), requestFor(Pod, { object }));
      assert.deepEqual(spec['tolerations'], expected);
    });
  }
});

describe('taintNodesByCondition', () => {
  const taint = { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' };
  const cases: [string, Partial<AdmissionRequest>, object[] | undefined, object[] | undefined][] = [
    ['a new node', {}, undefined, [taint]],
    ['a new node that has it only once', {}, [taint], [taint]],
    ['no node that is updated', { operation: 'UPDATE' }, undefined, undefined],
    ['no status', { operation: 'CREATE', subresource: 'status' }, undefined, undefined],
  ];
  for (const [name, more, taints, expected] of cases) {
    test(`taints ${name}`, async () => {
      const object = draftOf(Node, { spec: taints ? { taints } : {} });
      const { spec } = await admit(taintNodesByCondition(), requestFor(Node, { object, namespace: '', ...more }));
      assert.deepEqual(spec['taints'], expected);
    });
  }
});

describe('priority', () => {
  const setUp = () => {
    const objects = new MapObjectReader();
    for (const each of SYSTEM_PRIORITY_CLASSES) objects.put(PriorityClass, each);
    objects.put(PriorityClass, { metadata: { name: 'polite' }, value: 10, preemptionPolicy: 'Never' });
    return { objects, plugin: priority({ objects }) };
  };
  const preempting = 'PreemptLowerPriority';
  const cases: [string, object, object | string][] = [
    ['0 without a class', {}, { priority: 0, preemptionPolicy: preempting }],
    ['that of the class', { priorityClassName: 'polite' }, { priority: 10, preemptionPolicy: 'Never' }],
    [
      'those of the system',
      { priorityClassName: 'system-node-critical' },
      { priority: 2000001000, preemptionPolicy: preempting },
    ],
    ['a number that is right', { priorityClassName: 'polite', priority: 10 }, { priority: 10 }],
    [
      'no number that is not',
      { priorityClassName: 'polite', priority: 11 },
      'the integer value of priority (11) must not be provided in pod spec; priority admission controller computed 10 from the given PriorityClass name',
    ],
    [
      'no other policy',
      { priorityClassName: 'polite', preemptionPolicy: preempting },
      'the string value of PreemptionPolicy (PreemptLowerPriority) must not be provided in pod spec; priority admission controller computed Never from the given PriorityClass name',
    ],
    ['no class that does not exist', { priorityClassName: 'x' }, 'no PriorityClass with name x was found'],
  ];
  for (const [name, given, expected] of cases) {
    test(`gives a pod ${name}`, async () => {
      const { plugin } = setUp();
      const admitted = admit(plugin, requestFor(Pod, { object: draftOf(Pod, { spec: { ...given } }) }));
      if (typeof expected === 'string') {
        await assert.rejects(admitted, { message: `pods "web" is forbidden: ${expected}` });
      } else assert.deepEqual({ ...(await admitted).spec, ...expected }, (await admitted).spec);
    });
  }

  test('takes the default class where none is named, of several the lowest', async () => {
    const { objects, plugin } = setUp();
    objects.put(PriorityClass, { metadata: { name: 'high' }, value: 9, globalDefault: true });
    objects.put(PriorityClass, { metadata: { name: 'low' }, value: 5, globalDefault: true });
    const { spec } = await admit(plugin, requestFor(Pod, { object: draftOf(Pod, { spec: {} }) }));
    assert.deepEqual(spec, { priorityClassName: 'low', priority: 5, preemptionPolicy: preempting });
  });

  test('keeps what an update leaves out', async () => {
    const { plugin } = setUp();
    const oldObject = draftOf(Pod, { spec: { priority: 7, preemptionPolicy: 'Never' } }) as unknown as AnyObject;
    const request = requestFor(Pod, { operation: 'UPDATE', object: draftOf(Pod, { spec: {} }), oldObject });
    assert.deepEqual((await admit(plugin, request)).spec, { priority: 7, preemptionPolicy: 'Never' });
  });

  test('lets one class be the default', async () => {
    const { objects, plugin } = setUp();
    objects.put(PriorityClass, { metadata: { name: 'first' }, value: 1, globalDefault: true });
    const classOf = (name: string, operation: AdmissionRequest['operation']) =>
      requestFor(PriorityClass, {
        operation,
        namespace: '',
        name,
        object: draftOf(PriorityClass, { metadata: { name }, value: 2, globalDefault: true }),
      });
    await admit(plugin, classOf('first', 'UPDATE'));
    await assert.rejects(admit(plugin, classOf('second', 'CREATE')), {
      message:
        'priorityclasses.scheduling.k8s.io "second" is forbidden: PriorityClass first is already marked as default. Only one default can exist',
    });
  });

  test('ensureSystemPriorityClasses makes what is missing, once', async () => {
    const client = mapClient(new MapObjectReader());
    const { signal } = new AbortController();
    await ensureSystemPriorityClasses({ client }, { signal });
    await ensureSystemPriorityClasses({ client }, { signal });
    assert.deepEqual(client.writes, [
      'create PriorityClass system-cluster-critical',
      'create PriorityClass system-node-critical',
    ]);
  });
});
