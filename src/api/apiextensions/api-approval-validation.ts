// The groups of Kubernetes itself are for resources that its community has approved: definitions in them have to say where.
// Upstream: validateAPIApproval in k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/validation.

import { GoUrlError, parseRequestUri } from '../../base/go-url.ts';
import { type FieldError, fieldError, Path } from '../field-error.ts';
import type { CustomResourceDefinition } from './custom-resource-definition.ts';

const APPROVED_ANNOTATION = 'api-approved.kubernetes.io';
const PROTECTED_GROUP = /(?:^|\.)(?:k8s|kubernetes)\.io$/;
const SEE = 'see https://github.com/kubernetes/enhancements/pull/1111';

type Approval = 'missing' | 'bypassed' | 'approved' | 'invalid';

/** What an update leaves as it was is not refused. */
export function checkApiApproval(
  { metadata, spec }: CustomResourceDefinition,
  previous: CustomResourceDefinition | undefined,
  errors: FieldError[],
): void {
  if (!PROTECTED_GROUP.test(spec.group)) return;
  const annotation = metadata.annotations?.[APPROVED_ANNOTATION] ?? '';
  const approval = approvalOf(annotation);
  if (previous && approvalOf(previous.metadata.annotations?.[APPROVED_ANNOTATION] ?? '') === approval) return;
  const at = Path.of('metadata', 'annotations').key(APPROVED_ANNOTATION);
  const must = `protected groups must have approval annotation ${JSON.stringify(APPROVED_ANNOTATION)}`;
  if (approval === 'missing') errors.push(fieldError.required(at, `${must}, ${SEE}`));
  if (approval === 'invalid') {
    const why = `${must} with either a URL or a reason starting with "unapproved", ${SEE}`;
    errors.push(fieldError.invalid(at, annotation, why));
  }
}

function approvalOf(annotation: string): Approval {
  if (annotation === '') return 'missing';
  if (annotation.startsWith('unapproved')) return 'bypassed';
  try {
    const { scheme, host } = parseRequestUri(annotation);
    return scheme !== '' && host !== '' ? 'approved' : 'invalid';
  } catch (error) {
    if (error instanceof GoUrlError) return 'invalid';
    throw error;
  }
}
