// Pods as the node agent gets them from the API server, and what a runtime holds of them, for tests: only what a test is
// about is spelled out.

import type { Container } from '../../src/api/core/container.ts';
import { Pod } from '../../src/api/core/pod.ts';
import { qosClassOf } from '../../src/api/core/pod-qos.ts';
import { containersOf } from '../../src/api/core/pod-references.ts';
import type { InputOf } from '../../src/api/kind.ts';
import { readInput } from '../../src/api/read-input.ts';
import type { RuntimeContainer, RuntimePod, RuntimeSandbox } from '../../src/kubelet/runtime-pod.ts';

export const CREATED_AT = Date.UTC(2026, 0, 1);

export type PodSpecInput = NonNullable<InputOf<typeof Pod>['spec']>;
export type ContainerInput = NonNullable<PodSpecInput['containers']>[number];

export interface PodShape {
  readonly name?: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly metadata?: Partial<Pod['metadata']>;
  /** Containers without an image run `busybox`. */
  readonly spec?: Partial<PodSpecInput>;
  readonly status?: Pod['status'];
}

/** A pod with defaults, bound to a node. Without containers it has one, `main`. */
export function kubeletPod(shape: PodShape = {}): Pod {
  const { name = 'pod', namespace = 'default', uid = `uid-${name}` } = shape;
  const withImage = (container: ContainerInput) => ({ image: 'busybox', ...container });
  const spec = {
    nodeName: 'node',
    ...shape.spec,
    containers: (shape.spec?.containers ?? [{ name: 'main' }]).map(withImage),
    ...(shape.spec?.initContainers ? { initContainers: shape.spec.initContainers.map(withImage) } : {}),
  } as PodSpecInput;
  const draft = readInput(Pod, { metadata: { name, namespace }, spec });
  return {
    ...draft,
    metadata: {
      name,
      namespace,
      uid,
      resourceVersion: '1',
      creationTimestamp: new Date(CREATED_AT).toISOString(),
      ...shape.metadata,
    },
    status: { qosClass: qosClassOf(draft.spec as Pod['spec']), ...shape.status },
  } as Pod;
}

export function containerOf(pod: Pod, name: string): Container {
  const found = containersOf(pod).find((container) => container.name === name);
  if (!found) throw new Error(`the pod has no container ${name}`);
  return found;
}

export interface RuntimeShape {
  readonly sandboxes?: readonly Partial<RuntimeSandbox>[];
  /** Newest first. Ids are `NAME-ATTEMPT` unless given. */
  readonly containers?: readonly (Partial<RuntimeContainer> & { readonly name: string })[];
}

/** What a runtime holds; with one ready sandbox unless said otherwise. */
export function runtimePod(pod: Pod, shape: RuntimeShape = {}): RuntimePod {
  const { uid, name, namespace } = pod.metadata;
  return {
    uid,
    name,
    namespace,
    sandboxes: (shape.sandboxes ?? [{}]).map((sandbox, index, all) => ({
      id: `sandbox-${all.length - 1 - index}`,
      attempt: all.length - 1 - index,
      ready: true,
      createdAt: CREATED_AT,
      ips: ['10.244.0.5'],
      hostNetwork: false,
      ...sandbox,
    })),
    containers: (shape.containers ?? []).map((container) => ({
      id: `${container.name}-${container.attempt ?? 0}`,
      sandboxId: `sandbox-${(shape.sandboxes?.length ?? 1) - 1}`,
      attempt: 0,
      state: 'running',
      createdAt: CREATED_AT,
      startedAt: CREATED_AT,
      finishedAt: container.state === 'exited' ? CREATED_AT + 1_000 : undefined,
      exitCode: container.state === 'exited' ? 0 : undefined,
      reason: container.state === 'exited' ? (container.exitCode ? 'Error' : 'Completed') : '',
      message: '',
      image: 'docker.io/library/busybox:latest',
      imageId: 'docker.io/library/busybox@sha256:0',
      specHash: '',
      user: undefined,
      ...container,
    })),
  };
}
