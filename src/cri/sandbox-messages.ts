// CRI v1 messages about pod sandboxes, and the Linux settings that they share with containers. Windows' are left out.
// Numbers and names: k8s.io/cri-api/pkg/apis/runtime/v1/api.proto at v1.36.

import { enumeration, list, message, type Received, type Sent } from './message.ts';

export const dnsConfig = message({
  servers: [1, list('string')],
  searches: [2, list('string')],
  options: [3, list('string')],
});

export const protocol = enumeration('TCP', 'UDP', 'SCTP');

const portMapping = message({
  protocol: [1, protocol],
  containerPort: [2, 'int32'],
  hostPort: [3, 'int32'],
  hostIp: [4, 'string'],
});

export const idMapping = message({
  hostId: [1, 'uint32'],
  containerId: [2, 'uint32'],
  length: [3, 'uint32'],
});

/** CRI's default is POD, also for `pid`, where a pod's own default is CONTAINER. TARGET needs `targetId`. */
const namespaceMode = enumeration('POD', 'CONTAINER', 'NODE', 'TARGET');

const userNamespace = message({
  mode: [1, namespaceMode],
  uids: [2, list(idMapping)],
  gids: [3, list(idMapping)],
});

export const namespaceOption = message({
  network: [1, namespaceMode],
  pid: [2, namespaceMode],
  ipc: [3, namespaceMode],
  targetId: [4, 'string'],
  usernsOptions: [5, userNamespace],
});

export const supplementalGroupsPolicy = enumeration('Merge', 'Strict');

export const seLinuxOption = message({
  user: [1, 'string'],
  role: [2, 'string'],
  type: [3, 'string'],
  level: [4, 'string'],
});

/** A seccomp or AppArmor profile. `localhostRef` is for Localhost alone: a file's path, or a loaded profile's name. */
export const securityProfile = message({
  profileType: [1, enumeration('RuntimeDefault', 'Unconfined', 'Localhost')],
  localhostRef: [2, 'string'],
});

const hugepageLimit = message({
  pageSize: [1, 'string'],
  limit: [2, 'uint64'],
});

/** Zero and empty mean: not specified. `cpuPeriod` and `cpuQuota` are microseconds. */
export const linuxContainerResources = message({
  cpuPeriod: [1, 'int64'],
  cpuQuota: [2, 'int64'],
  cpuShares: [3, 'int64'],
  memoryLimitInBytes: [4, 'int64'],
  oomScoreAdj: [5, 'int64'],
  cpusetCpus: [6, 'string'],
  cpusetMems: [7, 'string'],
  hugepageLimits: [8, list(hugepageLimit)],
  unified: [9, 'stringMap'],
  memorySwapLimitInBytes: [10, 'int64'],
});
export type LinuxContainerResources = Sent<typeof linuxContainerResources>;

const linuxSandboxSecurityContext = message({
  namespaceOptions: [1, namespaceOption],
  selinuxOptions: [2, seLinuxOption],
  runAsUser: [3, 'int64Value'],
  readonlyRootfs: [4, 'bool'],
  supplementalGroups: [5, list('int64')],
  privileged: [6, 'bool'],
  /** Deprecated for `seccomp`, still read by containerd 1.6. */
  seccompProfilePath: [7, 'string'],
  runAsGroup: [8, 'int64Value'],
  seccomp: [9, securityProfile],
  apparmor: [10, securityProfile],
  supplementalGroupsPolicy: [11, supplementalGroupsPolicy],
});

const linuxPodSandboxConfig = message({
  cgroupParent: [1, 'string'],
  securityContext: [2, linuxSandboxSecurityContext],
  sysctls: [3, 'stringMap'],
  overhead: [4, linuxContainerResources],
  resources: [5, linuxContainerResources],
});

export const podSandboxMetadata = message({
  name: [1, 'string'],
  uid: [2, 'string'],
  namespace: [3, 'string'],
  attempt: [4, 'uint32'],
});

/** `hostname` has to be empty where the network namespace is the node's. Container logs lie below `logDirectory`. */
export const podSandboxConfig = message({
  metadata: [1, podSandboxMetadata],
  hostname: [2, 'string'],
  logDirectory: [3, 'string'],
  dnsConfig: [4, dnsConfig],
  portMappings: [5, list(portMapping)],
  labels: [6, 'stringMap'],
  annotations: [7, 'stringMap'],
  linux: [8, linuxPodSandboxConfig],
});
export type PodSandboxConfig = Sent<typeof podSandboxConfig>;

export const runPodSandboxRequest = message({ config: [1, podSandboxConfig], runtimeHandler: [2, 'string'] });
export const runPodSandboxResponse = message({ podSandboxId: [1, 'string'] });

/** The request of the calls that only name a sandbox. */
export const podSandboxIdRequest = message({ podSandboxId: [1, 'string'] });

/** The answer of the calls that return nothing. */
export const emptyMessage = message({});

export const updatePodSandboxResourcesRequest = message({
  podSandboxId: [1, 'string'],
  overhead: [2, linuxContainerResources],
  resources: [3, linuxContainerResources],
});

const podSandboxNetworkStatus = message({
  ip: [1, 'string'],
  /** Not including `ip`. */
  additionalIps: [2, list(message({ ip: [1, 'string'] }))],
});

const podSandboxState = enumeration('SANDBOX_READY', 'SANDBOX_NOTREADY');

export const podSandboxStatus = message({
  id: [1, 'string'],
  metadata: [2, podSandboxMetadata],
  state: [3, podSandboxState],
  createdAt: [4, 'timeMs'],
  network: [5, podSandboxNetworkStatus],
  linux: [6, message({ namespaces: [1, message({ options: [2, namespaceOption] })] })],
  labels: [7, 'stringMap'],
  annotations: [8, 'stringMap'],
  runtimeHandler: [9, 'string'],
});
export type PodSandboxStatus = Received<typeof podSandboxStatus>;

export const podSandboxStatusRequest = message({ podSandboxId: [1, 'string'], verbose: [2, 'bool'] });

/** All that is given must match. */
const podSandboxFilter = message({
  id: [1, 'string'],
  state: [2, message({ state: [1, podSandboxState] })],
  labelSelector: [3, 'stringMap'],
});

const podSandbox = message({
  id: [1, 'string'],
  metadata: [2, podSandboxMetadata],
  state: [3, podSandboxState],
  createdAt: [4, 'timeMs'],
  labels: [5, 'stringMap'],
  annotations: [6, 'stringMap'],
  runtimeHandler: [7, 'string'],
});
export type PodSandbox = Received<typeof podSandbox>;

export const listPodSandboxRequest = message({ filter: [1, podSandboxFilter] });
export const listPodSandboxResponse = message({ items: [1, list(podSandbox)] });

export const portForwardRequest = message({ podSandboxId: [1, 'string'], port: [2, list('int32')] });

/** Where the runtime's streaming server waits for the session that exec, attach or port-forward asked for. */
export const streamingResponse = message({ url: [1, 'string'] });
