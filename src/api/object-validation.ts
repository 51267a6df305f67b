// What is checked for the objects of all kinds alike: metadata, and what the declarations say of required and enumerated
// fields and of label selectors. A kind's own rules are its `validate` hooks. Upstream: apimachinery's
// pkg/api/validation (objectmeta.go), meta/v1/validation.

import { utf8Length } from '../base/utf8-length.ts';
import { deepEqual } from './deep-equal.ts';
import { type FieldError, fieldError, Path } from './field-error.ts';
import type { AnyObject, Kind } from './kind.ts';
import { validateLabelSelector, validateLabels } from './label-selector.ts';
import { LabelSelector } from './meta/label-selector.ts';
import type { ManagedFieldsEntry, OwnerReference } from './meta/object-meta.ts';
import { dns1123Label, nameFaults, qualifiedName } from './names.ts';
import { type Field, leafOf, type Struct, structOf } from './schema.ts';

const META = Path.of('metadata');
const MAX_ANNOTATIONS_BYTES = 256 * 1024;
const MAX_MANAGER_BYTES = 128;
const MAX_SUBRESOURCE_BYTES = 256;
const IMMUTABLE = 'field is immutable';
const ORPHAN = 'orphan';
const FOREGROUND = 'foregroundDeletion';

/** Everything that is wrong with an object by the rules that all kinds share. */
export function validateObject(kind: Kind, object: AnyObject): FieldError[] {
  const fieldErrors = kind.checksOwnFields ? [] : validateSchema(kind.schema, object);
  return [...validateMetadata(kind, object.metadata, META), ...fieldErrors];
}

/** Everything that is wrong with the step from one version of an object to the next, besides `validateObject`. */
export function validateObjectUpdate(_kind: Kind, object: AnyObject, previous: AnyObject): FieldError[] {
  const metadata: Metadata = object.metadata;
  const before: Metadata = previous.metadata;
  return [
    ...newFinalizers(metadata, before),
    ...(metadata.resourceVersion
      ? []
      : [fieldError.invalid(META.child('resourceVersion'), '', 'must be specified for an update')]),
    ...((metadata.generation ?? 0) < (before.generation ?? 0)
      ? [fieldError.invalid(META.child('generation'), metadata.generation ?? 0, 'must not be decremented')]
      : []),
    ...IMMUTABLE_METADATA.flatMap((field) => immutable(META.child(field), metadata[field], before[field])),
  ];
}

/** An error unless both values mean the same. Upstream: ValidateImmutableField. */
export function immutable(at: Path, value: unknown, previous: unknown): FieldError[] {
  return deepEqual(value, previous) ? [] : [fieldError.invalid(at, value, IMMUTABLE)];
}

/**
 * The errors of all kinds together with a kind's own. Where a kind has something to say of a field, or of the list that
 * it is an element of, that counts: it knows better than the declaration why the field is wrong.
 */
export function mergeErrors(general: readonly FieldError[], own: readonly FieldError[]): FieldError[] {
  const named = new Set(own.map(({ field }) => field));
  const isLeft = ({ field }: FieldError) => !named.has(field) && !named.has(field.replace(/\[\d+\]$/, ''));
  return [...general.filter(isLeft), ...own];
}

export type Metadata = Partial<AnyObject['metadata']>;

const IMMUTABLE_METADATA = [
  'name',
  'namespace',
  'uid',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
] as const satisfies readonly (keyof Metadata)[];

/** What is wrong with the metadata of an object of such a kind, wherever the object is. */
export function validateMetadata(
  kind: Pick<Kind, 'nameRule' | 'namespaced'>,
  metadata: Metadata,
  meta: Path,
): FieldError[] {
  const { name = '', generateName = '', generation = 0 } = metadata;
  const nameErrors =
    name === ''
      ? [fieldError.required(meta.child('name'), 'name or generateName is required')]
      : nameFaults(kind.nameRule, name).map((fault) => fieldError.invalid(meta.child('name'), name, fault));
  const prefixFaults = generateName === '' ? [] : nameFaults(kind.nameRule, generateName, true);
  return [
    ...prefixFaults.map((fault) => fieldError.invalid(meta.child('generateName'), generateName, fault)),
    ...nameErrors,
    ...validateNamespace(kind, metadata.namespace ?? '', meta.child('namespace')),
    ...(generation < 0
      ? [fieldError.invalid(meta.child('generation'), generation, 'must be greater than or equal to 0')]
      : []),
    ...validateLabels(metadata.labels, meta.child('labels')),
    ...validateAnnotations(metadata.annotations, meta.child('annotations')),
    ...validateOwners(metadata.ownerReferences ?? [], meta.child('ownerReferences')),
    ...validateFinalizers(metadata.finalizers ?? [], meta.child('finalizers')),
    ...(metadata.managedFields ?? []).flatMap((entry, index) =>
      validateManagedFields(entry, meta.child('managedFields').index(index)),
    ),
  ];
}

function validateNamespace({ namespaced }: Pick<Kind, 'namespaced'>, namespace: string, at: Path): FieldError[] {
  if (!namespaced) return namespace === '' ? [] : [fieldError.forbidden(at, 'not allowed on this type')];
  if (namespace === '') return [fieldError.required(at)];
  return dns1123Label(namespace).map((fault) => fieldError.invalid(at, namespace, fault));
}

/** Keys are qualified names in any case; all together have a limit. Upstream: ValidateAnnotations. */
export function validateAnnotations(annotations: Readonly<Record<string, string>> | undefined, at: Path): FieldError[] {
  const errors: FieldError[] = [];
  let sizeBytes = 0;
  for (const [key, value] of Object.entries(annotations ?? {})) {
    sizeBytes += utf8Length(key) + utf8Length(value);
    for (const fault of qualifiedName(key.toLowerCase())) errors.push(fieldError.invalid(at, key, fault));
  }
  if (sizeBytes > MAX_ANNOTATIONS_BYTES) errors.push(fieldError.tooLong(at, MAX_ANNOTATIONS_BYTES));
  return errors;
}

/**
 * The metadata of what is made by a template of its own: labels and annotations, all else is the maker's. Upstream:
 * ValidateTemplateObjectMeta.
 */
export function validateTemplateMetadata({ labels, annotations, ...rest }: Metadata, at: Path): FieldError[] {
  return [
    ...validateAnnotations(annotations, at.child('annotations')),
    ...validateLabels(labels, at.child('labels')),
    ...Object.keys(rest).map((field) => fieldError.forbidden(at.child(field), 'cannot be set')),
  ];
}

function validateOwners(owners: readonly OwnerReference[], at: Path): FieldError[] {
  const errors = owners.flatMap((owner) => validateOwner(owner, at));
  const controllers = owners.filter(({ controller }) => controller).map(({ kind, name }) => `${kind}/${name}`);
  const [first, ...others] = controllers;
  const twice = others.map((other) =>
    fieldError.invalid(
      at,
      owners,
      `Only one reference can have Controller set to true. Found "true" in references for ${first} and ${other}`,
    ),
  );
  return [...errors, ...twice];
}

/** Upstream says these of the list as a whole, not of its elements. */
function validateOwner(owner: OwnerReference, at: Path): FieldError[] {
  const errors: FieldError[] = [];
  const parts = owner.apiVersion.split('/');
  if (parts.length > 2 || parts.at(-1) === '') {
    errors.push(fieldError.invalid(at.child('apiVersion'), owner.apiVersion, 'version must not be empty'));
  }
  for (const field of ['kind', 'name', 'uid'] as const) {
    if (owner[field] === '') errors.push(fieldError.invalid(at.child(field), '', 'must not be empty'));
  }
  if (owner.apiVersion === 'v1' && owner.kind === 'Event') {
    errors.push(fieldError.invalid(at, owner, '/v1, Kind=Event is disallowed from being an owner'));
  }
  return errors;
}

function validateFinalizers(finalizers: readonly string[], at: Path): FieldError[] {
  const errors = finalizers.flatMap((name) => qualifiedName(name).map((fault) => fieldError.invalid(at, name, fault)));
  if (finalizers.includes(ORPHAN) && finalizers.includes(FOREGROUND)) {
    errors.push(fieldError.invalid(at, finalizers, `finalizer ${ORPHAN} and ${FOREGROUND} cannot be both set`));
  }
  return errors;
}

function newFinalizers(metadata: Metadata, before: Metadata): FieldError[] {
  if (!before.deletionTimestamp) return [];
  const known = new Set(before.finalizers);
  const added = [...new Set(metadata.finalizers)].filter((name) => !known.has(name)).sort();
  if (added.length === 0) return [];
  const shown = `[]string{${added.map((name) => JSON.stringify(name)).join(', ')}}`;
  const why = `no new finalizers can be added if the object is being deleted, found new finalizers ${shown}`;
  return [fieldError.forbidden(META.child('finalizers'), why)];
}

function validateManagedFields(entry: ManagedFieldsEntry, at: Path): FieldError[] {
  const { operation = '', fieldsType = '', manager = '', subresource = '' } = entry;
  const errors: FieldError[] = [];
  if (operation !== 'Apply' && operation !== 'Update') {
    errors.push(fieldError.invalid(at.child('operation'), operation, 'must be `Apply` or `Update`'));
  }
  if (fieldsType !== '' && fieldsType !== 'FieldsV1') {
    errors.push(fieldError.invalid(at.child('fieldsType'), fieldsType, 'must be `FieldsV1`'));
  }
  errors.push(...validateFieldManager(manager, at.child('manager')));
  if (utf8Length(subresource) > MAX_SUBRESOURCE_BYTES) {
    errors.push(fieldError.tooLong(at.child('subresource'), MAX_SUBRESOURCE_BYTES));
  }
  return errors;
}

/** The name under which a client's fields are managed: short and printable. Upstream: ValidateFieldManager. */
export function validateFieldManager(manager: string, at: Path): FieldError[] {
  const errors = utf8Length(manager) > MAX_MANAGER_BYTES ? [fieldError.tooLong(at, MAX_MANAGER_BYTES)] : [];
  if (ALL_PRINTABLE.test(manager)) return errors;
  let position = 0;
  for (const char of manager) {
    if (!PRINTABLE.test(char)) {
      const code = (char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
      errors.push(fieldError.invalid(at, manager, `invalid character U+${code} (at position ${position})`));
    }
    position += utf8Length(char);
  }
  return errors;
}

/** The name under which a client without one manages fields: what its user agent begins with. */
export function managerOfUserAgent(userAgent: string): string {
  let manager = '';
  for (const char of userAgent.split('/')[0] ?? '') {
    if (!PRINTABLE.test(char)) continue;
    if (utf8Length(manager + char) > MAX_MANAGER_BYTES) break;
    manager += char;
  }
  return manager;
}

/** Go's unicode.IsPrint. */
const PRINTABLE = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u;
const ALL_PRINTABLE = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]*$/u;

// What the declaration says of a kind's own fields. Status is left to those who may write it, as upstream leaves it.

type Check = (value: Readonly<Record<string, unknown>>, at: Path, errors: FieldError[]) => void;

const CHECKS = new WeakMap<Struct, readonly Check[]>();

function validateSchema(schema: Struct, object: AnyObject): FieldError[] {
  const errors: FieldError[] = [];
  for (const [name, field] of schema.jsonFields) {
    if (name === 'metadata' || name === 'status') continue;
    for (const check of fieldChecks(name, field)) check(object, ROOT, errors);
  }
  return errors;
}

const ROOT = Path.of();

function checksOf(struct: Struct): readonly Check[] {
  const known = CHECKS.get(struct);
  if (known) return known;
  const checks: Check[] = [];
  CHECKS.set(struct, checks); // Before going down: a declaration that refers to itself finds this and fills it later.
  if (struct === LabelSelector) {
    checks.push((value, at, errors) => {
      errors.push(...validateLabelSelector(value as LabelSelector, at));
    });
    return checks;
  }
  for (const [name, field] of struct.jsonFields) checks.push(...fieldChecks(name, field));
  return checks;
}

function fieldChecks(name: string, field: Field): readonly Check[] {
  const checks: Check[] = [];
  const { required, enum: allowed, ownRules } = field.options;
  if (required && !ownRules && isSetOrMissing(field)) {
    checks.push((value, at, errors) => {
      const given = value[name];
      if (given === undefined || given === null || given === '') errors.push(fieldError.required(at.child(name)));
    });
  }
  if (allowed && !ownRules) checks.push(enumCheck(name, field, new Set(allowed)));
  if (leafOf(field) === undefined && hasChecks(structOf(field), new Set())) checks.push(descend(name, field));
  return checks;
}

/** Of required fields these can be seen to be missing; of the others zero or empty may be what was meant. */
function isSetOrMissing(field: Field): boolean {
  if (field.shape !== 'one') return false;
  return field.options.optional === true || (leafOf(field) === 'string' && !field.options.mayBeEmpty);
}

function enumCheck(name: string, field: Field, allowed: ReadonlySet<string>): Check {
  // Only of what is no pointer and no element does the empty string say that it is unset.
  const mayBeUnset = field.shape === 'one' && !field.options.optional;
  const check = (value: unknown, at: Path, errors: FieldError[]) => {
    if (typeof value !== 'string' || (value === '' && mayBeUnset) || allowed.has(value)) return;
    errors.push(fieldError.notSupported(at, value, [...allowed].filter((one) => one !== '').sort()));
  };
  return (value, at, errors) => {
    const given = value[name];
    if (!Array.isArray(given)) check(given, at.child(name), errors);
    else for (const [index, item] of given.entries()) check(item, at.child(name).index(index), errors);
  };
}

function descend(name: string, field: Field): Check {
  const inner = structOf(field);
  return (value, at, errors) => {
    const given = value[name];
    if (typeof given !== 'object' || given === null) return;
    const path = at.child(name);
    if (field.shape === 'one') run(inner, given, path, errors);
    else if (Array.isArray(given)) for (const [i, item] of given.entries()) run(inner, item, path.index(i), errors);
    else for (const [key, item] of Object.entries(given)) run(inner, item, path.key(key), errors);
  };
}

function run(struct: Struct, value: unknown, at: Path, errors: FieldError[]): void {
  for (const check of checksOf(struct)) check(value as Readonly<Record<string, unknown>>, at, errors);
}

function hasChecks(struct: Struct, visited: Set<Struct>): boolean {
  if (struct === LabelSelector) return true;
  if (visited.has(struct)) return false;
  visited.add(struct);
  for (const field of struct.jsonFields.values()) {
    const { required, enum: allowed, ownRules } = field.options;
    if (!ownRules && (allowed || (required && isSetOrMissing(field)))) return true;
    if (leafOf(field) === undefined && hasChecks(structOf(field), visited)) return true;
  }
  return false;
}
