// Label selector.

import { list, map, type Read, string, struct } from '../schema.ts';

export const LabelSelectorRequirement = struct('meta/v1.LabelSelectorRequirement', {
  key: string(1, { required: true }),
  operator: string(2, { required: true }),
  values: list(3, 'string', { list: 'atomic' }),
});
export type LabelSelectorRequirement = Read<typeof LabelSelectorRequirement>;

export const LabelSelector = struct(
  'meta/v1.LabelSelector',
  {
    matchLabels: map(1, 'string'),
    matchExpressions: list(2, LabelSelectorRequirement, { list: 'atomic' }),
  },
  { atomic: true },
);
export type LabelSelector = Read<typeof LabelSelector>;

export const FieldSelectorRequirement = struct('meta/v1.FieldSelectorRequirement', {
  key: string(1, { required: true }),
  operator: string(2, { required: true }),
  values: list(3, 'string', { list: 'atomic' }),
});
export type FieldSelectorRequirement = Read<typeof FieldSelectorRequirement>;
