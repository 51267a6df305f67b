// From the selectors of a request to the selection that caches and watches work with.

import {
  compileFieldSelector,
  type FieldRequirement,
  fieldValue,
  parseFieldSelector,
  requiredField,
} from '../../api/field-selector.ts';
import type { AnyObject } from '../../api/kind.ts';
import { type LabelMatcher, parseLabelSelector } from '../../api/label-selector.ts';
import { badRequest } from '../../api/status-error.ts';
import type { Call } from '../chain/call.ts';
import { keyOf } from '../registry/resource.ts';
import type { ObjectVersion } from '../watch/object-version.ts';
import type { SelectedField, Selection } from '../watch/selection.ts';

type Test = (version: ObjectVersion) => boolean;

const METADATA_FIELDS: readonly string[] = ['metadata.name', 'metadata.namespace'];

/**
 * What a call for a collection is about: its namespace and selectors, and the name if its path has one (the deprecated
 * way to watch one object). Throws StatusError `BadRequest` for selectors that make no sense for the kind.
 */
export function selectionOf(
  { resource, info }: Pick<Call, 'resource' | 'info'>,
  { labelSelector, fieldSelector }: { readonly labelSelector: string; readonly fieldSelector: string },
): Selection {
  const { kind } = resource;
  const labels = labelSelector === '' ? undefined : parseLabelSelector(labelSelector);
  const fields = requirementsOf(info.name, fieldSelector);
  compileFieldSelector(kind, fields); // Refuses what the kind cannot be selected by.
  const namespace = kind.namespaced ? info.namespace : '';
  const name = requiredField(fields, 'metadata.name');
  const isWhole = !kind.namespaced || namespace !== '';
  const tests = [...labelTests(labels), ...fields.map((requirement) => fieldTest(resource, requirement))];
  return {
    id: JSON.stringify([kind.apiVersion, namespace, labelSelector, fields]),
    namespace,
    key: name !== undefined && isWhole ? keyOf(kind, { name, namespace }) : undefined,
    field: indexedField(resource, fields),
    test: tests.length === 0 ? undefined : (version) => tests.every((test) => test(version)),
  };
}

function requirementsOf(name: string, fieldSelector: string): readonly FieldRequirement[] {
  const fields = parseFieldSelector(fieldSelector);
  if (name === '' || requiredField(fields, 'metadata.name') === name) return fields;
  if (fieldSelector !== '') throw badRequest("fieldSelector metadata.name doesn't match requested name");
  return [{ field: 'metadata.name', operator: '=', value: name }];
}

function labelTests(labels: LabelMatcher | undefined): readonly Test[] {
  return !labels || labels.isEverything ? [] : [(version) => labels.matches(version.labels)];
}

function fieldTest(resource: Call['resource'], { field, operator, value }: FieldRequirement): Test {
  const read = fieldReader(resource, field);
  return operator === '=' ? (version) => read(version) === value : (version) => read(version) !== value;
}

/** The first field that must have a value; metadata has ways of its own to be found by. */
function indexedField(resource: Call['resource'], fields: readonly FieldRequirement[]): SelectedField | undefined {
  const found = fields.find(({ field, operator }) => operator === '=' && !METADATA_FIELDS.includes(field));
  if (!found) return undefined;
  const { field, value } = found;
  return { name: `${resource.kind.apiVersion} ${field}`, value, valueOf: fieldReader(resource, field) };
}

function fieldReader(resource: Call['resource'], field: string): (version: ObjectVersion) => string {
  const { kind } = resource;
  if (field === 'metadata.name') return ({ key }) => key.slice(key.indexOf('/') + 1);
  if (field === 'metadata.namespace') return ({ key }) => (kind.namespaced ? key.slice(0, key.indexOf('/')) : '');
  const select = fieldValue(kind, field) as (object: AnyObject) => string;
  // The value is kept with the version that is served, so that looking at it again decodes nothing.
  return (version) => resource.serve(version).field(field, select);
}
