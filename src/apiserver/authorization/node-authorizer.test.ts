import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { PersistentVolume } from '../../api/core/persistent-volume.ts';
import { Pod } from '../../api/core/pod.ts';
import { ResourceSlice } from '../../api/resource/resource-slice.ts';
import { VolumeAttachment } from '../../api/storage/volume-attachment.ts';
import type { User } from '../../client/user.ts';
import { MapObjectReader } from '../registry/map-object-reader.ts';
import type { RequestInfo } from '../request-info.ts';
import { nodeAuthorizer } from './node-authorizer.ts';
import { NodeGraph } from './node-graph.ts';

const node1: User = { name: 'system:node:node1', uid: undefined, groups: ['system:nodes'], extra: {} };

/** `get secrets a/name` in a group, with a field selector. */
const requestFor = (text: string, more: Partial<RequestInfo> = {}): RequestInfo => {
  const [verb = '', path = '', where = ''] = text.split(' ');
  const [resource = '', subresource = ''] = path.split('/');
  const [namespace = '', name = ''] = where.includes('/') ? where.split('/') : ['', where];
  const base = { path: '', isResource: true, group: '', version: 'v1', suffix: '' };
  return { ...base, verb, resource, subresource, namespace, name, ...more };
};

const podSpec = {
  serviceAccountName: 'robot',
  imagePullSecrets: [{ name: 'pull' }],
  initContainers: [{ name: 'init', env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 'init-env', key: 'k' } } }] }],
  containers: [
    {
      name: 'main',
      env: [{ name: 'B', valueFrom: { configMapKeyRef: { name: 'env-map', key: 'k' } } }],
      envFrom: [{ secretRef: { name: 'all-env' } }, { configMapRef: { name: 'all-map' } }],
    },
  ],
  volumes: [
    { name: 'a', secret: { secretName: 'mounted' } },
    { name: 'b', configMap: { name: 'mounted-map' } },
    {
      name: 'c',
      projected: { sources: [{ secret: { name: 'projected' } }, { configMap: { name: 'kube-root-ca.crt' } }] },
    },
    { name: 'd', persistentVolumeClaim: { claimName: 'claim' } },
    { name: 'e', ephemeral: {} },
    { name: 'f', csi: { driver: 'x', nodePublishSecretRef: { name: 'csi' } } },
  ],
  resourceClaims: [{ name: 'gpu', resourceClaimName: 'gpu-claim' }],
};

const setUp = () => {
  const objects = new MapObjectReader();
  objects.put(Pod, { metadata: { name: 'web', namespace: 'a' }, spec: { ...podSpec, nodeName: 'node1' }, status: {} });
  objects.put(Pod, {
    metadata: { name: 'other', namespace: 'a' },
    spec: {
      nodeName: 'node2',
      serviceAccountName: 'elsewhere',
      containers: [],
      imagePullSecrets: [{ name: 'theirs' }],
    },
    status: {},
  });
  objects.put(Pod, {
    metadata: { name: 'mirror', namespace: 'a', annotations: { 'kubernetes.io/config.mirror': 'x' } },
    spec: { nodeName: 'node1', containers: [], imagePullSecrets: [{ name: 'stolen' }] },
    status: {},
  });
  objects.put(PersistentVolume, {
    metadata: { name: 'volume' },
    spec: {
      claimRef: { namespace: 'a', name: 'claim' },
      csi: {
        driver: 'x',
        volumeHandle: 'h',
        nodeStageSecretRef: { namespace: 'storage', name: 'stage' },
        controllerPublishSecretRef: { namespace: 'storage', name: 'provisioner' },
      },
    },
  });
  objects.put(PersistentVolume, { metadata: { name: 'unbound' }, spec: {} });
  objects.put(VolumeAttachment, {
    metadata: { name: 'attached' },
    spec: { attacher: 'x', nodeName: 'node1', source: {} },
  });
  objects.put(ResourceSlice, { metadata: { name: 'slice' }, spec: { driver: 'x', nodeName: 'node1', pool: {} } });
  const graph = new NodeGraph({ objects });
  return { objects, authorizer: nodeAuthorizer({ graph }) };
};

const onNode = { fieldSelector: 'spec.nodeName=node1' };
const leases = { group: 'coordination.k8s.io' };
const storage = { group: 'storage.k8s.io' };
const resource = { group: 'resource.k8s.io' };
const unrelated = "no relationship found between node 'node1' and this object";

describe('nodeAuthorizer', () => {
  const allowed: [string, Partial<RequestInfo>?][] = [
    ['get secrets a/pull'],
    ['get secrets a/init-env'],
    ['get secrets a/all-env'],
    ['list secrets a/mounted'],
    ['watch secrets a/projected'],
    ['get secrets a/csi'],
    ['get secrets storage/stage'],
    ['get configmaps a/env-map'],
    ['get configmaps a/all-map'],
    ['watch configmaps a/mounted-map'],
    ['get configmaps a/kube-root-ca.crt'],
    ['list configmaps a/', { fieldSelector: 'metadata.name=mounted-map' }],
    ['get persistentvolumeclaims a/claim'],
    ['get persistentvolumeclaims a/web-e'],
    ['patch persistentvolumeclaims/status a/claim'],
    ['get persistentvolumes volume'],
    ['create serviceaccounts/token a/robot'],
    ['get serviceaccounts a/robot'],
    ['get resourceclaims a/gpu-claim', resource],
    ['get volumeattachments attached', storage],
    ['update resourceslices slice', resource],
    ['create resourceslices', resource],
    ['list resourceslices', { ...resource, ...onNode }],
    ['get pods a/web'],
    ['get pods a/mirror'],
    ['list pods', onNode],
    ['watch pods', onNode],
    ['create pods a/'],
    ['delete pods a/web'],
    ['patch pods/status a/web'],
    ['create pods/eviction a/web'],
    ['get nodes node1'],
    ['watch nodes', { fieldSelector: 'metadata.name=node1' }],
    ['create nodes'],
    ['patch nodes/status node1'],
    ['create leases kube-node-lease/', leases],
    ['update leases kube-node-lease/node1', leases],
    ['create csinodes', storage],
    ['get csinodes node1', storage],
    ['list services'],
    ['create events a/'],
    ['create tokenreviews', { group: 'authentication.k8s.io' }],
    ['list csidrivers', storage],
  ];
  for (const [text, more] of allowed) {
    test(`allows ${text} ${more?.fieldSelector ?? ''}`, () => {
      const { authorizer } = setUp();
      assert.deepEqual(authorizer.authorize(node1, requestFor(text, more)), { verdict: 'allow', reason: '' });
    });
  }

  const refused: [string, string, Partial<RequestInfo>?][] = [
    ['get secrets a/theirs', unrelated],
    ['get secrets b/pull', unrelated],
    ['get secrets a/stolen', unrelated],
    ['get secrets storage/provisioner', unrelated],
    ['update secrets a/pull', 'can only read resources of this type'],
    ['list secrets a/', 'No Object name found'],
    ['list secrets pull', 'can only read namespaced object of this type'],
    ['list persistentvolumeclaims a/', 'can only get individual resources of this type'],
    ['update persistentvolumeclaims a/claim', 'can only get individual resources of this type'],
    ['get persistentvolumeclaims/status a/claim', 'can only get/update/patch this type'],
    ['get persistentvolumes unbound', unrelated],
    ['list persistentvolumes', 'can only get individual resources of this type'],
    ['create serviceaccounts/token a/elsewhere', unrelated],
    ['create serviceaccounts a/robot', 'can only create token subresource of serviceaccount'],
    ['list serviceaccounts a/', 'can only create tokens for individual service accounts'],
    ['get pods a/other', unrelated],
    ['list pods', 'can only list/watch pods with spec.nodeName field selector'],
    [
      'list pods',
      'can only list/watch pods with spec.nodeName field selector',
      { fieldSelector: 'spec.nodeName=node2' },
    ],
    [
      'list pods',
      'can only list/watch pods with spec.nodeName field selector',
      { fieldSelector: 'metadata.name!=x\\,spec.nodeName=node1' },
    ],
    ['update pods a/web', ''],
    ['get pods/log a/web', ''],
    ['get nodes node2', "node 'node1' cannot read 'node2', only its own Node object"],
    ['list nodes', "node 'node1' cannot read all nodes, only its own Node object"],
    ['delete nodes node1', ''],
    ['get leases kube-system/node1', 'can only access leases in the "kube-node-lease" system namespace', leases],
    [
      'update leases kube-node-lease/node2',
      'can only access node lease with the same name as the requesting node',
      leases,
    ],
    ['list leases kube-node-lease/', 'can only get, create, update, patch, or delete a node lease', leases],
    ['get csinodes node2', 'can only access CSINode with the same name as the requesting node', storage],
    [
      'list resourceslices',
      'can only list/watch/deletecollection resourceslices with spec.nodeName field selector',
      resource,
    ],
    ['list deployments a/', '', { group: 'apps' }],
    ['get clusterroles', '', { group: 'rbac.authorization.k8s.io' }],
  ];
  for (const [text, reason, more] of refused) {
    test(`refuses ${text} ${more?.fieldSelector ?? ''}`, () => {
      const { authorizer } = setUp();
      assert.deepEqual(authorizer.authorize(node1, requestFor(text, more)), { verdict: 'noOpinion', reason });
    });
  }

  test('follows pods that come to a node and go', () => {
    const { objects, authorizer } = setUp();
    const verdict = () => authorizer.authorize(node1, requestFor('get secrets a/late')).verdict;
    const late = { serviceAccountName: 'robot', containers: [], imagePullSecrets: [{ name: 'late' }] };
    objects.put(Pod, { metadata: { name: 'late', namespace: 'a' }, spec: late, status: {} });
    assert.equal(verdict(), 'noOpinion');
    objects.put(Pod, { metadata: { name: 'late', namespace: 'a' }, spec: { ...late, nodeName: 'node1' }, status: {} });
    objects.put(Pod, { metadata: { name: 'later', namespace: 'a' }, spec: { ...late, nodeName: 'node1' }, status: {} });
    assert.equal(verdict(), 'allow');
    objects.remove(Pod, { name: 'late', namespace: 'a' });
    assert.equal(verdict(), 'allow');
    objects.remove(Pod, { name: 'later', namespace: 'a' });
    assert.equal(verdict(), 'noOpinion');
  });

  test('has no opinion of others, and says so of nodes without a name', () => {
    const { authorizer } = setUp();
    const request = requestFor('list services');
    const others = { ...node1, groups: ['system:authenticated'] };
    assert.deepEqual(authorizer.authorize(others, request), { verdict: 'noOpinion', reason: '' });
    const nameless = { ...node1, name: 'kubelet' };
    assert.equal(authorizer.authorize(nameless, request).reason, 'unknown node for user "kubelet"');
  });
});
