// Fields that the API knows but does not serve yet: what is written to them is dropped in silence, so that clients can be
// ahead of the server. An object that has such a field in use, from a server that served it, keeps it. Upstream: the
// functions named dropDisabled… in pkg/api and pkg/registry.

import type { Kind } from './kind.ts';
import { type Field, leafOf, type Struct, structOf } from './schema.ts';

/** `previous` is what the draft takes the place of: what the draft shares with it is in use, and stays. */
export function dropDisabledFields({ schema }: Pick<Kind, 'schema'>, draft: object, previous?: object): void {
  const inUse = new Set<string>();
  if (previous) visitDisabled(schema, previous, (_owner, _name, gate) => inUse.add(gate));
  visitDisabled(schema, draft, (owner, name, gate) => {
    if (!inUse.has(gate)) delete owner[name];
  });
}

type Owner = Record<string, unknown>;

/** An optional message in which a visitor has left nothing goes as well. */
function visitDisabled(struct: Struct, value: object, visit: (owner: Owner, name: string, gate: string) => void): void {
  const owner = value as Owner;
  for (const { name, field } of placesOf(struct)) {
    const given = owner[name];
    const { disabledBy, optional } = field.options;
    if (given !== undefined && disabledBy !== undefined) visit(owner, name, disabledBy);
    if (typeof given !== 'object' || given === null || disabledBy !== undefined) continue;
    const wasEmpty = isEmpty(given);
    for (const inner of valuesOf(field, given)) visitDisabled(structOf(field), inner, visit);
    if (optional && field.shape === 'one' && isEmpty(given) && !wasEmpty) delete owner[name];
  }
}

function isEmpty(value: object): boolean {
  return Object.keys(value).length === 0;
}

/** The structs that a field holds. */
function valuesOf({ shape }: Field, given: object): readonly object[] {
  return shape === 'one' ? [given] : Object.values(given);
}

interface Place {
  readonly name: string;
  readonly field: Field;
}

const PLACES = new WeakMap<Struct, readonly Place[]>();

/** The fields of a struct that are disabled or lead to such fields: few, so that most of an object is not looked at. */
function placesOf(struct: Struct): readonly Place[] {
  const known = PLACES.get(struct);
  if (known) return known;
  const places = [...struct.jsonFields]
    .filter(([, field]) => isOnTheWay(field, new Set([struct])))
    .map(([name, field]) => ({ name, field }));
  PLACES.set(struct, places);
  return places;
}

function isOnTheWay(field: Field, visited: Set<Struct>): boolean {
  if (field.options.disabledBy !== undefined) return true;
  if (leafOf(field) !== undefined) return false;
  const struct = structOf(field);
  if (visited.has(struct)) return false;
  visited.add(struct);
  return [...struct.jsonFields.values()].some((inner) => isOnTheWay(inner, visited));
}
