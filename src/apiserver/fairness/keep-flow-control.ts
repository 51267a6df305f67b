// Keeps the objects of flow control in order, through the API: those that every cluster starts with are there and up to date,
// and every FlowSchema says whether its priority level is. It looks whenever one of them changes, and does nothing otherwise.
// Upstream: the hook priority-and-fairness-config-producer, and the statuses of apf_controller.go.

import { FlowSchema } from '../../api/flowcontrol/flow-schema.ts';
import { PriorityLevelConfiguration } from '../../api/flowcontrol/priority-level-configuration.ts';
import { isStatusError } from '../../api/status-error.ts';
import { formatTime } from '../../api/time.ts';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/log.ts';
import { WorkQueue } from '../../base/work-queue.ts';
import type { Client } from '../../client/client.ts';
import type { User } from '../../client/user.ts';
import { FLOW_CONTROL_USER } from '../authorization/bootstrap/cluster-additions.ts';
import type { ObjectReader } from '../registry/object-reader.ts';
import { type BootstrapWrite, bootstrapWrites } from './bootstrap-writes.ts';
import { danglingCondition } from './dangling-condition.ts';
import { isUsable } from './flow-control-plan.ts';

/** Who this acts as: it has the rights that it needs by RBAC, and no others. */
export const FLOW_CONTROL_IDENTITY: User = {
  name: FLOW_CONTROL_USER,
  uid: undefined,
  groups: ['system:authenticated'],
  extra: {},
};

export interface KeepFlowControlDeps {
  /** Of the identity above. */
  readonly client: Client;
  readonly objects: ObjectReader;
  readonly clock: Clock;
  readonly log: Logger;
}

const PRODUCER = 'api-priority-and-fairness-config-producer-v1';
const CONSUMER = 'api-priority-and-fairness-config-consumer-v1';
const KEY = 'flow-control';

/** Resolves when the objects that every cluster starts with are there. */
export async function keepFlowControl(
  deps: KeepFlowControlDeps,
  options: { readonly signal: AbortSignal },
): Promise<AsyncDisposable> {
  const { objects, clock, log } = deps;
  await ensureBootstrap(deps, options.signal);
  await using stack = new AsyncDisposableStack();
  const work = async (_key: string, signal: AbortSignal) => {
    await ensureBootstrap(deps, signal);
    await ensureStatuses(deps, signal);
  };
  const observer = {
    retrying: (_key: string, error: unknown) => log.warn('the objects of flow control are not in order yet', { error }),
  };
  const queue = stack.use(new WorkQueue({ clock, work }, { observer }));
  const onChange = () => queue.add(KEY);
  stack.use(objects.subscribe(FlowSchema, onChange));
  stack.use(objects.subscribe(PriorityLevelConfiguration, onChange));
  const owned = stack.move();
  return { [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

async function ensureBootstrap({ client, objects }: KeepFlowControlDeps, signal: AbortSignal): Promise<void> {
  const levels = objects.list(PriorityLevelConfiguration);
  const schemas = objects.list(FlowSchema);
  await Promise.all(bootstrapWrites({ levels, schemas }).map((write) => carryOut(client, write, signal)));
}

async function carryOut(client: Client, write: BootstrapWrite, signal: AbortSignal): Promise<void> {
  const options = { fieldManager: PRODUCER, signal };
  await unlessOthersWereFaster(async () => {
    switch (write.action) {
      case 'create':
        return client.create(write.kind, write.object, options);
      case 'update':
        return client.update(write.kind, write.object, options);
      case 'delete':
        return client.delete(write.kind, { name: write.name }, { signal });
      default:
        return write satisfies never;
    }
  });
}

async function ensureStatuses({ client, objects, clock }: KeepFlowControlDeps, signal: AbortSignal): Promise<void> {
  const isLevel = (name: string) => {
    const level = objects.get(PriorityLevelConfiguration, { name });
    return level !== undefined && isUsable(level);
  };
  const writes = objects.list(FlowSchema).map(async (schema) => {
    const condition = danglingCondition(schema, isLevel);
    if (!condition) return;
    const conditions = [{ ...condition, lastTransitionTime: formatTime(clock.now()) }];
    const options = { subresource: 'status', fieldManager: CONSUMER, signal };
    const ref = { name: schema.metadata.name };
    const patch = { type: 'strategic', body: { status: { conditions } } } as const;
    await unlessOthersWereFaster(() => client.patch(FlowSchema, ref, patch, options));
  });
  await Promise.all(writes);
}

/** Another server may do the same; what it has done shows as a change, which has this look again. */
async function unlessOthersWereFaster(write: () => Promise<unknown>): Promise<void> {
  try {
    await write();
  } catch (error) {
    if (!isStatusError(error, 'AlreadyExists', 'Conflict', 'NotFound')) throw error;
  }
}
