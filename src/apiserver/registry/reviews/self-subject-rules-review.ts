// SelfSubjectRulesReview: everything that one may do in a namespace. Upstream:
// k8s.io/kubernetes/pkg/registry/authorization/selfsubjectrulesreview.

import type {
  SelfSubjectRulesReview,
  SubjectRulesReviewStatus,
} from '../../../api/authorization/self-subject-rules-review.ts';
import { badRequest } from '../../../api/status-error.ts';
import { nodeNameOf } from '../../authorization/node-authorizer.ts';
import type { RbacAuthorizer } from '../../authorization/rbac.ts';
import type { Review } from '../handlers.ts';

/** What superusers may do besides, and nodes, is in no rule; for nodes the answer says so. */
export function selfSubjectRulesReview({ rbac }: { readonly rbac: Pick<RbacAuthorizer, 'rulesFor'> }): Review {
  return async (object, { user }) => {
    const namespace = (object as unknown as SelfSubjectRulesReview).spec.namespace ?? '';
    if (namespace === '') throw badRequest('no namespace on request');
    const { rules, errors } = rbac.rulesFor(user, namespace);
    const isNode = nodeNameOf(user) !== undefined;
    const problems = [...(isNode ? ['node authorizer does not support user rule resolution'] : []), ...errors];
    const status: SubjectRulesReviewStatus = {
      resourceRules: rules
        .filter(({ resources }) => resources?.length)
        .map(({ nonResourceURLs: _none, ...resourceRule }) => resourceRule),
      nonResourceRules: rules.flatMap(({ verbs, nonResourceURLs }) =>
        nonResourceURLs?.length ? [{ verbs, nonResourceURLs }] : [],
      ),
      incomplete: isNode || errors.length > 0,
      ...(problems.length > 0 ? { evaluationError: problems.join(', ') } : {}),
    };
    return { ...object, status };
  };
}
