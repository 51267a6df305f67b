// The RBAC authorizer: an index of all roles and bindings, kept current, and what follows from it for a user. Which
// request a rule allows is in rbac-rules.ts. Upstream: k8s.io/kubernetes/plugin/pkg/auth/authorizer/rbac.

import { ClusterRole } from '../../api/rbac/cluster-role.ts';
import { ClusterRoleBinding } from '../../api/rbac/cluster-role-binding.ts';
import type { PolicyRule, RoleRef, Subject } from '../../api/rbac/policy-rule.ts';
import { Role } from '../../api/rbac/role.ts';
import { RoleBinding } from '../../api/rbac/role-binding.ts';
import { notFound, type StatusError } from '../../api/status-error.ts';
import { serviceAccountUser, type User } from '../../client/user.ts';
import type { ObjectChange, ObjectReader } from '../registry/object-reader.ts';
import type { RequestInfo } from '../request-info.ts';
import type { Authorizer, Decision } from './authorizer.ts';
import { ruleAllows } from './rbac-rules.ts';

/** How many answers to "what may this user do in this namespace" are kept. */
const MAX_CACHED_GRANTS = 8192;

const GROUP = 'rbac.authorization.k8s.io';

/** A binding and the one of its subjects that a user matches. */
interface Bound {
  readonly binding: Binding;
  readonly subject: Subject;
}

/** A rule and the binding that gives it. */
interface Grant extends Bound {
  readonly rule: PolicyRule;
}

interface Grants {
  readonly grants: readonly Grant[];
  /** Bindings to roles that do not exist. */
  readonly errors: readonly string[];
}

type Binding = RoleBinding | ClusterRoleBinding;

export interface HeldRules {
  readonly rules: readonly PolicyRule[];
  readonly errors: readonly string[];
}

/** Current with the reader it is given, whose changes it follows until it is disposed of. */
export class RbacAuthorizer implements Authorizer, Disposable {
  readonly #clusterRoles = new Map<string, readonly PolicyRule[]>();
  readonly #roles = new Map<string, readonly PolicyRule[]>();
  readonly #clusterBindings = new BindingIndex();
  readonly #namespaceBindings = new Map<string, BindingIndex>();
  readonly #cache = new Map<string, Grants>();
  readonly #subscriptions = new DisposableStack();

  constructor({ objects }: { readonly objects: ObjectReader }) {
    this.#subscriptions.use(objects.subscribe(ClusterRole, (change) => this.#changeClusterRole(change)));
    this.#subscriptions.use(objects.subscribe(Role, (change) => this.#changeRole(change)));
    this.#subscriptions.use(objects.subscribe(ClusterRoleBinding, (change) => this.#changeClusterBinding(change)));
    this.#subscriptions.use(objects.subscribe(RoleBinding, (change) => this.#changeBinding(change)));
  }

  authorize(user: User, request: RequestInfo): Decision {
    const cluster = this.#grants(user, '');
    const found = cluster.grants.find(({ rule }) => ruleAllows(rule, request));
    if (found) return allowed(found);
    if (request.namespace === '') return noOpinion(cluster.errors);
    const inNamespace = this.#grants(user, request.namespace);
    const foundThere = inNamespace.grants.find(({ rule }) => ruleAllows(rule, request));
    return foundThere ? allowed(foundThere) : noOpinion([...cluster.errors, ...inNamespace.errors]);
  }

  /** Every rule the user has in the namespace, those for the whole cluster included. `''`: only the latter. */
  rulesFor(user: User, namespace: string): HeldRules {
    const cluster = this.#grants(user, '');
    const inNamespace = namespace === '' ? { grants: [], errors: [] } : this.#grants(user, namespace);
    return {
      rules: [...cluster.grants, ...inNamespace.grants].map(({ rule }) => rule),
      errors: [...cluster.errors, ...inNamespace.errors],
    };
  }

  /** The rules of a role that a binding in the namespace refers to. Throws `NotFound`. */
  rulesOfRole(ref: RoleRef, namespace: string): readonly PolicyRule[] {
    const rules = this.#rulesOf(ref, namespace);
    if (rules) return rules;
    throw missingRole(ref);
  }

  [Symbol.dispose](): void {
    this.#subscriptions.dispose();
  }

  #rulesOf(ref: RoleRef, namespace: string): readonly PolicyRule[] | undefined {
    if (ref.kind === 'ClusterRole') return this.#clusterRoles.get(ref.name);
    if (ref.kind === 'Role') return this.#roles.get(`${namespace}/${ref.name}`);
    return undefined;
  }

  #grants(user: User, namespace: string): Grants {
    const key = `${namespace}\n${user.name}\n${user.groups.join('\n')}`;
    const known = this.#cache.get(key);
    if (known) return known;
    const grants = this.#findGrants(user, namespace);
    if (this.#cache.size >= MAX_CACHED_GRANTS) this.#cache.clear();
    this.#cache.set(key, grants);
    return grants;
  }

  #findGrants(user: User, namespace: string): Grants {
    const index = namespace === '' ? this.#clusterBindings : this.#namespaceBindings.get(namespace);
    const grants: Grant[] = [];
    const errors: string[] = [];
    for (const { binding, subject } of index?.of(user) ?? []) {
      const rules = this.#rulesOf(binding.roleRef, namespace);
      if (rules) for (const rule of rules) grants.push({ rule, binding, subject });
      else errors.push(missingRole(binding.roleRef).message);
    }
    return { grants, errors };
  }

  #changeClusterRole({ type, object }: ObjectChange<ClusterRole>): void {
    if (type === 'DELETED') this.#clusterRoles.delete(object.metadata.name);
    else this.#clusterRoles.set(object.metadata.name, object.rules ?? []);
    this.#cache.clear();
  }

  #changeRole({ type, object }: ObjectChange<Role>): void {
    const key = `${object.metadata.namespace}/${object.metadata.name}`;
    if (type === 'DELETED') this.#roles.delete(key);
    else this.#roles.set(key, object.rules ?? []);
    this.#cache.clear();
  }

  #changeClusterBinding({ type, object }: ObjectChange<ClusterRoleBinding>): void {
    this.#clusterBindings.set(object.metadata.name, type === 'DELETED' ? undefined : object);
    this.#cache.clear();
  }

  #changeBinding({ type, object }: ObjectChange<RoleBinding>): void {
    const { namespace, name } = object.metadata;
    const index = this.#namespaceBindings.get(namespace) ?? new BindingIndex();
    this.#namespaceBindings.set(namespace, index);
    index.set(name, type === 'DELETED' ? undefined : object);
    if (index.isEmpty) this.#namespaceBindings.delete(namespace);
    this.#cache.clear();
  }
}

/** The bindings of one namespace, or of the cluster, by whom they are for. */
class BindingIndex {
  readonly #bindings = new Map<string, Binding>();
  readonly #bySubject = new Map<string, Map<string, Bound>>();

  get isEmpty(): boolean {
    return this.#bindings.size === 0;
  }

  set(name: string, binding: Binding | undefined): void {
    const previous = this.#bindings.get(name);
    for (const subject of previous?.subjects ?? []) {
      const key = subjectKey(subject, previous?.metadata.namespace);
      const bindings = this.#bySubject.get(key);
      bindings?.delete(name);
      if (bindings?.size === 0) this.#bySubject.delete(key);
    }
    this.#bindings.delete(name);
    if (!binding) return;
    this.#bindings.set(name, binding);
    for (const subject of binding.subjects ?? []) {
      const key = subjectKey(subject, binding.metadata.namespace);
      const bindings = this.#bySubject.get(key) ?? new Map();
      this.#bySubject.set(key, bindings);
      if (!bindings.has(name)) bindings.set(name, { binding, subject });
    }
  }

  /** The bindings that are for the user or one of the groups, each once. */
  of(user: User): Iterable<Bound> {
    const found = new Map<string, Bound>();
    for (const key of [`user ${user.name}`, ...user.groups.map((group) => `group ${group}`)]) {
      for (const [name, entry] of this.#bySubject.get(key) ?? []) if (!found.has(name)) found.set(name, entry);
    }
    return found.values();
  }
}

/** A service account is a user with a name made from its own. One without a namespace is that of the binding. */
function subjectKey(subject: Subject, bindingNamespace: string | undefined): string {
  switch (subject.kind) {
    case 'User':
      return `user ${subject.name}`;
    case 'Group':
      return `group ${subject.name}`;
    case 'ServiceAccount': {
      const namespace = subject.namespace || bindingNamespace;
      return namespace ? `user ${serviceAccountUser(namespace, subject.name).name}` : 'nobody';
    }
    default:
      return 'nobody';
  }
}

function allowed({ binding, subject }: Grant): Decision {
  const { name, namespace } = binding.metadata;
  const isAccount = subject.kind === 'ServiceAccount';
  const whom = `${subject.kind} ${JSON.stringify(isAccount ? `${subject.name}/${subject.namespace ?? ''}` : subject.name)}`;
  const which =
    namespace === undefined
      ? `ClusterRoleBinding ${JSON.stringify(name)}`
      : `RoleBinding ${JSON.stringify(`${name}/${namespace}`)}`;
  const role = `${binding.roleRef.kind} ${JSON.stringify(binding.roleRef.name)}`;
  return { verdict: 'allow', reason: `RBAC: allowed by ${which} of ${role} to ${whom}` };
}

function noOpinion(errors: readonly string[]): Decision {
  if (errors.length === 0) return { verdict: 'noOpinion', reason: '' };
  const distinct = [...new Set(errors)];
  return { verdict: 'noOpinion', reason: `RBAC: ${distinct.length === 1 ? distinct[0] : `[${distinct.join(', ')}]`}` };
}

/** Upstream's listers name the resource by its singular in this error. */
function missingRole(ref: RoleRef): StatusError {
  return notFound({ group: GROUP, resource: ref.kind.toLowerCase() }, ref.name);
}
