// Which handler of the container runtime a pod is run by: what its RuntimeClass says. Upstream: pkg/kubelet/runtimeclass.

import type { Pod } from '../api/core/pod.ts';
import { RuntimeClass } from '../api/node/runtime-class.ts';
import { isStatusError } from '../api/status-error.ts';
import type { Client } from '../client/client.ts';

/** Empty for the runtime's default. Rejects when there is no such class; an unknown handler is for the runtime to refuse. */
export async function runtimeHandler(client: Pick<Client, 'get'>, { spec }: Pod, signal: AbortSignal): Promise<string> {
  const name = spec.runtimeClassName;
  if (!name) return '';
  try {
    return (await client.get(RuntimeClass, { name }, { signal })).handler;
  } catch (cause) {
    if (isStatusError(cause, 'NotFound')) throw new Error(`RuntimeClass "${name}" not found`, { cause });
    throw cause;
  }
}
