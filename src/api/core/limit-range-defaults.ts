// The defaults that limits have for each other. Upstream: SetDefaults_LimitRangeItem in pkg/apis/core/v1.

import type { Draft } from '../schema.ts';
import type { LimitRange } from './limit-range.ts';

/** Only limits of containers have defaults: the maximum is the default limit, that or the minimum the default request. */
export function defaultLimitRange({ spec }: Draft<LimitRange>): void {
  for (const item of spec.limits ?? []) {
    if (item.type !== 'Container') continue;
    const limits = { ...item.max, ...item.default };
    const requests = { ...item.min, ...limits, ...item.defaultRequest };
    if (Object.keys(limits).length > 0) item.default = limits;
    if (Object.keys(requests).length > 0) item.defaultRequest = requests;
  }
}
