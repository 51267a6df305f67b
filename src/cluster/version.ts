// The versions that the cluster speaks of: its own, and the Kubernetes release it implements.

export const TYPERNETES_VERSION = '0.1.0';
/** What /version and the nodes report; clients compare its minor with their own. */
export const KUBERNETES_VERSION = 'v1.36.0';
