// LimitRange.

import { type Kind, kind, type ObjectOf } from '../kind.ts';
import { ObjectMeta } from '../meta/object-meta.ts';
import { createdAtColumn, nameColumn } from '../printing.ts';
import { list, map, message, type Read, string, struct } from '../schema.ts';
import { defaultLimitRange } from './limit-range-defaults.ts';
import { validateLimitRange } from './limit-range-validation.ts';

export const LimitRangeItem = struct('core/v1.LimitRangeItem', {
  type: string(1, { required: true }),
  max: map(2, 'quantity'),
  min: map(3, 'quantity'),
  default: map(4, 'quantity'),
  defaultRequest: map(5, 'quantity'),
  maxLimitRequestRatio: map(6, 'quantity'),
});
export type LimitRangeItem = Read<typeof LimitRangeItem>;

export const LimitRangeSpec = struct('core/v1.LimitRangeSpec', {
  limits: list(1, LimitRangeItem, { required: true, list: 'atomic' }),
});
export type LimitRangeSpec = Read<typeof LimitRangeSpec>;

const schema = struct('core/v1.LimitRange', {
  metadata: message(1, ObjectMeta),
  spec: message(2, LimitRangeSpec),
});
export type LimitRange = ObjectOf<Kind<typeof schema, 'Namespaced'>>;

export const LimitRange = kind({
  group: '',
  version: 'v1',
  kind: 'LimitRange',
  plural: 'limitranges',
  scope: 'Namespaced',
  createOnUpdate: true,
  shortNames: ['limits'],
  schema,
  columns: [nameColumn, createdAtColumn],
  defaults: defaultLimitRange,
  /** One that nobody has named gets a random name, which its uid is. */
  prepareForCreate({ metadata }) {
    metadata.name ||= metadata.uid;
  },
  validate: validateLimitRange,
});
