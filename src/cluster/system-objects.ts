// Objects that every cluster has from its first moment: its namespaces, the range of service addresses, and what API
// servers behind this one verify its requests by.

import { ConfigMap } from '../api/core/config-map.ts';
import { Namespace } from '../api/core/namespace.ts';
import type { InputOf, Kind } from '../api/kind.ts';
import { ServiceCIDR } from '../api/networking/service-cidr.ts';
import { isStatusError } from '../api/status-error.ts';
import { StorageClass } from '../api/storage/storage-class.ts';
import { encodeBase64 } from '../base/base64.ts';
import type { Client } from '../client/client.ts';
import { SYSTEM_NAMESPACES } from '../controllers/system-namespaces/system-namespaces.ts';
import { HOST_PATH_CLASS } from '../storage/host-path/host-path-class.ts';
import type { ApiServerCertificates } from './certificates.ts';
import type { ClusterConfig } from './cluster-config.ts';

/** What all nodes of a cluster have to agree on. */
export type ClusterSettings = Pick<ClusterConfig, 'podCidr' | 'serviceCidr' | 'dnsAddress' | 'clusterDomain'>;

/** Where the settings are in what a cluster says of itself. */
export const CLUSTER_EXTENSION = 'typernetes.io/cluster';

/** Makes what is missing and brings the ConfigMaps up to date; the client's user must be a superuser. */
export async function ensureSystemObjects(
  { client }: { readonly client: Client },
  {
    settings,
    server,
    certificates,
  }: {
    readonly settings: ClusterSettings;
    /** Where the API is, for others: `https://HOST:PORT`. */
    readonly server: string;
    readonly certificates: ApiServerCertificates;
  },
  { signal }: { readonly signal: AbortSignal },
): Promise<void> {
  await Promise.all(
    SYSTEM_NAMESPACES.map((name) => createIfMissing(client, Namespace, { metadata: { name } }, signal)),
  );
  await createIfMissing(
    client,
    ServiceCIDR,
    { metadata: { name: 'kubernetes' }, spec: { cidrs: [settings.serviceCidr] } },
    signal,
  );
  // Upstream: pkg/controlplane/controller/clusterauthenticationtrust.
  const authentication = {
    metadata: { name: 'extension-apiserver-authentication', namespace: 'kube-system' },
    data: {
      'client-ca-file': certificates.ca.certificate,
      'requestheader-allowed-names': JSON.stringify(['front-proxy-client']),
      'requestheader-client-ca-file': certificates.frontProxyCa.certificate,
      'requestheader-extra-headers-prefix': JSON.stringify(['X-Remote-Extra-']),
      'requestheader-group-headers': JSON.stringify(['X-Remote-Group']),
      'requestheader-uid-headers': JSON.stringify(['X-Remote-Uid']),
      'requestheader-username-headers': JSON.stringify(['X-Remote-User']),
    },
  };
  if (!(await createIfMissing(client, ConfigMap, authentication, signal))) {
    await client.update(ConfigMap, authentication, { signal });
  }
  const info = {
    metadata: { name: 'cluster-info', namespace: 'kube-public' },
    data: { kubeconfig: clusterInfo(server, certificates.ca.certificate, settings) },
  };
  if (!(await createIfMissing(client, ConfigMap, info, signal))) {
    // Its signatures stay; the controller that makes them sees whether they are still right.
    await client.patch(ConfigMap, info.metadata, { type: 'merge', body: { data: info.data } }, { signal });
  }
}

/** What a machine that joins learns of the cluster: where the API is, and whose certificates to trust. */
function clusterInfo(server: string, certificateAuthority: string, settings: ClusterSettings): string {
  const authority = encodeBase64(new TextEncoder().encode(certificateAuthority));
  return [
    'apiVersion: v1',
    'kind: Config',
    'clusters:',
    '- name: ""',
    '  cluster:',
    `    server: ${server}`,
    `    certificate-authority-data: ${authority}`,
    '    extensions:',
    `    - name: ${CLUSTER_EXTENSION}`,
    `      extension: ${JSON.stringify(settings)}`,
    'contexts: []',
    'users: []',
    'current-context: ""',
    'preferences: {}',
    '',
  ].join('\n');
}

/** For claims that name no class. What people have made of it (that it is no default any more, say) stays. */
export async function ensureDefaultStorageClass(
  { client }: { readonly client: Client },
  { signal }: { readonly signal: AbortSignal },
): Promise<void> {
  await createIfMissing(client, StorageClass, HOST_PATH_CLASS, signal);
}

/** Whether it was missing. */
async function createIfMissing<K extends Kind>(
  client: Client,
  kind: K,
  object: InputOf<K>,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    await client.create(kind, object, { signal });
    return true;
  } catch (error) {
    if (isStatusError(error, 'AlreadyExists')) return false;
    throw error;
  }
}
