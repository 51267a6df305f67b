// Keeps the pods of ReplicationControllers, by the logic of ReplicaSets.

import { ReplicationController } from '../../api/core/replication-controller.ts';
import type { Controller } from '../controller.ts';
import type { ControllerDeps } from '../controller-deps.ts';
import { replicaController } from '../replicaset/replica-controller.ts';
import { matchesLabelMap } from '../selector-match.ts';

export function replicationControllerController(deps: ControllerDeps): Controller {
  return replicaController(deps, {
    kind: ReplicationController,
    controllerName: 'replicationcontroller-controller',
    countsTerminating: false,
    selects: ({ spec }: ReplicationController, labels) => matchesLabelMap(spec.selector, labels),
  });
}
