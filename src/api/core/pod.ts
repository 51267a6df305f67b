// Pod.

import { kind, type ObjectOf } from '../kind.ts';
import { ObjectMeta } from '../meta/object-meta.ts';
import { Eviction } from '../policy/eviction.ts';
import { message, struct } from '../schema.ts';
import { Binding } from './binding.ts';
import {
  PodAttachOptions,
  PodExecOptions,
  PodLogOptions,
  PodPortForwardOptions,
  PodProxyOptions,
} from './pod-options.ts';
import { PodSpec } from './pod-spec.ts';
import { PodStatus } from './pod-status.ts';

export const Pod = kind({
  group: '',
  version: 'v1',
  kind: 'Pod',
  plural: 'pods',
  scope: 'Namespaced',
  shortNames: ['po'],
  categories: ['all'],
  schema: struct('core/v1.Pod', {
    metadata: message(1, ObjectMeta),
    spec: message(2, PodSpec),
    status: message(3, PodStatus),
  }),
  subresources: {
    attach: { type: 'connect', verbs: ['create', 'get'], options: PodAttachOptions, kind: 'PodAttachOptions' },
    binding: { type: 'action', schema: Binding.schema, group: '', version: 'v1', kind: 'Binding' },
    ephemeralcontainers: { type: 'view', verbs: ['get', 'patch', 'update'] },
    eviction: { type: 'action', schema: Eviction, group: 'policy', version: 'v1', kind: 'Eviction' },
    exec: { type: 'connect', verbs: ['create', 'get'], options: PodExecOptions, kind: 'PodExecOptions' },
    log: { type: 'connect', verbs: ['get'], options: PodLogOptions, kind: 'Pod' },
    portforward: {
      type: 'connect',
      verbs: ['create', 'get'],
      options: PodPortForwardOptions,
      kind: 'PodPortForwardOptions',
    },
    proxy: {
      type: 'connect',
      verbs: ['create', 'delete', 'get', 'patch', 'update'],
      options: PodProxyOptions,
      kind: 'PodProxyOptions',
      pathSuffix: true,
    },
    resize: { type: 'view', verbs: ['get', 'patch', 'update'] },
    status: { type: 'status' },
  },
});
export type Pod = ObjectOf<typeof Pod>;
