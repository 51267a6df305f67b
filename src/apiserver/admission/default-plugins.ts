// The admission plugins that are always on, in upstream's order: those that others build on come first.

import type { Clock } from '../../base/clock.ts';
import type { Random } from '../../base/random.ts';
import type { Authorizer } from '../authorization/authorizer.ts';
import type { RbacAuthorizer } from '../authorization/rbac.ts';
import type { ObjectReader } from '../registry/object-reader.ts';
import type { AdmissionPlugin } from './admission.ts';
import { defaultTolerationSeconds } from './default-toleration-seconds.ts';
import { deviceAdminAccess } from './device-admin-access.ts';
import { namespaceLifecycle } from './namespace-lifecycle.ts';
import { nodeRestriction } from './node-restriction.ts';
import { priority } from './priority.ts';
import { rbacEscalation } from './rbac-escalation.ts';
import { serviceAccount } from './service-account.ts';
import { taintNodesByCondition } from './taint-nodes-by-condition.ts';

export interface AdmissionDeps {
  readonly objects: ObjectReader;
  readonly authorizer: Authorizer;
  readonly rbac: RbacAuthorizer;
  readonly clock: Clock;
  readonly random: Random;
}

export function defaultAdmissionPlugins({
  objects,
  authorizer,
  rbac,
  clock,
  random,
}: AdmissionDeps): AdmissionPlugin[] {
  return [
    namespaceLifecycle({ objects }),
    serviceAccount({ objects, random, clock }),
    nodeRestriction({ objects, authorizer }),
    taintNodesByCondition(),
    priority({ objects }),
    defaultTolerationSeconds(),
    rbacEscalation({ authorizer, rbac }),
    deviceAdminAccess({ objects }),
  ];
}
