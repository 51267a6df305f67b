// Keeps the certificate by which pods verify the API server in ConfigMap kube-root-ca.crt of every namespace. Upstream:
// pkg/controller/certificates/rootcacertpublisher.

import { ConfigMap } from '../../api/core/config-map.ts';
import { Namespace } from '../../api/core/namespace.ts';
import { isStatusError } from '../../api/status-error.ts';
import { deepEqual } from '../../base/deep-equal.ts';
import type { Controller } from '../controller.ts';
import type { ControllerDeps } from '../controller-deps.ts';
import { isNamespaceTerminating } from '../pod-from-template.ts';

const NAME = 'kube-root-ca.crt';
const DESCRIPTION = 'kubernetes.io/description';
const DESCRIPTION_TEXT =
  'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.';

export function rootCaPublisher({ client, informers, config }: ControllerDeps): Controller {
  const namespaces = informers.informer(Namespace);
  const configMaps = informers.informer(ConfigMap, { fieldSelector: `metadata.name=${NAME}` });
  const data = { 'ca.crt': config.rootCertificateAuthority };
  return {
    name: 'root-ca-certificate-publisher-controller',
    reads: [namespaces, configMaps],
    watch: (enqueue) => [
      namespaces.subscribe((changes) => {
        for (const { type, object } of changes) if (type !== 'deleted') enqueue(object.metadata.name);
      }),
      configMaps.subscribe((changes) => {
        for (const { object } of changes) enqueue(object.metadata.namespace);
      }),
    ],
    async reconcile(namespace, { signal }) {
      if (namespaces.get(namespace)?.status.phase !== 'Active') return;
      const current = configMaps.get({ namespace, name: NAME });
      const annotations = { ...current?.metadata.annotations, [DESCRIPTION]: DESCRIPTION_TEXT };
      if (current && deepEqual(current.data, data) && current.metadata.annotations?.[DESCRIPTION]) return;
      const metadata = { ...current?.metadata, namespace, name: NAME, annotations };
      try {
        if (current) await client.update(ConfigMap, { ...current, metadata, data }, { signal });
        else await client.create(ConfigMap, { metadata, data }, { signal });
      } catch (error) {
        if (!isStatusError(error, 'AlreadyExists') && !isNamespaceTerminating(error)) throw error;
      }
    },
  };
}
