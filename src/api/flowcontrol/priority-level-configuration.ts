// PriorityLevelConfiguration.

import { type Kind, kind, type ObjectOf } from '../kind.ts';
import { ObjectMeta } from '../meta/object-meta.ts';
import { ageColumn, nameColumn } from '../printing.ts';
import { int32, list, message, type Read, string, struct, time } from '../schema.ts';
import { defaultPriorityLevel } from './flowcontrol-defaults.ts';
import { validatePriorityLevel, validatePriorityLevelStatusUpdate } from './priority-level-validation.ts';

export const QueuingConfiguration = struct('flowcontrol.apiserver.k8s.io/v1.QueuingConfiguration', {
  queues: int32(1, { omit: 'never' }),
  handSize: int32(2, { omit: 'never' }),
  queueLengthLimit: int32(3, { omit: 'never' }),
});
export type QueuingConfiguration = Read<typeof QueuingConfiguration>;

export const LimitResponse = struct(
  'flowcontrol.apiserver.k8s.io/v1.LimitResponse',
  {
    type: string(1, { required: true }),
    queuing: message(2, QueuingConfiguration, { optional: true }),
  },
  { unions: [{ discriminator: 'type', members: { queuing: 'Queuing' } }] },
);
export type LimitResponse = Read<typeof LimitResponse>;

export const LimitedPriorityLevelConfiguration = struct(
  'flowcontrol.apiserver.k8s.io/v1.LimitedPriorityLevelConfiguration',
  {
    nominalConcurrencyShares: int32(1, { optional: true, omit: 'never' }),
    limitResponse: message(2, LimitResponse),
    lendablePercent: int32(3, { optional: true }),
    borrowingLimitPercent: int32(4, { optional: true }),
  },
);
export type LimitedPriorityLevelConfiguration = Read<typeof LimitedPriorityLevelConfiguration>;

export const ExemptPriorityLevelConfiguration = struct(
  'flowcontrol.apiserver.k8s.io/v1.ExemptPriorityLevelConfiguration',
  {
    nominalConcurrencyShares: int32(1, { optional: true }),
    lendablePercent: int32(2, { optional: true }),
  },
);
export type ExemptPriorityLevelConfiguration = Read<typeof ExemptPriorityLevelConfiguration>;

export const PriorityLevelConfigurationSpec = struct(
  'flowcontrol.apiserver.k8s.io/v1.PriorityLevelConfigurationSpec',
  {
    type: string(1, { required: true }),
    limited: message(2, LimitedPriorityLevelConfiguration, { optional: true }),
    exempt: message(3, ExemptPriorityLevelConfiguration, { optional: true }),
  },
  { unions: [{ discriminator: 'type', members: { exempt: 'Exempt', limited: 'Limited' } }] },
);
export type PriorityLevelConfigurationSpec = Read<typeof PriorityLevelConfigurationSpec>;

export const PriorityLevelConfigurationCondition = struct(
  'flowcontrol.apiserver.k8s.io/v1.PriorityLevelConfigurationCondition',
  {
    type: string(1),
    status: string(2),
    lastTransitionTime: time(3),
    reason: string(4),
    message: string(5),
  },
);
export type PriorityLevelConfigurationCondition = Read<typeof PriorityLevelConfigurationCondition>;

export const PriorityLevelConfigurationStatus = struct(
  'flowcontrol.apiserver.k8s.io/v1.PriorityLevelConfigurationStatus',
  {
    conditions: list(1, PriorityLevelConfigurationCondition, { list: { keys: ['type'] }, merge: 'type' }),
  },
);
export type PriorityLevelConfigurationStatus = Read<typeof PriorityLevelConfigurationStatus>;

const schema = struct('flowcontrol.apiserver.k8s.io/v1.PriorityLevelConfiguration', {
  metadata: message(1, ObjectMeta),
  spec: message(2, PriorityLevelConfigurationSpec),
  status: message(3, PriorityLevelConfigurationStatus),
});
export type PriorityLevelConfiguration = ObjectOf<Kind<typeof schema, 'Cluster'>>;

export const PriorityLevelConfiguration = kind({
  group: 'flowcontrol.apiserver.k8s.io',
  version: 'v1',
  kind: 'PriorityLevelConfiguration',
  plural: 'prioritylevelconfigurations',
  scope: 'Cluster',
  schema,
  subresources: {
    status: { type: 'status', resets: [['metadata']] },
  },
  generation: [['spec']],
  columns: [
    nameColumn,
    {
      name: 'Type',
      type: 'string',
      description: 'Whether the level is limited.',
      value: ({ spec }) => spec.type,
    },
    {
      name: 'NominalConcurrencyShares',
      type: 'string',
      description: 'Share of the requests that are served at a time.',
      value: ({ spec }) => spec.limited?.nominalConcurrencyShares ?? '<none>',
    },
    {
      name: 'Queues',
      type: 'string',
      description: 'Number of queues.',
      value: ({ spec }) => spec.limited?.limitResponse.queuing?.queues ?? '<none>',
    },
    {
      name: 'HandSize',
      type: 'string',
      description: 'Number of queues that a flow is dealt.',
      value: ({ spec }) => spec.limited?.limitResponse.queuing?.handSize ?? '<none>',
    },
    {
      name: 'QueueLengthLimit',
      type: 'string',
      description: 'Requests that may wait in a queue.',
      value: ({ spec }) => spec.limited?.limitResponse.queuing?.queueLengthLimit ?? '<none>',
    },
    ageColumn,
  ],
  defaults: defaultPriorityLevel,
  validate: validatePriorityLevel,
  validateStatusUpdate: validatePriorityLevelStatusUpdate,
});
