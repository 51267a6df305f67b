// Pod.

import { type Kind, kind, type ObjectOf } from '../kind.ts';
import { ObjectMeta } from '../meta/object-meta.ts';
import { Eviction } from '../policy/eviction.ts';
import { message, struct } from '../schema.ts';
import { Binding } from './binding.ts';
import { podColumns } from './pod-columns.ts';
import { defaultPod } from './pod-defaults.ts';
import {
  PodAttachOptions,
  PodExecOptions,
  PodLogOptions,
  PodPortForwardOptions,
  PodProxyOptions,
} from './pod-options.ts';
import { PodSpec } from './pod-spec.ts';
import { PodStatus } from './pod-status.ts';
import { validatePodStatusUpdate } from './pod-status-validation.ts';
import {
  podGracePeriodSeconds,
  prepareEphemeralContainers,
  preparePodForCreate,
  preparePodForStatusUpdate,
  prepareResize,
} from './pod-strategy.ts';
import { validateEphemeralContainersUpdate, validateResize } from './pod-subresource-validation.ts';
import { validatePodUpdate } from './pod-update-validation.ts';
import { validatePod, validatePodCreate } from './pod-validation.ts';
import { podStatusWarnings, podWarnings } from './pod-warnings.ts';

const schema = struct('core/v1.Pod', {
  metadata: message(1, ObjectMeta),
  spec: message(2, PodSpec),
  status: message(3, PodStatus),
});
export type Pod = ObjectOf<Kind<typeof schema, 'Namespaced'>>;

export const Pod = kind({
  group: '',
  version: 'v1',
  kind: 'Pod',
  plural: 'pods',
  scope: 'Namespaced',
  returnsDeleted: true,
  shortNames: ['po'],
  categories: ['all'],
  schema,
  subresources: {
    attach: { type: 'connect', verbs: ['create', 'get'], options: PodAttachOptions, kind: 'PodAttachOptions' },
    binding: { type: 'action', schema: Binding.schema, group: '', version: 'v1', kind: 'Binding' },
    ephemeralcontainers: {
      type: 'view',
      verbs: ['get', 'patch', 'update'],
      prepare: prepareEphemeralContainers,
      validate: validateEphemeralContainersUpdate,
      writes: [['spec', 'ephemeralContainers']],
    },
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
      nameSaysPort: true,
    },
    resize: {
      type: 'view',
      verbs: ['get', 'patch', 'update'],
      prepare: prepareResize,
      validate: validateResize,
      writes: [
        ['spec', 'containers', '*', 'resources'],
        ['spec', 'containers', '*', 'resizePolicy'],
        ['spec', 'initContainers', '*', 'resources'],
        ['spec', 'initContainers', '*', 'resizePolicy'],
      ],
    },
    status: {
      type: 'status',
      resets: [
        ['metadata', 'deletionTimestamp'],
        ['metadata', 'ownerReferences'],
      ],
    },
  },
  generation: [['spec']],
  selectableFields: {
    'spec.nodeName': (pod) => pod.spec.nodeName ?? '',
    'spec.host': (pod) => pod.spec.nodeName ?? '', // What the field was called before v1.
    'spec.restartPolicy': (pod) => pod.spec.restartPolicy ?? '',
    'spec.schedulerName': (pod) => pod.spec.schedulerName ?? '',
    'spec.serviceAccountName': (pod) => pod.spec.serviceAccountName ?? '',
    'spec.hostNetwork': (pod) => String(pod.spec.hostNetwork ?? false),
    'status.phase': (pod) => pod.status.phase ?? '',
    'status.podIP': (pod) => pod.status.podIPs?.[0]?.ip ?? '',
    'status.podIPs': () => '', // Upstream takes it and has no value for it.
    'status.nominatedNodeName': (pod) => pod.status.nominatedNodeName ?? '',
  },
  columns: podColumns,
  defaults: defaultPod,
  prepareForCreate: preparePodForCreate,
  prepareForStatusUpdate: preparePodForStatusUpdate,
  validate: validatePod,
  validateCreate: validatePodCreate,
  validateUpdate: validatePodUpdate,
  validateStatusUpdate: validatePodStatusUpdate,
  warnings: podWarnings,
  statusWarnings: podStatusWarnings,
  gracePeriodSeconds: podGracePeriodSeconds,
});
