// Keeps the pods of ReplicaSets.

import { ReplicaSet } from '../../api/apps/replica-set.ts';
import type { Controller } from '../controller.ts';
import type { ControllerDeps } from '../controller-deps.ts';
import { matchesSelector } from '../selector-match.ts';
import { replicaController } from './replica-controller.ts';

export function replicaSetController(deps: ControllerDeps): Controller {
  return replicaController(deps, {
    kind: ReplicaSet,
    controllerName: 'replicaset-controller',
    countsTerminating: true,
    selects: ({ spec }: ReplicaSet, labels) => matchesSelector(spec.selector, labels),
  });
}
