// One object of every kind, as a client writes it: the least that is valid. For tests that go over all kinds alike.

import { KINDS } from '../../src/api/catalog.ts';
import type { Kind } from '../../src/api/kind.ts';

export interface SampleObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name?: string; readonly namespace?: string; readonly labels?: object };
  readonly [field: string]: unknown;
}

/** Kinds of which clients make objects; reviews are only asked. */
export const STORED_KINDS: readonly Kind[] = KINDS.filter(({ virtual, verbs }) => !virtual && verbs.includes('update'));

/** A valid object. The name is taken as it is, except where the kind has a rule of its own for names. */
export function sampleObject(kind: Kind, name: string, namespace: string): SampleObject {
  const fields = FIELDS[keyOf(kind)];
  const nameOf = NAMES[keyOf(kind)];
  return {
    apiVersion: kind.apiVersion,
    kind: kind.kind,
    metadata: { name: nameOf ? nameOf(name) : name, ...(kind.namespaced ? { namespace } : {}) },
    ...(typeof fields === 'function' ? fields(name) : fields),
  };
}

const keyOf = ({ group, version, plural }: Kind): string => `${group === '' ? '' : `${group}/`}${version} ${plural}`;

const POD_SPEC = { containers: [{ name: 'main', image: 'nginx:1.27' }] };
const LABELS = { app: 'web' };
const SELECTOR = { matchLabels: LABELS };
const TEMPLATE = { metadata: { labels: LABELS }, spec: POD_SPEC };
const ONCE = { ...TEMPLATE, spec: { ...POD_SPEC, restartPolicy: 'Never' } };
const VIEW = {
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
  subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'jane' }],
};
const READ_PODS = { rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get', 'list'] }] };
const SCALE_TARGET = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' };
const POD_EVENT = (namespace: string) => ({ kind: 'Pod', name: 'web', namespace, apiVersion: 'v1' });
const MATCH_RULES = [
  { apiGroups: ['example.com'], apiVersions: ['v1'], operations: ['CREATE'], resources: ['widgets'] },
];
const WEBHOOK = {
  name: 'hook.example.com',
  clientConfig: { url: 'https://127.0.0.1:9/hook' },
  rules: MATCH_RULES,
  failurePolicy: 'Ignore',
  sideEffects: 'None',
  admissionReviewVersions: ['v1'],
};
const POLICY_MATCH = { resourceRules: MATCH_RULES };
const DEVICE_REQUEST = { name: 'gpu', exactly: { deviceClassName: 'gpu.example.com' } };
/** For the subject `CN=jane`. */
const CSR = `-----BEGIN CERTIFICATE REQUEST-----
MIHKMHECAQAwDzENMAsGA1UEAwwEamFuZTBZMBMGByqGSM49AgEGCCqGSM49AwEH
A0IABJoqNI4IgDnSWEFzdu041dVJIm/M/UmuuoKsiL3h4JMqJ2ynF0rKIUu9LdcA
wOut1wOaDZUkPJBFJF9FVAB8iWCgADAKBggqhkjOPQQDAgNJADBGAiEA0dY6t5Fr
5NHsZCp09EJFYYEU93ryfAVN6IBHFEtU6v4CIQCnGI5bnEI0qvJCs06rO13jOE9P
/y+BuKliH+q7Aq2Zww==
-----END CERTIFICATE REQUEST-----
`;

/** By group, version and plural: everything but metadata. Kinds that need nothing are not in it. */
const FIELDS: Readonly<Record<string, object | ((name: string) => object)>> = {
  'v1 configmaps': { data: { key: 'value' } },
  'v1 endpoints': { subsets: [{ addresses: [{ ip: '10.1.2.3' }], ports: [{ port: 80 }] }] },
  'v1 events': { involvedObject: POD_EVENT('every'), reason: 'Tested', message: 'it was', type: 'Normal' },
  'v1 limitranges': { spec: { limits: [{ type: 'Container', default: { cpu: '100m' } }] } },
  'v1 persistentvolumeclaims': {
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Mi' } }, storageClassName: '' },
  },
  'v1 persistentvolumes': {
    spec: { accessModes: ['ReadWriteOnce'], capacity: { storage: '1Mi' }, hostPath: { path: '/tmp/volume' } },
  },
  'v1 pods': { spec: POD_SPEC },
  'v1 podtemplates': { template: TEMPLATE },
  'v1 replicationcontrollers': { spec: { replicas: 0, selector: LABELS, template: TEMPLATE } },
  'v1 resourcequotas': { spec: { hard: { 'count/widgets.example.com': '10' } } },
  'v1 secrets': { stringData: { key: 'value' } },
  'v1 services': { spec: { selector: LABELS, ports: [{ port: 80 }] } },
  'apiregistration.k8s.io/v1 apiservices': {
    spec: {
      group: 'metrics.example.com',
      version: 'v1',
      groupPriorityMinimum: 100,
      versionPriority: 100,
      service: { name: 'metrics', namespace: 'every' },
      insecureSkipTLSVerify: true,
    },
  },
  'apps/v1 controllerrevisions': { revision: 1, data: { spec: { template: TEMPLATE } } },
  'apps/v1 daemonsets': {
    spec: { selector: SELECTOR, template: { ...TEMPLATE, spec: { ...POD_SPEC, nodeSelector: { no: 'node' } } } },
  },
  'apps/v1 deployments': { spec: { replicas: 0, selector: SELECTOR, template: TEMPLATE } },
  'apps/v1 replicasets': { spec: { replicas: 0, selector: SELECTOR, template: TEMPLATE } },
  'apps/v1 statefulsets': { spec: { replicas: 0, selector: SELECTOR, serviceName: 'web', template: TEMPLATE } },
  'events.k8s.io/v1 events': {
    regarding: POD_EVENT('every'),
    reason: 'Tested',
    action: 'Testing',
    type: 'Normal',
    eventTime: '2026-01-02T03:04:05.000000Z',
    reportingController: 'example.com/tester',
    reportingInstance: 'tester-1',
  },
  'autoscaling/v1 horizontalpodautoscalers': { spec: { scaleTargetRef: SCALE_TARGET, maxReplicas: 3 } },
  'autoscaling/v2 horizontalpodautoscalers': { spec: { scaleTargetRef: SCALE_TARGET, maxReplicas: 3 } },
  'batch/v1 cronjobs': { spec: { schedule: '0 3 * * *', suspend: true, jobTemplate: { spec: { template: ONCE } } } },
  'batch/v1 jobs': { spec: { suspend: true, template: ONCE } },
  'certificates.k8s.io/v1 certificatesigningrequests': {
    spec: { request: btoa(CSR), signerName: 'example.com/signer', usages: ['client auth'] },
  },
  'networking.k8s.io/v1 ingressclasses': { spec: { controller: 'example.com/ingress' } },
  'networking.k8s.io/v1 ingresses': {
    spec: { defaultBackend: { service: { name: 'web', port: { number: 80 } } } },
  },
  'networking.k8s.io/v1 ipaddresses': { spec: { parentRef: { resource: 'services', namespace: 'every', name: 'x' } } },
  'networking.k8s.io/v1 networkpolicies': { spec: { podSelector: SELECTOR, policyTypes: ['Ingress'] } },
  'networking.k8s.io/v1 servicecidrs': { spec: { cidrs: ['10.200.0.0/24'] } },
  'policy/v1 poddisruptionbudgets': { spec: { minAvailable: 1, selector: SELECTOR } },
  'rbac.authorization.k8s.io/v1 clusterrolebindings': VIEW,
  'rbac.authorization.k8s.io/v1 clusterroles': READ_PODS,
  'rbac.authorization.k8s.io/v1 rolebindings': VIEW,
  'rbac.authorization.k8s.io/v1 roles': READ_PODS,
  'storage.k8s.io/v1 csidrivers': { spec: { attachRequired: false } },
  'storage.k8s.io/v1 csinodes': { spec: { drivers: [{ name: 'csi.example.com', nodeID: 'one' }] } },
  'storage.k8s.io/v1 csistoragecapacities': { storageClassName: 'fast', capacity: '1Gi' },
  'storage.k8s.io/v1 storageclasses': { provisioner: 'example.com/disk' },
  'storage.k8s.io/v1 volumeattachments': {
    spec: { attacher: 'csi.example.com', nodeName: 'nowhere', source: { persistentVolumeName: 'volume' } },
  },
  'storage.k8s.io/v1 volumeattributesclasses': { driverName: 'csi.example.com', parameters: { speed: 'high' } },
  'admissionregistration.k8s.io/v1 mutatingadmissionpolicies': {
    spec: {
      matchConstraints: POLICY_MATCH,
      reinvocationPolicy: 'Never',
      mutations: [{ patchType: 'JSONPatch', jsonPatch: { expression: '[]' } }],
    },
  },
  'admissionregistration.k8s.io/v1 mutatingadmissionpolicybindings': { spec: { policyName: 'policy' } },
  'admissionregistration.k8s.io/v1 mutatingwebhookconfigurations': { webhooks: [WEBHOOK] },
  'admissionregistration.k8s.io/v1 validatingadmissionpolicies': {
    spec: { matchConstraints: POLICY_MATCH, validations: [{ expression: 'true' }] },
  },
  'admissionregistration.k8s.io/v1 validatingadmissionpolicybindings': {
    spec: { policyName: 'policy', validationActions: ['Deny'] },
  },
  'admissionregistration.k8s.io/v1 validatingwebhookconfigurations': { webhooks: [WEBHOOK] },
  'apiextensions.k8s.io/v1 customresourcedefinitions': {
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { plural: 'widgets', kind: 'Widget' },
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
    },
  },
  'scheduling.k8s.io/v1 priorityclasses': { value: 1000 },
  'coordination.k8s.io/v1 leases': { spec: { holderIdentity: 'me', leaseDurationSeconds: 15 } },
  'node.k8s.io/v1 runtimeclasses': { handler: 'runsc' },
  'discovery.k8s.io/v1 endpointslices': {
    addressType: 'IPv4',
    endpoints: [{ addresses: ['10.1.2.3'] }],
    ports: [{ name: 'http', port: 80 }],
  },
  'flowcontrol.apiserver.k8s.io/v1 flowschemas': {
    spec: { priorityLevelConfiguration: { name: 'global-default' }, matchingPrecedence: 5000 },
  },
  'flowcontrol.apiserver.k8s.io/v1 prioritylevelconfigurations': {
    spec: { type: 'Limited', limited: { nominalConcurrencyShares: 1, limitResponse: { type: 'Reject' } } },
  },
  'resource.k8s.io/v1 deviceclasses': { spec: {} },
  'resource.k8s.io/v1 resourceclaims': { spec: { devices: { requests: [DEVICE_REQUEST] } } },
  'resource.k8s.io/v1 resourceclaimtemplates': { spec: { spec: { devices: { requests: [DEVICE_REQUEST] } } } },
  'resource.k8s.io/v1 resourceslices': {
    spec: {
      driver: 'gpu.example.com',
      nodeName: 'nowhere',
      pool: { name: 'nowhere', generation: 1, resourceSliceCount: 1 },
      devices: [{ name: 'gpu-0' }],
    },
  },
};

/** Kinds whose names mean something. */
const NAMES: Readonly<Record<string, (name: string) => string>> = {
  'apiregistration.k8s.io/v1 apiservices': () => 'v1.metrics.example.com',
  'apiextensions.k8s.io/v1 customresourcedefinitions': () => 'widgets.example.com',
  'networking.k8s.io/v1 ipaddresses': () => '10.200.0.7',
};
