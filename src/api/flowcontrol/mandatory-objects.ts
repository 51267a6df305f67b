// The flow schemas and priority levels that flow control cannot be without: their names are taken and their specs fixed,
// but for the shares of the exempt level. Upstream: k8s.io/apiserver/pkg/apis/flowcontrol/bootstrap.

import type { FlowSchemaSpec, PolicyRulesWithSubjects } from './flow-schema.ts';
import type { PriorityLevelConfigurationSpec } from './priority-level-configuration.ts';

export const EXEMPT = 'exempt';
export const CATCH_ALL = 'catch-all';
const EVERY = ['*'];

export const MANDATORY_FLOW_SCHEMAS: ReadonlyMap<string, FlowSchemaSpec> = new Map([
  [
    EXEMPT,
    {
      priorityLevelConfiguration: { name: EXEMPT },
      matchingPrecedence: 1,
      rules: [allRequestsOf('system:masters')],
    },
  ],
  [
    CATCH_ALL,
    {
      priorityLevelConfiguration: { name: CATCH_ALL },
      matchingPrecedence: 10000,
      distinguisherMethod: { type: 'ByUser' },
      rules: [allRequestsOf('system:unauthenticated', 'system:authenticated')],
    },
  ],
]);

export const MANDATORY_PRIORITY_LEVELS: ReadonlyMap<string, PriorityLevelConfigurationSpec> = new Map([
  [EXEMPT, { type: 'Exempt', exempt: { nominalConcurrencyShares: 0, lendablePercent: 0 } }],
  [
    CATCH_ALL,
    {
      type: 'Limited',
      limited: { nominalConcurrencyShares: 5, limitResponse: { type: 'Reject' }, lendablePercent: 0 },
    },
  ],
]);

function allRequestsOf(...groups: readonly string[]): PolicyRulesWithSubjects {
  return {
    subjects: groups.map((name) => ({ kind: 'Group', group: { name } })),
    resourceRules: [{ verbs: EVERY, apiGroups: EVERY, resources: EVERY, clusterScope: true, namespaces: EVERY }],
    nonResourceRules: [{ verbs: EVERY, nonResourceURLs: EVERY }],
  };
}
