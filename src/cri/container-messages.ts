// CRI v1 messages about containers: their configuration, status, exec and attach. Windows' are left out.
// Numbers and names: k8s.io/cri-api/pkg/apis/runtime/v1/api.proto at v1.36.

import { imageSpec } from './image-messages.ts';
import { enumeration, list, message, type Received, type Sent } from './message.ts';
import {
  idMapping,
  linuxContainerResources,
  namespaceOption,
  podSandboxConfig,
  podSandboxStatus,
  securityProfile,
  seLinuxOption,
  supplementalGroupsPolicy,
} from './sandbox-messages.ts';
import { signal } from './signal.ts';

export const mountPropagation = enumeration(
  'PROPAGATION_PRIVATE',
  'PROPAGATION_HOST_TO_CONTAINER',
  'PROPAGATION_BIDIRECTIONAL',
);

/** Either `hostPath` or `image` (an image volume, from containerd 2.1 on) says what is mounted. */
export const mount = message({
  containerPath: [1, 'string'],
  hostPath: [2, 'string'],
  readonly: [3, 'bool'],
  selinuxRelabel: [4, 'bool'],
  propagation: [5, mountPropagation],
  uidMappings: [6, list(idMapping)],
  gidMappings: [7, list(idMapping)],
  recursiveReadOnly: [8, 'bool'],
  image: [9, imageSpec],
  imageSubPath: [10, 'string'],
});
export type Mount = Sent<typeof mount>;

/** `permissions` is any of r, w and m (make the node). */
export const device = message({
  containerPath: [1, 'string'],
  hostPath: [2, 'string'],
  permissions: [3, 'string'],
});

export const capability = message({
  addCapabilities: [1, list('string')],
  dropCapabilities: [2, list('string')],
  addAmbientCapabilities: [3, list('string')],
});

const linuxContainerSecurityContext = message({
  capabilities: [1, capability],
  privileged: [2, 'bool'],
  namespaceOptions: [3, namespaceOption],
  selinuxOptions: [4, seLinuxOption],
  runAsUser: [5, 'int64Value'],
  runAsUsername: [6, 'string'],
  readonlyRootfs: [7, 'bool'],
  supplementalGroups: [8, list('int64')],
  /** Deprecated for `apparmor`, still read by containerd 1.6. */
  apparmorProfile: [9, 'string'],
  /** Deprecated for `seccomp`, still read by containerd 1.6. */
  seccompProfilePath: [10, 'string'],
  noNewPrivs: [11, 'bool'],
  runAsGroup: [12, 'int64Value'],
  maskedPaths: [13, list('string')],
  readonlyPaths: [14, list('string')],
  seccomp: [15, securityProfile],
  apparmor: [16, securityProfile],
  supplementalGroupsPolicy: [17, supplementalGroupsPolicy],
});
export type LinuxContainerSecurityContext = Sent<typeof linuxContainerSecurityContext>;

const containerMetadata = message({ name: [1, 'string'], attempt: [2, 'uint32'] });

/** `command` replaces the image's entry point and `args` its command. `logPath` is relative to the sandbox's directory. */
export const containerConfig = message({
  metadata: [1, containerMetadata],
  image: [2, imageSpec],
  command: [3, list('string')],
  args: [4, list('string')],
  workingDir: [5, 'string'],
  envs: [6, list(message({ key: [1, 'string'], value: [2, 'string'] }))],
  mounts: [7, list(mount)],
  devices: [8, list(device)],
  labels: [9, 'stringMap'],
  annotations: [10, 'stringMap'],
  logPath: [11, 'string'],
  stdin: [12, 'bool'],
  stdinOnce: [13, 'bool'],
  tty: [14, 'bool'],
  linux: [
    15,
    message({ resources: [1, linuxContainerResources], securityContext: [2, linuxContainerSecurityContext] }),
  ],
  cdiDevices: [17, list(message({ name: [1, 'string'] }))],
  stopSignal: [18, signal],
});
export type ContainerConfig = Sent<typeof containerConfig>;

export const createContainerRequest = message({
  podSandboxId: [1, 'string'],
  config: [2, containerConfig],
  /** The configuration that the sandbox was run with. */
  sandboxConfig: [3, podSandboxConfig],
});
export const createContainerResponse = message({ containerId: [1, 'string'] });

/** The request of the calls that only name a container. */
export const containerIdRequest = message({ containerId: [1, 'string'] });

/** `timeout` is in seconds; 0 kills at once. */
export const stopContainerRequest = message({ containerId: [1, 'string'], timeout: [2, 'int64'] });

const containerState = enumeration('CONTAINER_CREATED', 'CONTAINER_RUNNING', 'CONTAINER_EXITED', 'CONTAINER_UNKNOWN');
export type ContainerState = Received<typeof container>['state'];

/** All that is given must match. */
const containerFilter = message({
  id: [1, 'string'],
  state: [2, message({ state: [1, containerState] })],
  podSandboxId: [3, 'string'],
  labelSelector: [4, 'stringMap'],
});

export const container = message({
  id: [1, 'string'],
  podSandboxId: [2, 'string'],
  metadata: [3, containerMetadata],
  image: [4, imageSpec],
  imageRef: [5, 'string'],
  state: [6, containerState],
  createdAt: [7, 'timeMs'],
  labels: [8, 'stringMap'],
  annotations: [9, 'stringMap'],
  imageId: [10, 'string'],
});
export type Container = Received<typeof container>;

export const listContainersRequest = message({ filter: [1, containerFilter] });
export const listContainersResponse = message({ containers: [1, list(container)] });

/** `reason` is OOMKilled where the kernel killed it for memory. A time is 0 until it came. */
export const containerStatus = message({
  id: [1, 'string'],
  metadata: [2, containerMetadata],
  state: [3, containerState],
  createdAt: [4, 'timeMs'],
  startedAt: [5, 'timeMs'],
  finishedAt: [6, 'timeMs'],
  exitCode: [7, 'int32'],
  image: [8, imageSpec],
  imageRef: [9, 'string'],
  reason: [10, 'string'],
  message: [11, 'string'],
  labels: [12, 'stringMap'],
  annotations: [13, 'stringMap'],
  mounts: [14, list(mount)],
  logPath: [15, 'string'],
  resources: [16, message({ linux: [1, linuxContainerResources] })],
  imageId: [17, 'string'],
  user: [
    18,
    message({
      linux: [1, message({ uid: [1, 'int64'], gid: [2, 'int64'], supplementalGroups: [3, list('int64')] })],
    }),
  ],
  stopSignal: [19, signal],
});
export type ContainerStatus = Received<typeof containerStatus>;

export const containerStatusRequest = message({ containerId: [1, 'string'], verbose: [2, 'bool'] });
export const containerStatusResponse = message({ status: [1, containerStatus], info: [2, 'stringMap'] });

/** Stands here because it carries the containers' statuses. */
export const podSandboxStatusResponse = message({
  status: [1, podSandboxStatus],
  info: [2, 'stringMap'],
  containersStatuses: [3, list(containerStatus)],
  timestamp: [4, 'timeMs'],
});

export const updateContainerResourcesRequest = message({
  containerId: [1, 'string'],
  linux: [2, linuxContainerResources],
  annotations: [4, 'stringMap'],
});

/** `timeout` is in seconds; 0 leaves it to the runtime. */
export const checkpointContainerRequest = message({
  containerId: [1, 'string'],
  location: [2, 'string'],
  timeout: [3, 'int64'],
});

/** `timeout` is in seconds; 0 waits for ever. */
export const execSyncRequest = message({ containerId: [1, 'string'], cmd: [2, list('string')], timeout: [3, 'int64'] });
/** Either output is cut at 16 MB. */
export const execSyncResponse = message({ stdout: [1, 'bytes'], stderr: [2, 'bytes'], exitCode: [3, 'int32'] });

/** At least one stream must be asked for; with a terminal there is no stderr. */
export const execRequest = message({
  containerId: [1, 'string'],
  cmd: [2, list('string')],
  tty: [3, 'bool'],
  stdin: [4, 'bool'],
  stdout: [5, 'bool'],
  stderr: [6, 'bool'],
  auditRequestId: [7, 'string'],
});

/** `tty` must be what the container was created with. */
export const attachRequest = message({
  containerId: [1, 'string'],
  stdin: [2, 'bool'],
  tty: [3, 'bool'],
  stdout: [4, 'bool'],
  stderr: [5, 'bool'],
  auditRequestId: [6, 'string'],
});

export const containerEvent = message({
  containerId: [1, 'string'],
  containerEventType: [
    2,
    enumeration(
      'CONTAINER_CREATED_EVENT',
      'CONTAINER_STARTED_EVENT',
      'CONTAINER_STOPPED_EVENT',
      'CONTAINER_DELETED_EVENT',
    ),
  ],
  createdAt: [3, 'timeMs'],
  podSandboxStatus: [4, podSandboxStatus],
  containersStatuses: [5, list(containerStatus)],
});
export type ContainerEvent = Received<typeof containerEvent>;
