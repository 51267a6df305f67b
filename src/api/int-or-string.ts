// IntOrString: a number, or a percentage (or a name, for ports). Rules: k8s.io/apimachinery/pkg/util/intstr.

export type IntOrString = number | string;

const PERCENT = /^([+-]?\d+)%$/;

/** The value is a string that is no percentage. */
export class PercentError extends Error {
  override readonly name = 'PercentError';
}

/** The number, or the percentage of `total`, rounded as told. Throws `PercentError`. */
export function scaledValue(value: IntOrString, total: number, rounding: 'up' | 'down'): number {
  if (typeof value === 'number') return value;
  const share = (percentOf(value) * total) / 100;
  return rounding === 'up' ? Math.ceil(share) : Math.floor(share);
}

/** The figure before the percent sign. Throws `PercentError`. */
export function percentOf(value: string): number {
  const match = PERCENT.exec(value);
  if (match) return Number(match[1]);
  const why = value.endsWith('%')
    ? `invalid value ${JSON.stringify(value)}: strconv.Atoi: parsing ${JSON.stringify(value.slice(0, -1))}: invalid syntax`
    : 'invalid type: string is not a percentage';
  throw new PercentError(`invalid value for IntOrString: ${why}`);
}

export function isPercent(value: IntOrString): value is string {
  return typeof value === 'string' && PERCENT.test(value);
}
