// ComponentStatus.

import { kind, type ObjectOf } from '../kind.ts';
import { ObjectMeta } from '../meta/object-meta.ts';
import { nameColumn } from '../printing.ts';
import { list, message, type Read, string, struct } from '../schema.ts';

export const ComponentCondition = struct('core/v1.ComponentCondition', {
  type: string(1, { required: true }),
  status: string(2, { required: true }),
  message: string(3),
  error: string(4),
});
export type ComponentCondition = Read<typeof ComponentCondition>;

export const ComponentStatus = kind({
  group: '',
  version: 'v1',
  kind: 'ComponentStatus',
  plural: 'componentstatuses',
  scope: 'Cluster',
  shortNames: ['cs'],
  deprecated: { since: '1.19' },
  verbs: ['get', 'list'],
  virtual: true,
  schema: struct('core/v1.ComponentStatus', {
    metadata: message(1, ObjectMeta),
    conditions: list(2, ComponentCondition, { list: { keys: ['type'] }, merge: 'type' }),
  }),
  columns: [
    nameColumn,
    {
      name: 'Status',
      type: 'string',
      description: 'Whether the component is healthy.',
      value: ({ conditions }) => healthOf(conditions).status,
    },
    {
      name: 'Message',
      type: 'string',
      description: 'What the component says of itself.',
      value: ({ conditions }) => healthOf(conditions).message,
    },
    {
      name: 'Error',
      type: 'string',
      description: 'What was wrong when it was asked.',
      value: ({ conditions }) => healthOf(conditions).error,
    },
  ],
});
export type ComponentStatus = ObjectOf<typeof ComponentStatus>;

function healthOf(conditions: readonly ComponentCondition[] | undefined) {
  const condition = conditions?.find(({ type }) => type === 'Healthy');
  if (!condition) return { status: 'Unknown', message: '', error: '' };
  const { message = '', error = '' } = condition;
  return { status: condition.status === 'True' ? 'Healthy' : 'Unhealthy', message, error };
}
