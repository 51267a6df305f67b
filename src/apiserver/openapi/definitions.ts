// Declared structs as OpenAPI schemas: types, required fields, enums, defaults, and the extensions by which clients patch,
// apply and explain. What a document refers to is collected first, by name; each definition is made when it is written.

import type { Kind } from '../../api/kind.ts';
import { APIGroup } from '../../api/meta/discovery.ts';
import type { GroupVersionKind } from '../../api/meta/group-version.ts';
import { ListMeta } from '../../api/meta/list-meta.ts';
import { type Field, type Leaf, leafOf, type Struct, structOf } from '../../api/schema.ts';
import { DEFINED_LEAVES, definitionName, listTypeName, PATCH_TYPE } from './definition-names.ts';
import { type Dialect, reference, type Schema } from './dialect.ts';
import type { TypeDescription } from './type-description.ts';

/** An `object` is a struct with kind and apiVersion. */
interface StructDefinition {
  readonly type: 'struct' | 'object';
  readonly struct: Struct;
  readonly identities: readonly GroupVersionKind[];
}
type Definition = StructDefinition | { readonly type: 'list'; readonly kind: Kind } | { readonly type: 'leaf' };

const NOTHING: TypeDescription = { text: '', fields: {} };

export class Definitions {
  readonly #dialect: Dialect;
  readonly #definitions = new Map<string, Definition>();

  constructor(dialect: Dialect) {
    this.#dialect = dialect;
  }

  /** The types to be defined, as structs are named, in the order of the document. */
  get typeNames(): readonly string[] {
    const named = [...this.#definitions.keys()].map((typeName) => ({ typeName, name: definitionName(typeName) }));
    return named.sort((a, b) => (a.name < b.name ? -1 : 1)).map(({ typeName }) => typeName);
  }

  /** A reference to a struct, which is then defined. */
  struct(struct: Struct, identities: readonly GroupVersionKind[] = []): Schema {
    this.#addStruct(struct, { type: 'struct', struct, identities });
    return this.#reference(struct.name);
  }

  /** The same for a struct that is an object: with kind and apiVersion, and which kinds it is. */
  object(struct: Struct, identities: readonly GroupVersionKind[]): Schema {
    this.#addStruct(struct, { type: 'object', struct, identities });
    return this.#reference(struct.name);
  }

  list(kind: Kind): Schema {
    const name = listTypeName(kind);
    if (!this.#definitions.has(name)) {
      this.#definitions.set(name, { type: 'list', kind });
      this.object(kind.schema, [kind]);
      this.struct(ListMeta);
    }
    return this.#reference(name);
  }

  patch(): Schema {
    this.#definitions.set(PATCH_TYPE, { type: 'leaf' });
    return this.#reference(PATCH_TYPE);
  }

  /** One definition. Throws TypeError for a name that nothing refers to. */
  schemaOf(typeName: string, description: TypeDescription = NOTHING): Schema {
    const definition = this.#definitions.get(typeName);
    switch (definition?.type) {
      case 'struct':
      case 'object':
        return this.#structSchema(definition, description);
      case 'list':
        return this.#listSchema(definition.kind, description);
      case 'leaf':
        return { ...described(description.text), ...leafSchema(typeName, this.#dialect) };
      case undefined:
        throw new TypeError(`nothing refers to ${typeName}`);
      default:
        return definition satisfies never;
    }
  }

  #addStruct(struct: Struct, definition: StructDefinition): void {
    const known = this.#definitions.get(struct.name);
    if (known?.type === 'object' || (known && definition.type === 'struct')) return;
    this.#definitions.set(struct.name, isEmbeddedObject(struct) ? embeddedObject(struct) : definition);
    if (known) return; // All that it refers to is there.
    for (const field of struct.jsonFields.values()) this.#addElements(field);
  }

  #addElements(field: Field): void {
    const leaf = leafOf(field);
    if (leaf === undefined) this.struct(structOf(field));
    else if (DEFINED_LEAVES[leaf]) this.#definitions.set(DEFINED_LEAVES[leaf], { type: 'leaf' });
  }

  #structSchema({ type, struct, identities }: StructDefinition, { text, fields: texts }: TypeDescription): Schema {
    const fields = new Map<string, Schema>(type === 'object' ? typeMeta(texts) : []);
    const required: string[] = [];
    for (const [name, field] of struct.jsonFields) {
      if (!fields.has(name)) fields.set(name, this.#fieldSchema(field, texts[name] ?? ''));
      if (field.options.required) required.push(name);
    }
    const properties = [...fields].sort(([a], [b]) => (a < b ? -1 : 1));
    return {
      ...described(text),
      type: 'object',
      ...(required.length > 0 ? { required } : {}),
      ...(properties.length > 0 ? { properties: Object.fromEntries(properties) } : {}),
      ...(identities.length > 0 ? identified(identities) : {}),
      ...(struct.atomic ? { 'x-kubernetes-map-type': 'atomic' } : {}),
      ...unionExtension(struct),
    };
  }

  #listSchema(kind: Kind, { text, fields }: TypeDescription): Schema {
    const { group, version, listKind } = kind;
    const items = this.#reference(kind.schema.name, this.#default({}));
    return {
      ...described(text),
      type: 'object',
      required: ['items'],
      properties: {
        ...Object.fromEntries(typeMeta(fields)),
        items: { ...described(fields['items']), type: 'array', items },
        metadata: this.#reference(ListMeta.name, { ...described(fields['metadata']), ...this.#default({}) }),
      },
      ...identified([{ group, version, kind: listKind }]),
    };
  }

  #fieldSchema(field: Field, text: string): Schema {
    const beside = { ...listExtensions(field), ...mapExtensions(field), ...patchExtensions(field) };
    switch (field.shape) {
      case 'list':
        return { ...described(text), type: 'array', items: this.#elementSchema(field), ...beside };
      case 'map':
        return { ...described(text), type: 'object', additionalProperties: this.#elementSchema(field), ...beside };
      default:
        return this.#valueSchema(field, { ...described(text), ...this.#defaultOf(field), ...beside });
    }
  }

  /** A value in a list or map, which is never a pointer upstream. */
  #elementSchema(field: Field): Schema {
    return this.#valueSchema(field, this.#default(zeroOf(leafOf(field))));
  }

  #valueSchema(field: Field, beside: Schema): Schema {
    const leaf = leafOf(field);
    const name = leaf === undefined ? structOf(field).name : DEFINED_LEAVES[leaf];
    if (name !== undefined) return this.#reference(name, beside);
    if (leaf === 'stringList') return { type: 'array', items: { type: 'string', ...this.#default('') }, ...beside };
    const values = field.options.enum ? { enum: [...field.options.enum].sort() } : {};
    return { ...PLAIN_LEAVES[leaf as Leaf], ...values, ...beside };
  }

  #defaultOf(field: Field): Schema {
    const { options, omit } = field;
    if (options.default !== undefined) return this.#default(options.default);
    const leaf = leafOf(field);
    const mayBeUnset = options.optional || (leaf !== undefined && omit !== 'never');
    return mayBeUnset ? {} : this.#default(zeroOf(leaf));
  }

  #default(value: unknown): Schema {
    return this.#dialect.hasDefaults && value !== undefined ? { default: value } : {};
  }

  #reference(typeName: string, beside?: Schema): Schema {
    return reference(this.#dialect, definitionName(typeName), beside);
  }
}

/**
 * The default that upstream's generator gives to what is no pointer: the zero value. Types with a way of their own to be
 * written in JSON have none.
 */
function zeroOf(leaf: Leaf | undefined): unknown {
  switch (leaf) {
    case undefined:
      return {};
    case 'string':
      return '';
    case 'bool':
      return false;
    case 'int32':
    case 'int64':
    case 'double':
      return 0;
    default:
      return undefined;
  }
}

const PLAIN_LEAVES: Readonly<Partial<Record<Leaf, Schema>>> = {
  string: { type: 'string' },
  bool: { type: 'boolean' },
  int32: { type: 'integer', format: 'int32' },
  int64: { type: 'integer', format: 'int64' },
  double: { type: 'number', format: 'double' },
  bytes: { type: 'string', format: 'byte' },
};

const LEAF_SCHEMAS: Readonly<Record<string, Schema>> = {
  [DEFINED_LEAVES.time!]: { type: 'string', format: 'date-time' },
  [DEFINED_LEAVES.microTime!]: { type: 'string', format: 'date-time' },
  [DEFINED_LEAVES.duration!]: { type: 'string' },
  [DEFINED_LEAVES.fieldsV1!]: { type: 'object' },
  [DEFINED_LEAVES.quantity!]: { type: 'string' },
  [DEFINED_LEAVES.intOrString!]: { type: 'string', format: 'int-or-string' },
  [DEFINED_LEAVES.rawExtension!]: { type: 'object' },
  [PATCH_TYPE]: { type: 'object' },
};
const ONE_OF_SCHEMAS: Readonly<Record<string, Schema>> = {
  [DEFINED_LEAVES.quantity!]: { oneOf: [{ type: 'string' }, { type: 'number' }] },
  [DEFINED_LEAVES.intOrString!]: { format: 'int-or-string', oneOf: [{ type: 'integer' }, { type: 'string' }] },
};

/** What is in neither table may be any value. */
function leafSchema(typeName: string, { hasOneOf }: Dialect): Schema {
  return (hasOneOf ? ONE_OF_SCHEMAS[typeName] : undefined) ?? LEAF_SCHEMAS[typeName] ?? {};
}

function described(text: string | undefined): Schema {
  return text ? { description: text } : {};
}

function typeMeta(texts: TypeDescription['fields']): [string, Schema][] {
  return ['apiVersion', 'kind'].map((name) => [name, { ...described(texts[name]), type: 'string' }]);
}

function identified(identities: readonly GroupVersionKind[]): Schema {
  return {
    'x-kubernetes-group-version-kind': identities.map(({ group, version, kind }) => ({ group, kind, version })),
  };
}

/**
 * An object within another one: it says what it is, for which protobuf has no number (the claims of a StatefulSet), or
 * might say so, as groups in their list do not.
 */
function isEmbeddedObject(struct: Struct): boolean {
  return struct === APIGroup || struct.jsonFields.get('kind')?.number === 0;
}

function embeddedObject(struct: Struct): StructDefinition {
  const [, group = '', version = '', kind = ''] = /^(.+)\/(.+)\.(\w+)$/.exec(struct.name) ?? [];
  const isCore = group === 'core' || group === 'meta';
  return { type: 'object', struct, identities: [{ group: isCore ? '' : group, version, kind }] };
}

function unionExtension({ unions }: Struct): Schema {
  if (unions.length === 0) return {};
  return {
    'x-kubernetes-unions': unions.map(({ discriminator, members }) => ({
      ...(discriminator === undefined ? {} : { discriminator }),
      'fields-to-discriminateBy': members,
    })),
  };
}

function listExtensions({ options: { list } }: Field): Schema {
  if (list === undefined) return {};
  if (typeof list === 'string') return { 'x-kubernetes-list-type': list };
  return { 'x-kubernetes-list-map-keys': list.keys, 'x-kubernetes-list-type': 'map' };
}

function mapExtensions({ options: { atomic, granular } }: Field): Schema {
  if (!atomic && !granular) return {};
  return { 'x-kubernetes-map-type': granular ? 'granular' : 'atomic' };
}

function patchExtensions({ options: { merge, replace, retainKeys } }: Field): Schema {
  const strategies = [
    ...(merge === undefined ? [] : ['merge']),
    ...(replace ? ['replace'] : []),
    ...(retainKeys ? ['retainKeys'] : []),
  ];
  if (strategies.length === 0) return {};
  return {
    ...(typeof merge === 'string' ? { 'x-kubernetes-patch-merge-key': merge } : {}),
    'x-kubernetes-patch-strategy': strategies.join(','),
  };
}
