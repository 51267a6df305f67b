// What definitions of custom resources get without asking: names that follow from others, and the list of versions in
// which objects may be stored. Upstream: k8s.io/apiextensions-apiserver/pkg/registry/customresourcedefinition/strategy.go
// and SetDefaults_CustomResourceDefinition.

import type { Draft } from '../schema.ts';
import type { CustomResourceDefinition } from './custom-resource-definition.ts';
import { definitionForm } from './definition-form.ts';
import { type JsonSchema, schemaOf, someSchema } from './json-schema.ts';
import { isKnownFormat } from './value-formats.ts';

export function defaultDefinition(definition: Draft<CustomResourceDefinition>): void {
  const { names } = definition.spec;
  if (names.kind !== '') {
    names.singular ||= names.kind.toLowerCase();
    names.listKind ||= `${names.kind}List`;
  }
  if (!definition.status.storedVersions?.length) storeVersion(definition);
}

/** The version that stores becomes one that has stored. */
export function storeVersion(definition: Draft<CustomResourceDefinition>): void {
  const { spec, status } = definition;
  const stored = status.storedVersions ?? [];
  const name = spec.versions?.find(({ storage }) => storage)?.name;
  if (name === undefined || stored.includes(name)) return;
  definition.status = { ...status, storedVersions: [...stored, name] };
}

/** Formats that nothing is checked for, but for those that have been there before. */
export function definitionWarnings(
  definition: CustomResourceDefinition,
  previous: CustomResourceDefinition | undefined,
): readonly string[] {
  const before = new Set(previous && unknownFormats(previous));
  return unknownFormats(definition)
    .filter((format) => !before.has(format))
    .map((format) => `unrecognized format ${JSON.stringify(format)}`);
}

function unknownFormats({ spec }: CustomResourceDefinition): string[] {
  const form = definitionForm(spec);
  const formats: string[] = [];
  const note = ({ format, type }: JsonSchema): boolean => {
    if (format !== undefined && !isKnownFormat(format, type)) formats.push(format);
    return false;
  };
  for (const { schema } of [form, ...form.versions]) {
    const jsonSchema = schemaOf(schema);
    if (jsonSchema) someSchema(jsonSchema, note);
  }
  return formats;
}
