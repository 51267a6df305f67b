// A pod that a node runs because a file on it says so: what it is called, how it is known again, and what the API is shown
// of it. Pure. Upstream: pkg/kubelet/config/common.go, pkg/kubelet/pod/mirror_client.go.

import { createHash } from 'node:crypto';
import type { Node } from '../../api/core/node.ts';
import { Pod } from '../../api/core/pod.ts';
import { MIRROR_POD_ANNOTATION } from '../../api/core/pod-annotations-validation.ts';
import { validatePod } from '../../api/core/pod-validation.ts';
import type { InputOf } from '../../api/kind.ts';
import { readInput } from '../../api/read-input.ts';
import { formatTime } from '../../api/time.ts';
import { decodeYaml } from '../../api/yaml-decode.ts';

const HASH_ANNOTATION = 'kubernetes.io/config.hash';
const SOURCE_ANNOTATION = 'kubernetes.io/config.source';
const SEEN_ANNOTATION = 'kubernetes.io/config.seen';
const EVERYTHING_THAT_EVICTS = { operator: 'Exists', effect: 'NoExecute' } as const;

export interface Manifest {
  /** Where it was found. */
  readonly file: string;
  /** YAML or JSON. */
  readonly text: string;
}

/** Throws for what is not a valid pod. Its uid changes with what the file says. */
export function staticPod({ file, text }: Manifest, { nodeName, nowMs }: { nodeName: string; nowMs: number }): Pod {
  const { value } = decodeYaml(text);
  const { kind, apiVersion } = (value ?? {}) as { readonly kind?: unknown; readonly apiVersion?: unknown };
  if (kind !== 'Pod' || apiVersion !== 'v1') throw new Error('a manifest has to be a Pod of v1');
  const draft = readInput(Pod, value as InputOf<typeof Pod>) as unknown as Pod;
  const hash = createHash('sha256')
    .update(JSON.stringify([nodeName, file, draft]))
    .digest('hex')
    .slice(0, 32);
  const uid = draft.metadata.uid || hash;
  const pod: Pod = {
    ...draft,
    metadata: {
      ...draft.metadata,
      uid,
      name: `${draft.metadata.name}-${nodeName.toLowerCase()}`,
      namespace: draft.metadata.namespace || 'default',
      resourceVersion: '',
      creationTimestamp: formatTime(nowMs),
      annotations: {
        ...draft.metadata.annotations,
        [HASH_ANNOTATION]: uid,
        [SOURCE_ANNOTATION]: 'file',
        [SEEN_ANNOTATION]: formatTime(nowMs),
      },
    },
    spec: { ...draft.spec, nodeName, tolerations: [...(draft.spec.tolerations ?? []), EVERYTHING_THAT_EVICTS] },
    status: { phase: 'Pending' },
  };
  const [error] = validatePod(pod);
  if (error) throw new Error(`${error.field}: ${error.detail}`);
  return pod;
}

/** What the API is shown of the pod, in its node's name. */
export function mirrorOf(pod: Pod, node: Node): InputOf<typeof Pod> {
  const { name, namespace, labels, annotations } = pod.metadata;
  const { name: nodeName, uid } = node.metadata;
  return {
    metadata: {
      ...{ name, namespace },
      ...(labels ? { labels } : {}),
      annotations: { ...annotations, [MIRROR_POD_ANNOTATION]: pod.metadata.uid },
      ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: nodeName, uid, controller: true }],
    },
    spec: pod.spec,
  } as InputOf<typeof Pod>;
}

export function isMirror({ metadata }: Pod): boolean {
  return metadata.annotations?.[MIRROR_POD_ANNOTATION] !== undefined;
}

/** Whether the mirror shows this very pod, and may go on doing so. */
export function isMirrorOf(mirror: Pod, pod: Pod): boolean {
  const { annotations, deletionTimestamp } = mirror.metadata;
  return deletionTimestamp === undefined && annotations?.[MIRROR_POD_ANNOTATION] === pod.metadata.uid;
}

/** The pod, told to end within its own grace period: its file has gone, or says something else. */
export function toldToEnd(pod: Pod, nowMs: number): Pod {
  const deletionGracePeriodSeconds = pod.spec.terminationGracePeriodSeconds ?? 30;
  return { ...pod, metadata: { ...pod.metadata, deletionTimestamp: formatTime(nowMs), deletionGracePeriodSeconds } };
}

/** The name by which the API knows it; two files cannot have the same. */
export function fullName({ metadata }: Pod): string {
  return `${metadata.namespace}/${metadata.name}`;
}
