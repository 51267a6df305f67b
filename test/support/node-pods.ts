// Pods on a node with real containers (kubelet-node.ts), for tests: made, waited for, removed.

import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { Event } from '../../src/api/core/event.ts';
import { Pod } from '../../src/api/core/pod.ts';
import { isStatusError } from '../../src/api/status-error.ts';
import type { Client } from '../../src/client/client.ts';
import { NODE_NAME } from './kubelet-node.ts';
import type { PodSpecInput } from './kubelet-objects.ts';

export const namespace = 'default';
/** What a node needs of the machine: files, and the packages that have them. */
export const NODE_PACKAGES = {
  '/usr/bin/containerd': 'containerd',
  '/usr/sbin/runc': 'runc',
  '/usr/lib/cni/ptp': 'containernetworking-plugins',
  '/usr/sbin/ip': 'iproute2',
};
/** Answers SIGTERM, which a shell as first process does not by itself. */
export const UNTIL_TOLD = "trap 'exit 0' TERM; while :; do sleep 0.1; done";
const LIMIT_MS = 30_000;

/** Looks until there is something. Fails when that takes too long. */
export async function until<T>(what: string, look: () => Promise<T | undefined | false>): Promise<T> {
  const deadline = performance.now() + LIMIT_MS;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    assert.ok(performance.now() < deadline, `not in time: ${what}`);
    await delay(25);
  }
}

export function conditionOf({ status }: Pod, type: string) {
  return status.conditions?.find((condition) => condition.type === type);
}

export function isReady(pod: Pod): boolean {
  return conditionOf(pod, 'Ready')?.status === 'True';
}

/** `client` is asked for each time: the node may not be there yet. */
export function nodePods(client: () => Client) {
  const get = (name: string) => client().get(Pod, { name, namespace });
  const podWhen = (name: string, what: string, holds: (pod: Pod) => boolean | undefined) =>
    until(`${name}: ${what}`, async () => {
      const pod = await get(name);
      return holds(pod) ? pod : undefined;
    });
  return {
    get,
    podWhen,
    async create(name: string, spec: Partial<PodSpecInput>): Promise<void> {
      await client().create(Pod, {
        metadata: { name, namespace },
        spec: { nodeName: NODE_NAME, terminationGracePeriodSeconds: 5, ...spec } as PodSpecInput,
      });
    },
    whenReady: (name: string) => podWhen(name, 'is ready', isReady),
    eventsOf: async (name: string) =>
      (await client().list(Event, { namespace })).items.filter(({ involvedObject }) => involvedObject.name === name),
    /** Resolves when nothing is left of it. */
    async remove(name: string): Promise<void> {
      await client().delete(Pod, { name, namespace }, { gracePeriodSeconds: 0 });
      await until(`${name} is gone`, () =>
        get(name).then(
          () => false,
          (error) => isStatusError(error, 'NotFound'),
        ),
      );
    },
  };
}
