import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { MetricSpec } from '../../api/autoscaling/metrics-v2.ts';
import { KINDS } from '../../api/catalog.ts';
import type { Pod } from '../../api/core/pod.ts';
import { notFound } from '../../api/status-error.ts';
import type { Client } from '../../client/client.ts';
import { type MetricContext, MetricFailure, proposeReplicas } from './metric-proposal.ts';
import { MetricsClient } from './metrics-client.ts';

const TIME = '2026-01-01T00:00:00Z';
const NOW = Date.parse(TIME);
const NS = '/namespaces/shop';

/** What adapters answer, by path; all else is not there. */
function context(answers: Readonly<Record<string, object>>, more: Partial<MetricContext> = {}) {
  const asked: string[] = [];
  const answer = (path: string) => {
    asked.push(path);
    const found = answers[path];
    if (!found) throw notFound({ group: '', resource: 'paths' }, path);
    return found;
  };
  const client = {
    request: async (_method: string, path: string) => answer(path),
    list: async () => answer('pods'),
  } as unknown as Client;
  const pod = (name: string) => ({
    metadata: { name },
    spec: {
      containers: ['main', 'side'].map((container) => ({
        name: container,
        resources: { requests: { memory: '100' } },
      })),
    },
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
  });
  const given: MetricContext = {
    metrics: new MetricsClient({ client, kinds: () => KINDS }),
    namespace: 'shop',
    selector: 'app=web',
    pods: ['a', 'b'].map(pod) as unknown as readonly Pod[],
    specReplicas: 2,
    statusReplicas: 2,
    tolerances: { up: 0.1, down: 0.1 },
    nowMs: NOW,
    signal: new AbortController().signal,
    ...more,
  };
  return { given, asked };
}

const adapter = (group: string, version: string) => ({ [`/apis/${group}`]: { preferredVersion: { version } } });
const CUSTOM = adapter('custom.metrics.k8s.io', 'v1beta2');
const EXTERNAL = adapter('external.metrics.k8s.io', 'v1beta1');
const values = (...found: readonly (readonly [name: string, value: string])[]) => ({
  items: found.map(([name, value]) => ({ describedObject: { name }, timestamp: TIME, value })),
});
const usage = (...found: readonly (readonly [name: string, main: string, side: string])[]) => ({
  pods: {
    items: found.map(([name, main, side]) => ({
      metadata: { name },
      timestamp: TIME,
      window: '15s',
      containers: [
        { name: 'main', usage: { memory: main } },
        { name: 'side', usage: { memory: side } },
      ],
    })),
  },
});
const utilization = { type: 'Utilization', averageUtilization: 50 };
const memory: MetricSpec = { type: 'Resource', resource: { name: 'memory', target: utilization } };
const container: MetricSpec = {
  type: 'ContainerResource',
  containerResource: { name: 'memory', container: 'main', target: utilization },
};
const selector = { matchLabels: { verb: 'GET' } };
const rate: MetricSpec = {
  type: 'Pods',
  pods: { metric: { name: 'rate', selector }, target: { type: 'AverageValue', averageValue: '10' } },
};
const hits = (
  target: object,
  describedObject: object = { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', name: 'web' },
) => ({ type: 'Object', object: { metric: { name: 'hits' }, describedObject, target } }) as MetricSpec;
const queue = (target: object, more: object = {}) =>
  ({ type: 'External', external: { metric: { name: 'queue', ...more }, target } }) as MetricSpec;
const RATE = `/apis/custom.metrics.k8s.io/v1beta2${NS}/pods/*/rate?labelSelector=app%3Dweb&metricLabelSelector=verb%3DGET`;
const HITS = `/apis/custom.metrics.k8s.io/v1beta2${NS}/ingresses.networking.k8s.io/web/hits`;
const QUEUE = `/apis/external.metrics.k8s.io/v1beta1${NS}/queue`;

describe('proposeReplicas', () => {
  const cases: readonly [
    string,
    MetricSpec,
    Readonly<Record<string, object>>,
    replicas: number,
    name: string,
    current: object,
  ][] = [
    [
      'a resource by what is asked for',
      memory,
      usage(['a', '100', '100'], ['b', '100', '100']),
      4,
      'memory resource utilization (percentage of request)',
      { averageUtilization: 100, averageValue: '200' },
    ],
    [
      'a resource by an average',
      { type: 'Resource', resource: { name: 'memory', target: { type: 'AverageValue', averageValue: '100' } } },
      usage(['a', '100', '100'], ['b', '50', '50']),
      3,
      'memory resource',
      { averageValue: '150' },
    ],
    [
      'a resource of a container',
      container,
      usage(['a', '100', '0'], ['b', '100', '0']),
      4,
      'memory container resource utilization (percentage of request)',
      { averageUtilization: 100, averageValue: '100' },
    ],
    [
      'pods',
      rate,
      { ...CUSTOM, [RATE]: values(['a', '30'], ['b', '10']) },
      4,
      'pods metric rate',
      { averageValue: '20' },
    ],
    [
      'an object by its value',
      hits({ type: 'Value', value: '10' }),
      { ...CUSTOM, [HITS]: values(['web', '20']) },
      4,
      'Ingress metric hits',
      { value: '20' },
    ],
    [
      'an object by a value for each pod',
      hits({ type: 'AverageValue', averageValue: '10' }),
      { ...CUSTOM, [HITS]: values(['web', '50']) },
      5,
      'external metric hits(nil)',
      { averageValue: '25' },
    ],
    [
      'the namespace',
      hits({ type: 'Value', value: '10' }, { apiVersion: 'v1', kind: 'Namespace', name: 'whatever' }),
      { ...CUSTOM, [`/apis/custom.metrics.k8s.io/v1beta2${NS}/metrics/hits`]: values(['shop', '20']) },
      4,
      'Namespace metric hits',
      { value: '20' },
    ],
    [
      'something else by a value for each pod',
      queue({ type: 'AverageValue', averageValue: '10' }, { selector: { matchLabels: { name: 'tasks' } } }),
      { ...EXTERNAL, [`${QUEUE}?labelSelector=name%3Dtasks`]: values(['', '20'], ['', '15500m']) },
      4,
      'external metric queue(&LabelSelector{MatchLabels:map[string]string{name: tasks,},MatchExpressions:[]LabelSelectorRequirement{},})',
      { averageValue: '17750m' },
    ],
    [
      'something else by its value',
      queue({ type: 'Value', value: '10' }),
      { ...EXTERNAL, [QUEUE]: values(['', '20']) },
      4,
      'external metric queue(nil)',
      { value: '20' },
    ],
  ];
  for (const [title, spec, answers, replicas, name, current] of cases) {
    test(title, async () => {
      const proposal = await proposeReplicas(spec, context(answers).given);
      assert.equal(proposal.replicas, replicas);
      assert.equal(proposal.name, name);
      const { type: _type, ...status } = proposal.status;
      assert.deepEqual(Object.values(status)[0]?.current, current);
    });
  }

  const failures: readonly [
    string,
    MetricSpec,
    Readonly<Record<string, object>>,
    reason: string,
    message: string,
    purpose: string,
  ][] = [
    [
      'no figures',
      memory,
      usage(),
      'FailedGetResourceMetric',
      'failed to get memory utilization: unable to get metrics for resource memory: no metrics returned from resource metrics API',
      'failed to get memory resource metric value',
    ],
    [
      'a container that is not there',
      { type: 'ContainerResource', containerResource: { name: 'memory', container: 'gone', target: utilization } },
      usage(['a', '1', '1']),
      'FailedGetContainerResourceMetric',
      'failed to get memory utilization: unable to get metrics for resource memory: failed to get container metrics: container gone not present in metrics for pod shop/a',
      'failed to get gone container metric value',
    ],
    [
      'no adapter',
      rate,
      {},
      'FailedGetPodsMetric',
      'unable to get metric rate: unable to fetch metrics from custom metrics API: no custom metrics API (custom.metrics.k8s.io) registered',
      'failed to get pods metric value',
    ],
    [
      'an object of a kind that is not known',
      hits({ type: 'Value', value: '1' }, { apiVersion: 'example.com/v1', kind: 'Shop', name: 'web' }),
      CUSTOM,
      'FailedGetObjectMetric',
      'unable to get metric hits: Shop on shop web/unable to fetch metrics from custom metrics API: no matches for kind "Shop" in group "example.com"',
      'failed to get object metric value',
    ],
    [
      'nothing outside',
      queue({ type: 'Value', value: '10' }),
      { ...EXTERNAL, [QUEUE]: values() },
      'FailedGetExternalMetric',
      'unable to get external metric shop/queue/nil: no metrics returned from external metrics API',
      'failed to get queue external metric value',
    ],
    [
      'what is no figure',
      queue({ type: 'Value', value: '10' }),
      { ...EXTERNAL, [QUEUE]: values(['', 'much']) },
      'FailedGetExternalMetric',
      "unable to get external metric shop/queue/nil: quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
      'failed to get queue external metric value',
    ],
    [
      'a target that is none',
      queue({ type: 'Value' }),
      {},
      'FailedGetExternalMetric',
      'invalid external metric source: neither a value target nor an average value target was set',
      'failed to get queue external metric value',
    ],
    [
      'a type that is not known',
      { type: 'Mood' },
      {},
      'InvalidMetricSourceType',
      'unknown metric source type "Mood"',
      '',
    ],
  ];
  for (const [title, spec, answers, reason, message, purpose] of failures) {
    test(`nothing comes of ${title}`, async () => {
      await assert.rejects(proposeReplicas(spec, context(answers).given), (error) => {
        assert.ok(error instanceof MetricFailure);
        assert.deepEqual([error.reason, error.message, error.purpose], [reason, message, purpose]);
        return true;
      });
    });
  }
});
