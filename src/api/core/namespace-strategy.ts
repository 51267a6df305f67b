// What creators and updaters of namespaces do not decide: the label with the name, the finalizer that keeps a namespace
// until it is empty, and the phase. Upstream: pkg/registry/core/namespace/strategy.go.

import type { Draft } from '../schema.ts';
import type { Namespace } from './namespace.ts';

/** Label by which selectors find a namespace by its name. */
export const NAMESPACE_NAME_LABEL = 'kubernetes.io/metadata.name';
/** In `spec.finalizers` until the namespace controller has deleted all that the namespace held. */
export const NAMESPACE_FINALIZER = 'kubernetes';

export function defaultNamespace({ metadata }: Draft<Namespace>): void {
  // A name that is to be generated is not known yet; it is labelled on creation.
  if (metadata.name) metadata.labels = { ...metadata.labels, [NAMESPACE_NAME_LABEL]: metadata.name };
}

export function prepareNamespaceForCreate(namespace: Draft<Namespace>): void {
  defaultNamespace(namespace);
  const finalizers = namespace.spec.finalizers ?? [];
  if (!finalizers.includes(NAMESPACE_FINALIZER)) namespace.spec.finalizers = [...finalizers, NAMESPACE_FINALIZER];
  namespace.status = { phase: 'Active' };
}

export function prepareNamespaceForUpdate(namespace: Draft<Namespace>, previous: Namespace): void {
  namespace.spec = previous.spec as Draft<Namespace>['spec'];
}

/** namespaces/finalize writes everything but the status. */
export function prepareFinalize(namespace: Draft<Namespace>, previous: Namespace): void {
  namespace.status = previous.status as Draft<Namespace>['status'];
}
