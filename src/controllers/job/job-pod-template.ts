// The pods that a job makes: with the finalizer by which they are counted and, where indexes are handed out, with their
// index. Pure. Upstream: manageJob and indexed_job_utils.go in pkg/controller/job.

import { Job } from '../../api/batch/job.ts';
import type { Container } from '../../api/core/container.ts';
import type { Pod } from '../../api/core/pod.ts';
import type { InputOf } from '../../api/kind.ts';
import { podFromTemplate } from '../pod-from-template.ts';
import {
  COMPLETION_INDEX,
  INDEX_FAILURES,
  INDEX_IGNORED_FAILURES,
  indexFailures,
  TRACKING_FINALIZER,
} from './job-pods.ts';
import { countsAsFailure } from './pod-failure-policy.ts';

type PodInput = InputOf<typeof Pod>;

const INDEX_VARIABLE = 'JOB_COMPLETION_INDEX';
/** The suffix of five characters that the server adds has to fit in, too. */
const MAX_PREFIX_LENGTH = 58;

export function jobPod(job: Job): PodInput {
  const pod = podFromTemplate(job.spec.template, Job, job);
  const { finalizers = [] } = job.spec.template.metadata;
  const tracked = finalizers.includes(TRACKING_FINALIZER) ? finalizers : [...finalizers, TRACKING_FINALIZER];
  return { ...pod, metadata: { ...pod.metadata, finalizers: tracked } };
}

/** `replaced` is the pod of the index that failed last, if failures are counted for each index. */
export function indexedJobPod(job: Job, index: number, replaced: Pod | undefined): PodInput {
  const pod = jobPod(job);
  const { spec, metadata } = job.spec.template;
  const { name } = job.metadata;
  const suffix = `-${index}-`;
  return {
    metadata: {
      ...pod.metadata,
      generateName: name.slice(0, MAX_PREFIX_LENGTH - suffix.length) + suffix,
      labels: { ...metadata.labels, [COMPLETION_INDEX]: `${index}` },
      annotations: { ...metadata.annotations, [COMPLETION_INDEX]: `${index}`, ...failureCounts(job, replaced) },
    },
    spec: {
      ...spec,
      hostname: `${name}-${index}`,
      containers: spec.containers.map(withIndexVariable),
      ...(spec.initContainers ? { initContainers: spec.initContainers.map(withIndexVariable) } : {}),
    },
  };
}

function failureCounts(job: Job, replaced: Pod | undefined): Readonly<Record<string, string>> {
  const { backoffLimitPerIndex, podFailurePolicy } = job.spec;
  if (backoffLimitPerIndex === undefined) return {};
  if (!replaced) return { [INDEX_FAILURES]: '0' };
  const before = indexFailures(replaced);
  const counts = countsAsFailure(podFailurePolicy, replaced);
  const ignored = before.ignored + (counts ? 0 : 1);
  return {
    [INDEX_FAILURES]: `${before.counted + (counts ? 1 : 0)}`,
    ...(ignored > 0 ? { [INDEX_IGNORED_FAILURES]: `${ignored}` } : {}),
  };
}

function withIndexVariable(container: Container): Container {
  const env = container.env ?? [];
  if (env.some(({ name }) => name === INDEX_VARIABLE)) return container;
  const valueFrom = { fieldRef: { fieldPath: `metadata.labels['${COMPLETION_INDEX}']` } };
  return { ...container, env: [...env, { name: INDEX_VARIABLE, valueFrom }] } as Container;
}
