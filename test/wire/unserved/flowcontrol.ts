// Types of flowcontrol that v1.36 knows and serves nothing as unless it is told to.

import type { ObjectType } from '../../../src/api/decode-object.ts';
import {
  ExemptPriorityLevelConfiguration,
  LimitResponse,
  PriorityLevelConfigurationStatus,
} from '../../../src/api/flowcontrol/priority-level-configuration.ts';
import { ObjectMeta } from '../../../src/api/meta/object-meta.ts';
import { int32, message, string, struct } from '../../../src/api/schema.ts';

const LimitedPriorityLevelConfiguration = struct(
  'flowcontrol.apiserver.k8s.io/v1beta1.LimitedPriorityLevelConfiguration',
  {
    assuredConcurrencyShares: int32(1, { omit: 'never' }),
    limitResponse: message(2, LimitResponse),
    lendablePercent: int32(3, { optional: true }),
    borrowingLimitPercent: int32(4, { optional: true }),
  },
);

const PriorityLevelConfigurationSpec = struct('flowcontrol.apiserver.k8s.io/v1beta1.PriorityLevelConfigurationSpec', {
  type: string(1, { required: true }),
  limited: message(2, LimitedPriorityLevelConfiguration, { optional: true }),
  exempt: message(3, ExemptPriorityLevelConfiguration, { optional: true }),
});

const PriorityLevelConfiguration = struct('flowcontrol.apiserver.k8s.io/v1beta1.PriorityLevelConfiguration', {
  metadata: message(1, ObjectMeta),
  spec: message(2, PriorityLevelConfigurationSpec),
  status: message(3, PriorityLevelConfigurationStatus),
});

const LimitedPriorityLevelConfigurationV1beta3 = struct(
  'flowcontrol.apiserver.k8s.io/v1beta3.LimitedPriorityLevelConfiguration',
  {
    nominalConcurrencyShares: int32(1, { omit: 'never' }),
    limitResponse: message(2, LimitResponse),
    lendablePercent: int32(3, { optional: true }),
    borrowingLimitPercent: int32(4, { optional: true }),
  },
);

const PriorityLevelConfigurationSpecV1beta3 = struct(
  'flowcontrol.apiserver.k8s.io/v1beta3.PriorityLevelConfigurationSpec',
  {
    type: string(1, { required: true }),
    limited: message(2, LimitedPriorityLevelConfigurationV1beta3, { optional: true }),
    exempt: message(3, ExemptPriorityLevelConfiguration, { optional: true }),
  },
);

const PriorityLevelConfigurationV1beta3 = struct('flowcontrol.apiserver.k8s.io/v1beta3.PriorityLevelConfiguration', {
  metadata: message(1, ObjectMeta),
  spec: message(2, PriorityLevelConfigurationSpecV1beta3),
  status: message(3, PriorityLevelConfigurationStatus),
});

export const FLOWCONTROL_TYPES: readonly ObjectType[] = [
  {
    group: 'flowcontrol.apiserver.k8s.io',
    version: 'v1beta1',
    kind: 'PriorityLevelConfiguration',
    schema: PriorityLevelConfiguration,
  },
  {
    group: 'flowcontrol.apiserver.k8s.io',
    version: 'v1beta2',
    kind: 'PriorityLevelConfiguration',
    schema: PriorityLevelConfiguration,
  },
  {
    group: 'flowcontrol.apiserver.k8s.io',
    version: 'v1beta3',
    kind: 'PriorityLevelConfiguration',
    schema: PriorityLevelConfigurationV1beta3,
  },
];
