// Pods and nodes for tests of scheduling, as they come from the API server, with only what a test is about spelled out.

import type { Node } from '../../src/api/core/node.ts';
import type { Pod } from '../../src/api/core/pod.ts';
import type { PodInfo } from '../../src/scheduler/pod-info.ts';
import { podInfoOf } from '../../src/scheduler/pod-info.ts';

type Requests = Readonly<Record<string, string>>;

export interface PodShape {
  readonly name?: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly requests?: Requests;
  readonly nodeName?: string;
  readonly priority?: number;
  readonly spec?: Partial<Pod['spec']>;
  readonly status?: Partial<Pod['status']>;
  readonly metadata?: Partial<Pod['metadata']>;
}

export function pod(shape: PodShape = {}): Pod {
  const { name = 'pod', namespace = 'default', uid = `uid-${namespace}-${name}` } = shape;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace,
      uid,
      resourceVersion: '1',
      creationTimestamp: '2026-01-01T00:00:00Z',
      ...(shape.labels ? { labels: shape.labels } : {}),
      ...shape.metadata,
    },
    spec: {
      schedulerName: 'default-scheduler',
      containers: [{ name: 'main', image: 'busybox', resources: shape.requests ? { requests: shape.requests } : {} }],
      ...(shape.nodeName === undefined ? {} : { nodeName: shape.nodeName }),
      ...(shape.priority === undefined ? {} : { priority: shape.priority }),
      ...shape.spec,
    },
    status: { phase: 'Pending', ...shape.status },
  } as Pod;
}

export function podInfo(shape: PodShape = {}): PodInfo {
  return podInfoOf(pod(shape));
}

export interface NodeShape {
  readonly name?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly allocatable?: Requests;
  readonly taints?: Node['spec']['taints'];
  readonly unschedulable?: boolean;
  readonly images?: Node['status']['images'];
}

export function node(shape: NodeShape = {}): Node {
  const { name = 'node', labels = {}, allocatable = {} } = shape;
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      uid: `uid-${name}`,
      resourceVersion: '1',
      creationTimestamp: '2026-01-01T00:00:00Z',
      labels: { 'kubernetes.io/hostname': name, ...labels },
    },
    spec: {
      ...(shape.taints ? { taints: shape.taints } : {}),
      ...(shape.unschedulable ? { unschedulable: true } : {}),
    },
    status: {
      allocatable: { cpu: '4', memory: '8Gi', pods: '110', 'ephemeral-storage': '100Gi', ...allocatable },
      ...(shape.images ? { images: shape.images } : {}),
    },
  } as unknown as Node;
}
