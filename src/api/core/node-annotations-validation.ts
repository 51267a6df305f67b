// The rules of annotations of nodes that have been fields in the making: taints, and pods to be kept away. Nothing reads
// them any more, but what is written there still has to be right. Upstream: ValidateNodeSpecificAnnotations in
// pkg/apis/core/validation.

import { jsonTypeOf } from '../decode-leaf.ts';
import { type FieldError, fieldError, type Path } from '../field-error.ts';
import { explainJsonSyntax } from '../json-syntax.ts';
import { checkTaints } from './affinity-validation.ts';
import type { Taint } from './toleration.ts';

const TAINTS = 'scheduler.alpha.kubernetes.io/taints';
const AVOID_PODS = 'scheduler.alpha.kubernetes.io/preferAvoidPods';

export function checkNodeAnnotations(
  annotations: Readonly<Record<string, string>>,
  at: Path,
  errors: FieldError[],
): void {
  const { [TAINTS]: taints, [AVOID_PODS]: avoidPods } = annotations;
  if (taints) {
    const parsed = parse(taints, '[]core.Taint', Array.isArray);
    if (typeof parsed === 'string') errors.push(fieldError.invalid(at, TAINTS, parsed));
    else checkTaints((parsed as readonly Partial<Taint>[]).map(completed), at.child(TAINTS), errors);
  }
  if (avoidPods) {
    const parsed = parse(avoidPods, 'v1.AvoidPods', isObject);
    if (typeof parsed === 'string') errors.push(fieldError.invalid(at.child('AvoidPods'), AVOID_PODS, parsed));
    else checkAvoidPods(parsed as AvoidPods, at.child(AVOID_PODS), errors);
  }
}

interface AvoidPods {
  readonly preferAvoidPods?: readonly {
    readonly podSignature?: { readonly podController?: { readonly controller?: boolean } };
  }[];
}

function checkAvoidPods({ preferAvoidPods = [] }: AvoidPods, at: Path, errors: FieldError[]): void {
  for (const [index, { podSignature }] of preferAvoidPods.entries()) {
    const signatureAt = at.index(index).child('PodSignature');
    const controller = podSignature?.podController;
    if (!controller) errors.push(fieldError.required(signatureAt));
    else if (!controller.controller) {
      const path = signatureAt.child('PodController', 'Controller');
      errors.push(fieldError.invalid(path, false, 'must point to a controller'));
    }
  }
}

/** The value, null as if there were none; or what is wrong with the text. */
function parse(text: string, goType: string, isOfType: (value: unknown) => boolean): object | string {
  try {
    const value: unknown = JSON.parse(text) ?? (goType.startsWith('[]') ? [] : {});
    return isOfType(value)
      ? (value as object)
      : `json: cannot unmarshal ${jsonTypeOf(value)} into Go value of type ${goType}`;
  } catch (error) {
    if (error instanceof SyntaxError) return explainJsonSyntax(text);
    throw error;
  }
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && !Array.isArray(value);
}

function completed({ key = '', value = '', effect = '' as Taint['effect'] }: Partial<Taint>): Taint {
  return { key, value, effect };
}
