// What a container runtime does for a node, as an interface with one method per call of CRI v1 (RuntimeService and
// ImageService) and for the little that only containerd itself offers, and the error its calls fail with. The calls are
// data; connect-cri.ts makes them over gRPC.

import * as containers from './container-messages.ts';
import * as images from './image-messages.ts';
import type { Message, Received, Sent } from './message.ts';
import * as runtime from './runtime-messages.ts';
import * as sandboxes from './sandbox-messages.ts';
import { emptyMessage } from './sandbox-messages.ts';
import * as snapshots from './snapshot-messages.ts';
import * as stats from './stats-messages.ts';

/**
 * A call's description. `deadline` says when it is given up on where the caller names no time: after the connection's
 * timeout; after twice that, as upstream has it for a sandbox; after that and the request's own `timeout` (of which 0
 * means never for an exec); or never.
 */
interface Call<Request extends Message, Response extends Message> {
  readonly method: string;
  readonly request: Request;
  readonly response: Response;
  readonly deadline: Deadline;
}

export type Deadline = 'standard' | 'twice' | 'afterStop' | 'afterExec' | 'none';
export type AnyCall = Call<Message, Message>;

function call<Request extends Message, Response extends Message>(
  method: string,
  request: Request,
  response: Response,
  deadline: Deadline = 'standard',
): Call<Request, Response> {
  return { method, request, response, deadline };
}

const RUNTIME = '/runtime.v1.RuntimeService';
const IMAGES = '/runtime.v1.ImageService';
/** Not of CRI but of containerd, in every version: UNIMPLEMENTED on other runtimes. */
const SNAPSHOTS = '/containerd.services.snapshots.v1.Snapshots';

export const CALLS = {
  version: call(`${RUNTIME}/Version`, runtime.versionRequest, runtime.versionResponse),
  status: call(`${RUNTIME}/Status`, runtime.statusRequest, runtime.statusResponse),
  runtimeConfig: call(`${RUNTIME}/RuntimeConfig`, emptyMessage, runtime.runtimeConfigResponse),
  updateRuntimeConfig: call(`${RUNTIME}/UpdateRuntimeConfig`, runtime.updateRuntimeConfigRequest, emptyMessage),

  runPodSandbox: call(
    `${RUNTIME}/RunPodSandbox`,
    sandboxes.runPodSandboxRequest,
    sandboxes.runPodSandboxResponse,
    'twice',
  ),
  /** Kills what runs in the sandbox and gives its addresses back. May be repeated, also when it is gone. */
  stopPodSandbox: call(`${RUNTIME}/StopPodSandbox`, sandboxes.podSandboxIdRequest, emptyMessage),
  removePodSandbox: call(`${RUNTIME}/RemovePodSandbox`, sandboxes.podSandboxIdRequest, emptyMessage),
  podSandboxStatus: call(
    `${RUNTIME}/PodSandboxStatus`,
    sandboxes.podSandboxStatusRequest,
    containers.podSandboxStatusResponse,
  ),
  listPodSandbox: call(`${RUNTIME}/ListPodSandbox`, sandboxes.listPodSandboxRequest, sandboxes.listPodSandboxResponse),
  /** From containerd 2.1 on; UNIMPLEMENTED before. */
  updatePodSandboxResources: call(
    `${RUNTIME}/UpdatePodSandboxResources`,
    sandboxes.updatePodSandboxResourcesRequest,
    emptyMessage,
  ),
  portForward: call(`${RUNTIME}/PortForward`, sandboxes.portForwardRequest, sandboxes.streamingResponse),

  createContainer: call(
    `${RUNTIME}/CreateContainer`,
    containers.createContainerRequest,
    containers.createContainerResponse,
  ),
  startContainer: call(`${RUNTIME}/StartContainer`, containers.containerIdRequest, emptyMessage),
  stopContainer: call(`${RUNTIME}/StopContainer`, containers.stopContainerRequest, emptyMessage, 'afterStop'),
  removeContainer: call(`${RUNTIME}/RemoveContainer`, containers.containerIdRequest, emptyMessage),
  listContainers: call(
    `${RUNTIME}/ListContainers`,
    containers.listContainersRequest,
    containers.listContainersResponse,
  ),
  containerStatus: call(
    `${RUNTIME}/ContainerStatus`,
    containers.containerStatusRequest,
    containers.containerStatusResponse,
  ),
  updateContainerResources: call(
    `${RUNTIME}/UpdateContainerResources`,
    containers.updateContainerResourcesRequest,
    emptyMessage,
  ),
  /** UNIMPLEMENTED by runtimes without checkpoints, as containerd is before 2.0. */
  checkpointContainer: call(
    `${RUNTIME}/CheckpointContainer`,
    containers.checkpointContainerRequest,
    emptyMessage,
    'afterStop',
  ),
  reopenContainerLog: call(`${RUNTIME}/ReopenContainerLog`, containers.containerIdRequest, emptyMessage),
  execSync: call(`${RUNTIME}/ExecSync`, containers.execSyncRequest, containers.execSyncResponse, 'afterExec'),
  exec: call(`${RUNTIME}/Exec`, containers.execRequest, sandboxes.streamingResponse),
  attach: call(`${RUNTIME}/Attach`, containers.attachRequest, sandboxes.streamingResponse),

  containerStats: call(`${RUNTIME}/ContainerStats`, containers.containerIdRequest, stats.containerStatsResponse),
  listContainerStats: call(
    `${RUNTIME}/ListContainerStats`,
    stats.listContainerStatsRequest,
    stats.listContainerStatsResponse,
  ),
  podSandboxStats: call(`${RUNTIME}/PodSandboxStats`, sandboxes.podSandboxIdRequest, stats.podSandboxStatsResponse),
  listPodSandboxStats: call(
    `${RUNTIME}/ListPodSandboxStats`,
    stats.listPodSandboxStatsRequest,
    stats.listPodSandboxStatsResponse,
  ),

  listImages: call(`${IMAGES}/ListImages`, images.listImagesRequest, images.listImagesResponse),
  imageStatus: call(`${IMAGES}/ImageStatus`, images.imageStatusRequest, images.imageStatusResponse),
  pullImage: call(`${IMAGES}/PullImage`, images.pullImageRequest, images.pullImageResponse, 'none'),
  removeImage: call(`${IMAGES}/RemoveImage`, images.removeImageRequest, emptyMessage),
  imageFsInfo: call(`${IMAGES}/ImageFsInfo`, emptyMessage, images.imageFsInfoResponse),

  /** A read-only snapshot of another one; ALREADY_EXISTS where there is one of that key. */
  viewSnapshot: call(`${SNAPSHOTS}/View`, snapshots.viewSnapshotRequest, snapshots.snapshotMountsResponse),
  snapshotMounts: call(`${SNAPSHOTS}/Mounts`, snapshots.snapshotRequest, snapshots.snapshotMountsResponse),
  removeSnapshot: call(`${SNAPSHOTS}/Remove`, snapshots.snapshotRequest, emptyMessage),
} satisfies Record<string, AnyCall>;

export const CONTAINER_EVENTS = call(`${RUNTIME}/GetContainerEvents`, emptyMessage, containers.containerEvent, 'none');

type Calls = typeof CALLS;

export interface CallOptions {
  /** Gives the call up; the promise is rejected with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Gives the call up with DEADLINE_EXCEEDED; Infinity waits for ever. */
  readonly timeoutMs?: number | undefined;
}

type CriCalls = {
  readonly [Name in keyof Calls]: (
    request: Sent<Calls[Name]['request']>,
    options?: CallOptions,
  ) => Promise<Received<Calls[Name]['response']>>;
};

/** A container runtime. Every call fails with CriError, or with the reason of the signal that aborted it. */
export interface Cri extends CriCalls, AsyncDisposable {
  /**
   * What happens to containers, from now on and until the caller stops reading. Fails with UNIMPLEMENTED on containerd
   * before 1.7: look at listContainers from time to time instead.
   */
  getContainerEvents(options?: { readonly signal?: AbortSignal | undefined }): AsyncIterable<containers.ContainerEvent>;
  /**
   * The ids of containers and sandboxes as their first processes end, from now on. CRI may take a moment to show it. Not a
   * call of CRI but of containerd, of any version; fails with UNIMPLEMENTED on other runtimes.
   */
  getTaskExits(options?: { readonly signal?: AbortSignal | undefined }): AsyncIterable<string>;
}

/** The codes of gRPC at their numbers. */
export const GRPC_CODES = [
  'OK',
  'CANCELLED',
  'UNKNOWN',
  'INVALID_ARGUMENT',
  'DEADLINE_EXCEEDED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
  'UNAUTHENTICATED',
] as const;
export type GrpcCode = (typeof GRPC_CODES)[number];

/**
 * A call that failed. The message reads like upstream's, `rpc error: code = NotFound desc = …`, for it ends up in
 * events that people search for; `details` is the runtime's own text.
 */
export class CriError extends Error {
  override readonly name = 'CriError';
  readonly method: keyof Cri;
  readonly code: GrpcCode;
  readonly details: string;

  constructor(method: keyof Cri, code: GrpcCode, details: string) {
    super(rpcMessage(code, details));
    this.method = method;
    this.code = code;
    this.details = details;
  }
}

/** As Go prints the errors of gRPC. */
export function rpcMessage(code: GrpcCode, details: string): string {
  return `rpc error: code = ${goName(code)} desc = ${details}`;
}

/** NOT_FOUND is NotFound in the text of Go's gRPC errors, and CANCELLED has one l there. */
function goName(code: GrpcCode): string {
  if (code === 'CANCELLED') return 'Canceled';
  if (code === 'OK') return code;
  return code.toLowerCase().replace(/(?:^|_)([a-z])/g, (_match, letter: string) => letter.toUpperCase());
}
