// The rules of definitions of custom resources. Upstream lets updates pass that break rules which were not there when the
// definition was written; nothing as old is stored here, so that all rules are for all. Upstream:
// ValidateCustomResourceDefinition in k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/validation.

import { checkOneOf } from '../field-checks.ts';
import { type FieldError, fieldError, Path } from '../field-error.ts';
import { dns1123Subdomain, nameFaults } from '../names.ts';
import { immutable } from '../object-validation.ts';
import { checkCaBundle } from '../webhook-client-validation.ts';
import { checkApiApproval } from './api-approval-validation.ts';
import { checkConversion } from './conversion-validation.ts';
import type { CustomResourceDefinition, CustomResourceDefinitionSpec } from './custom-resource-definition.ts';
import { type DefinitionForm, definitionForm, type Shared } from './definition-form.ts';
import { checkLabel, checkNames, checkRequiredNames } from './definition-names-validation.ts';
import { internalVersions } from './internal-form.ts';
import { schemaOf, someSchema } from './json-schema.ts';
import { validateSchema } from './schema-validation.ts';
import { checkSelectableFields } from './selectable-field-validation.ts';
import { NotStructuralError, structuralSchema } from './structural-schema.ts';
import { checkColumns, checkDeprecation, checkSubresources } from './version-validation.ts';

const META = Path.of('metadata');
const SPEC = Path.of('spec');
const STATUS = Path.of('status');
const VERSIONS = SPEC.child('versions');

export function validateDefinitionCreate(definition: CustomResourceDefinition): readonly FieldError[] {
  const errors: FieldError[] = [];
  checkObjectName(definition, errors);
  checkSpec(definition.spec, { allowsAnyCaBundle: true }, errors);
  checkRest(definition, undefined, errors);
  return errors;
}

export function validateDefinitionUpdate(
  next: CustomResourceDefinition,
  previous: CustomResourceDefinition,
): readonly FieldError[] {
  const errors: FieldError[] = [];
  const { spec } = next;
  const { spec: before } = previous;
  checkSpec(spec, { allowsAnyCaBundle: !isEstablished(previous) || hasInvalidCaBundle(before) }, errors);
  if (isEstablished(previous)) {
    errors.push(...immutable(SPEC.child('scope'), spec.scope, before.scope));
    errors.push(...immutable(SPEC.child('names', 'kind'), spec.names.kind, before.names.kind));
  }
  errors.push(...immutable(SPEC.child('group'), spec.group, before.group));
  errors.push(...immutable(SPEC.child('names', 'plural'), spec.names.plural, before.names.plural));
  checkRest(next, previous, errors);
  return errors;
}

export function validateDefinitionStatusUpdate({ status }: CustomResourceDefinition): readonly FieldError[] {
  const errors: FieldError[] = [];
  checkNames(status.acceptedNames, STATUS.child('acceptedNames'), errors);
  return errors;
}

/** The name says which resource is defined, so that there is one definition of each. */
function checkObjectName({ metadata, spec }: CustomResourceDefinition, errors: FieldError[]): void {
  for (const field of ['generateName', 'name'] as const) {
    const name = metadata[field] ?? '';
    if (name === '' || name === `${spec.names.plural}.${spec.group}`) continue;
    const faults = [
      ...nameFaults('dns1123Subdomain', name, field === 'generateName'),
      'must be spec.names.plural+"."+spec.group',
    ];
    for (const fault of faults) errors.push(fieldError.invalid(META.child(field), name, fault));
  }
}

function checkRest(
  definition: CustomResourceDefinition,
  previous: CustomResourceDefinition | undefined,
  errors: FieldError[],
): void {
  errors.push(...validateDefinitionStatusUpdate(definition));
  checkStoredVersions(definition, errors);
  checkApiApproval(definition, previous, errors);
  if (definition.spec.preserveUnknownFields && !previous?.spec.preserveUnknownFields) {
    const why =
      'cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead';
    errors.push(fieldError.invalid(SPEC.child('preserveUnknownFields'), true, why));
  }
}

function checkSpec(
  spec: CustomResourceDefinitionSpec,
  options: { readonly allowsAnyCaBundle: boolean },
  errors: FieldError[],
): void {
  const { scope, names, conversion, preserveUnknownFields } = spec;
  const form = definitionForm(spec);
  checkGroup(spec.group, SPEC.child('group'), errors);
  if (scope === '') errors.push(fieldError.required(SPEC.child('scope')));
  else checkOneOf(scope, ['Cluster', 'Namespaced'], SPEC.child('scope'), errors);
  checkSchemasThere(form, errors);
  if (preserveUnknownFields && hasDefaults(form)) {
    const why = 'must be false in order to use defaults in the schema';
    errors.push(fieldError.invalid(SPEC.child('preserveUnknownFields'), true, why));
  }
  checkVersions(form, errors);
  checkRequiredNames(names, SPEC.child('names'), errors);
  checkNames(names, SPEC.child('names'), errors);
  const hasStatus = [form, ...form.versions].some(({ subresources }) => subresources?.status !== undefined);
  checkShared(form, { hasStatus, schemaField: 'validation', isOfAll: true }, SPEC, errors);
  if (!conversion) return;
  if (conversion.strategy !== 'None' && preserveUnknownFields) {
    const why = 'must be None if spec.preserveUnknownFields is true';
    errors.push(fieldError.invalid(SPEC.child('conversion', 'strategy'), conversion.strategy, why));
  }
  checkConversion(conversion, SPEC.child('conversion'), errors, options);
}

function checkGroup(group: string, at: Path, errors: FieldError[]): void {
  const faults = dns1123Subdomain(group);
  if (group === '') errors.push(fieldError.required(at));
  else if (faults.length > 0) errors.push(fieldError.invalid(at, group, faults.join(',')));
  else if (!group.includes('.')) {
    errors.push(fieldError.invalid(at, group, 'should be a domain with at least one dot'));
  }
}

function checkSchemasThere(form: DefinitionForm, errors: FieldError[]): void {
  if (schemaOf(form.schema)) return;
  for (const [index, version] of form.versions.entries()) {
    if (schemaOf(version.schema)) continue;
    errors.push(fieldError.required(VERSIONS.index(index).child('schema', 'openAPIV3Schema')));
  }
}

function hasDefaults(form: DefinitionForm): boolean {
  return [form, ...form.versions].some(({ schema }) => {
    const jsonSchema = schemaOf(schema);
    return jsonSchema !== undefined && someSchema(jsonSchema, (inner) => inner.default !== undefined);
  });
}

function checkVersions(form: DefinitionForm, errors: FieldError[]): void {
  const { versions } = form;
  const areSubresourcesShared = versions.every(({ subresources }) => subresources === undefined);
  for (const [index, version] of versions.entries()) {
    const at = VERSIONS.index(index);
    checkLabel(version.name, at.child('name'), errors);
    checkDeprecation(version, at, errors);
    const { subresources } = areSubresourcesShared ? form : version;
    const hasStatus = subresources?.status !== undefined;
    checkShared(version, { hasStatus, schemaField: 'schema', isOfAll: false }, at, errors);
  }
  const refuse = (why: string) => errors.push(fieldError.invalid(VERSIONS, internalVersions(versions), why));
  if (new Set(versions.map(({ name }) => name)).size < versions.length) refuse('must contain unique version names');
  if (versions.filter(({ storage }) => storage).length !== 1) {
    refuse('must have exactly one version marked as storage version');
  }
  // The first version has been the only one once, and had a field of its own.
  if (versions[0]?.name) checkLabel(versions[0].name, SPEC.child('version'), errors);
}

/** What is said of one version or of all of them. */
function checkShared(
  shared: Shared,
  options: { readonly hasStatus: boolean; readonly schemaField: string; readonly isOfAll: boolean },
  at: Path,
  errors: FieldError[],
): void {
  const { subresources, additionalPrinterColumns = [] } = shared;
  const schema = schemaOf(shared.schema);
  const schemaAt = at.child(options.schemaField, 'openAPIV3Schema');
  if (schema) errors.push(...validateSchema(schema, schemaAt, options));
  checkSubresources(subresources, at.child('subresources'), errors);
  checkColumns(additionalPrinterColumns, at.child('additionalPrinterColumns'), errors);
  checkSelectable(shared, options.isOfAll, at, errors);
}

/** A schema that all versions share does not count for the fields of one of them; so it is upstream. */
function checkSelectable(shared: Shared, isOfAll: boolean, at: Path, errors: FieldError[]): void {
  const { selectableFields = [] } = shared;
  if (selectableFields.length === 0) return;
  const fieldsAt = at.child('selectableFields');
  const schema = schemaOf(shared.schema);
  if (!schema) {
    const why = isOfAll
      ? 'may only be set when validations.schema is included'
      : 'may only be set when `version.schema.openAPIV3Schema` is not included';
    errors.push(fieldError.invalid(fieldsAt, '', why));
    return;
  }
  try {
    checkSelectableFields(selectableFields, structuralSchema(schema), fieldsAt, errors);
  } catch (error) {
    if (!(error instanceof NotStructuralError)) throw error;
    errors.push(fieldError.invalid(at.child('schema', 'openAPIV3Schema'), '', error.message));
  }
}

/** Objects may be stored in any version that has been the one to store; it has to stay until they are not. */
function checkStoredVersions({ spec, status }: CustomResourceDefinition, errors: FieldError[]): void {
  const at = STATUS.child('storedVersions');
  const stored = status.storedVersions ?? [];
  if (stored.length === 0) {
    errors.push(fieldError.invalid(at, status.storedVersions, 'must have at least one stored version'));
    return;
  }
  const names = new Set<string>();
  for (const { name, storage } of spec.versions ?? []) {
    if (storage && (!stored.includes(name) || names.has(name))) {
      errors.push(fieldError.invalid(at, stored, `must have the storage version ${name}`));
    }
    names.add(name);
  }
  for (const [index, name] of stored.entries()) {
    if (names.has(name) || stored.lastIndexOf(name) > index) continue;
    const why = `missing from spec.versions; ${name} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${name} and removes ${name} from status.storedVersions`;
    errors.push(fieldError.invalid(at.index(index), name, why));
  }
}

function isEstablished({ status }: CustomResourceDefinition): boolean {
  const condition = status.conditions?.find(({ type }) => type === 'Established');
  return condition?.status === 'True';
}

function hasInvalidCaBundle({ conversion }: CustomResourceDefinitionSpec): boolean {
  const bundle = conversion?.webhook?.clientConfig?.caBundle;
  if (!bundle) return false;
  const errors: FieldError[] = [];
  checkCaBundle(bundle, SPEC, errors);
  return errors.length > 0;
}
