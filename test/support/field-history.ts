// An object of a kind with every type of list, map and struct, and its life under several managers: applied and updated
// step by step, with what server-side apply makes of it and of its managedFields.

import { applyConfiguration, managedFieldsAfterUpdate } from '../../src/api/apply/field-manager.ts';
import type { FieldScope } from '../../src/api/apply/field-scope.ts';
import { setOfNames } from '../../src/api/apply/field-set.ts';
import { objectType } from '../../src/api/apply/merge-type.ts';
import type { JsonMap } from '../../src/api/apply/typed-value.ts';
import { decodeStruct } from '../../src/api/decode-object.ts';
import { type ManagedFieldsEntry, ObjectMeta } from '../../src/api/meta/object-meta.ts';
import { bool, int32, json, list, map, message, quantity, rawExtension, string, struct } from '../../src/api/schema.ts';

const Port = struct('test/v1.Port', {
  port: int32(1, { required: true }),
  protocol: string(2, { default: 'TCP' }),
  label: string(3, { optional: true }),
});
const Item = struct('test/v1.Item', {
  name: string(1, { required: true }),
  value: int32(2, { optional: true }),
  ports: list(3, Port, { list: { keys: ['port', 'protocol'] } }),
  labels: map(4, 'string'),
});
const Point = struct('test/v1.Point', { x: int32(1), y: int32(2) }, { atomic: true });

export const Spec = struct('test/v1.WidgetSpec', {
  number: int32(1, { optional: true }),
  text: string(2),
  flag: bool(3),
  size: quantity(4, { optional: true }),
  items: list(5, Item, { list: { keys: ['name'] } }),
  set: list(6, 'string', { list: 'set' }),
  atomic: list(7, 'string', { list: 'atomic' }),
  labels: map(8, 'string'),
  whole: map(9, 'string', { atomic: true }),
  point: message(10, Point, { optional: true }),
  nested: message(11, struct('test/v1.Nested', { a: string(1), b: string(2) }), { optional: true }),
  any: json(12, { optional: true }),
  raw: rawExtension(13, { omit: 'zero' }),
  loose: list(14, struct('test/v1.Loose', { id: string(1) }), { list: { keys: ['id'] } }),
});
const Status = struct('test/v1.WidgetStatus', { phase: string(1) });
export const Widget = struct('test/v1.Widget', {
  metadata: message(1, ObjectMeta),
  spec: message(2, Spec),
  status: message(3, Status),
});
export const WIDGET = objectType(Widget);

const decoded = (apiVersion: string, object: JsonMap): JsonMap => ({
  kind: 'Widget',
  apiVersion,
  ...decodeStruct(Widget, { ...object, metadata: { uid: 'u', ...(object['metadata'] as object) } }),
});

/** In version 2, `text` is called `nested.a`. */
const CONVERSIONS: Readonly<Record<string, (spec: JsonMap) => JsonMap>> = {
  'test/v2': ({ text, ...spec }) => ({ ...spec, ...(text === undefined ? {} : { nested: { a: text } }) }),
  'test/v1': ({ nested, ...spec }) => ({ ...spec, ...(nested ? { text: (nested as { a?: string }).a } : {}) }),
};

export function widgetScope(apiVersion = 'test/v1', subresource = ''): FieldScope {
  const [group = '', version = ''] = apiVersion.split('/');
  return {
    group,
    version,
    kind: 'Widget',
    apiVersion,
    subresource,
    type: WIDGET,
    filter: { type: 'except', fields: setOfNames([subresource === 'status' ? ['spec'] : ['status']]) },
    empty: { kind: 'Widget', apiVersion, ...decodeStruct(Widget, {}) },
    at: (other) => (other in CONVERSIONS ? widgetScope(other, subresource) : undefined),
    convert: (object, to) => {
      const spec = (object['spec'] ?? {}) as JsonMap;
      const change = object['apiVersion'] === to.apiVersion ? undefined : CONVERSIONS[to.apiVersion];
      return decoded(to.apiVersion, { ...object, spec: change ? change(spec) : spec });
    },
  };
}

export interface StepOptions {
  readonly version?: string;
  readonly subresource?: string;
  readonly force?: boolean;
  /** Seconds after the first step could be. */
  readonly at?: number;
}

/** Specs of widgets, written by several managers one after the other. */
export class FieldHistory {
  #live: JsonMap | undefined;

  get object(): JsonMap {
    return this.#live ?? {};
  }

  get spec(): JsonMap {
    return (this.object['spec'] ?? {}) as JsonMap;
  }

  get managedFields(): readonly ManagedFieldsEntry[] {
    return ((this.object['metadata'] as JsonMap | undefined)?.['managedFields'] ?? []) as ManagedFieldsEntry[];
  }

  /** `manager Operation subresource`, and what each owns of the spec (or the whole, where it is of something else). */
  get owners(): Readonly<Record<string, unknown>> {
    return Object.fromEntries(
      this.managedFields.map(({ manager, operation, subresource, fieldsV1 }) => [
        [manager, operation, subresource].filter(Boolean).join(' '),
        Object.keys(fieldsV1 ?? {}).join() === 'f:spec' ? fieldsV1?.['f:spec'] : fieldsV1,
      ]),
    );
  }

  apply(manager: string, spec: JsonMap, options: StepOptions = {}): this {
    return this.applyObject(manager, { spec }, options);
  }

  applyObject(manager: string, object: JsonMap, { version, subresource, force = false, at }: StepOptions = {}): this {
    const scope = widgetScope(version, subresource);
    const applied = { apiVersion: scope.apiVersion, kind: 'Widget', ...object };
    const live = this.#liveIn(scope);
    const outcome = applyConfiguration(scope, { live, applied, manager, force, time: timeAt(at) });
    return this.#store(scope, outcome.object, outcome.managedFields);
  }

  update(manager: string, spec: JsonMap, options: StepOptions = {}): this {
    return this.updateObject(manager, { spec }, options);
  }

  updateObject(manager: string, object: JsonMap, { version, subresource, at }: StepOptions = {}): this {
    const scope = widgetScope(version, subresource);
    const next = decoded(scope.apiVersion, object);
    const live = this.#liveIn(scope);
    return this.#store(scope, next, managedFieldsAfterUpdate(scope, { live, next, manager, time: timeAt(at) }));
  }

  #liveIn(scope: FieldScope): JsonMap {
    return this.#live ? widgetScope().convert(this.#live, scope) : scope.empty;
  }

  #store(scope: FieldScope, object: JsonMap, managedFields: readonly ManagedFieldsEntry[] | undefined): this {
    const stored = scope.convert(object, widgetScope());
    this.#live = { ...stored, metadata: { ...(stored['metadata'] as JsonMap), managedFields } };
    return this;
  }
}

function timeAt(seconds = 0): string {
  return new Date(Date.UTC(2026, 0, 1, 0, 0, seconds)).toISOString().replace('.000Z', 'Z');
}
