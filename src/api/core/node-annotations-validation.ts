// The rules of annotations of nodes that have been fields in the making: taints, and pods to be kept away. Nothing reads
// them any more, but what is written there still has to be right. Upstream: ValidateNodeSpecificAnnotations in
// pkg/apis/core/validation.

import { DecodeError } from '../decode-error.ts';
import { jsonTypeOf } from '../decode-leaf.ts';
import { decodeStruct } from '../decode-object.ts';
import { type FieldError, fieldError, type Path } from '../field-error.ts';
import { explainJsonSyntax } from '../json-syntax.ts';
import { OwnerReference } from '../meta/object-meta.ts';
import { list, message, type Read, struct } from '../schema.ts';
import { checkTaints } from './affinity-validation.ts';
import { Taint } from './toleration.ts';

const TAINTS = 'scheduler.alpha.kubernetes.io/taints';
const AVOID_PODS = 'scheduler.alpha.kubernetes.io/preferAvoidPods';

/** Lists of what the annotations hold, to be decoded as all input is. */
const Taints = struct('core/v1.Taints', { taints: list(1, Taint) });
const AvoidPods = struct('core/v1.AvoidPods', {
  preferAvoidPods: list(
    1,
    struct('core/v1.PreferAvoidPodsEntry', {
      podSignature: message(
        1,
        struct('core/v1.PodSignature', { podController: message(1, OwnerReference, { optional: true }) }),
      ),
    }),
  ),
});

export function checkNodeAnnotations(
  annotations: Readonly<Record<string, string>>,
  at: Path,
  errors: FieldError[],
): void {
  const { [TAINTS]: taints, [AVOID_PODS]: avoidPods } = annotations;
  if (taints) {
    const decoded = decode(taints, '[]core.Taint', (value) => decodeStruct(Taints, { taints: value }));
    if (typeof decoded === 'string') errors.push(fieldError.invalid(at, TAINTS, decoded));
    else checkTaints((decoded as Read<typeof Taints>).taints ?? [], at.child(TAINTS), errors);
  }
  if (avoidPods) {
    const decoded = decode(avoidPods, 'v1.AvoidPods', (value) => decodeStruct(AvoidPods, value ?? {}));
    if (typeof decoded === 'string') errors.push(fieldError.invalid(at.child('AvoidPods'), AVOID_PODS, decoded));
    else checkAvoidPods(decoded as Read<typeof AvoidPods>, at.child(AVOID_PODS), errors);
  }
}

function checkAvoidPods({ preferAvoidPods = [] }: Read<typeof AvoidPods>, at: Path, errors: FieldError[]): void {
  for (const [index, { podSignature }] of preferAvoidPods.entries()) {
    const signatureAt = at.index(index).child('PodSignature');
    const controller = podSignature.podController;
    if (!controller) errors.push(fieldError.required(signatureAt));
    else if (!controller.controller) {
      const path = signatureAt.child('PodController', 'Controller');
      errors.push(fieldError.invalid(path, false, 'must point to a controller'));
    }
  }
}

/** What the text stands for, or what is wrong with it. */
function decode(text: string, goType: string, read: (value: unknown) => object): object | string {
  try {
    const value: unknown = JSON.parse(text);
    if (value !== null && Array.isArray(value) !== goType.startsWith('[]')) {
      return `json: cannot unmarshal ${jsonTypeOf(value)} into Go value of type ${goType}`;
    }
    return read(value);
  } catch (error) {
    if (error instanceof SyntaxError) return explainJsonSyntax(text);
    if (error instanceof DecodeError) return error.message;
    throw error;
  }
}
