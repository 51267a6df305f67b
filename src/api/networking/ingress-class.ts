// IngressClass.

import { type Kind, kind, type ObjectOf } from '../kind.ts';
import { ObjectMeta } from '../meta/object-meta.ts';
import { ageColumn, nameColumn } from '../printing.ts';
import { message, type Read, string, struct } from '../schema.ts';
import { validateIngressClass, validateIngressClassUpdate } from './ingress-class-validation.ts';

export const IngressClassParametersReference = struct('networking.k8s.io/v1.IngressClassParametersReference', {
  apiGroup: string(1, { optional: true }),
  kind: string(2, { required: true }),
  name: string(3, { required: true }),
  scope: string(4, { optional: true, omit: 'never', defaultsTo: 'Cluster' }),
  namespace: string(5, { optional: true }),
});
export type IngressClassParametersReference = Read<typeof IngressClassParametersReference>;

export const IngressClassSpec = struct('networking.k8s.io/v1.IngressClassSpec', {
  controller: string(1),
  parameters: message(2, IngressClassParametersReference, { optional: true }),
});
export type IngressClassSpec = Read<typeof IngressClassSpec>;

const schema = struct('networking.k8s.io/v1.IngressClass', {
  metadata: message(1, ObjectMeta),
  spec: message(2, IngressClassSpec),
});
export type IngressClass = ObjectOf<Kind<typeof schema, 'Cluster'>>;

export const IngressClass = kind({
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'IngressClass',
  plural: 'ingressclasses',
  scope: 'Cluster',
  schema,
  generation: [['spec']],
  columns: [
    nameColumn,
    {
      name: 'Controller',
      type: 'string',
      description: 'Who handles ingresses of this class.',
      value: ({ spec }) => spec.controller ?? '',
    },
    {
      name: 'Parameters',
      type: 'string',
      description: 'An object with settings of the class.',
      value: ({ spec }) => formatParameters(spec.parameters),
    },
    ageColumn,
  ],
  validate: validateIngressClass,
  validateUpdate: validateIngressClassUpdate,
});

function formatParameters(reference: IngressClassParametersReference | undefined): string {
  if (!reference) return '<none>';
  const { apiGroup, kind, name } = reference;
  return `${apiGroup === undefined ? kind : `${kind}.${apiGroup}`}/${name}`;
}
