// Definitions of custom resources for tests, as a client writes them: good ones, but for what a test changes.

import type { CustomResourceDefinition } from '../../src/api/apiextensions/custom-resource-definition.ts';
import type { InputOf } from '../../src/api/kind.ts';

export type DefinitionInput = InputOf<typeof CustomResourceDefinition>;

export const version = { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } };

/** With the status of one that begins. */
export function definition(
  spec: Readonly<Record<string, unknown>>,
  more: Partial<DefinitionInput> = {},
): DefinitionInput {
  return {
    metadata: { name: 'crontabs.example.com' },
    spec: {
      group: 'example.com',
      names: { plural: 'crontabs', kind: 'CronTab' },
      scope: 'Namespaced',
      versions: [version],
      ...spec,
    },
    status: { storedVersions: ['v1'] },
    ...more,
  };
}
