// What is counted of flow control. Names, labels and buckets are upstream's
// (k8s.io/apiserver/pkg/util/flowcontrol/metrics).

import type { Clock } from '../../base/clock.ts';
import type { MetricsRegistry } from '../../base/metrics.ts';
import { REQUEST_RATIOS, SEAT_RATIOS } from './level-utilization.ts';
import type { PriorityLevel } from './priority-level.ts';
import type { WorkEstimate } from './work-estimate.ts';
import type { WorkingFlow } from './working-flow.ts';

/** What is noted of the requests of one flow. */
export interface FlowNotes {
  estimated(work: WorkEstimate): void;
  joined(queueLength: number): void;
  waited(waitedMs: number, outcome: { readonly began: boolean }): void;
  carriedOut(tookMs: number, request: { readonly isWatch: boolean }): void;
  refused(reason: string): void;
}

export interface FlowControlMetrics {
  notesOf(level: string, flow: string): FlowNotes;
  /** The levels have got seats anew. */
  shared(fairFraction: number): void;
  /** From where everything is read that can be. */
  show(source: { levels(): Iterable<PriorityLevel>; flows(): Iterable<WorkingFlow> }): void;
}

const PREFIX = 'apiserver_flowcontrol_';
const LEVEL = 'priority_level';
const FLOW = 'flow_schema';
const SECONDS = [0, 0.005, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30];
const LENGTHS = [0, 10, 25, 50, 100, 250, 500, 1000];
const SEATS = [1, 2, 4, 8, 16, 32, 64, 100];

export function flowControlMetrics(
  registry: MetricsRegistry,
  { clock }: { readonly clock: Clock },
): FlowControlMetrics {
  const labels = [LEVEL, FLOW];
  const described = (name: string, help: string, more: readonly string[] = []) => ({
    name: PREFIX + name,
    help,
    labels: [...labels, ...more],
  });
  const seats = registry.histogram(
    described('work_estimated_seats', 'Seats that a request was estimated to take, the most of both its phases.'),
    SEATS,
  );
  const lengths = registry.histogram(
    described('request_queue_length_after_enqueue', 'Length of its queue, as a request saw it after it had joined.'),
    LENGTHS,
  );
  const waits = registry.histogram(
    described('request_wait_duration_seconds', 'Time a request spent waiting in its queue.', ['execute']),
    SECONDS,
  );
  const executions = registry.histogram(
    described('request_execution_seconds', 'Time a request took, of a watch until it had begun.', ['type']),
    SECONDS,
  );
  const dispatched = registry.counter(described('dispatched_requests_total', 'Requests that were carried out.'));
  const rejected = registry.counter(
    described('rejected_requests_total', 'Requests that were turned away.', ['reason']),
  );
  const fraction = registry.gauge({
    name: `${PREFIX}seat_fair_frac`,
    help: 'The part of what it can use that every level gets.',
  });
  return {
    notesOf(level, flow) {
      const of = { [LEVEL]: level, [FLOW]: flow };
      const began = waits.of({ ...of, execute: 'true' });
      const regular = executions.of({ ...of, type: 'regular' });
      const width = seats.of(of);
      const length = lengths.of(of);
      const count = dispatched.of(of);
      return {
        estimated: ({ initialSeats, finalSeats }) => width.observe(Math.max(initialSeats, finalSeats)),
        joined: (queueLength) => length.observe(queueLength),
        waited(waitedMs, outcome) {
          if (outcome.began) began.observe(waitedMs / 1000);
          else waits.observe(waitedMs / 1000, { ...of, execute: 'false' });
        },
        carriedOut(tookMs, { isWatch }) {
          count.add();
          if (isWatch) executions.observe(tookMs / 1000, { ...of, type: 'watch' });
          else regular.observe(tookMs / 1000);
        },
        refused: (reason) => rejected.add({ ...of, reason }),
      };
    },
    shared: (fairFraction) => fraction.set(fairFraction),
    show(source) {
      showLevels(registry, source.levels);
      showUtilization(registry, clock, source.levels);
      showFlows(registry, source.flows);
    },
  };
}

function showFlows(registry: MetricsRegistry, flows: () => Iterable<WorkingFlow>): void {
  const show = (name: string, help: string, read: (figures: WorkingFlow['figures']) => number) =>
    registry.gaugeOf({ name: PREFIX + name, help, labels: [LEVEL, FLOW] }, () =>
      [...flows()].map((each) => [{ [LEVEL]: each.level.name, [FLOW]: each.name }, read(each.figures)] as const),
    );
  show('current_executing_requests', 'Requests being carried out.', ({ executing }) => executing.requests);
  show('current_executing_seats', 'Seats of requests being carried out.', ({ executing }) => executing.seats);
  show('current_inqueue_requests', 'Requests waiting in queues.', ({ waiting }) => waiting.requests);
  show('current_inqueue_seats', 'Seats of requests waiting in queues.', ({ waiting }) => waiting.seats);
}

function showLevels(registry: MetricsRegistry, levels: () => Iterable<PriorityLevel>): void {
  const show = (name: string, help: string, read: (level: PriorityLevel) => number) =>
    registry.gaugeOf({ name: PREFIX + name, help, labels: [LEVEL] }, () =>
      [...levels()].map((each) => [{ [LEVEL]: each.name }, read(each)] as const),
    );
  show('nominal_limit_seats', 'Seats that the level has by its shares.', ({ limits }) => limits.nominal);
  show('lower_limit_seats', 'Seats that the level never lends.', ({ limits }) => limits.lower);
  show('upper_limit_seats', 'Seats that the level can have at most.', ({ limits }) => limits.upper);
  show('current_limit_seats', 'Seats that the level has at the moment.', ({ seats }) => seats);
  show('target_seats', 'Seats that the level was to get.', ({ target }) => target);
  show(
    'demand_seats_high_watermark',
    'The most seats that the level could have used, over the last period.',
    ({ figures }) => figures.highWatermark,
  );
  show(
    'demand_seats_average',
    'Seats that the level could have used on average, over the last period.',
    ({ figures }) => figures.average,
  );
  show(
    'demand_seats_stdev',
    'Standard deviation of the seats that the level could have used, over the last period.',
    ({ figures }) => figures.deviation,
  );
  show('demand_seats_smoothed', 'Seats that the level goes by.', ({ figures }) => figures.smoothed);
}

function showUtilization(registry: MetricsRegistry, clock: Clock, levels: () => Iterable<PriorityLevel>): void {
  const labels = ['phase', LEVEL];
  registry.histogramOf(
    {
      name: `${PREFIX}priority_level_seat_utilization`,
      help: 'Nanoseconds by the part of its seats that the level had in use.',
      labels,
    },
    SEAT_RATIOS,
    () =>
      [...levels()].map(({ name, utilization }) => [
        { phase: 'executing', [LEVEL]: name },
        utilization.seats.read(clock.elapsed()),
      ]),
  );
  registry.histogramOf(
    {
      name: `${PREFIX}priority_level_request_utilization`,
      help: 'Nanoseconds by the part of its room for requests that the level had in use.',
      labels,
    },
    REQUEST_RATIOS,
    () =>
      [...levels()].flatMap(({ name, utilization }) =>
        (['executing', 'waiting'] as const).map(
          (phase) => [{ phase, [LEVEL]: name }, utilization[phase].read(clock.elapsed())] as const,
        ),
      ),
  );
}
