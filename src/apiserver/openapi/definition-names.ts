// What types are called in OpenAPI: after the Go packages that upstream keeps them in, which clients have learned by heart.

import type { Kind } from '../../api/kind.ts';
import type { Leaf } from '../../api/schema.ts';

const META = 'meta/v1';
const EXTENSIONS = 'apiextensions.k8s.io/v1';

/** Leaves that have definitions of their own, by the name that a struct would have. */
export const DEFINED_LEAVES: Readonly<Partial<Record<Leaf, string>>> = {
  time: `${META}.Time`,
  microTime: `${META}.MicroTime`,
  duration: `${META}.Duration`,
  fieldsV1: `${META}.FieldsV1`,
  quantity: 'resource.Quantity',
  intOrString: 'intstr.IntOrString',
  rawExtension: 'runtime.RawExtension',
  json: `${EXTENSIONS}.JSON`,
  schemaOrArray: `${EXTENSIONS}.JSONSchemaPropsOrArray`,
  schemaOrBool: `${EXTENSIONS}.JSONSchemaPropsOrBool`,
  schemaOrStringArray: `${EXTENSIONS}.JSONSchemaPropsOrStringArray`,
};
/** The body of every patch. */
export const PATCH_TYPE = `${META}.Patch`;

/** Where upstream's packages are, for what is not in k8s.io/api. */
const PACKAGES: Readonly<Record<string, string>> = {
  meta: 'io.k8s.apimachinery.pkg.apis.meta',
  resource: 'io.k8s.apimachinery.pkg.api.resource',
  intstr: 'io.k8s.apimachinery.pkg.util.intstr',
  runtime: 'io.k8s.apimachinery.pkg.runtime',
  version: 'io.k8s.apimachinery.pkg.version',
  'apiextensions.k8s.io': 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions',
  'apiregistration.k8s.io': 'io.k8s.kube-aggregator.pkg.apis.apiregistration',
  'metrics.k8s.io': 'io.k8s.metrics.pkg.apis.metrics',
};

/** `io.k8s.api.apps.v1.Deployment` of `apps/v1.Deployment`, `io.k8s.apimachinery.pkg.version.Info` of `version.Info`. */
export function definitionName(typeName: string): string {
  const dot = typeName.lastIndexOf('.');
  const [group = '', version] = typeName.slice(0, dot).split('/');
  const home = PACKAGES[group] ?? `io.k8s.api.${group.split('.')[0]}`;
  return `${home}${version === undefined ? '' : `.${version}`}.${typeName.slice(dot + 1)}`;
}

/** The name of a kind's list as a struct would have it. */
export function listTypeName(kind: Kind): string {
  return `${kind.schema.name}List`;
}
