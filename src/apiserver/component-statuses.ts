// ComponentStatuses: how the parts of a control plane are, asked when somebody asks for them. Upstream:
// pkg/registry/core/componentstatus.

import { ComponentStatus } from '../api/core/component-status.ts';
import { messageOf } from '../base/message-of.ts';
import type { MadeUpObject, ObjectSource } from './registry/handlers.ts';
import type { HealthCheck } from './routes/health-route.ts';

/** A part of the control plane, by upstream's name: `scheduler`. */
export type Component = Pick<HealthCheck, 'name' | 'check'>;

/** By plural, as the registry has its sources. */
export function componentStatusSource(components: readonly Component[]): Readonly<Record<string, ObjectSource>> {
  return { [ComponentStatus.plural]: () => Promise.all(components.map(statusOf)) };
}

async function statusOf({ name, check }: Component): Promise<MadeUpObject> {
  const condition = await healthOf(check);
  return {
    kind: ComponentStatus.kind,
    apiVersion: ComponentStatus.apiVersion,
    metadata: { name },
    conditions: [{ type: 'Healthy', ...condition }],
  };
}

async function healthOf(check: Component['check']) {
  try {
    await check();
    return { status: 'True', message: 'ok' };
  } catch (error) {
    return { status: 'False', error: messageOf(error) };
  }
}
