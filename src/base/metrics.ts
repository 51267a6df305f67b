// Counters, gauges and histograms, and their text form for Prometheus. A component gets a registry and makes its metrics from
// it; names and labels follow upstream where upstream has the same metric.

export type LabelValues = Readonly<Record<string, string>>;

export interface Counter {
  add(labels?: LabelValues, amount?: number): void;
  /** The one series with these labels, for whoever adds to it often. */
  of(labels: LabelValues): { add(amount?: number): void };
}

export interface Gauge {
  set(value: number, labels?: LabelValues): void;
}

export interface Histogram {
  observe(value: number, labels?: LabelValues): void;
  /** The one series with these labels, for whoever adds to it often. */
  of(labels: LabelValues): { observe(value: number): void };
}

export interface MetricDescription {
  readonly name: string;
  readonly help: string;
  /** Label names, in the order in which they are printed. */
  readonly labels?: readonly string[];
}

/** Values by their labels, perhaps with the time, in milliseconds since 1970, at which each was measured. */
export type Reading = () => Iterable<readonly [labels: LabelValues, value: number, atMs?: number]>;

/** What a histogram holds: of each bucket alone (they are added up when they are printed), and of all. */
export interface HistogramReading {
  readonly counts: readonly number[];
  readonly count: number;
  readonly sum: number;
}

/** A metric has at most this many combinations of label values; what comes on top is dropped, so that memory is bounded. */
const MAX_SERIES = 5000;

/** Seconds, for requests: upstream's buckets, thinned. */
export const DURATION_BUCKETS: readonly number[] = [
  0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.5, 2, 3, 5, 10, 30, 60,
];

interface Family {
  readonly description: MetricDescription;
  readonly type: 'counter' | 'gauge' | 'histogram';
  lines(): Iterable<string>;
}

export class MetricsRegistry {
  readonly #families = new Map<string, Family>();

  counter(description: MetricDescription): Counter {
    const values = new Series(description, () => ({ value: 0 }));
    this.#register({ description, type: 'counter', lines: () => valueLines(description, values) });
    return {
      add(labels = {}, amount = 1) {
        const at = values.at(labels);
        if (at) at.value += amount;
      },
      of(labels) {
        const at = values.at(labels);
        return {
          add(amount = 1) {
            if (at) at.value += amount;
          },
        };
      },
    };
  }

  gauge(description: MetricDescription): Gauge {
    const values = new Series(description, () => ({ value: 0 }));
    this.#register({ description, type: 'gauge', lines: () => valueLines(description, values) });
    return {
      set(value, labels = {}) {
        const at = values.at(labels);
        if (at) at.value = value;
      },
    };
  }

  /** A gauge that is read when it is asked for. */
  gaugeOf(description: MetricDescription, read: Reading): void {
    this.#register({ description, type: 'gauge', lines: () => readLines(description, read) });
  }

  /** A counter that somebody else keeps, read when it is asked for. */
  counterOf(description: MetricDescription, read: Reading): void {
    this.#register({ description, type: 'counter', lines: () => readLines(description, read) });
  }

  /** A histogram that somebody else keeps, read when it is asked for. */
  histogramOf(
    description: MetricDescription,
    buckets: readonly number[],
    read: () => Iterable<readonly [labels: LabelValues, reading: HistogramReading]>,
  ): void {
    function* lines() {
      for (const [labels, reading] of read()) {
        yield* histogramLines(description, buckets, [[labelText(description, labels), reading]]);
      }
    }
    this.#register({ description, type: 'histogram', lines });
  }

  histogram(description: MetricDescription, buckets: readonly number[] = DURATION_BUCKETS): Histogram {
    const values = new Series<Observed>(description, () => ({
      counts: new Array<number>(buckets.length).fill(0),
      count: 0,
      sum: 0,
    }));
    this.#register({
      description,
      type: 'histogram',
      lines: () => histogramLines(description, buckets, values.byLabels),
    });
    return {
      observe(value, labels = {}) {
        const at = values.at(labels);
        if (at) note(at, value, buckets);
      },
      of(labels) {
        const at = values.at(labels);
        return {
          observe(value) {
            if (at) note(at, value, buckets);
          },
        };
      },
    };
  }

  /** Everything in Prometheus' text format, version 0.0.4. */
  text(): string {
    const parts: string[] = [];
    for (const { description, type, lines } of this.#families.values()) {
      const { name, help } = description;
      parts.push(`# HELP ${name} ${help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}\n# TYPE ${name} ${type}\n`);
      for (const text of lines()) parts.push(text);
    }
    return parts.join('');
  }

  #register(family: Family): void {
    const { name } = family.description;
    if (this.#families.has(name)) throw new TypeError(`there is a metric ${name} already`);
    this.#families.set(name, family);
  }
}

interface Observed {
  /** Of each bucket alone: they are added up when they are printed. */
  readonly counts: number[];
  count: number;
  sum: number;
}

function note(observed: Observed, value: number, buckets: readonly number[]): void {
  observed.count++;
  observed.sum += value;
  let bucket = 0;
  while (bucket < buckets.length && value > (buckets[bucket] as number)) bucket++;
  if (bucket < buckets.length) observed.counts[bucket] = (observed.counts[bucket] ?? 0) + 1;
}

class Series<T> {
  readonly #names: readonly string[];
  readonly #make: () => T;
  /** By their printed labels. */
  readonly byLabels = new Map<string, T>();
  /** By the values alone, which is quicker to look up and done for every request. */
  readonly #byValues = new Map<string, T>();
  readonly #description: MetricDescription;

  constructor(description: MetricDescription, make: () => T) {
    this.#description = description;
    this.#names = description.labels ?? [];
    this.#make = make;
  }

  at(labels: LabelValues): T | undefined {
    let key = '';
    for (const name of this.#names) key += `${labels[name] ?? ''}\0`;
    return this.#byValues.get(key) ?? this.#begin(key, labels);
  }

  #begin(key: string, labels: LabelValues): T | undefined {
    if (this.byLabels.size >= MAX_SERIES) return undefined;
    const value = this.#make();
    this.byLabels.set(labelText(this.#description, labels), value);
    this.#byValues.set(key, value);
    return value;
  }
}

function* readLines(description: MetricDescription, read: Reading): Generator<string> {
  for (const [labels, value, atMs] of read()) yield line(description.name, labelText(description, labels), value, atMs);
}

function* valueLines({ name }: MetricDescription, values: Series<{ value: number }>): Generator<string> {
  for (const [labels, { value }] of values.byLabels) yield line(name, labels, value);
}

function* histogramLines(
  { name }: MetricDescription,
  buckets: readonly number[],
  readings: Iterable<readonly [labels: string, reading: HistogramReading]>,
): Generator<string> {
  for (const [labels, { counts, count, sum }] of readings) {
    const before = labels === '' ? '' : `${labels},`;
    let total = 0;
    for (const [index, limit] of buckets.entries()) {
      total += counts[index] ?? 0;
      yield line(`${name}_bucket`, `${before}le="${limit}"`, total);
    }
    yield line(`${name}_bucket`, `${before}le="+Inf"`, count);
    yield line(`${name}_sum`, labels, sum);
    yield line(`${name}_count`, labels, count);
  }
}

function line(name: string, labels: string, value: number, atMs?: number): string {
  const time = atMs === undefined ? '' : ` ${Math.round(atMs)}`;
  return `${name}${labels === '' ? '' : `{${labels}}`} ${value}${time}\n`;
}

function labelText({ labels = [] }: MetricDescription, values: LabelValues): string {
  return labels.map((label) => `${label}="${escaped(values[label] ?? '')}"`).join(',');
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
