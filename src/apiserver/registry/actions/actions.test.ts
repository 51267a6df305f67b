import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { describe, test } from 'node:test';
import { Node } from '../../../api/core/node.ts';
import { Pod } from '../../../api/core/pod.ts';
import { Secret } from '../../../api/core/secret.ts';
import { ServiceAccount } from '../../../api/core/service-account.ts';
import type { AnyDraft, AnyObject, Kind } from '../../../api/kind.ts';
import { PodDisruptionBudget } from '../../../api/policy/pod-disruption-budget.ts';
import { conflict, MODIFIED, notFound, type StatusError } from '../../../api/status-error.ts';
import { FakeClock } from '../../../base/clock.ts';
import { seededRandom } from '../../../base/random.ts';
import { serviceAccountAuthenticator } from '../../authentication/service-account-authenticator.ts';
import { importServiceAccountKey } from '../../authentication/service-account-keys.ts';
import type { ActionRequest } from '../handlers.ts';
import { mapClient } from '../map-client.ts';
import { MapObjectReader, type ObjectSketch } from '../map-object-reader.ts';
import { podBinding } from './pod-binding.ts';
import { podEviction } from './pod-eviction.ts';
import { tokenRequest } from './token-request.ts';

const user = { name: 'jane', uid: undefined, groups: [], extra: {} };
const NOW = '2026-01-01T00:00:00Z';

/** An action request on an object of the reader, with the writes that came through it. */
const requestOn = (objects: MapObjectReader, kind: Kind, name: string, body: object, dryRun = false) => {
  const ref = { namespace: 'a', name };
  const deletes: Parameters<ActionRequest['delete']>[0][] = [];
  const read = (): AnyObject => {
    const object = objects.get(kind, ref);
    if (!object) throw notFound({ group: '', resource: kind.plural }, name);
    return object as unknown as AnyObject;
  };
  const request: ActionRequest = {
    ref,
    body: { metadata: {}, ...body } as unknown as AnyObject,
    user,
    dryRun,
    signal: new AbortController().signal,
    read,
    async update(change) {
      const draft = structuredClone(read()) as unknown as AnyDraft;
      change(draft, read());
      return (dryRun ? draft : objects.put(kind, draft as unknown as ObjectSketch)) as unknown as AnyObject;
    },
    async delete(options) {
      const { metadata } = read();
      const { resourceVersion } = options.preconditions ?? {};
      if (resourceVersion && resourceVersion !== metadata.resourceVersion) {
        throw conflict({ group: '', resource: kind.plural }, name, MODIFIED);
      }
      deletes.push(options);
      if (!dryRun) objects.remove(kind, ref);
    },
  };
  return { request, deletes };
};

describe('podBinding', () => {
  const bind = async (pod: object, body: object) => {
    const objects = new MapObjectReader();
    objects.put(Pod, { metadata: { namespace: 'a', name: 'web', uid: 'pod-uid' }, spec: {}, status: {}, ...pod });
    const { request } = requestOn(objects, Pod, 'web', body);
    const answer = await podBinding({ clock: new FakeClock() })(request);
    assert.equal((answer as { status: string }).status, 'Success');
    return objects.get(Pod, { namespace: 'a', name: 'web' })!;
  };
  const toNode = { target: { kind: 'Node', name: 'node1' } };

  test('sets the node, takes over annotations and says that the pod is scheduled', async () => {
    const pod = await bind(
      {
        metadata: { namespace: 'a', name: 'web', generation: 1, annotations: { old: 'a' } },
        status: { conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: 'no' }] },
      },
      { ...toNode, metadata: { annotations: { plugin: 'b' } } },
    );
    assert.equal(pod.spec.nodeName, 'node1');
    assert.deepEqual(pod.metadata.annotations, { old: 'a', plugin: 'b' });
    assert.deepEqual(pod.status.conditions, [
      { type: 'PodScheduled', observedGeneration: 1, status: 'True', lastProbeTime: null, lastTransitionTime: NOW },
    ]);
  });

  const refusals: [string, object, object, string][] = [
    [
      'a pod that has a node',
      { spec: { nodeName: 'node2' } },
      toNode,
      'Operation cannot be fulfilled on pods/binding "web": pod web is already assigned to node "node2"',
    ],
    [
      'a pod that is being deleted',
      { metadata: { namespace: 'a', name: 'web', deletionTimestamp: NOW } },
      toNode,
      'Operation cannot be fulfilled on pods/binding "web": pod web is being deleted, cannot be assigned to a host',
    ],
    [
      'a pod with gates',
      { spec: { schedulingGates: [{ name: 'g' }] } },
      toNode,
      'Operation cannot be fulfilled on pods/binding "web": pod web has non-empty .spec.schedulingGates',
    ],
    [
      'another pod of the name',
      {},
      { ...toNode, metadata: { uid: 'old' } },
      'Operation cannot be fulfilled on pods "web": Precondition failed: UID in precondition: old, UID in object meta: pod-uid',
    ],
    [
      'something that is no node',
      {},
      { target: { kind: 'Pod', name: '' } },
      'Binding "web" is invalid: [target.kind: Unsupported value: "Pod": supported values: "Node", "<empty>", target.name: Required value]',
    ],
  ];
  for (const [name, pod, body, message] of refusals) {
    test(`refuses ${name}`, async () => assert.rejects(bind(pod, body), { message }));
  }
});

describe('podEviction', () => {
  const ready = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] };
  const unready = { phase: 'Running', conditions: [{ type: 'Ready', status: 'False' }] };
  const budget = (status: object, spec: object = {}, name = 'budget') => ({
    metadata: { namespace: 'a', name, generation: 1 },
    spec: { selector: { matchLabels: { app: 'web' } }, ...spec },
    status: {
      observedGeneration: 1,
      disruptionsAllowed: 1,
      currentHealthy: 3,
      desiredHealthy: 2,
      expectedPods: 3,
      ...status,
    },
  });
  const setUp = (pod: object, budgets: ObjectSketch[], body: object = {}, dryRun = false) => {
    const objects = new MapObjectReader();
    const metadata = { namespace: 'a', name: 'web', uid: 'pod-uid', labels: { app: 'web' } };
    objects.put(Pod, { metadata, spec: {}, status: ready, ...pod });
    for (const each of budgets) objects.put(PodDisruptionBudget, each);
    const client = mapClient(objects);
    const clock = new FakeClock();
    const { request, deletes } = requestOn(objects, Pod, 'web', body, dryRun);
    const run = () => podEviction({ objects, client, clock })(request);
    const budgetStatus = () => objects.get(PodDisruptionBudget, { namespace: 'a', name: 'budget' })?.status;
    return { objects, client, clock, deletes, run, budgetStatus };
  };

  test('deletes a pod that no budget covers, as the one it has seen', async () => {
    const { run, deletes } = setUp({}, [budget({}, { selector: { matchLabels: { app: 'other' } } })], {
      deleteOptions: { gracePeriodSeconds: 7 },
    });
    await run();
    assert.deepEqual(deletes, [{ gracePeriodSeconds: 7, preconditions: { uid: 'pod-uid' } }]);
  });

  test('marks the pod before it goes', async () => {
    const { run, objects } = setUp({}, []);
    const seen: unknown[] = [];
    using _ = objects.subscribe(
      Pod,
      ({ type, object }) => type === 'MODIFIED' && seen.push(object.status.conditions?.at(-1)),
    );
    await run();
    assert.deepEqual(seen, [
      {
        type: 'DisruptionTarget',
        status: 'True',
        lastProbeTime: null,
        lastTransitionTime: NOW,
        reason: 'EvictionByEvictionAPI',
        message: 'Eviction API: evicting',
      },
    ]);
  });

  test('takes one disruption from the budget', async () => {
    const { run, budgetStatus, deletes } = setUp({}, [budget({})]);
    await run();
    assert.equal(deletes.length, 1);
    assert.equal(budgetStatus()?.disruptionsAllowed, 0);
    assert.deepEqual(budgetStatus()?.disruptedPods, { web: NOW });
    assert.equal(budgetStatus()?.conditions?.[0]?.reason, 'InsufficientPods');
  });

  test('refuses with 429 when the budget allows none, and says why', async () => {
    const { run, deletes } = setUp({}, [budget({ disruptionsAllowed: 0, currentHealthy: 2 })]);
    await assert.rejects(run(), (error: StatusError) => {
      assert.equal(error.code, 429);
      assert.equal(error.message, "Cannot evict pod as it would violate the pod's disruption budget.");
      assert.deepEqual(error.details, {
        causes: [
          {
            reason: 'DisruptionBudget',
            message: 'The disruption budget budget needs 2 healthy pods and has 2 currently',
          },
        ],
      });
      return true;
    });
    assert.equal(deletes.length, 0);
  });

  const refusals: [string, ObjectSketch[], number, RegExp][] = [
    ['a budget that has not been counted', [budget({ observedGeneration: 0 })], 429, /^Cannot evict pod/],
    ['a budget that is overspent', [budget({ disruptionsAllowed: -1 })], 403, /pdb disruptions allowed is negative$/],
    ['two budgets', [budget({}), budget({}, {}, 'second')], 500, /^This pod has more than one PodDisruptionBudget/],
  ];
  for (const [name, budgets, code, message] of refusals) {
    test(`refuses under ${name}`, async () => assert.rejects(setUp({}, budgets).run(), { code, message }));
  }

  const unspent: [string, object, ObjectSketch[]][] = [
    ['a pod that has ended', { status: { phase: 'Succeeded' } }, [budget({ disruptionsAllowed: 0 })]],
    ['a pod that has not begun', { status: { phase: 'Pending' } }, [budget({ disruptionsAllowed: 0 })]],
    ['a pod that is not ready while enough are', { status: unready }, [budget({ disruptionsAllowed: 0 })]],
    [
      'a pod that is not ready where the budget says so',
      { status: unready },
      [budget({ disruptionsAllowed: 0, currentHealthy: 0 }, { unhealthyPodEvictionPolicy: 'AlwaysAllow' })],
    ],
  ];
  for (const [name, pod, budgets] of unspent) {
    test(`lets go of ${name} without asking the budget`, async () => {
      const { run, deletes, client } = setUp(pod, budgets);
      await run();
      assert.equal(deletes.length, 1);
      assert.deepEqual(client.writes, []);
    });
  }

  test('tries again when somebody else spends from the budget at the same time', async () => {
    const { run, client, objects, clock, budgetStatus } = setUp({}, [budget({ disruptionsAllowed: 2 })]);
    const updateStatus = client.updateStatus;
    let isFirst = true;
    Object.assign(client, {
      updateStatus: (async (kind, object) => {
        if (isFirst) objects.put(PodDisruptionBudget, budget({ disruptionsAllowed: 1, disruptedPods: { other: NOW } }));
        isFirst = false;
        return updateStatus(kind, object);
      }) as typeof updateStatus,
    });
    const evicted = run();
    await clock.advance(1000);
    await evicted;
    assert.deepEqual(
      [budgetStatus()?.disruptionsAllowed, Object.keys(budgetStatus()?.disruptedPods ?? {})],
      [0, ['other', 'web']],
    );
  });

  for (const [where, body, dryRun] of [
    ['query', {}, true],
    ['body', { deleteOptions: { dryRun: ['All'] } }, false],
  ] as const) {
    test(`writes nothing for a dry run by the ${where}`, async () => {
      const { run, objects, budgetStatus } = setUp({}, [budget({})], body, dryRun);
      await run();
      assert.ok(objects.get(Pod, { namespace: 'a', name: 'web' }));
      assert.equal(budgetStatus()?.disruptionsAllowed, 1);
    });
  }

  test('honours the preconditions of the client', async () => {
    const { run } = setUp({}, [], { deleteOptions: { preconditions: { uid: 'other' } } });
    await assert.rejects(run(), { code: 409 });
  });
});

describe('tokenRequest', async () => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const key = await importServiceAccountKey(privateKey.export({ type: 'pkcs8', format: 'pem' }) as string);
  const issuer = 'https://issuer';
  const options = { issuer, audiences: ['api'] };
  const setUp = () => {
    const objects = new MapObjectReader();
    const clock = new FakeClock();
    objects.put(ServiceAccount, { metadata: { namespace: 'a', name: 'robot', uid: 'account-uid' } });
    objects.put(Pod, {
      metadata: { namespace: 'a', name: 'web', uid: 'pod-uid' },
      spec: { serviceAccountName: 'robot', nodeName: 'node1' },
    });
    objects.put(Pod, { metadata: { namespace: 'a', name: 'other' }, spec: { serviceAccountName: 'default' } });
    objects.put(Node, { metadata: { name: 'node1', uid: 'node-uid' } });
    objects.put(Secret, { metadata: { namespace: 'a', name: 'token', uid: 'secret-uid' } });
    const ask = async (spec: object, metadata: object = {}) => {
      const { request } = requestOn(objects, ServiceAccount, 'robot', { metadata, spec: { audiences: null, ...spec } });
      const answer = await tokenRequest({ objects, clock, random: seededRandom(1), key }, options)(request);
      return answer as {
        metadata: object;
        spec: object;
        status: { token: string; expirationTimestamp: string };
      };
    };
    return { objects, clock, ask };
  };
  const claimsOf = (token: string) => JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString());
  const podRef = { kind: 'Pod', apiVersion: 'v1', name: 'web' };

  test('gives a token for the API and an hour when nothing else is said', async () => {
    const { ask, objects, clock } = setUp();
    const { metadata, spec, status } = await ask({});
    assert.deepEqual(metadata, { name: 'robot', namespace: 'a', creationTimestamp: NOW });
    assert.deepEqual(spec, { audiences: ['api'], expirationSeconds: 3600 });
    assert.equal(status.expirationTimestamp, '2026-01-01T01:00:00Z');
    const authenticator = serviceAccountAuthenticator({ objects, clock, keys: [key] }, options);
    assert.equal(
      (await authenticator.authenticateToken(status.token, ['api']))?.user.name,
      'system:serviceaccount:a:robot',
    );
  });

  test('binds to a pod and names its node', async () => {
    const { status } = await setUp().ask({ boundObjectRef: { ...podRef, uid: 'pod-uid' }, audiences: ['vault'] });
    const claims = claimsOf(status.token);
    assert.deepEqual(claims.aud, ['vault']);
    assert.deepEqual(claims['kubernetes.io'], {
      namespace: 'a',
      node: { name: 'node1', uid: 'node-uid' },
      pod: { name: 'web', uid: 'pod-uid' },
      serviceaccount: { name: 'robot', uid: 'account-uid' },
    });
  });

  test('binds to a node or a secret', async () => {
    const node = await setUp().ask({ boundObjectRef: { kind: 'Node', apiVersion: 'v1', name: 'node1' } });
    assert.deepEqual(claimsOf(node.status.token)['kubernetes.io'].node, { name: 'node1', uid: 'node-uid' });
    const secret = await setUp().ask({ boundObjectRef: { kind: 'Secret', apiVersion: 'v1', name: 'token' } });
    assert.deepEqual(claimsOf(secret.status.token)['kubernetes.io'].secret, { name: 'token', uid: 'secret-uid' });
  });

  test('lets the token that every pod gets live for a year, and says when it should have ended', async () => {
    const { status } = await setUp().ask({ expirationSeconds: 3607, boundObjectRef: podRef });
    const claims = claimsOf(status.token);
    assert.equal(claims.exp - claims.iat, 365 * 24 * 3600);
    assert.equal(claims['kubernetes.io'].warnafter - claims.iat, 3607);
    assert.equal(status.expirationTimestamp, '2026-01-01T01:00:07Z');
    const other = await setUp().ask({ expirationSeconds: 3607, boundObjectRef: podRef, audiences: ['vault'] });
    assert.equal(claimsOf(other.status.token).exp - claims.iat, 3607);
  });

  const refusals: [string, object, object, string][] = [
    [
      'less than ten minutes',
      { expirationSeconds: 599 },
      {},
      'TokenRequest.authentication.k8s.io "" is invalid: spec.expirationSeconds: Invalid value: 599: may not specify a duration less than 10 minutes',
    ],
    [
      'more than 2^32 seconds',
      { expirationSeconds: 2 ** 32 + 1 },
      {},
      'TokenRequest.authentication.k8s.io "" is invalid: spec.expirationSeconds: Invalid value: 4294967297: may not specify a duration larger than 2^32 seconds',
    ],
    [
      'another name',
      {},
      { name: 'default' },
      'TokenRequest.authentication.k8s.io "robot" is invalid: metadata.name: Invalid value: "default": must match the service account name if specified',
    ],
    ['a pod that is not there', { boundObjectRef: { ...podRef, name: 'gone' } }, {}, 'pods "gone" not found'],
    [
      'a pod of another account',
      { boundObjectRef: { ...podRef, name: 'other' } },
      {},
      'cannot bind token for serviceaccount "robot" to pod running with different serviceaccount name.',
    ],
    [
      'another pod of the name',
      { boundObjectRef: { ...podRef, uid: 'old' } },
      {},
      'Operation cannot be fulfilled on Pod "web": the UID in the bound object reference (old) does not match the UID in record. The object might have been deleted and then recreated',
    ],
    [
      'an object of another kind',
      { boundObjectRef: { kind: 'Deployment', apiVersion: 'apps/v1', name: 'x' } },
      {},
      'cannot bind token to object of type apps/v1, Kind=Deployment',
    ],
  ];
  for (const [name, spec, metadata, message] of refusals) {
    test(`refuses ${name}`, async () => assert.rejects(setUp().ask(spec, metadata), { message }));
  }
});
