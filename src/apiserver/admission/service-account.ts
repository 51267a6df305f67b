// ServiceAccount: every pod runs as a service account that exists, and finds its token, the cluster's CA certificate and
// its namespace in a volume of its own. Upstream: k8s.io/kubernetes/plugin/pkg/admission/serviceaccount.

import { Pod } from '../../api/core/pod.ts';
import { containersOf, podReferences } from '../../api/core/pod-references.ts';
import { ServiceAccount } from '../../api/core/service-account.ts';
import type { Volume } from '../../api/core/volume.ts';
import type { Draft } from '../../api/schema.ts';
import { type Clock, sleep } from '../../base/clock.ts';
import { type Random, randomSuffix } from '../../base/random.ts';
import type { ObjectReader } from '../registry/object-reader.ts';
import type { AdmissionPlugin, AdmissionRequest } from './admission.ts';
import { isMirrorPod } from './mirror-pod.ts';
import { refusal } from './refusal.ts';

/** Where containers look for their token. */
const TOKEN_MOUNT_PATH = '/var/run/secrets/kubernetes.io/serviceaccount';
const VOLUME_PREFIX = 'kube-api-access-';
/** Upstream's: an hour and a bit, by which the issuer knows tokens that nobody asked for by name. */
const TOKEN_EXPIRATION_SECONDS = 3607;
const MOUNTABLE_SECRETS_ANNOTATION = 'kubernetes.io/enforce-mountable-secrets';

/** A new namespace gets its default account from a controller, a moment later. */
const DEFAULT_ACCOUNT_ATTEMPTS = 75;
const DEFAULT_ACCOUNT_RETRY_MS = 20;

export interface ServiceAccountPluginDeps {
  readonly objects: ObjectReader;
  readonly random: Random;
  readonly clock: Clock;
}

export function serviceAccount(deps: ServiceAccountPluginDeps): AdmissionPlugin {
  return {
    name: 'ServiceAccount',
    mutate(request) {
      if (request.kind !== Pod || request.subresource !== '' || request.operation !== 'CREATE') return;
      const pod = request.object as unknown as Draft<Pod>;
      return isMirrorPod(pod) ? checkMirrorPod(request, pod) : equip(deps, request, pod);
    },
    validate(request) {
      const { kind, subresource, operation, object } = request;
      if (kind !== Pod) return;
      const pod = object as unknown as Draft<Pod>;
      const isCreate = operation === 'CREATE' && subresource === '';
      if (!isCreate && !(operation === 'UPDATE' && subresource === 'ephemeralcontainers')) return;
      return isMirrorPod(pod) ? checkMirrorPod(request, pod) : checkPod(deps, request, pod);
    },
  };
}

async function equip(deps: ServiceAccountPluginDeps, request: AdmissionRequest, pod: Draft<Pod>): Promise<void> {
  const { spec } = pod;
  spec.serviceAccountName ||= 'default';
  // The older name of the same field, kept in step.
  spec.serviceAccount = spec.serviceAccountName;
  const account = await accountOf(deps, request, spec.serviceAccountName);
  if (spec.automountServiceAccountToken ?? account.automountServiceAccountToken ?? true) {
    mountToken(pod, deps.random);
  }
  if (!spec.imagePullSecrets?.length && account.imagePullSecrets?.length) {
    spec.imagePullSecrets = account.imagePullSecrets.map((secret) => ({ ...secret }));
  }
}

async function checkPod(deps: ServiceAccountPluginDeps, request: AdmissionRequest, pod: Draft<Pod>): Promise<void> {
  if (!pod.spec.serviceAccountName) {
    throw refusal(request, `no service account specified for pod ${request.namespace}/${pod.metadata.name}`);
  }
  limitSecrets(request, pod, await accountOf(deps, request, pod.spec.serviceAccountName));
}

/** A mirror pod shows what a node runs by itself; it can have nothing that comes from the API. */
function checkMirrorPod(request: AdmissionRequest, pod: Draft<Pod>): void {
  if (pod.spec.serviceAccountName) throw refusal(request, 'a mirror pod may not reference service accounts');
  if (podReferences(pod).secrets.size > 0) throw refusal(request, 'a mirror pod may not reference secrets');
  const sources = (pod.spec.volumes ?? []).flatMap(({ projected }) => projected?.sources ?? []);
  if (sources.some((source) => source.serviceAccountToken)) {
    throw refusal(request, 'a mirror pod may not use ServiceAccountToken volume projections');
  }
}

async function accountOf(
  { objects, clock }: ServiceAccountPluginDeps,
  request: AdmissionRequest,
  name: string,
): Promise<ServiceAccount> {
  const { namespace } = request;
  const attempts = name === 'default' ? DEFAULT_ACCOUNT_ATTEMPTS : 1;
  for (let attempt = 1; ; attempt++) {
    const account = objects.get(ServiceAccount, { namespace, name });
    if (account) return account;
    if (attempt >= attempts) break;
    await sleep(clock, DEFAULT_ACCOUNT_RETRY_MS);
  }
  const missing = `serviceaccount ${JSON.stringify(name)} not found`;
  throw refusal(request, `error looking up service account ${namespace}/${name}: ${missing}`);
}

/** Mounts the token into every container that has nothing at its place, and adds the volume if one needs it. */
function mountToken({ spec }: Draft<Pod>, random: Random): void {
  const existing = spec.volumes?.find(({ name, projected }) => projected && name.startsWith(VOLUME_PREFIX));
  const name = existing?.name ?? VOLUME_PREFIX + randomSuffix(random, 5);
  let isNeeded = false;
  for (const container of [...(spec.initContainers ?? []), ...(spec.containers ?? [])]) {
    const mounts = container.volumeMounts ?? [];
    if (mounts.some(({ mountPath }) => mountPath === TOKEN_MOUNT_PATH)) continue;
    container.volumeMounts = [...mounts, { name, readOnly: true, mountPath: TOKEN_MOUNT_PATH }];
    isNeeded = true;
  }
  if (isNeeded && !existing) spec.volumes = [...(spec.volumes ?? []), tokenVolume(name)];
}

function tokenVolume(name: string): Draft<Volume> {
  return {
    name,
    projected: {
      sources: [
        { serviceAccountToken: { expirationSeconds: TOKEN_EXPIRATION_SECONDS, path: 'token' } },
        { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
        {
          downwardAPI: {
            items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }],
          },
        },
      ],
      defaultMode: 0o644,
    },
  };
}

/** An account may ask that its pods mount and use only the secrets that it lists. */
function limitSecrets(request: AdmissionRequest, pod: Draft<Pod>, account: ServiceAccount): void {
  if (account.metadata.annotations?.[MOUNTABLE_SECRETS_ANNOTATION] !== 'true') return;
  const mountable = new Set((account.secrets ?? []).map(({ name }) => name));
  const because = `is not allowed because service account ${account.metadata.name} does not reference that secret`;
  for (const { secret } of pod.spec.volumes ?? []) {
    if (!secret || mountable.has(secret.secretName)) continue;
    throw refusal(request, `volume with secret.secretName=${JSON.stringify(secret.secretName)} ${because}`);
  }
  for (const container of containersOf(pod as unknown as Pod)) {
    const used = [
      ...(container.env ?? []).map(({ name, valueFrom }) => [`envVar ${name}`, valueFrom?.secretKeyRef?.name] as const),
      ...(container.envFrom ?? []).map(({ secretRef }) => ['envFrom', secretRef?.name] as const),
    ];
    for (const [by, name] of used) {
      if (name === undefined || mountable.has(name)) continue;
      const what = `container ${container.name} with ${by} referencing secret.secretName=${JSON.stringify(name)}`;
      throw refusal(request, `${what} ${because}`);
    }
  }
  const pullable = new Set((account.imagePullSecrets ?? []).map(({ name }) => name));
  for (const [index, { name }] of (pod.spec.imagePullSecrets ?? []).entries()) {
    if (pullable.has(name)) continue;
    const what = `imagePullSecrets[${index}].name=${JSON.stringify(name)}`;
    throw refusal(
      request,
      `${what} is not allowed because service account ${account.metadata.name} does not reference that imagePullSecret`,
    );
  }
}
