// Mirror pods: what a node agent shows of the pods that it runs by itself, from files of its own. They refer to nothing
// in the API, so that a node cannot get at anything by showing a pod that names it.

import { Node } from '../../api/core/node.ts';
import type { Pod } from '../../api/core/pod.ts';
import { podReferences } from '../../api/core/pod-references.ts';
import type { Draft } from '../../api/schema.ts';
import type { ObjectReader } from '../registry/object-reader.ts';

export const MIRROR_ANNOTATION = 'kubernetes.io/config.mirror';

export function isMirrorPod({ metadata }: Draft<Pod>): boolean {
  return metadata.annotations?.[MIRROR_ANNOTATION] !== undefined;
}

/** Why the node may not make this pod; undefined when it may. Upstream: NodeRestriction's admitPodCreate. */
export function mirrorPodFault(objects: ObjectReader, node: string, pod: Draft<Pod>): string | undefined {
  const called = `node ${JSON.stringify(node)}`;
  if (!isMirrorPod(pod)) {
    return `pod does not have "${MIRROR_ANNOTATION}" annotation, ${called} can only create mirror pods`;
  }
  if (pod.spec.nodeName !== node) return `${called} can only create pods with spec.nodeName set to itself`;
  return ownerFault(objects, node, pod) ?? referenceFault(called, pod);
}

function ownerFault(objects: ObjectReader, node: string, { metadata }: Draft<Pod>): string | undefined {
  const called = `node ${JSON.stringify(node)}`;
  const [owner, second] = metadata.ownerReferences ?? [];
  if (second) return `${called} can only create pods with a single owner reference set to itself`;
  if (owner?.apiVersion !== 'v1' || owner.kind !== 'Node' || owner.name !== node) {
    return `${called} can only create pods with an owner reference set to itself`;
  }
  if (!owner.controller) return `${called} can only create pods with a controller owner reference set to itself`;
  if (owner.blockOwnerDeletion) return `${called} must not set blockOwnerDeletion on an owner reference`;
  const uid = objects.get(Node, { name: node })?.metadata.uid;
  if (uid === undefined) return `nodes ${JSON.stringify(node)} not found`;
  return uid === owner.uid ? undefined : `node ${node} UID mismatch: expected ${owner.uid} got ${uid}`;
}

function referenceFault(called: string, pod: Draft<Pod>): string | undefined {
  const { secrets, configMaps, claims, resourceClaims } = podReferences(pod);
  const projects = (source: 'serviceAccountToken' | 'clusterTrustBundle' | 'podCertificate') =>
    (pod.spec.volumes ?? []).some(({ projected }) => projected?.sources?.some((each) => each[source]));
  const named: [boolean, string][] = [
    [!!pod.spec.serviceAccountName, 'a service account'],
    [secrets.size > 0, 'secrets'],
    [configMaps.size > 0, 'configmaps'],
    [claims.size > 0, 'persistentvolumeclaims'],
    [resourceClaims.size > 0 || !!pod.spec.resourceClaims?.length, 'resourceclaims'],
    [projects('serviceAccountToken'), 'service account tokens'],
    [projects('clusterTrustBundle'), 'clustertrustbundles'],
    [projects('podCertificate'), 'podcertificates'],
  ];
  const found = named.find(([isNamed]) => isNamed);
  return found && `${called} can not create pods that reference ${found[1]}`;
}
