// The labels that a replication controller takes from its template. Upstream: SetDefaults_ReplicationController in
// pkg/apis/core/v1.

import type { Draft } from '../schema.ts';
import { defaultPodSpec } from './pod-defaults.ts';
import type { ReplicationController } from './replication-controller.ts';

export function defaultReplicationController({ metadata, spec }: Draft<ReplicationController>): void {
  if (!spec.template) return;
  defaultPodSpec(spec.template.spec);
  const { labels } = spec.template.metadata;
  if (!labels) return;
  spec.selector ??= { ...labels };
  metadata.labels ??= { ...labels };
}
