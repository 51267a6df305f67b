// What is wrong with settings of the node agent. Upstream: pkg/kubelet/apis/config/validation.

import { isQuantity, quantitySign } from '../../api/quantity.ts';
import type { ResourceList } from '../../api/resource-list.ts';
import { durationToMs } from '../../api/time.ts';
import { checkAllowedSysctls, SysctlListError } from '../admission/sysctls.ts';
import { thresholdErrors } from '../eviction/thresholds.ts';
import { VERIFICATION_POLICIES } from '../images/verify-pull.ts';
import type { KubeletSettings } from './kubelet-configuration.ts';

/** Every fault, in upstream's words. */
export function settingsErrors(settings: KubeletSettings): readonly string[] {
  return [
    ...[
      ...countErrors(settings),
      ...imageErrors(settings),
      ...pullErrors(settings),
      ...logErrors(settings),
      ...shutdownErrors(settings),
    ].map(invalid),
    ...thresholdErrors(settings),
    ...reservedErrors('systemReserved', settings.systemReserved),
    ...reservedErrors('kubeReserved', settings.kubeReserved),
    ...sysctlErrors(settings.allowedUnsafeSysctls),
  ];
}

function invalid(what: string): string {
  return `invalid configuration: ${what}`;
}

function countErrors({ maxPods, nodeStatusMaxImages }: KubeletSettings): readonly string[] {
  return [
    ...(nodeStatusMaxImages < -1
      ? [`nodeStatusMaxImages (--node-status-max-images) ${nodeStatusMaxImages} must be -1 or greater`]
      : []),
    ...(maxPods < 0 ? [`maxPods (--max-pods) ${maxPods} must not be a negative number`] : []),
  ];
}

function imageErrors(settings: KubeletSettings): readonly string[] {
  const { imageGCHighThresholdPercent: high, imageGCLowThresholdPercent: low } = settings;
  const { imageMinimumGCAge: least, imageMaximumGCAge: most } = settings;
  const [highName, lowName] = [
    'imageGCHighThresholdPercent (--image-gc-high-threshold)',
    'imageGCLowThresholdPercent (--image-gc-low-threshold)',
  ];
  const range = (name: string, value: number) =>
    value < 0 || value > 100 ? [`${name} ${value} must be between 0 and 100, inclusive`] : [];
  return [
    ...range(highName, high),
    ...range(lowName, low),
    ...(low >= high ? [`${lowName} ${low} must be less than ${highName} ${high}`] : []),
    ...(durationToMs(least) < 0 ? [`imageMinimumGCAge ${least} must not be negative`] : []),
    ...(durationToMs(most) < 0 ? [`imageMaximumGCAge ${most} must not be negative`] : []),
    ...(durationToMs(most) > 0 && durationToMs(most) <= durationToMs(least)
      ? [`imageMaximumGCAge ${most} must be greater than imageMinimumGCAge ${least}`]
      : []),
  ];
}

function pullErrors(settings: KubeletSettings): readonly string[] {
  const { maxParallelImagePulls: most, serializeImagePulls, imagePullCredentialsVerificationPolicy: policy } = settings;
  return [
    ...(most < 1 ? [`maxParallelImagePulls ${most} must be a positive number`] : []),
    ...(serializeImagePulls && most > 1
      ? [
          'maxParallelImagePulls cannot be larger than 1 unless SerializeImagePulls (--serialize-image-pulls) is set to false',
        ]
      : []),
    ...(VERIFICATION_POLICIES.includes(policy)
      ? []
      : [
          `imagePullCredentialsVerificationPolicy ${JSON.stringify(policy)} is not one of ${VERIFICATION_POLICIES.join(', ')}`,
        ]),
  ];
}

function logErrors(settings: KubeletSettings): readonly string[] {
  const { containerLogMaxSize: size, containerLogMaxFiles: files } = settings;
  const { containerLogMaxWorkers: workers, containerLogMonitorInterval: interval } = settings;
  return [
    ...(isQuantity(size) ? [] : [`containerLogMaxSize ${JSON.stringify(size)} is not a quantity`]),
    ...(files <= 1 ? [`containerLogMaxFiles ${files} must be greater than 1`] : []),
    ...(workers < 1 ? [`containerLogMaxWorkers ${workers} must be greater than or equal to 1`] : []),
    ...(durationToMs(interval) < 3000
      ? [`containerLogMonitorInterval ${interval} must be a positive time duration greater than or equal to 3s`]
      : []),
  ];
}

function shutdownErrors(settings: KubeletSettings): readonly string[] {
  const { shutdownGracePeriod: all, shutdownGracePeriodCriticalPods: critical } = settings;
  const isBoth = durationToMs(all) > 0 || durationToMs(critical) > 0;
  const tooShort = (name: string, period: string) => {
    const ms = durationToMs(period);
    return ms < 0 || (ms > 0 && ms < 1000) ? [`${name} ${period} must be either zero or otherwise >= 1 sec`] : [];
  };
  return [
    ...(durationToMs(critical) > durationToMs(all)
      ? [`shutdownGracePeriodCriticalPods {${critical}} must be <= shutdownGracePeriod {${all}}`]
      : []),
    ...tooShort('shutdownGracePeriod', all),
    ...tooShort('shutdownGracePeriodCriticalPods', critical),
    ...(settings.shutdownGracePeriodByPodPriority.length > 0 && isBoth
      ? ['Cannot specify both shutdownGracePeriodByPodPriority and shutdownGracePeriod at the same time']
      : []),
  ];
}

const RESERVABLE: readonly string[] = ['cpu', 'memory', 'ephemeral-storage', 'pid'];

function reservedErrors(field: string, reserved: ResourceList): readonly string[] {
  return Object.entries(reserved).flatMap(([resource, quantity]) => {
    if (!RESERVABLE.includes(resource)) return [`${field}: cannot reserve ${JSON.stringify(resource)} resource`];
    if (!isQuantity(quantity))
      return [`${field}: failed to parse quantity ${JSON.stringify(quantity)} for ${resource}`];
    return quantitySign(quantity) < 0
      ? [`${field}: resource quantity for ${resource} cannot be negative: ${quantity}`]
      : [];
  });
}

function sysctlErrors(allowed: readonly string[]): readonly string[] {
  try {
    checkAllowedSysctls(allowed);
    return [];
  } catch (error) {
    if (error instanceof SysctlListError) return [error.message];
    throw error;
  }
}
