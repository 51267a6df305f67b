// The list of a kind as a type of its own, for decoding and encoding lists as a whole. No kind declares its list.

import type { ObjectType } from './decode-object.ts';
import type { Kind } from './kind.ts';
import { ListMeta } from './meta/list-meta.ts';
import { list, message, string, struct } from './schema.ts';

const LIST_TYPES = new WeakMap<object, ObjectType>();

/** `PodList` for Pod. Its items may say their kind and apiVersion; upstream's do not. */
export function listType(kind: Pick<Kind, 'group' | 'version' | 'kind' | 'listKind' | 'schema'>): ObjectType {
  let type = LIST_TYPES.get(kind);
  if (!type) {
    const { group, version, listKind, schema } = kind;
    // Kind and apiVersion have no place in a protobuf message.
    const item = struct(schema.name, { kind: string(0), apiVersion: string(0), ...schema.fields });
    const name = `${group === '' ? 'core' : group}/${version}.${listKind}`;
    type = {
      group,
      version,
      kind: listKind,
      schema: struct(name, { metadata: message(1, ListMeta), items: list(2, item, { required: true }) }),
    };
    LIST_TYPES.set(kind, type);
  }
  return type;
}
