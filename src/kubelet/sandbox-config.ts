// A pod as a CRI sandbox: names, labels, DNS, namespaces, cgroup. Upstream: kuberuntime_sandbox.go.

import type { Pod } from '../api/core/pod.ts';
import type { PodSandboxConfig } from '../cri/sandbox-messages.ts';
import { dotted } from './admission/sysctls.ts';
import { type ClusterDns, type ResolverConfig, resolverConfig } from './dns-config.ts';

/** Labels by which the node agent finds what is its own, upstream's names. */
export const POD_NAME_LABEL = 'io.kubernetes.pod.name';
export const POD_NAMESPACE_LABEL = 'io.kubernetes.pod.namespace';
export const POD_UID_LABEL = 'io.kubernetes.pod.uid';
export const CONTAINER_NAME_LABEL = 'io.kubernetes.container.name';

export interface SandboxContext {
  readonly clusterDns: ClusterDns;
  readonly hostResolver: ResolverConfig;
  /** Where the logs of the pod's containers go. */
  readonly logDirectory: string;
  readonly cgroupParent: string;
}

export function sandboxConfig(pod: Pod, attempt: number, context: SandboxContext): PodSandboxConfig {
  const { name, namespace, uid } = pod.metadata;
  const security = pod.spec.securityContext;
  return {
    metadata: { name, namespace, uid, attempt },
    // With the host's network goes the host's name; containerd refuses another.
    hostname: pod.spec.hostNetwork === true ? '' : podHostname(pod, context.clusterDns.domain),
    logDirectory: context.logDirectory,
    dnsConfig: resolverConfig(pod, context.clusterDns, context.hostResolver),
    labels: {
      ...pod.metadata.labels,
      [POD_NAME_LABEL]: name,
      [POD_NAMESPACE_LABEL]: namespace,
      [POD_UID_LABEL]: uid,
    },
    annotations: pod.metadata.annotations ?? {},
    linux: {
      cgroupParent: context.cgroupParent,
      sysctls: Object.fromEntries((security?.sysctls ?? []).map(({ name, value }) => [dotted(name), value])),
      securityContext: {
        namespaceOptions: namespaceOptions(pod),
        ...(security?.runAsUser === undefined ? {} : { runAsUser: security.runAsUser }),
        ...(security?.runAsUser !== undefined && security.runAsGroup !== undefined
          ? { runAsGroup: security.runAsGroup }
          : {}),
        supplementalGroups: supplementalGroups(pod),
        ...supplementalGroupsPolicy(pod),
        privileged: pod.spec.containers.some(({ securityContext }) => securityContext?.privileged === true),
        seccomp: { profileType: 'RuntimeDefault' },
      },
    },
  };
}

/** Which namespaces the pod shares with the machine, and which its containers share with each other. */
export function namespaceOptions(pod: Pod) {
  return {
    network: pod.spec.hostNetwork === true ? 'NODE' : 'POD',
    pid: pod.spec.hostPID === true ? 'NODE' : pod.spec.shareProcessNamespace === true ? 'POD' : 'CONTAINER',
    ipc: pod.spec.hostIPC === true ? 'NODE' : 'POD',
  } as const;
}

/** Groups that every process of the pod is in besides its own. */
export function supplementalGroups(pod: Pod): readonly number[] {
  const security = pod.spec.securityContext;
  const { fsGroup, supplementalGroups: groups = [] } = security ?? {};
  return [...new Set([...groups, ...(fsGroup === undefined ? [] : [fsGroup])])];
}

/** Whether the groups that the image has for its user are left out (KEP-3619). */
export function supplementalGroupsPolicy({ spec }: Pod) {
  const policy = spec.securityContext?.supplementalGroupsPolicy;
  return policy === undefined ? {} : { supplementalGroupsPolicy: policy };
}

/** The short host name, or with setHostnameAsFQDN the whole one. */
export function podHostname(pod: Pod, domain: string): string {
  const fqdn = podFqdn(pod, domain);
  return pod.spec.setHostnameAsFQDN === true && fqdn ? fqdn : shortHostname(pod);
}

/** At most 63 characters, as a host name has them, and none at the end that no host name ends with. */
export function shortHostname({ metadata, spec }: Pod): string {
  return spec.hostnameOverride ?? (spec.hostname || metadata.name).slice(0, 63).replace(/[-.]+$/, '');
}

/** The pod's name in the cluster's DNS; only pods with a subdomain have one. */
export function podFqdn(pod: Pod, domain: string): string | undefined {
  const { hostname, subdomain } = pod.spec;
  if (!subdomain) return undefined;
  return `${hostname || pod.metadata.name}.${subdomain}.${pod.metadata.namespace}.svc.${domain}`;
}
