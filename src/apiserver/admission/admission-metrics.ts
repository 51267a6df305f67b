// How long admission takes, under upstream's names (k8s.io/apiserver/pkg/admission/metrics): each plugin, and all of them
// together.

import type { Histogram, MetricsRegistry } from '../../base/metrics.ts';
import type { AdmissionPlugin, AdmissionRequest } from './admission.ts';

type Operation = AdmissionRequest['operation'];
/** Upstream's words for the step that changes objects, and for the one that judges them. */
type Step = 'admit' | 'validate';

/** What is noted of one step in one operation. */
export interface StepNotes {
  plugin(plugin: AdmissionPlugin, tookMs: number, outcome: Outcome): void;
  step(tookMs: number, outcome: Outcome): void;
}

interface Outcome {
  readonly rejected: boolean;
}

export interface AdmissionMetrics {
  notesOf(step: Step, operation: Operation): StepNotes;
}

const PREFIX = 'apiserver_admission_';
const LABELS = ['type', 'operation', 'rejected'];
const SECONDS = [0.005, 0.025, 0.1, 0.5, 1, 2.5];

export function admissionMetrics(registry: MetricsRegistry): AdmissionMetrics {
  const plugins = registry.histogram(
    {
      name: `${PREFIX}controller_admission_duration_seconds`,
      help: 'Time that an admission plugin took.',
      labels: ['name', ...LABELS],
    },
    SECONDS,
  );
  const steps = registry.histogram(
    { name: `${PREFIX}step_admission_duration_seconds`, help: 'Time that all admission plugins took.', labels: LABELS },
    SECONDS,
  );
  const known = new Map<string, StepNotes>();
  return {
    notesOf(step, operation) {
      const key = `${step} ${operation}`;
      const notes = known.get(key) ?? stepNotes(plugins, steps, { type: step, operation });
      known.set(key, notes);
      return notes;
    },
  };
}

interface Series {
  observe(seconds: number): void;
}

function stepNotes(
  plugins: Histogram,
  steps: Histogram,
  labels: { readonly type: Step; readonly operation: Operation },
) {
  const rejected = { ...labels, rejected: 'true' };
  const admitted = { ...labels, rejected: 'false' };
  // Series are made when there is something to note in them, and those of rejections looked up each time: they are few.
  const known = new Map<AdmissionPlugin, Series>();
  let all: Series | undefined;
  const begin = (plugin: AdmissionPlugin) => {
    const series = plugins.of({ ...admitted, name: plugin.name });
    known.set(plugin, series);
    return series;
  };
  return {
    plugin(plugin: AdmissionPlugin, tookMs: number, outcome: Outcome): void {
      if (outcome.rejected) plugins.observe(tookMs / 1000, { ...rejected, name: plugin.name });
      else (known.get(plugin) ?? begin(plugin)).observe(tookMs / 1000);
    },
    step(tookMs: number, outcome: Outcome): void {
      all ??= steps.of(admitted);
      if (outcome.rejected) steps.observe(tookMs / 1000, rejected);
      else all.observe(tookMs / 1000);
    },
  };
}
