// Metrics that are read off figures when they are asked for: what is not there was not measured, and has no series.

import type { LabelValues, MetricsRegistry } from '../../base/metrics.ts';

/** With the time when it was measured. */
export type Value = readonly [value: number, atMs?: number] | undefined;
export type Sample = readonly [labels: LabelValues, value: number, atMs?: number];

export interface Metric<Subject> {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge';
  read(subject: Subject): Value;
}

/** A metric without a single value is left out. */
export function addFigureMetrics<Subject>(
  metrics: MetricsRegistry,
  all: readonly Metric<Subject>[],
  labels: readonly string[],
  subjects: readonly (readonly [LabelValues, Subject])[],
): void {
  for (const { name, help, type, read } of all) {
    const samples = subjects.flatMap(([values, subject]): readonly Sample[] => {
      const value = read(subject);
      return value ? [[values, ...value]] : [];
    });
    if (samples.length === 0) continue;
    if (type === 'counter') metrics.counterOf({ name, help, labels }, () => samples);
    else metrics.gaugeOf({ name, help, labels }, () => samples);
  }
}
