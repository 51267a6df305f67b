// Types of flowcontrol that v1.36 knows and serves nothing as unless it is told to.

import type { ObjectType } from '../../../src/api/decode-object.ts';
import {
  LimitedPriorityLevelConfiguration,
  PriorityLevelConfiguration,
  PriorityLevelConfigurationSpec,
} from '../../../src/api/flowcontrol/priority-level-configuration.ts';
import { type Field, int32, message, type Struct, struct } from '../../../src/api/schema.ts';

const GROUP = 'flowcontrol.apiserver.k8s.io';
const shares = int32(1, { omit: 'never' });
const { nominalConcurrencyShares: _, ...sharedFields } = LimitedPriorityLevelConfiguration.fields;

/** A version by how its limited levels say their shares. */
function levels(version: string, sharesField: Readonly<Record<string, Field>>): ObjectType {
  const named = (type: string, fields: Struct['fields']) => struct(`${GROUP}/${version}.${type}`, fields);
  const limited = named('LimitedPriorityLevelConfiguration', { ...sharesField, ...sharedFields });
  const spec = named('PriorityLevelConfigurationSpec', {
    ...PriorityLevelConfigurationSpec.fields,
    limited: message(2, limited, { optional: true }),
  });
  const { fields } = PriorityLevelConfiguration.schema;
  const schema = named('PriorityLevelConfiguration', { ...fields, spec: message(2, spec) });
  return { group: GROUP, version, kind: 'PriorityLevelConfiguration', schema };
}

export const FLOWCONTROL_TYPES: readonly ObjectType[] = [
  levels('v1beta1', { assuredConcurrencyShares: shares }),
  levels('v1beta2', { assuredConcurrencyShares: shares }),
  levels('v1beta3', { nominalConcurrencyShares: shares }),
];
