// One device plugin as the agent speaks to it. Upstream: pkg/kubelet/cm/devicemanager/endpoint.go.

import { callUnary, connectUnix, readStream } from '../../cri/grpc-calls.ts';
import {
  type AllocateResponse,
  type ContainerAllocation,
  type ListAndWatchResponse,
  PLUGIN_CALLS,
  type PluginDevice,
  type PluginOptions,
  type PreferredResponse,
} from './device-plugin-messages.ts';

export interface DevicePlugin extends Disposable {
  options(signal: AbortSignal): Promise<PluginOptions>;
  /** All devices, again and again; ends or fails with the plugin. */
  devices(signal: AbortSignal): AsyncIterable<readonly PluginDevice[]>;
  /** Which of those that are free the plugin would take, those among them that are to be taken anyway. */
  preferred(
    wanted: { readonly available: readonly string[]; readonly mustInclude: readonly string[]; readonly size: number },
    signal: AbortSignal,
  ): Promise<readonly string[]>;
  allocate(ids: readonly string[], signal: AbortSignal): Promise<ContainerAllocation>;
  preStartContainer(ids: readonly string[], signal: AbortSignal): Promise<void>;
}

/** Upstream's, and none where upstream has none: a plugin that hangs keeps one pod waiting, but not for ever. */
const OPTIONS_MS = 10_000;
const PRE_START_MS = 30_000;
const ALLOCATE_MS = 120_000;

export function connectPlugin(socket: string): DevicePlugin {
  const client = connectUnix(socket);
  return {
    async options(signal) {
      return (await callUnary(client, PLUGIN_CALLS.options, {}, { signal, timeoutMs: OPTIONS_MS })) as PluginOptions;
    },
    async *devices(signal) {
      for await (const update of readStream(client, PLUGIN_CALLS.listAndWatch, {}, signal)) {
        yield (update as ListAndWatchResponse).devices;
      }
    },
    async preferred({ available, mustInclude, size }, signal) {
      const request = { availableDeviceIds: available, mustIncludeDeviceIds: mustInclude, allocationSize: size };
      const answer = await callUnary(
        client,
        PLUGIN_CALLS.preferred,
        { containerRequests: [request] },
        { signal, timeoutMs: ALLOCATE_MS },
      );
      return (answer as PreferredResponse).containerResponses[0]?.deviceIds ?? [];
    },
    async allocate(ids, signal) {
      const request = { containerRequests: [{ devicesIds: ids }] };
      const answer = await callUnary(client, PLUGIN_CALLS.allocate, request, { signal, timeoutMs: ALLOCATE_MS });
      const [allocation] = (answer as AllocateResponse).containerResponses;
      if (!allocation) throw new Error('no containers return in allocation response');
      return allocation;
    },
    async preStartContainer(ids, signal) {
      const options = { signal, timeoutMs: PRE_START_MS };
      await callUnary(client, PLUGIN_CALLS.preStartContainer, { devicesIds: ids }, options);
    },
    [Symbol.dispose]: () => client.close(),
  };
}
