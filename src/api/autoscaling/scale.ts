// Scale.

import type { Column } from '../kind.ts';
import { ObjectMeta } from '../meta/object-meta.ts';
import { ageColumn, nameColumn } from '../printing.ts';
import { int32, message, type Read, string, struct } from '../schema.ts';

export const ScaleSpec = struct('autoscaling/v1.ScaleSpec', {
  replicas: int32(1, { default: 0 }),
});
export type ScaleSpec = Read<typeof ScaleSpec>;

export const ScaleStatus = struct('autoscaling/v1.ScaleStatus', {
  replicas: int32(1, { required: true }),
  selector: string(2),
});
export type ScaleStatus = Read<typeof ScaleStatus>;

export const Scale = struct('autoscaling/v1.Scale', {
  metadata: message(1, ObjectMeta),
  spec: message(2, ScaleSpec),
  status: message(3, ScaleStatus),
});
export type Scale = Read<typeof Scale>;

/** Upstream: pkg/printers/internalversion, printScale. */
export const scaleColumns: readonly Column<Scale & { readonly metadata: { readonly name: string } }>[] = [
  nameColumn,
  {
    name: 'Desired',
    type: 'integer',
    description: 'How many replicas are wanted.',
    value: ({ spec }) => spec.replicas ?? 0,
  },
  {
    name: 'Available',
    type: 'integer',
    description: 'How many replicas there are.',
    value: ({ status }) => status.replicas,
  },
  ageColumn,
];
