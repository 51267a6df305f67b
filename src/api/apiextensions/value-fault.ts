// What a schema finds wrong with a value, before it is told as errors of fields, and the count of what it found right, by
// which the best of several alternatives is chosen. Upstream: Result in k8s.io/kube-openapi/pkg/validation/validate.

export interface ValueFault {
  /** `schema`: of the schemas that are combined, and of no field. */
  readonly code: 'required' | 'enum' | 'tooLong' | 'tooMany' | 'type' | 'invalid' | 'schema';
  /** Where below the value that is validated: `.spec.replicas`, `items[0]`. */
  readonly name: string;
  readonly message: string;
  readonly value?: unknown;
  /** The number that is exceeded, or the values that are allowed. */
  readonly limit?: number | readonly string[];
}

export function schemaFault(message: string): ValueFault {
  return { code: 'schema', name: '', message };
}

export class ValueResult {
  readonly faults: ValueFault[] = [];
  /** How many checks have been passed. */
  matches = 0;

  get isValid(): boolean {
    return this.faults.length === 0;
  }

  /** Each message once: several schemas may find the same. */
  add(fault: ValueFault): void {
    if (!this.faults.some(({ message }) => message === fault.message)) this.faults.push(fault);
  }

  merge(other: ValueResult | undefined): void {
    if (!other) return;
    for (const fault of other.faults) this.add(fault);
    this.matches += other.matches;
  }

  /** The result of a check that applies to the value, which counts as such. */
  count(other: ValueResult): void {
    this.merge(other);
    this.matches++;
  }
}
