// What the authors of API services do not decide. Upstream: k8s.io/kube-aggregator/pkg/registry/apiservice/strategy.go.

import { restoreMetadata } from '../metadata-restore.ts';
import type { Draft } from '../schema.ts';
import type { WriteContext } from '../write-context.ts';
import type { APIService } from './api-service.ts';

/** What is served here is there from the start. */
export function stampAPIService(service: Draft<APIService>, previous: APIService | undefined, by: WriteContext): void {
  if (previous || service.spec.service) return;
  const condition = {
    type: 'Available',
    status: 'True',
    lastTransitionTime: by.now,
    reason: 'Local',
    message: 'Local APIServices are always available',
  };
  service.status = { conditions: [condition] };
}

export function prepareAPIServiceForStatusUpdate({ metadata }: Draft<APIService>, previous: APIService): void {
  restoreMetadata(metadata, previous.metadata, ['labels', 'annotations', 'finalizers', 'ownerReferences']);
}
