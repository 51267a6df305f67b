// The pod resources API v1: which devices the containers of the node's pods have, for whoever measures them. CPUs and memory
// are given out to nobody alone here, so those fields are left out. Numbers and names:
// k8s.io/kubelet/pkg/apis/podresources/v1/api.proto.

import { list, message } from '../../cri/message.ts';
import { emptyMessage } from '../../cri/sandbox-messages.ts';
import { topologyInfo } from './device-plugin-messages.ts';

const containerDevices = message({
  resourceName: [1, 'string'],
  deviceIds: [2, list('string')],
  topology: [3, topologyInfo],
});

const podResources = message({
  name: [1, 'string'],
  namespace: [2, 'string'],
  containers: [3, list(message({ name: [1, 'string'], devices: [2, list(containerDevices)] }))],
});

const LISTER = '/v1.PodResourcesLister';

export const POD_RESOURCES_CALLS = {
  list: {
    method: `${LISTER}/List`,
    request: emptyMessage,
    response: message({ podResources: [1, list(podResources)] }),
  },
  allocatable: {
    method: `${LISTER}/GetAllocatableResources`,
    request: emptyMessage,
    response: message({ devices: [1, list(containerDevices)] }),
  },
  get: {
    method: `${LISTER}/Get`,
    request: message({ podName: [1, 'string'], podNamespace: [2, 'string'] }),
    response: message({ podResources: [1, podResources] }),
  },
} as const;
