// DefaultIngressClass: ingresses that name no class are of the default one, if there is one. Upstream:
// k8s.io/kubernetes/plugin/pkg/admission/network/defaultingressclass.

import { newestOf } from '../../api/default-class.ts';
import { Ingress } from '../../api/networking/ingress.ts';
import { IngressClass } from '../../api/networking/ingress-class.ts';
import { INGRESS_CLASS_ANNOTATION } from '../../api/networking/ingress-validation.ts';
import type { Draft } from '../../api/schema.ts';
import type { ObjectReader } from '../registry/object-reader.ts';
import type { AdmissionPlugin } from './admission.ts';

const IS_DEFAULT = 'ingressclass.kubernetes.io/is-default-class';

export function defaultIngressClass({ objects }: { readonly objects: ObjectReader }): AdmissionPlugin {
  return {
    name: 'DefaultIngressClass',
    mutate({ kind, operation, subresource, object }) {
      if (kind !== Ingress || subresource !== '' || operation !== 'CREATE') return;
      const { metadata, spec } = object as unknown as Draft<Ingress>;
      const isNamed =
        metadata.annotations?.[INGRESS_CLASS_ANNOTATION] !== undefined || spec.ingressClassName !== undefined;
      if (isNamed) return;
      const classes = objects.list(IngressClass);
      const found = newestOf(classes.filter((each) => each.metadata.annotations?.[IS_DEFAULT] === 'true'));
      if (found) spec.ingressClassName = found.metadata.name;
    },
  };
}
