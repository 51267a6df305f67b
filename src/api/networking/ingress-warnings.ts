// What the authors of ingresses are warned of. Upstream: pkg/registry/networking/ingress/strategy.go.

import { Path } from '../field-error.ts';
import { ipWarnings } from '../ip-forms.ts';
import type { Ingress } from './ingress.ts';
import { INGRESS_CLASS_ANNOTATION } from './ingress-validation.ts';

export function ingressWarnings({ metadata, spec }: Ingress, previous: Ingress | undefined): readonly string[] {
  if (previous || spec.ingressClassName !== undefined) return [];
  if (metadata.annotations?.[INGRESS_CLASS_ANNOTATION] === undefined) return [];
  return [`annotation "${INGRESS_CLASS_ANNOTATION}" is deprecated, please use 'spec.ingressClassName' instead`];
}

export function ingressStatusWarnings({ status }: Ingress): readonly string[] {
  const at = Path.of('status', 'loadBalancer', 'ingress');
  return (status.loadBalancer.ingress ?? []).flatMap(({ ip }, index) =>
    ip ? ipWarnings(ip, at.index(index).child('ip')) : [],
  );
}
