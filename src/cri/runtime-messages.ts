// CRI v1 messages about the runtime as a whole. Numbers and names: k8s.io/cri-api/pkg/apis/runtime/v1/api.proto at v1.36.

import { enumeration, list, message } from './message.ts';

export const versionRequest = message({ version: [1, 'string'] });
export const versionResponse = message({
  version: [1, 'string'],
  runtimeName: [2, 'string'],
  runtimeVersion: [3, 'string'],
  runtimeApiVersion: [4, 'string'],
});

export const statusRequest = message({ verbose: [1, 'bool'] });

/** The conditions a node needs are RuntimeReady and NetworkReady. Handlers and features: from containerd 1.7 and 2.0 on. */
export const statusResponse = message({
  status: [
    1,
    message({
      conditions: [
        1,
        list(message({ type: [1, 'string'], status: [2, 'bool'], reason: [3, 'string'], message: [4, 'string'] })),
      ],
    }),
  ],
  info: [2, 'stringMap'],
  runtimeHandlers: [
    3,
    list(
      message({
        name: [1, 'string'],
        features: [2, message({ recursiveReadOnlyMounts: [1, 'bool'], userNamespaces: [2, 'bool'] })],
      }),
    ),
  ],
  features: [4, message({ supplementalGroupsPolicy: [1, 'bool'], userNamespacesHostNetwork: [2, 'bool'] })],
});

export const updateRuntimeConfigRequest = message({
  runtimeConfig: [1, message({ networkConfig: [1, message({ podCidr: [1, 'string'] })] })],
});

export const runtimeConfigResponse = message({
  linux: [1, message({ cgroupDriver: [1, enumeration('SYSTEMD', 'CGROUPFS')] })],
});
