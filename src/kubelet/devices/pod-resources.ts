// Answers who has which devices, on a socket of its own. Upstream: pkg/kubelet/apis/podresources (KEP-606, KEP-3695).

import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Pod } from '../../api/core/pod.ts';
import { serveUnix } from '../../cri/grpc-calls.ts';
import type { Received } from '../../cri/message.ts';
import { allContainers } from '../runtime-pod.ts';
import type { DeviceManager } from './device-manager.ts';
import { HEALTHY, type PluginDevice } from './device-plugin-messages.ts';
import { POD_RESOURCES_CALLS } from './pod-resources-messages.ts';

export interface PodResourcesDeps {
  readonly devices: Pick<DeviceManager, 'allocated' | 'known'>;
  /** Of the node, over or not. */
  readonly pods: () => readonly Pod[];
}

const SOCKET = 'kubelet.sock';

/** Serves until it is disposed. Rejects where the socket cannot be made. */
export async function servePodResources(deps: PodResourcesDeps, directory: string): Promise<AsyncDisposable> {
  await mkdir(directory, { recursive: true, mode: 0o750 });
  await rm(join(directory, SOCKET), { force: true });
  return serveUnix(join(directory, SOCKET), [
    {
      ...POD_RESOURCES_CALLS.list,
      answer: async () => ({ podResources: active(deps).map((pod) => resourcesOf(pod, deps.devices)) }),
    },
    {
      ...POD_RESOURCES_CALLS.allocatable,
      answer: async () => ({
        devices: [...deps.devices.known()].flatMap(([resourceName, known]) =>
          known
            .filter(({ health }) => health === HEALTHY)
            .map(({ id, topology }) => ({ resourceName, deviceIds: [id], topology })),
        ),
      }),
    },
    {
      ...POD_RESOURCES_CALLS.get,
      async answer(asked) {
        const { podName, podNamespace } = asked as Received<typeof POD_RESOURCES_CALLS.get.request>;
        const pod = active(deps).find(
          ({ metadata }) => metadata.name === podName && metadata.namespace === podNamespace,
        );
        if (!pod) throw new Error(`pod ${podName} in namespace ${podNamespace} not found`);
        return { podResources: resourcesOf(pod, deps.devices) };
      },
    },
  ]);
}

function active({ pods }: PodResourcesDeps): readonly Pod[] {
  return pods().filter(({ status }) => status.phase !== 'Succeeded' && status.phase !== 'Failed');
}

function resourcesOf(pod: Pod, devices: PodResourcesDeps['devices']) {
  const { uid, name, namespace } = pod.metadata;
  const held = devices.allocated().filter((one) => one.uid === uid);
  return {
    name,
    namespace,
    containers: allContainers(pod).map((container) => ({
      name: container.name,
      devices: held
        .filter((one) => one.container === container.name)
        .flatMap(({ resource, ids }) => {
          const known = new Map(
            devices
              .known()
              .get(resource)
              ?.map((device): [string, PluginDevice] => [device.id, device]),
          );
          return ids.map((id) => ({ resourceName: resource, deviceIds: [id], topology: known.get(id)?.topology }));
        }),
    })),
  };
}
