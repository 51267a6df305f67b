// Namespace.

import { type Kind, kind, type ObjectOf } from '../kind.ts';
import { ObjectMeta } from '../meta/object-meta.ts';
import { ageColumn, nameColumn } from '../printing.ts';
import { list, message, type Read, string, struct, time } from '../schema.ts';
import {
  defaultNamespace,
  prepareFinalize,
  prepareNamespaceForCreate,
  prepareNamespaceForUpdate,
} from './namespace-strategy.ts';
import { validateFinalize, validateNamespaceCreate, validateNamespaceStatusUpdate } from './namespace-validation.ts';

export const NamespaceSpec = struct('core/v1.NamespaceSpec', {
  finalizers: list(1, 'string', { list: 'atomic' }),
});
export type NamespaceSpec = Read<typeof NamespaceSpec>;

export const NamespaceCondition = struct('core/v1.NamespaceCondition', {
  type: string(1, { required: true }),
  status: string(2, { required: true }),
  lastTransitionTime: time(4),
  reason: string(5),
  message: string(6),
});
export type NamespaceCondition = Read<typeof NamespaceCondition>;

export const NamespacePhase = ['Active', 'Terminating'] as const;
export type NamespacePhase = (typeof NamespacePhase)[number];

export const NamespaceStatus = struct('core/v1.NamespaceStatus', {
  phase: string(1, { defaultsTo: 'Active', enum: NamespacePhase }),
  conditions: list(2, NamespaceCondition, { list: { keys: ['type'] }, merge: 'type' }),
});
export type NamespaceStatus = Read<typeof NamespaceStatus>;

const schema = struct('core/v1.Namespace', {
  metadata: message(1, ObjectMeta),
  spec: message(2, NamespaceSpec),
  status: message(3, NamespaceStatus),
});
export type Namespace = ObjectOf<Kind<typeof schema, 'Cluster'>>;

export const Namespace = kind({
  group: '',
  version: 'v1',
  kind: 'Namespace',
  plural: 'namespaces',
  scope: 'Cluster',
  shortNames: ['ns'],
  verbs: ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'],
  schema,
  subresources: {
    finalize: {
      type: 'view',
      verbs: ['update'],
      prepare: prepareFinalize,
      validate: validateFinalize,
      resets: [['status']],
    },
    status: { type: 'status' },
  },
  nameRule: 'dns1123Label',
  selectableFields: { 'status.phase': (namespace) => namespace.status.phase ?? '' },
  columns: [
    nameColumn,
    {
      name: 'Status',
      type: 'string',
      description: 'Whether the namespace is in use or about to go.',
      value: (namespace) => namespace.status.phase ?? '',
    },
    ageColumn,
  ],
  defaults: defaultNamespace,
  prepareForCreate: prepareNamespaceForCreate,
  prepareForUpdate: prepareNamespaceForUpdate,
  validateCreate: validateNamespaceCreate,
  validateStatusUpdate: validateNamespaceStatusUpdate,
});
