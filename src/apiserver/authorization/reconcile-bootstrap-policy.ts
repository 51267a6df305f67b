// Brings the default policy to the API at start: creates what is missing and repairs what was taken away, but leaves
// alone what somebody has added, and everything that is marked not to be touched. Nothing is written when nothing is
// amiss. Upstream: the hook rbac/bootstrap-roles and k8s.io/component-helpers/auth/rbac/reconciliation.

import { Namespace } from '../../api/core/namespace.ts';
import type { AnyObject, InputOf, Kind } from '../../api/kind.ts';
import { aggregatedRules } from '../../api/rbac/aggregated-rules.ts';
import { ClusterRole } from '../../api/rbac/cluster-role.ts';
import { ClusterRoleBinding } from '../../api/rbac/cluster-role-binding.ts';
import type { Subject } from '../../api/rbac/policy-rule.ts';
import { Role } from '../../api/rbac/role.ts';
import { RoleBinding } from '../../api/rbac/role-binding.ts';
import { isStatusError } from '../../api/status-error.ts';
import { deepEqual } from '../../base/deep-equal.ts';
import type { Client } from '../../client/client.ts';
import { AUTOUPDATE_ANNOTATION, type BootstrapPolicy } from './bootstrap-policy.ts';
import { compactRules, missingRules } from './rbac-rules.ts';

/** How many objects are written at once: enough to fill a group commit, few enough not to crowd out others. */
const PARALLEL_WRITES = 32;
const GATHERED_DEPTH = 3;

type AnyRole = InputOf<typeof ClusterRole> | InputOf<typeof Role>;
type AnyBinding = InputOf<typeof ClusterRoleBinding> | InputOf<typeof RoleBinding>;

type Write<K extends Kind> = {
  readonly action: 'create' | 'update' | 'recreate';
  readonly kind: K;
  readonly object: InputOf<K>;
};

/**
 * Makes the API hold the policy; the client's user must be a superuser. Answers how many objects were written. Other
 * servers may do the same at the same time: what they were faster at counts as done.
 */
export async function reconcileBootstrapPolicy(
  { client }: { readonly client: Client },
  policy: BootstrapPolicy,
  { signal }: { readonly signal: AbortSignal },
): Promise<number> {
  const [clusterRoles, clusterRoleBindings, roles, roleBindings] = await Promise.all([
    client.list(ClusterRole, { signal }),
    client.list(ClusterRoleBinding, { signal }),
    client.list(Role, { signal }),
    client.list(RoleBinding, { signal }),
  ]);
  const writes = [
    ...withGathered(planWrites(ClusterRole, policy.clusterRoles, clusterRoles.items, planRole), clusterRoles.items),
    ...planWrites(ClusterRoleBinding, policy.clusterRoleBindings, clusterRoleBindings.items, planBinding),
    ...planWrites(Role, policy.roles, roles.items, planRole),
    ...planWrites(RoleBinding, policy.roleBindings, roleBindings.items, planBinding),
  ];
  await ensureNamespaces(client, writes, signal);
  for (let start = 0; start < writes.length; start += PARALLEL_WRITES) {
    const batch = writes.slice(start, start + PARALLEL_WRITES);
    await Promise.all(batch.map((write) => carryOut(client, write, signal)));
  }
  return writes.length;
}

/** What an existing role lacks of the wanted one, as the role to write; undefined when it lacks nothing. */
function planRole(wanted: AnyRole, existing: AnyRole): AnyRole | undefined {
  const metadata = planMetadata(wanted, existing);
  const selectors = missingSelectors(wanted, existing);
  // The rules of a role that gathers others' are not its own.
  const gathers = 'aggregationRule' in wanted && wanted.aggregationRule !== undefined;
  const rules = gathers ? [] : compactRules(missingRules(existing.rules ?? [], wanted.rules ?? []));
  if (!metadata && rules.length === 0 && selectors.length === 0) return undefined;
  const held = 'aggregationRule' in existing ? (existing.aggregationRule?.clusterRoleSelectors ?? []) : [];
  return {
    ...existing,
    ...(metadata ? { metadata } : {}),
    rules: [...(existing.rules ?? []), ...rules],
    ...(selectors.length > 0 ? { aggregationRule: { clusterRoleSelectors: [...held, ...selectors] } } : {}),
  };
}

/** The same for a binding: the subjects it lacks. What a binding refers to can only be changed by making it anew. */
function planBinding(wanted: AnyBinding, existing: AnyBinding): AnyBinding | 'recreate' | undefined {
  if (wanted.roleRef.kind !== existing.roleRef.kind || wanted.roleRef.name !== existing.roleRef.name) return 'recreate';
  const metadata = planMetadata(wanted, existing);
  const subjects = (wanted.subjects ?? []).filter((subject) => !existing.subjects?.some((held) => same(held, subject)));
  if (!metadata && subjects.length === 0) return undefined;
  return {
    ...existing,
    ...(metadata ? { metadata } : {}),
    subjects: [...(existing.subjects ?? []), ...subjects],
  };
}

function planWrites<K extends Kind>(
  kind: K,
  wanted: readonly InputOf<K>[],
  existing: readonly AnyObject[],
  plan: (wanted: never, existing: never) => unknown,
): Write<K>[] {
  const byName = new Map(existing.map((object) => [`${object.metadata.namespace}/${object.metadata.name}`, object]));
  return wanted.flatMap((object): Write<K>[] => {
    const current = byName.get(`${object.metadata?.namespace}/${object.metadata?.name}`);
    if (!current) return [{ action: 'create', kind, object }];
    if (current.metadata.annotations?.[AUTOUPDATE_ANNOTATION] === 'false') return [];
    const planned = plan(object as never, current as never);
    if (planned === undefined) return [];
    if (planned === 'recreate') return [{ action: 'recreate', kind, object }];
    return [{ action: 'update', kind, object: planned as InputOf<K> }];
  });
}

async function carryOut(client: Client, { action, kind, object }: Write<Kind>, signal: AbortSignal): Promise<void> {
  try {
    if (action === 'update') return void (await client.update(kind, object, { signal }));
    const { name = '', namespace } = object.metadata ?? {};
    if (action === 'recreate') await client.delete(kind, { name, namespace }, { signal });
    await client.create(kind, object, { signal });
  } catch (error) {
    // Another server that starts at the same time brings the same policy.
    if (!isStatusError(error, 'AlreadyExists', 'Conflict', 'NotFound')) throw error;
  }
}

/** Roles can only be written into namespaces that exist. */
async function ensureNamespaces(client: Client, writes: readonly Write<Kind>[], signal: AbortSignal): Promise<void> {
  const names = new Set(writes.flatMap(({ object }) => object.metadata?.namespace ?? []));
  if (names.size === 0) return;
  const existing = new Set((await client.list(Namespace, { signal })).items.map(({ metadata }) => metadata.name));
  for (const name of names) {
    if (!existing.has(name)) {
      await carryOut(client, { action: 'create', kind: Namespace, object: { metadata: { name } } }, signal);
    }
  }
}

/**
 * The same writes, with the rules of those roles that gather others': at once, since whoever has such a role would have
 * nothing of it until a controller comes by.
 */
function withGathered(writes: readonly Write<typeof ClusterRole>[], existing: readonly ClusterRole[]) {
  const writing = new Map(writes.map((write) => [write.object.metadata?.name, write]));
  const roles = new Map<string | undefined, InputOf<typeof ClusterRole>>([
    ...existing.map((role) => [role.metadata.name, role] as const),
    ...writes.map(({ object }) => [object.metadata?.name, object] as const),
  ]);
  // A gathering role may be part of another: `view` of `edit`, `edit` of `admin`.
  for (let depth = 0; depth < GATHERED_DEPTH; depth++) {
    for (const [name, role] of roles) {
      if (!role.aggregationRule) continue;
      const rules = aggregatedRules(role, [...roles.values()]);
      if (deepEqual(rules, role.rules ?? [])) continue;
      const object = { ...role, rules };
      roles.set(name, object);
      writing.set(name, { kind: ClusterRole, action: writing.get(name)?.action ?? 'update', object });
    }
  }
  return [...writing.values()];
}

/** The metadata with the labels and annotations that are missing; undefined when none are. */
function planMetadata(wanted: AnyRole | AnyBinding, existing: AnyRole | AnyBinding): AnyRole['metadata'] | undefined {
  const labels = { ...wanted.metadata?.labels, ...existing.metadata?.labels };
  const annotations = { ...wanted.metadata?.annotations, ...existing.metadata?.annotations };
  if (sameMap(labels, existing.metadata?.labels) && sameMap(annotations, existing.metadata?.annotations)) {
    return undefined;
  }
  return { ...existing.metadata, labels, annotations };
}

function missingSelectors(wanted: AnyRole, existing: AnyRole) {
  const selectorsOf = (role: AnyRole) =>
    ('aggregationRule' in role ? role.aggregationRule?.clusterRoleSelectors : undefined) ?? [];
  const held = new Set(selectorsOf(existing).map((selector) => JSON.stringify(selector)));
  return selectorsOf(wanted).filter((selector) => !held.has(JSON.stringify(selector)));
}

function same(a: Subject, b: Subject): boolean {
  return a.kind === b.kind && a.name === b.name && (a.namespace ?? '') === (b.namespace ?? '');
}

function sameMap(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>> = {}): boolean {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
}
