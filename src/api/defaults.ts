// Defaults that stand in the declarations: constants for unset fields, wherever their struct is present. Defaults that
// depend on other fields are the kind's `defaults` hook, which runs after this.

import { copyJson } from './decode-leaf.ts';
import { type Field, leafOf, type Struct, structOf } from './schema.ts';

/** Sets the declared defaults throughout a decoded draft. A pointer is unset when absent, other fields when zero. */
export function applyDefaults(struct: Struct, draft: object): void {
  for (const step of stepsOf(struct)) step(draft as Record<string, unknown>);
}

type Step = (draft: Record<string, unknown>) => void;

const STEPS = new WeakMap<Struct, readonly Step[]>();

/** One step for each field that has a default or has one somewhere below it. */
function stepsOf(struct: Struct): readonly Step[] {
  const known = STEPS.get(struct);
  if (known) return known;
  const steps: Step[] = [];
  STEPS.set(struct, steps); // Before going down: a declaration that refers to itself finds this and fills it later.
  for (const [name, field] of struct.jsonFields) {
    const own = defaultOf(field);
    if (own !== undefined) steps.push(constant(name, field, own));
    if (leafOf(field) === undefined && hasDefaults(structOf(field), new Set())) steps.push(descend(name, field));
  }
  return steps;
}

function defaultOf(field: Field): unknown {
  return field.options.default ?? field.options.defaultsTo;
}

function constant(name: string, field: Field, value: unknown): Step {
  const isPointer = field.options.optional === true;
  const isShared = typeof value !== 'object' || value === null;
  return (draft) => {
    if (isUnset(draft[name], isPointer)) draft[name] = isShared ? value : copyJson(value);
  };
}

/** Decoding dropped the zero values of plain fields or filled them in; a pointer is unset where it is absent or null. */
function isUnset(value: unknown, isPointer: boolean): boolean {
  if (value === undefined || value === null) return true;
  return !isPointer && (value === '' || value === 0 || value === false);
}

function descend(name: string, field: Field): Step {
  const inner = structOf(field);
  return (draft) => {
    const value = draft[name];
    if (typeof value !== 'object' || value === null) return;
    if (field.shape === 'one') applyDefaults(inner, value);
    else for (const item of Object.values(value)) applyDefaults(inner, item as object);
  };
}

function hasDefaults(struct: Struct, visited: Set<Struct>): boolean {
  if (visited.has(struct)) return false;
  visited.add(struct);
  for (const field of struct.jsonFields.values()) {
    if (defaultOf(field) !== undefined) return true;
    if (leafOf(field) === undefined && hasDefaults(structOf(field), visited)) return true;
  }
  return false;
}
