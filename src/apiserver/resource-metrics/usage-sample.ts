// What a node's agent tells of the resources that are used there, read from its text and made rates of. Pure. The names
// are those of the kubelet's /metrics/resource; what is worked out of two samples follows metrics-server.

export interface Reading {
  /** By the node's clock. */
  readonly atMs: number;
  /** Used since it began. */
  readonly cpuSeconds: number;
  readonly memoryBytes: number;
  /** When it began, where that is known. */
  readonly startedMs?: number | undefined;
}

export interface UsageSample {
  readonly node: Reading | undefined;
  /** By `namespace/name` and the container's name. */
  readonly pods: ReadonlyMap<string, ReadonlyMap<string, Reading>>;
}

/** What is used on average over a window of time, which ends at `atMs`. */
export interface MeasuredUsage {
  readonly atMs: number;
  readonly windowMs: number;
  readonly cpuNanoCores: number;
  readonly memoryBytes: number;
}

type Draft = { -readonly [Field in keyof Reading]?: Reading[Field] };

const LINE = /^([a-z_]+)(?:\{(.*)\})? (\S+)(?: (\d+))?$/;
const LABEL = /([a-z]+)="((?:[^"\\]|\\.)*)"/g;
/** A container that has just begun is measured from its beginning once it is this old. */
const FRESH_MS = 1_000;

/** Reads Prometheus' text; what it does not know it leaves out. `nowMs` is for lines without a time. */
export function parseUsage(text: string, nowMs: number): UsageSample {
  const node: Draft = {};
  const pods = new Map<string, Map<string, Draft>>();
  for (const line of text.split('\n')) {
    const [, name = '', labelText = '', value = '', at] = LINE.exec(line) ?? [];
    const field = FIELDS[name];
    if (!field) continue;
    const labels = Object.fromEntries(
      [...labelText.matchAll(LABEL)].map(([, key, text]) => [key, unescaped(text ?? '')]),
    );
    const draft = field.of === 'node' ? node : draftOf(pods, labels);
    draft[field.field] = Number(value) * field.times;
    if (field.field === 'cpuSeconds') draft.atMs = at === undefined ? nowMs : Number(at);
  }
  return {
    node: whole(node),
    pods: new Map([...pods].map(([key, containers]) => [key, wholeOnes(containers)])),
  };
}

interface KnownLine {
  readonly of: 'node' | 'container';
  readonly field: 'cpuSeconds' | 'memoryBytes' | 'startedMs';
  readonly times: number;
}

const FIELDS: Readonly<Record<string, KnownLine>> = {
  node_cpu_usage_seconds_total: { of: 'node', field: 'cpuSeconds', times: 1 },
  node_memory_working_set_bytes: { of: 'node', field: 'memoryBytes', times: 1 },
  container_cpu_usage_seconds_total: { of: 'container', field: 'cpuSeconds', times: 1 },
  container_memory_working_set_bytes: { of: 'container', field: 'memoryBytes', times: 1 },
  container_start_time_seconds: { of: 'container', field: 'startedMs', times: 1000 },
};

function draftOf(
  pods: Map<string, Map<string, Draft>>,
  { namespace = '', pod = '', container = '' }: { namespace?: string; pod?: string; container?: string },
): Draft {
  const key = `${namespace}/${pod}`;
  const containers = pods.get(key) ?? new Map<string, Draft>();
  pods.set(key, containers);
  const draft = containers.get(container) ?? {};
  containers.set(container, draft);
  return draft;
}

function wholeOnes(containers: ReadonlyMap<string, Draft>): ReadonlyMap<string, Reading> {
  const readings = new Map<string, Reading>();
  for (const [name, draft] of containers) {
    const reading = whole(draft);
    if (reading) readings.set(name, reading);
  }
  return readings;
}

function whole({ atMs, cpuSeconds, memoryBytes, startedMs }: Draft): Reading | undefined {
  if (atMs === undefined || !Number.isFinite(cpuSeconds) || !Number.isFinite(memoryBytes)) return undefined;
  return { atMs, cpuSeconds: cpuSeconds as number, memoryBytes: memoryBytes as number, startedMs };
}

function unescaped(text: string): string {
  return text.replace(/\\(.)/g, (_match, char: string) => (char === 'n' ? '\n' : char));
}

export function nodeUsage(earlier: UsageSample, later: UsageSample): MeasuredUsage | undefined {
  return later.node && usageBetween(earlier.node, later.node);
}

/** By the containers' names; undefined unless all that run are measured, so that nobody takes a part for the whole. */
export function podUsage(
  earlier: UsageSample,
  later: UsageSample,
  pod: string,
): ReadonlyMap<string, MeasuredUsage> | undefined {
  const containers = later.pods.get(pod);
  if (!containers || containers.size === 0) return undefined;
  const usages = new Map<string, MeasuredUsage>();
  for (const [name, reading] of containers) {
    const before = earlier.pods.get(pod)?.get(name);
    const usage = usageBetween(isSame(before, reading) ? before : beginningOf(reading, earlier), reading);
    if (!usage) return undefined;
    usages.set(name, usage);
  }
  return usages;
}

/** A container that was started again counts from 0. */
function isSame(before: Reading | undefined, reading: Reading): boolean {
  return before !== undefined && before.startedMs === reading.startedMs;
}

/** Where a container that was not there the last time began. */
function beginningOf({ startedMs, atMs }: Reading, { node }: UsageSample): Reading | undefined {
  const isNew = startedMs !== undefined && node !== undefined && startedMs >= node.atMs && atMs - startedMs >= FRESH_MS;
  return isNew ? { atMs: startedMs, cpuSeconds: 0, memoryBytes: 0 } : undefined;
}

function usageBetween(earlier: Reading | undefined, later: Reading): MeasuredUsage | undefined {
  if (!earlier || later.atMs <= earlier.atMs || later.cpuSeconds < earlier.cpuSeconds) return undefined;
  const windowMs = later.atMs - earlier.atMs;
  return {
    atMs: later.atMs,
    windowMs,
    cpuNanoCores: Math.round(((later.cpuSeconds - earlier.cpuSeconds) * 1e12) / windowMs),
    memoryBytes: Math.round(later.memoryBytes),
  };
}
