// What users may set of the node agent, under the names and with the defaults of upstream's KubeletConfiguration
// (kubelet.config.k8s.io/v1beta1): as much of it as the agent follows. A field of which it knows nothing is refused rather
// than passed over. What is wrong with one is in settings-validation.ts.

import { decodeBody } from '../../api/decode-body.ts';
import type { ObjectType } from '../../api/decode-object.ts';
import { applyDefaults } from '../../api/defaults.ts';
import {
  bool,
  duration,
  int32,
  int64,
  type JsonObject,
  leafOf,
  list,
  map,
  type Read,
  string,
  struct,
} from '../../api/schema.ts';
import { isStatusError } from '../../api/status-error.ts';
import { DEFAULT_VERIFICATION_POLICY, VERIFICATION_POLICIES } from '../images/verify-pull.ts';
import { LOG_ROTATION_DEFAULTS } from '../logs/log-rotation.ts';
import { settingsErrors } from './settings-validation.ts';

const ShutdownGracePeriodByPodPriority = struct('kubelet.config.k8s.io/v1beta1.ShutdownGracePeriodByPodPriority', {
  priority: int32(1, { omit: 'never' }),
  shutdownGracePeriodSeconds: int64(2, { omit: 'never' }),
});

const DEFAULT_EVICTION = {
  'imagefs.available': '15%',
  'imagefs.inodesFree': '5%',
  'memory.available': '100Mi',
  'nodefs.available': '10%',
  'nodefs.inodesFree': '5%',
};

/** Every field has a default. The numbers mean nothing: it is never sent as protobuf. */
const KubeletConfiguration = struct('kubelet.config.k8s.io/v1beta1.KubeletConfiguration', {
  staticPodPath: string(1, { default: '' }),
  imageMinimumGCAge: duration(2, { optional: true, default: '2m0s' }),
  imageMaximumGCAge: duration(3, { optional: true, default: '0s' }),
  imageGCHighThresholdPercent: int32(4, { optional: true, default: 85 }),
  imageGCLowThresholdPercent: int32(5, { optional: true, default: 80 }),
  volumeStatsAggPeriod: duration(6, { optional: true, default: '1m0s' }),
  maxPods: int32(7, { default: 110 }),
  nodeStatusMaxImages: int32(8, { optional: true, default: 50 }),
  evictionHard: map(9, 'string', { optional: true, default: DEFAULT_EVICTION }),
  evictionSoft: map(10, 'string', { default: {} }),
  evictionSoftGracePeriod: map(11, 'string', { default: {} }),
  evictionPressureTransitionPeriod: duration(12, { optional: true, default: '5m0s' }),
  evictionMaxPodGracePeriod: int32(13, { default: 0 }),
  evictionMinimumReclaim: map(14, 'string', { default: {} }),
  mergeDefaultEvictionSettings: bool(15, { optional: true, default: false }),
  systemReserved: map(16, 'string', { default: {} }),
  kubeReserved: map(17, 'string', { default: {} }),
  allowedUnsafeSysctls: list(18, 'string', { default: [] }),
  shutdownGracePeriod: duration(19, { optional: true, default: '0s' }),
  shutdownGracePeriodCriticalPods: duration(20, { optional: true, default: '0s' }),
  shutdownGracePeriodByPodPriority: list(21, ShutdownGracePeriodByPodPriority, { default: [] }),
  containerLogMaxSize: string(22, { default: LOG_ROTATION_DEFAULTS.containerLogMaxSize }),
  containerLogMaxFiles: int32(23, { optional: true, default: LOG_ROTATION_DEFAULTS.containerLogMaxFiles }),
  containerLogMaxWorkers: int32(24, { optional: true, default: LOG_ROTATION_DEFAULTS.containerLogMaxWorkers }),
  containerLogMonitorInterval: duration(25, {
    optional: true,
    default: LOG_ROTATION_DEFAULTS.containerLogMonitorInterval,
  }),
  serializeImagePulls: bool(26, { optional: true, default: false }),
  // Upstream pulls one image after the other: a registry that does not answer would keep every other pod waiting.
  maxParallelImagePulls: int32(27, { optional: true, default: 5 }),
  imagePullCredentialsVerificationPolicy: string(28, {
    enum: VERIFICATION_POLICIES,
    default: DEFAULT_VERIFICATION_POLICY,
  }),
  preloadedImagesVerificationAllowlist: list(29, 'string', { default: [] }),
});

type Fields = Read<typeof KubeletConfiguration>;
/** With the defaults of all that is not set. */
export type KubeletSettings = { readonly [Name in keyof Fields]-?: NonNullable<Fields[Name]> };
/** What somebody has set, without defaults. */
export type KubeletConfiguration = Partial<KubeletSettings>;

const TYPE: ObjectType = {
  group: 'kubelet.config.k8s.io',
  version: 'v1beta1',
  kind: 'KubeletConfiguration',
  schema: KubeletConfiguration,
};

/** The settings cannot be followed; the message says all that is wrong with them. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
}

/** What the text (YAML, or JSON) sets. Throws SettingsError. */
export function readKubeletConfiguration(text: string): KubeletConfiguration {
  const { kind: _, apiVersion: _version, ...configuration } = decode(text) as unknown as JsonObject;
  const errors = settingsErrors(kubeletSettings(configuration));
  if (errors.length > 0) throw new SettingsError(errors.join('; '));
  return configuration;
}

/** Fills in what is not set. */
export function kubeletSettings(configuration: KubeletConfiguration = {}): KubeletSettings {
  const draft: Record<string, unknown> = { ...configuration };
  // Upstream cannot tell durations that are zero from those that are not set.
  for (const [name, field] of Object.entries(KubeletConfiguration.fields)) {
    if (leafOf(field) === 'duration' && draft[name] === '0s') delete draft[name];
  }
  if (draft['serializeImagePulls'] === true) draft['maxParallelImagePulls'] ??= 1;
  if (draft['mergeDefaultEvictionSettings'] === true) {
    draft['evictionHard'] = { ...DEFAULT_EVICTION, ...configuration.evictionHard };
  }
  applyDefaults(KubeletConfiguration, draft);
  return draft as unknown as KubeletSettings;
}

function decode(text: string) {
  const body = new TextEncoder().encode(text);
  try {
    const { draft, warnings } = decodeBody(TYPE, body, { format: 'yaml', fieldValidation: 'Warn' });
    if (warnings.length === 0) return draft;
    const fields = Object.keys(KubeletConfiguration.fields).join(', ');
    throw new SettingsError(`${warnings.join(', ')} (the node agent follows these fields: ${fields})`);
  } catch (cause) {
    if (!isStatusError(cause)) throw cause;
    throw new SettingsError(cause.message, { cause });
  }
}
