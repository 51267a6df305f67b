// The device plugin API v1beta1: how plugins announce devices, and what they are asked for. Numbers and names:
// k8s.io/kubelet/pkg/apis/deviceplugin/v1beta1/api.proto.

import { list, message, type Received } from '../../cri/message.ts';
import { emptyMessage } from '../../cri/sandbox-messages.ts';

export const DEVICE_PLUGIN_VERSION = 'v1beta1';
export const HEALTHY = 'Healthy';

const pluginOptions = message({ preStartRequired: [1, 'bool'], getPreferredAllocationAvailable: [2, 'bool'] });
export type PluginOptions = Received<typeof pluginOptions>;

const registerRequest = message({
  version: [1, 'string'],
  /** The name of the plugin's socket, beside that of the agent. */
  endpoint: [2, 'string'],
  resourceName: [3, 'string'],
  options: [4, pluginOptions],
});
export type RegisterRequest = Received<typeof registerRequest>;

export const topologyInfo = message({ nodes: [1, list(message({ id: [1, 'int64'] }))] });

const device = message({ id: [1, 'string'], health: [2, 'string'], topology: [3, topologyInfo] });
export type PluginDevice = Received<typeof device>;

const listAndWatchResponse = message({ devices: [1, list(device)] });
export type ListAndWatchResponse = Received<typeof listAndWatchResponse>;

const deviceIds = message({ devicesIds: [1, list('string')] });
const preferredResponse = message({ containerResponses: [1, list(message({ deviceIds: [1, list('string')] }))] });
export type PreferredResponse = Received<typeof preferredResponse>;

/** What a container gets with its devices. */
export const containerAllocation = message({
  envs: [1, 'stringMap'],
  mounts: [2, list(message({ containerPath: [1, 'string'], hostPath: [2, 'string'], readOnly: [3, 'bool'] }))],
  devices: [3, list(message({ containerPath: [1, 'string'], hostPath: [2, 'string'], permissions: [3, 'string'] }))],
  annotations: [4, 'stringMap'],
  cdiDevices: [5, list(message({ name: [1, 'string'] }))],
});
export type ContainerAllocation = Received<typeof containerAllocation>;

const allocateResponse = message({ containerResponses: [1, list(containerAllocation)] });
export type AllocateResponse = Received<typeof allocateResponse>;

const PLUGIN = '/v1beta1.DevicePlugin';

export const REGISTER = {
  method: '/v1beta1.Registration/Register',
  request: registerRequest,
  response: emptyMessage,
} as const;

export const PLUGIN_CALLS = {
  options: { method: `${PLUGIN}/GetDevicePluginOptions`, request: emptyMessage, response: pluginOptions },
  listAndWatch: { method: `${PLUGIN}/ListAndWatch`, request: emptyMessage, response: listAndWatchResponse },
  preferred: {
    method: `${PLUGIN}/GetPreferredAllocation`,
    request: message({
      containerRequests: [
        1,
        list(
          message({
            availableDeviceIds: [1, list('string')],
            mustIncludeDeviceIds: [2, list('string')],
            allocationSize: [3, 'int32'],
          }),
        ),
      ],
    }),
    response: preferredResponse,
  },
  allocate: {
    method: `${PLUGIN}/Allocate`,
    request: message({ containerRequests: [1, list(deviceIds)] }),
    response: allocateResponse,
  },
  preStartContainer: { method: `${PLUGIN}/PreStartContainer`, request: deviceIds, response: emptyMessage },
} as const;
