// The form in which definitions are checked: what all versions say alike stands above them. Errors name the fields of this
// form (`spec.validation` where a client has written `spec.versions[0].schema`), as they do upstream, whose internal
// version of the API has it. Upstream: Convert_v1_CustomResourceDefinitionSpec_To_apiextensions_CustomResourceDefinitionSpec.

import { deepEqual } from '../deep-equal.ts';
import type {
  CustomResourceDefinitionSpec,
  CustomResourceDefinitionVersion as Version,
} from './custom-resource-definition.ts';

/** What versions have in common may be said of each of them or of all. */
export type Shared = Pick<Version, 'schema' | 'subresources' | 'additionalPrinterColumns' | 'selectableFields'>;

export interface DefinitionForm extends Shared {
  readonly versions: readonly Version[];
}

const SHARED = [
  'schema',
  'subresources',
  'additionalPrinterColumns',
  'selectableFields',
] as const satisfies readonly (keyof Shared)[];

export function definitionForm(spec: Pick<CustomResourceDefinitionSpec, 'versions'>): DefinitionForm {
  const versions = spec.versions ?? []; // Null where a client has left them out.
  const [first] = versions;
  if (!first) return { versions };
  const alike = SHARED.filter((field) => versions.every((version) => deepEqual(version[field], first[field])));
  return {
    ...Object.fromEntries(alike.map((field) => [field, first[field]])),
    versions: versions.map((version) => without(version, alike)),
  };
}

function without(version: Version, fields: readonly (keyof Shared)[]): Version {
  const rest = { ...version };
  for (const field of fields) delete rest[field];
  return rest;
}
