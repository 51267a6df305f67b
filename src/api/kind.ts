// A kind: one declaration from which the server, the clients and the tools know everything about it. The struct says
// what its objects look like (schema.ts); this says what they are called and how they behave. Custom resources build
// the same descriptor at run time.

import type { FieldError } from './field-error.ts';
import type { ObjectMeta } from './meta/object-meta.ts';
import type { Draft, Read, Struct, Write } from './schema.ts';
import type { WriteContext } from './write-context.ts';

export type Scope = 'Namespaced' | 'Cluster';
export type Verb = 'create' | 'delete' | 'deletecollection' | 'get' | 'list' | 'patch' | 'update' | 'watch';

/** Metadata as the server gives it: what every stored object has. */
export type ServedMeta<N extends Scope> = Omit<
  Read<typeof ObjectMeta>,
  'name' | 'namespace' | 'uid' | 'resourceVersion' | 'creationTimestamp'
> & {
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly creationTimestamp: string;
} & (N extends 'Namespaced' ? { readonly namespace: string } : { readonly namespace?: never });

/** An object of a kind, as read. */
export type ObjectOf<K> =
  K extends Kind<infer S, infer N>
    ? { readonly apiVersion: string; readonly kind: string; readonly metadata: ServedMeta<N> } & Omit<
        Read<S>,
        'metadata'
      >
    : never;

/** An object of a kind, as a client sends it: only what the API requires must be there. */
export type InputOf<K> =
  K extends Kind<infer S, Scope>
    ? { readonly apiVersion?: string; readonly kind?: string } & Write<S> & {
          readonly metadata?: Write<typeof ObjectMeta>;
        }
    : never;

/** What is common to all objects, for code that serves any kind. */
export interface AnyObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ServedMeta<Scope> & { readonly namespace?: string };
  readonly [field: string]: unknown;
}

/** A request's own copy of an object, which defaulting and preparation may change. */
export interface AnyDraft {
  apiVersion: string;
  kind: string;
  metadata: Draft<Read<typeof ObjectMeta>>;
  [field: string]: unknown;
}

/** A column of the Table that `kubectl get` prints. Priority above 0: only with `-o wide`. */
export interface Column<Object> {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'date';
  readonly format?: string;
  readonly description: string;
  readonly priority?: number;
  /** The cell. `nowMs` is for ages. */
  value(object: Object, nowMs: number): string | number | boolean;
}

/** How names of a kind are checked. Upstream: k8s.io/apimachinery/pkg/api/validation. */
export type NameRule = 'dns1123Subdomain' | 'dns1123Label' | 'dns1035Label' | 'ip' | 'pathSegment' | 'any';

/** Fields, from the object down; `*` is any item of a list or key of a map. */
export type FieldPaths = readonly (readonly string[])[];

/**
 * A subresource:
 * - `status`: the object, of which only the status may be written;
 * - `scale`: an autoscaling/v1 Scale; the paths say where its figures are;
 * - `view`: the object, of which only what `prepare` lets through may be written;
 * - `action`: a struct of its own is posted to it (binding, eviction, token); the server carries it out by code that is
 *   registered under the kind and this name;
 * - `connect`: a stream or a proxied request; `options` is what the query string holds.
 */
export type Subresource =
  | {
      readonly type: 'status';
      /** What it puts back besides everything that is neither status nor metadata: see `resets` of the kind. */
      readonly resets?: FieldPaths;
    }
  | {
      readonly type: 'scale';
      readonly replicas: readonly string[];
      readonly statusReplicas: readonly string[];
      /** Where the selector is: a LabelSelector, a map of labels or a string. */
      readonly selector: readonly string[];
    }
  | {
      readonly type: 'view';
      readonly verbs: readonly ('get' | 'patch' | 'update')[];
      /** Puts back what this subresource may not change, be it of the status. */
      prepare?(draft: AnyDraft, previous: AnyObject): void;
      validate?(object: AnyObject, previous: AnyObject): readonly FieldError[];
      /** What it puts back: see `resets` of the kind. */
      readonly resets?: FieldPaths;
      /** The only fields that it does not put back; absent: all but `resets`. */
      readonly writes?: FieldPaths;
    }
  | {
      readonly type: 'action';
      readonly schema: Struct;
      readonly group: string;
      readonly version: string;
      readonly kind: string;
    }
  | {
      readonly type: 'connect';
      readonly verbs: readonly ('create' | 'delete' | 'get' | 'patch' | 'update')[];
      readonly options: Struct;
      readonly kind: string;
      /** A proxy: every method is passed on, and a further path may follow (`/proxy/{path}`). */
      readonly pathSuffix?: true;
      /** The name in the path may say a scheme and a port around the object's own: `https:web:8443`. */
      readonly nameSaysPort?: true;
    };

/** A function that a `Kind` of any struct can hold: compared as a method, so that a list of all kinds has a type. */
type Hook<Arguments extends unknown[], Result> = { call(...args: Arguments): Result }['call'];

/** What a kind says of itself. Hooks see objects that are decoded and structurally sound. */
export interface KindDeclaration<S extends Struct, N extends Scope, Object = unknown> {
  /** `''` for the core group. */
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  /** Absent: the kind in lower case. */
  readonly singular?: string;
  readonly scope: N;
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  /** Absent: all eight. */
  readonly verbs?: readonly Verb[];
  readonly schema: S;
  readonly subresources?: Readonly<Record<string, Subresource>>;
  /**
   * Nothing is stored: objects are questions that the server answers (reviews), or are made up when asked for. The code
   * that does it is the server's; see apiserver/registry/handlers.ts.
   */
  readonly virtual?: true;
  /** The kind whose storage this one shares, when one store serves two groups or versions; see convert.ts. */
  readonly storedAs?: { readonly group: string; readonly version: string; readonly kind: string };
  /** Absent: `dns1123Subdomain`. */
  readonly nameRule?: NameRule;
  /** Every request for the kind is told since which version it is deprecated and which kind to use instead. */
  readonly deprecated?: { readonly since: string; readonly use?: string };
  /**
   * The parts whose change counts as a new generation, as paths; a kind without does not keep `metadata.generation`.
   */
  readonly generation?: readonly (readonly string[])[];
  /**
   * What writes of the object itself put back, besides a status that has a subresource, so that server-side apply never
   * has those who write it own it. Upstream: GetResetFields.
   */
  readonly resets?: FieldPaths;
  /** A creator sets the status as well: nodes register with theirs. */
  readonly keepsStatusOnCreate?: true;
  /** An update of an object that does not exist creates it. Upstream: AllowCreateOnUpdate. */
  readonly createOnUpdate?: true;
  /** An update has to say which version it replaces. Upstream: AllowUnconditionalUpdate is false. */
  readonly updateNeedsVersion?: true;
  /** A delete that is over at once answers with the object, not with a Status. Upstream: ReturnDeletedObject. */
  readonly returnsDeleted?: true;
  /** Field selectors besides metadata.name and metadata.namespace, and their values. */
  readonly selectableFields?: Readonly<Record<string, Hook<[object: Object], string>>>;
  /** Absent: name and age. */
  readonly columns?: readonly Column<Object>[];

  /** Defaults that depend on other fields; those that do not are in the schema. Upstream: SetDefaults_*. */
  defaults?(draft: Draft<Object>): void;
  /**
   * Sets or clears what a creator does not decide. Status has been cleared, generation set. `warn` is for what cannot be
   * seen any more when that is done; all else is for `warnings`.
   */
  prepareForCreate?(draft: Draft<Object>, warn?: (text: string) => void): void;
  /** Puts back what an update does not decide. Status has been put back. */
  prepareForUpdate?(draft: Draft<Object>, previous: Object): void;
  prepareForStatusUpdate?(draft: Draft<Object>, previous: Object): void;
  /** Notes who writes and when, whichever way an object is written; the last of the preparation. */
  stamp?(draft: Draft<Object>, previous: Object | undefined, context: WriteContext): void;
  /**
   * The hooks say all that is wrong with the kind's own fields, under names of their own; what the declaration says of
   * required and enumerated ones is published only.
   */
  readonly checksOwnFields?: true;
  /**
   * Everything that is wrong with an object. Metadata, enums and required fields are checked for all kinds alike.
   * `previous` is what it replaces, for rules that let stay what was let in before there was the rule.
   */
  validate?(object: Object, previous?: Object): readonly FieldError[];
  /** What is wrong with an object that begins, besides `validate`. */
  validateCreate?(object: Object): readonly FieldError[];
  /** What it takes cryptography to see about an object that begins, besides all that. */
  verify?(object: Object): Promise<readonly FieldError[]>;
  /** What is wrong with the step from one version to the next, besides `validate`. */
  validateUpdate?(object: Object, previous: Object): readonly FieldError[];
  validateStatusUpdate?(object: Object, previous: Object): readonly FieldError[];
  /** Texts for the client's `Warning` headers, when the object itself is written and not a subresource. */
  warnings?(object: Object, previous: Object | undefined): readonly string[];
  /** The same for those who write the status. */
  statusWarnings?(object: Object, previous: Object): readonly string[];
  /**
   * The grace period in seconds that a delete gets; absent, or 0, objects go at once (finalizers aside).
   * `requested` is what the client asked for.
   */
  gracePeriodSeconds?(object: Object, requested: number | undefined): number;
}

export interface Kind<S extends Struct = Struct, N extends Scope = Scope>
  extends KindDeclaration<S, N, ServedObject<S, N>> {
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly verbs: readonly Verb[];
  readonly subresources: Readonly<Record<string, Subresource>>;
  readonly nameRule: NameRule;
  /** `apps/v1`, `v1`. */
  readonly apiVersion: string;
  readonly listKind: string;
  readonly namespaced: boolean;
}

type ServedObject<S extends Struct, N extends Scope> = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ServedMeta<N>;
} & Omit<Read<S>, 'metadata'>;

const ALL_VERBS: readonly Verb[] = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];

/** Completes a declaration with what follows from it. */
export function kind<const S extends Struct, const N extends Scope>(
  declaration: KindDeclaration<S, N, ServedObject<S, N>>,
): Kind<S, N> {
  return {
    ...declaration,
    singular: declaration.singular ?? declaration.kind.toLowerCase(),
    shortNames: declaration.shortNames ?? [],
    categories: declaration.categories ?? [],
    verbs: declaration.verbs ?? ALL_VERBS,
    subresources: declaration.subresources ?? {},
    nameRule: declaration.nameRule ?? 'dns1123Subdomain',
    apiVersion: declaration.group === '' ? declaration.version : `${declaration.group}/${declaration.version}`,
    listKind: `${declaration.kind}List`,
    namespaced: declaration.scope === 'Namespaced',
  };
}

/** What requests for a deprecated kind are told. Upstream: deprecation.WarningMessage. */
export function deprecationWarning({ apiVersion, kind, deprecated }: Kind): string | undefined {
  if (!deprecated) return undefined;
  const { since, use } = deprecated;
  return `${apiVersion} ${kind} is deprecated in v${since}+${use === undefined ? '' : `; use ${use}`}`;
}

/** A list of objects of a kind. */
export interface ListOf<K> {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly resourceVersion: string;
    readonly continue?: string;
    readonly remainingItemCount?: number;
  };
  readonly items: readonly ObjectOf<K>[];
}
