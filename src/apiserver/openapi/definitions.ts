// Declared structs as OpenAPI schemas: types, required fields, enums, defaults, and the extensions by which clients patch,
// apply and explain. One walk serves version 2 and version 3 of the format, which differ in how they refer.

import type { Kind } from '../../api/kind.ts';
import { ListMeta } from '../../api/meta/list-meta.ts';
import { type Field, type Leaf, leafOf, type Struct, structOf } from '../../api/schema.ts';

export type Schema = Readonly<Record<string, unknown>>;

export interface Dialect {
  readonly refPrefix: string;
  /** In version 3 nothing may stand beside a reference, so it is wrapped to carry a default. */
  readonly wrapsRefs: boolean;
  /** Version 3 can say that a value has one of two types. */
  readonly hasOneOf: boolean;
}

export const OPENAPI_V2: Dialect = { refPrefix: '#/definitions/', wrapsRefs: false, hasOneOf: false };
export const OPENAPI_V3: Dialect = { refPrefix: '#/components/schemas/', wrapsRefs: true, hasOneOf: true };

const QUANTITY = 'io.k8s.apimachinery.pkg.api.resource.Quantity';
const INT_OR_STRING = 'io.k8s.apimachinery.pkg.util.intstr.IntOrString';
const META = 'io.k8s.apimachinery.pkg.apis.meta.v1';
const EXTENSIONS = 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1';
const LEAF_DEFINITIONS: Readonly<Record<string, Schema>> = {
  [`${META}.Time`]: { type: 'string', format: 'date-time' },
  [`${META}.MicroTime`]: { type: 'string', format: 'date-time' },
  [`${META}.Duration`]: { type: 'string' },
  [`${META}.FieldsV1`]: { type: 'object' },
  [QUANTITY]: { type: 'string' },
  [INT_OR_STRING]: { type: 'string', format: 'int-or-string' },
  'io.k8s.apimachinery.pkg.runtime.RawExtension': { type: 'object' },
  // Any value may stand for these.
  [`${EXTENSIONS}.JSON`]: {},
  [`${EXTENSIONS}.JSONSchemaPropsOrArray`]: {},
  [`${EXTENSIONS}.JSONSchemaPropsOrBool`]: {},
  [`${EXTENSIONS}.JSONSchemaPropsOrStringArray`]: {},
};
const ONE_OF_DEFINITIONS: Readonly<Record<string, Schema>> = {
  [QUANTITY]: { oneOf: [{ type: 'string' }, { type: 'number' }] },
  [INT_OR_STRING]: { format: 'int-or-string', oneOf: [{ type: 'integer' }, { type: 'string' }] },
};

const LEAVES: Readonly<Record<Leaf, Schema | string>> = {
  string: { type: 'string' },
  bool: { type: 'boolean' },
  int32: { type: 'integer', format: 'int32' },
  int64: { type: 'integer', format: 'int64' },
  double: { type: 'number', format: 'double' },
  bytes: { type: 'string', format: 'byte' },
  time: `${META}.Time`,
  microTime: `${META}.MicroTime`,
  duration: `${META}.Duration`,
  quantity: QUANTITY,
  intOrString: INT_OR_STRING,
  rawExtension: 'io.k8s.apimachinery.pkg.runtime.RawExtension',
  fieldsV1: `${META}.FieldsV1`,
  json: `${EXTENSIONS}.JSON`,
  stringList: { type: 'array', items: { type: 'string' } },
  schemaOrArray: `${EXTENSIONS}.JSONSchemaPropsOrArray`,
  schemaOrBool: `${EXTENSIONS}.JSONSchemaPropsOrBool`,
  schemaOrStringArray: `${EXTENSIONS}.JSONSchemaPropsOrStringArray`,
};

/** Where upstream's packages are, for the groups that are not in k8s.io/api. */
const PACKAGES: Readonly<Record<string, string>> = {
  meta: 'io.k8s.apimachinery.pkg.apis.meta',
  'apiextensions.k8s.io': 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions',
  'apiregistration.k8s.io': 'io.k8s.kube-aggregator.pkg.apis.apiregistration',
};

/** `io.k8s.api.apps.v1.Deployment` of `apps/v1.Deployment`. */
export function definitionName(structName: string): string {
  const [group = '', versioned = ''] = structName.split('/');
  return `${PACKAGES[group] ?? `io.k8s.api.${group.split('.')[0]}`}.${versioned}`;
}

/** The name under which the list of a kind is defined. */
export function listDefinitionName(kind: Kind): string {
  return `${definitionName(kind.schema.name)}List`;
}

/** Collects definitions, each once, with everything that they refer to. */
export class Definitions {
  readonly #dialect: Dialect;
  readonly schemas = new Map<string, Schema>();

  constructor(dialect: Dialect) {
    this.#dialect = dialect;
  }

  /** A reference to a struct, which is then defined. */
  ref(struct: Struct): Schema {
    const name = definitionName(struct.name);
    if (!this.schemas.has(name)) {
      this.schemas.set(name, {}); // Before going down: a struct may refer to itself.
      this.schemas.set(name, this.#structSchema(struct));
    }
    return { $ref: this.#dialect.refPrefix + name };
  }

  /** Defines a struct as the root of an object: with kind, apiVersion, and which kinds it is. */
  root(
    struct: Struct,
    kinds: readonly { readonly group: string; readonly version: string; readonly kind: string }[],
  ): Schema {
    const reference = this.ref(struct);
    const name = definitionName(struct.name);
    const schema = this.schemas.get(name) as { properties?: object; required?: readonly string[] };
    const identities = kinds.map(({ group, version, kind }) => ({ group, kind, version }));
    this.schemas.set(name, {
      ...schema,
      properties: { apiVersion: { type: 'string' }, kind: { type: 'string' }, ...schema.properties },
      'x-kubernetes-group-version-kind': identities,
    });
    return reference;
  }

  /** Defines the list of a kind. */
  list(kind: Kind): Schema {
    const name = listDefinitionName(kind);
    this.schemas.set(name, {
      type: 'object',
      required: ['items'],
      properties: {
        apiVersion: { type: 'string' },
        items: { type: 'array', items: this.#reference(this.ref(kind.schema)) },
        kind: { type: 'string' },
        metadata: this.#reference(this.ref(ListMeta)),
      },
      'x-kubernetes-group-version-kind': [{ group: kind.group, kind: kind.listKind, version: kind.version }],
    });
    return { $ref: this.#dialect.refPrefix + name };
  }

  #structSchema(struct: Struct): Schema {
    const properties: Record<string, Schema> = {};
    const required: string[] = [];
    for (const [name, field] of [...struct.jsonFields].sort(([a], [b]) => (a < b ? -1 : 1))) {
      properties[name] = this.#fieldSchema(field);
      if (field.options.required) required.push(name);
    }
    return {
      type: 'object',
      ...(required.length > 0 ? { required } : {}),
      ...(Object.keys(properties).length > 0 ? { properties } : {}),
      ...(struct.atomic ? { 'x-kubernetes-map-type': 'atomic' } : {}),
    };
  }

  #fieldSchema(field: Field): Schema {
    const extensions = { ...listExtensions(field), ...patchExtensions(field) };
    switch (field.shape) {
      case 'list':
        return { type: 'array', items: this.#elementSchema(field), ...extensions };
      case 'map':
        return {
          type: 'object',
          additionalProperties: this.#elementSchema(field),
          ...(field.options.atomic ? { 'x-kubernetes-map-type': 'atomic' } : {}),
          ...extensions,
        };
      default:
        return this.#with(this.#elementSchema(field), { ...defaultOf(field), ...extensions });
    }
  }

  #elementSchema(field: Field): Schema {
    const leaf = leafOf(field);
    if (leaf === undefined) return this.#reference(this.ref(structOf(field)));
    const schema = LEAVES[leaf];
    if (typeof schema !== 'string') return field.options.enum ? { ...schema, enum: enumOf(field) } : schema;
    const oneOf = this.#dialect.hasOneOf ? ONE_OF_DEFINITIONS[schema] : undefined;
    this.schemas.set(schema, oneOf ?? LEAF_DEFINITIONS[schema] ?? {});
    return { $ref: this.#dialect.refPrefix + schema };
  }

  #reference(reference: Schema): Schema {
    return this.#dialect.wrapsRefs ? { allOf: [reference], default: {} } : reference;
  }

  /** A schema with something beside it; beside a reference only version 2 lets it stand. */
  #with(schema: Schema, beside: Schema): Schema {
    if (Object.keys(beside).length === 0) return schema;
    return '$ref' in schema && this.#dialect.wrapsRefs ? { allOf: [schema], ...beside } : { ...schema, ...beside };
  }
}

function enumOf(field: Field): readonly string[] {
  return [...(field.options.enum ?? [])].sort();
}

function defaultOf({ options }: Field): Schema {
  return options.default === undefined ? {} : { default: options.default };
}

function listExtensions({ options: { list } }: Field): Schema {
  if (list === undefined) return {};
  if (typeof list === 'string') return { 'x-kubernetes-list-type': list };
  return { 'x-kubernetes-list-map-keys': list.keys, 'x-kubernetes-list-type': 'map' };
}

function patchExtensions({ options: { merge, retainKeys } }: Field): Schema {
  const strategies = [...(merge === undefined ? [] : ['merge']), ...(retainKeys ? ['retainKeys'] : [])];
  if (strategies.length === 0) return {};
  return {
    ...(typeof merge === 'string' ? { 'x-kubernetes-patch-merge-key': merge } : {}),
    'x-kubernetes-patch-strategy': strategies.join(','),
  };
}
