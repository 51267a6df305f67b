// The socket that device plugins announce themselves at, and the manager of what they announce. Upstream:
// pkg/kubelet/cm/devicemanager/plugin/v1beta1/server.go.

import { rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { isExtendedResource } from '../../api/core/resource-names.ts';
import { serveUnix } from '../../cri/grpc-calls.ts';
import { listIfThere } from '../../cri/if-there.ts';
import { CHECKPOINT, DeviceAllocations } from './device-allocations.ts';
import { DeviceManager, type DeviceManagerDeps } from './device-manager.ts';
import { connectPlugin } from './device-plugin.ts';
import { DEVICE_PLUGIN_VERSION, REGISTER, type RegisterRequest } from './device-plugin-messages.ts';

const SOCKET = 'kubelet.sock';

/** Plugins see the socket come and announce themselves again: what is left of theirs in the directory is taken away. */
export async function openDeviceManager(
  deps: Omit<DeviceManagerDeps, 'allocations'>,
  directory: string,
): Promise<{ readonly manager: DeviceManager } & AsyncDisposable> {
  await using stack = new AsyncDisposableStack();
  const { allocations, resources } = await DeviceAllocations.open(directory);
  for (const entry of await listIfThere(directory)) {
    if (!entry.isDirectory() && entry.name !== CHECKPOINT) await rm(join(directory, entry.name), { force: true });
  }
  const manager = stack.use(new DeviceManager({ ...deps, allocations }, resources));
  stack.use(
    await serveUnix(join(directory, SOCKET), [
      {
        ...REGISTER,
        async answer(asked) {
          const { resourceName: resource, endpoint, options } = checked(asked as RegisterRequest);
          manager.register({ resource, options }, connectPlugin(join(directory, endpoint)));
          return {};
        },
      },
    ]),
  );
  const owned = stack.move();
  return { manager, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** Throws what the plugin is told. */
function checked(request: RegisterRequest): RegisterRequest {
  const { version, resourceName, endpoint } = request;
  if (version !== DEVICE_PLUGIN_VERSION) {
    const supported = JSON.stringify([DEVICE_PLUGIN_VERSION]);
    throw new Error(
      `requested API version ${JSON.stringify(version)} is not supported by kubelet. Supported versions are ${supported}`,
    );
  }
  if (!isExtendedResource(resourceName)) throw new Error(`the ResourceName ${JSON.stringify(resourceName)} is invalid`);
  if (endpoint === '' || basename(endpoint) !== endpoint) {
    throw new Error(`the endpoint ${JSON.stringify(endpoint)} is not the name of a socket beside the agent's`);
  }
  return request;
}
