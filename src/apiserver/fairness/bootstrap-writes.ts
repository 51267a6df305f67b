// What has to be written so that the API holds the flow control that every cluster starts with. The mandatory objects are put
// right whatever anybody has made of them; the suggested ones only as long as their annotation, or their first generation,
// says that they are still the server's. Upstream: pkg/registry/flowcontrol/ensurer.

import { FlowSchema } from '../../api/flowcontrol/flow-schema.ts';
import { PriorityLevelConfiguration } from '../../api/flowcontrol/priority-level-configuration.ts';
import type { AnyObject, InputOf, Kind, ObjectOf } from '../../api/kind.ts';
import { readInput } from '../../api/read-input.ts';
import { deepEqual } from '../../base/deep-equal.ts';
import {
  AUTOUPDATE_ANNOTATION,
  type FlowControlObject,
  MANDATORY_LEVELS,
  MANDATORY_SCHEMAS,
  SUGGESTED_LEVELS,
  SUGGESTED_SCHEMAS,
} from './bootstrap-flow-control.ts';

export type BootstrapWrite =
  | { readonly action: 'create' | 'update'; readonly kind: Kind; readonly object: InputOf<Kind> }
  /** One of an older release, which nobody has made their own. */
  | { readonly action: 'delete'; readonly kind: Kind; readonly name: string };

export interface FlowControlObjects {
  readonly levels: readonly ObjectOf<typeof PriorityLevelConfiguration>[];
  readonly schemas: readonly ObjectOf<typeof FlowSchema>[];
}

export function bootstrapWrites({ levels, schemas }: FlowControlObjects): readonly BootstrapWrite[] {
  return [
    ...writesOf(PriorityLevelConfiguration, levels, { mandatory: MANDATORY_LEVELS, suggested: SUGGESTED_LEVELS }),
    ...writesOf(FlowSchema, schemas, { mandatory: MANDATORY_SCHEMAS, suggested: SUGGESTED_SCHEMAS }),
  ];
}

type Stored = AnyObject & { readonly spec: Readonly<Record<string, unknown>> };
type Wanted = FlowControlObject<object>;

function writesOf(
  kind: Kind,
  objects: readonly object[],
  { mandatory, suggested }: { readonly mandatory: readonly Wanted[]; readonly suggested: readonly Wanted[] },
): BootstrapWrite[] {
  const stored = new Map((objects as readonly Stored[]).map((object) => [object.metadata.name, object]));
  const ensure = (wanted: Wanted, isOurs: (current: Stored) => boolean): BootstrapWrite[] => {
    const current = stored.get(wanted.metadata.name);
    stored.delete(wanted.metadata.name);
    if (!current) return [{ action: 'create', kind, object: wanted as unknown as InputOf<Kind> }];
    const object = broughtUpToDate(kind, current, wanted, isOurs(current));
    return object ? [{ action: 'update', kind, object }] : [];
  };
  return [
    ...mandatory.flatMap((wanted) => ensure(wanted, () => true)),
    ...suggested.flatMap((wanted) => ensure(wanted, isAutoUpdated)),
    ...[...stored.values()]
      .filter((object) => annotatedAs(object) === true)
      .map(({ metadata }) => ({ action: 'delete', kind, name: metadata.name }) as const),
  ];
}

/** Undefined when there is nothing to do. */
function broughtUpToDate(kind: Kind, current: Stored, wanted: Wanted, isOurs: boolean): InputOf<Kind> | undefined {
  const { spec } = readInput(kind, wanted as unknown as InputOf<Kind>) as unknown as Stored;
  // What the exempt level lends is for administrators to say, though the object is mandatory.
  const { exempt } = current.spec;
  const due = spec['exempt'] && exempt ? { ...spec, exempt } : spec;
  const isAnnotated = annotatedAs(current) === isOurs;
  const isCurrent = !isOurs || deepEqual(due, current.spec);
  if (isAnnotated && isCurrent) return undefined;
  const annotations = { ...current.metadata.annotations, [AUTOUPDATE_ANNOTATION]: String(isOurs) };
  return {
    ...current,
    metadata: isAnnotated ? current.metadata : { ...current.metadata, annotations },
    ...(isCurrent ? {} : { spec: due }),
  } as unknown as InputOf<Kind>;
}

/** An object that does not say counts as the server's until somebody has changed it. */
function isAutoUpdated(object: Stored): boolean {
  return annotatedAs(object) ?? object.metadata.generation === 1;
}

/** Go's booleans. */
const BOOLEANS: Readonly<Record<string, boolean>> = {
  ...Object.fromEntries(['1', 't', 'T', 'TRUE', 'true', 'True'].map((text) => [text, true])),
  ...Object.fromEntries(['0', 'f', 'F', 'FALSE', 'false', 'False'].map((text) => [text, false])),
};

/** Undefined where the annotation is missing, or says neither. */
function annotatedAs({ metadata }: Stored): boolean | undefined {
  return BOOLEANS[metadata.annotations?.[AUTOUPDATE_ANNOTATION] ?? ''];
}
