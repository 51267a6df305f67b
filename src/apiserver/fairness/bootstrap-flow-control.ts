// The flow control that every cluster starts with: the mandatory objects, which the server goes by even where they are not
// there, and the suggested ones, which administrators may change. Upstream: k8s.io/apiserver/pkg/apis/flowcontrol/bootstrap.

import type {
  FlowSchemaSpec,
  NonResourcePolicyRule,
  PolicyRulesWithSubjects,
  ResourcePolicyRule,
  Subject,
} from '../../api/flowcontrol/flow-schema.ts';
import { EXEMPT, MANDATORY_FLOW_SCHEMAS, MANDATORY_PRIORITY_LEVELS } from '../../api/flowcontrol/mandatory-objects.ts';
import type { PriorityLevelConfigurationSpec } from '../../api/flowcontrol/priority-level-configuration.ts';

/** On an object: whether the server may bring its spec up to date. */
export const AUTOUPDATE_ANNOTATION = 'apf.kubernetes.io/autoupdate-spec';

/** An object as far as flow control looks at it; those of the bootstrap have no uid. */
export interface FlowControlObject<Spec> {
  readonly metadata: {
    readonly name: string;
    readonly uid?: string;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec: Spec;
}

export type SchemaObject = FlowControlObject<FlowSchemaSpec>;
export type LevelObject = FlowControlObject<PriorityLevelConfigurationSpec>;

const EVERYBODY = groups('system:unauthenticated', 'system:authenticated');
const NODES = groups('system:nodes');
const ALL_RESOURCES = resources('*', '*', '*', { clusterScope: true });
const ALL_PATHS: NonResourcePolicyRule = { verbs: ['*'], nonResourceURLs: ['*'] };

export const MANDATORY_LEVELS: readonly LevelObject[] = allOf(MANDATORY_PRIORITY_LEVELS);
export const MANDATORY_SCHEMAS: readonly SchemaObject[] = allOf(MANDATORY_FLOW_SCHEMAS);

export const SUGGESTED_LEVELS: readonly LevelObject[] = [
  queueing('system', { shares: 30, lendable: 33, queues: 64, handSize: 6 }),
  queueing('node-high', { shares: 40, lendable: 25, queues: 64, handSize: 6 }),
  queueing('leader-election', { shares: 10, lendable: 0, queues: 16, handSize: 4 }),
  queueing('workload-high', { shares: 40, lendable: 50, queues: 128, handSize: 6 }),
  queueing('workload-low', { shares: 100, lendable: 90, queues: 128, handSize: 6 }),
  queueing('global-default', { shares: 20, lendable: 50, queues: 128, handSize: 6 }),
];

export const SUGGESTED_SCHEMAS: readonly SchemaObject[] = [
  schema('system-nodes', 'system', 500, 'ByUser', everything(NODES)),
  schema('system-node-high', 'node-high', 400, 'ByUser', {
    subjects: NODES,
    resourceRules: [
      resources('*', '', 'nodes nodes/status', { clusterScope: true }),
      resources('*', 'coordination.k8s.io', 'leases'),
    ],
  }),
  schema('probes', EXEMPT, 2, undefined, {
    subjects: EVERYBODY,
    nonResourceRules: [{ verbs: ['get'], nonResourceURLs: ['/healthz', '/readyz', '/livez'] }],
  }),
  schema('system-leader-election', 'leader-election', 100, 'ByUser', {
    subjects: [...users('system:kube-controller-manager', 'system:kube-scheduler'), systemServiceAccounts()],
    resourceRules: [resources('get create update', 'coordination.k8s.io', 'leases')],
  }),
  schema(
    'kube-controller-manager',
    'workload-high',
    800,
    'ByNamespace',
    everything(users('system:kube-controller-manager')),
  ),
  schema('kube-scheduler', 'workload-high', 800, 'ByNamespace', everything(users('system:kube-scheduler'))),
  schema('kube-system-service-accounts', 'workload-high', 900, 'ByNamespace', everything([systemServiceAccounts()])),
  schema('service-accounts', 'workload-low', 9000, 'ByUser', everything(groups('system:serviceaccounts'))),
  schema('global-default', 'global-default', 9900, 'ByUser', everything(EVERYBODY)),
];

function allOf<Spec>(specs: ReadonlyMap<string, Spec>): readonly FlowControlObject<Spec>[] {
  return [...specs].map(([name, spec]) => bootstrap(name, spec));
}

function bootstrap<Spec>(name: string, spec: Spec): FlowControlObject<Spec> {
  return { metadata: { name, annotations: { [AUTOUPDATE_ANNOTATION]: 'true' } }, spec };
}

function queueing(
  name: string,
  level: { readonly shares: number; readonly lendable: number; readonly queues: number; readonly handSize: number },
): LevelObject {
  const { shares, lendable, queues, handSize } = level;
  return bootstrap(name, {
    type: 'Limited',
    limited: {
      nominalConcurrencyShares: shares,
      lendablePercent: lendable,
      limitResponse: { type: 'Queue', queuing: { queues, handSize, queueLengthLimit: 50 } },
    },
  });
}

function schema(
  name: string,
  level: string,
  matchingPrecedence: number,
  distinguisher: 'ByUser' | 'ByNamespace' | undefined,
  rules: PolicyRulesWithSubjects,
): SchemaObject {
  return bootstrap(name, {
    priorityLevelConfiguration: { name: level },
    matchingPrecedence,
    ...(distinguisher ? { distinguisherMethod: { type: distinguisher } } : {}),
    rules: [rules],
  });
}

function everything(subjects: readonly Subject[]): PolicyRulesWithSubjects {
  return { subjects, resourceRules: [ALL_RESOURCES], nonResourceRules: [ALL_PATHS] };
}

/** Lists are words with spaces between them; `''` is the core group. */
function resources(
  verbs: string,
  apiGroup: string,
  names: string,
  { clusterScope = false }: { readonly clusterScope?: boolean } = {},
): ResourcePolicyRule {
  return {
    verbs: verbs.split(' '),
    apiGroups: [apiGroup],
    resources: names.split(' '),
    ...(clusterScope ? { clusterScope } : {}),
    namespaces: ['*'],
  };
}

function groups(...names: readonly string[]): readonly Subject[] {
  return names.map((name) => ({ kind: 'Group', group: { name } }));
}

function users(...names: readonly string[]): readonly Subject[] {
  return names.map((name) => ({ kind: 'User', user: { name } }));
}

function systemServiceAccounts(): Subject {
  return { kind: 'ServiceAccount', serviceAccount: { namespace: 'kube-system', name: '*' } };
}
