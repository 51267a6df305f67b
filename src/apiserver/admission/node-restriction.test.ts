import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Lease } from '../../api/coordination/lease.ts';
import { ConfigMap } from '../../api/core/config-map.ts';
import { Node } from '../../api/core/node.ts';
import { PersistentVolume } from '../../api/core/persistent-volume.ts';
import { PersistentVolumeClaim } from '../../api/core/persistent-volume-claim.ts';
import { Pod } from '../../api/core/pod.ts';
import { ServiceAccount } from '../../api/core/service-account.ts';
import type { AnyDraft, AnyObject, Kind } from '../../api/kind.ts';
import { CSIDriver } from '../../api/storage/csi-driver.ts';
import { MapObjectReader } from '../registry/map-object-reader.ts';
import type { AdmissionRequest } from './admission.ts';
import { forbiddenNodeLabels } from './node-labels.ts';
import { nodeRestriction } from './node-restriction.ts';

const node1 = { name: 'system:node:node1', uid: undefined, groups: ['system:nodes'], extra: {} };

const setUp = () => {
  const objects = new MapObjectReader();
  objects.put(Node, { metadata: { name: 'node1', uid: 'node-uid' }, spec: {} });
  const claim = { name: 'data', persistentVolumeClaim: { claimName: 'claim' } };
  const projected = {
    name: 'token',
    projected: { sources: [{ serviceAccountToken: { path: 't' } }, { serviceAccountToken: { audience: 'vault' } }] },
  };
  objects.put(Pod, {
    metadata: { name: 'mine', namespace: 'a', uid: 'pod-uid' },
    spec: { nodeName: 'node1', containers: [], volumes: [projected, claim] },
  });
  objects.put(Pod, {
    metadata: { name: 'theirs', namespace: 'a', uid: 'other-uid' },
    spec: { nodeName: 'node2', containers: [] },
  });
  objects.put(PersistentVolumeClaim, { metadata: { name: 'claim', namespace: 'a' }, spec: { volumeName: 'volume' } });
  objects.put(PersistentVolume, { metadata: { name: 'volume' }, spec: { csi: { driver: 'disk' } } });
  objects.put(CSIDriver, { metadata: { name: 'disk' }, spec: { tokenRequests: [{ audience: 'storage' }] } });
  const authorizer = {
    authorize: (_user: unknown, { verb, resource }: { verb: string; resource: string }) => ({
      verdict: (verb === 'request-serviceaccounts-token-audience' && resource === 'allowed' ? 'allow' : 'noOpinion') as
        | 'allow'
        | 'noOpinion',
      reason: '',
    }),
  };
  return { objects, plugin: nodeRestriction({ objects, authorizer }) };
};

interface Attempt {
  readonly kind: Kind;
  readonly what: string;
  readonly object?: object;
  readonly oldObject?: object;
  readonly user?: AdmissionRequest['user'];
}

/** `UPDATE status a/name`. */
const requestFor = ({ kind, what, object, oldObject, user = node1 }: Attempt): AdmissionRequest => {
  const [operation, subresource = '', where = ''] = what.split(' ');
  const [namespace = '', name = ''] = where.includes('/') ? where.split('/') : ['', where];
  const complete = (body: object | undefined) => body && { metadata: { name, namespace }, ...body };
  return {
    operation: operation as AdmissionRequest['operation'],
    kind,
    subresource: subresource === '-' ? '' : subresource,
    namespace,
    name,
    object: complete(object) as AnyDraft | undefined,
    oldObject: complete(oldObject) as AnyObject | undefined,
    user,
    dryRun: false,
    warn() {},
  };
};

const owner = { apiVersion: 'v1', kind: 'Node', name: 'node1', uid: 'node-uid', controller: true };
const mirror = (spec: object = {}, owners: object[] = [owner]) => ({
  metadata: {
    name: 'm',
    namespace: 'a',
    annotations: { 'kubernetes.io/config.mirror': 'x' },
    ownerReferences: owners,
  },
  spec: { nodeName: 'node1', containers: [], ...spec },
});
const token = (uid: string | undefined, audiences: string[] = [], name = 'mine') => ({
  spec: { audiences, boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name, ...(uid ? { uid } : {}) } },
});
const onNode1 = { spec: { nodeName: 'node1' } };
const onNode2 = { spec: { nodeName: 'node2' } };

describe('nodeRestriction', () => {
  const allowed: Attempt[] = [
    { kind: Pod, what: 'CREATE - a/m', object: mirror() },
    { kind: Pod, what: 'DELETE - a/mine', oldObject: onNode1 },
    { kind: Pod, what: 'UPDATE status a/mine', object: onNode1, oldObject: onNode1 },
    { kind: Pod, what: 'CREATE eviction a/mine', object: {} },
    { kind: Node, what: 'CREATE - node1', object: { spec: {} } },
    { kind: Node, what: 'UPDATE status node1', object: { spec: {} }, oldObject: { spec: {} } },
    { kind: Lease, what: 'CREATE - kube-node-lease/node1', object: {} },
    { kind: ServiceAccount, what: 'CREATE token a/robot', object: token('pod-uid') },
    { kind: ServiceAccount, what: 'CREATE token a/robot', object: token('pod-uid', ['vault']) },
    { kind: ServiceAccount, what: 'CREATE token a/robot', object: token('pod-uid', ['storage']) },
    { kind: ServiceAccount, what: 'CREATE token a/robot', object: token('pod-uid', ['allowed']) },
    { kind: ConfigMap, what: 'UPDATE - a/x', object: {}, oldObject: {} },
    {
      kind: PersistentVolumeClaim,
      what: 'UPDATE status a/claim',
      object: { spec: {}, status: { capacity: { storage: '2Gi' } } },
      oldObject: { spec: {}, status: { capacity: { storage: '1Gi' } } },
    },
    { kind: Pod, what: 'UPDATE - a/mine', object: {}, oldObject: {}, user: { ...node1, groups: [] } },
  ];
  for (const attempt of allowed) {
    test(`allows ${attempt.what} of ${attempt.kind.plural} ${JSON.stringify(attempt.object)}`, () => {
      setUp().plugin.validate?.(requestFor(attempt));
    });
  }

  const refused: [Attempt, RegExp][] = [
    [
      { kind: Pod, what: 'CREATE - a/m', object: { spec: {} } },
      /does not have "kubernetes.io\/config.mirror" annotation/,
    ],
    [{ kind: Pod, what: 'CREATE - a/m', object: mirror({ nodeName: 'node2' }) }, /spec.nodeName set to itself$/],
    [{ kind: Pod, what: 'CREATE - a/m', object: mirror({}, []) }, /with an owner reference set to itself$/],
    [{ kind: Pod, what: 'CREATE - a/m', object: mirror({}, [owner, owner]) }, /single owner reference/],
    [
      { kind: Pod, what: 'CREATE - a/m', object: mirror({}, [{ ...owner, uid: 'old' }]) },
      /node node1 UID mismatch: expected old got node-uid$/,
    ],
    [{ kind: Pod, what: 'CREATE - a/m', object: mirror({ serviceAccountName: 'x' }) }, /reference a service account$/],
    [{ kind: Pod, what: 'CREATE - a/m', object: mirror({ imagePullSecrets: [{ name: 'x' }] }) }, /reference secrets$/],
    [{ kind: Pod, what: 'DELETE - a/theirs', oldObject: onNode2 }, /can only delete pods with spec.nodeName/],
    [
      { kind: Pod, what: 'UPDATE - a/mine', object: onNode1, oldObject: onNode1 },
      /can only create and delete mirror pods$/,
    ],
    [{ kind: Pod, what: 'UPDATE status a/theirs', object: onNode2, oldObject: onNode2 }, /can only update pod status/],
    [
      {
        kind: Pod,
        what: 'UPDATE status a/mine',
        object: { ...onNode1, metadata: { labels: { a: 'b' } } },
        oldObject: onNode1,
      },
      /cannot update labels through pod status$/,
    ],
    [{ kind: Pod, what: 'CREATE eviction a/theirs', object: {} }, /node node1 can only evict pods/],
    [{ kind: Pod, what: 'CREATE binding a/mine', object: {} }, /unexpected pod subresource "binding"/],
    [{ kind: Node, what: 'UPDATE - node2', object: {}, oldObject: {} }, /not allowed to modify node "node2"$/],
    [
      {
        kind: Node,
        what: 'UPDATE - node1',
        object: { spec: { taints: [] } },
        oldObject: { spec: { taints: [{ key: 'a' }] } },
      },
      /not allowed to modify taints$/,
    ],
    [
      {
        kind: Node,
        what: 'CREATE - node1',
        object: { metadata: { labels: { 'node-role.kubernetes.io/control-plane': '' } }, spec: {} },
      },
      /not allowed to set the following labels: node-role.kubernetes.io\/control-plane$/,
    ],
    [
      { kind: Lease, what: 'UPDATE - kube-node-lease/node2', object: {}, oldObject: {} },
      /same name as the requesting node$/,
    ],
    [
      { kind: Lease, what: 'UPDATE - kube-system/node1', object: {}, oldObject: {} },
      /in the "kube-node-lease" system namespace$/,
    ],
    [{ kind: ServiceAccount, what: 'CREATE token a/robot', object: { spec: {} } }, /not bound to a pod$/],
    [{ kind: ServiceAccount, what: 'CREATE token a/robot', object: token(undefined) }, /without a uid$/],
    [{ kind: ServiceAccount, what: 'CREATE token a/robot', object: token('old') }, /\(old\) does not match/],
    [
      { kind: ServiceAccount, what: 'CREATE token a/robot', object: token('other-uid', [], 'theirs') },
      /scheduled on a different node$/,
    ],
    [{ kind: ServiceAccount, what: 'CREATE token a/robot', object: token('pod-uid', ['a', 'b']) }, /0 or 1 audiences$/],
    [
      { kind: ServiceAccount, what: 'CREATE token a/robot', object: token('pod-uid', ['evil']) },
      /^serviceaccounts "robot" is forbidden: audience "evil" not found in pod spec volume, system:node:node1 is not authorized to request tokens for this audience$/,
    ],
    [
      { kind: PersistentVolumeClaim, what: 'UPDATE - a/claim', object: {}, oldObject: {} },
      /may only update PVC status$/,
    ],
    [
      {
        kind: PersistentVolumeClaim,
        what: 'UPDATE status a/claim',
        object: { spec: { x: 1 } },
        oldObject: { spec: {} },
      },
      /other than status.capacity and status.conditions$/,
    ],
    [
      { kind: ConfigMap, what: 'UPDATE - a/x', object: {}, oldObject: {}, user: { ...node1, name: 'kubelet' } },
      /could not determine node from user "kubelet"$/,
    ],
  ];
  for (const [attempt, message] of refused) {
    test(`refuses ${attempt.what} of ${attempt.kind.plural} ${JSON.stringify(attempt.object)}`, () => {
      assert.throws(() => setUp().plugin.validate?.(requestFor(attempt)), { message, code: 403 });
    });
  }

  test('answers NotFound for a pod that is not there', () => {
    const attempt = { kind: Pod, what: 'CREATE eviction a/gone', object: {} };
    assert.throws(() => setUp().plugin.validate?.(requestFor(attempt)), { code: 404 });
  });
});

describe('forbiddenNodeLabels', () => {
  const cases: [Record<string, string>, Record<string, string>, string[]][] = [
    [{ 'kubernetes.io/hostname': 'x', 'topology.kubernetes.io/zone': 'z', app: 'y', 'example.com/a': 'b' }, {}, []],
    [{ 'node.kubernetes.io/anything': 'x', 'x.kubelet.kubernetes.io/y': 'z' }, {}, []],
    [
      { 'node-restriction.kubernetes.io/a': '', 'a.node-restriction.kubernetes.io/b': '' },
      {},
      ['a.node-restriction.kubernetes.io/b', 'node-restriction.kubernetes.io/a'],
    ],
    [{ 'foo.k8s.io/x': '', 'kubernetes.io/y': '' }, {}, ['foo.k8s.io/x', 'kubernetes.io/y']],
    [{ 'foo.k8s.io/x': '1' }, { 'foo.k8s.io/x': '1' }, []],
    [{}, { 'foo.k8s.io/x': '1' }, ['foo.k8s.io/x']],
  ];
  for (const [labels, previous, expected] of cases) {
    test(`are ${JSON.stringify(expected)} of ${JSON.stringify(labels)}`, () =>
      assert.deepEqual(forbiddenNodeLabels(labels, previous), expected));
  }
});
