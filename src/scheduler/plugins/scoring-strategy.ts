// The strategies by which NodeResourcesFit scores one resource of a node: prefer empty nodes, prefer full ones, or follow
// a curve that the configuration draws.

import { MAX_NODE_SCORE } from '../framework.ts';
import type { WeightedResource } from './resource-scoring.ts';

/** Scores of a curve go from 0 to 10, as people write them; utilization is in percent, rising from point to point. */
export interface CurvePoint {
  readonly utilization: number;
  readonly score: number;
}

export type ScoringStrategy = { readonly resources?: readonly WeightedResource[] } & (
  | { readonly type: 'LeastAllocated' | 'MostAllocated' }
  | {
      readonly type: 'RequestedToCapacityRatio';
      readonly requestedToCapacityRatio: { readonly shape: readonly CurvePoint[] };
    }
);

export interface ResourceScorer {
  /** 0 to 100 for a resource of which so much would be used. */
  scoreOf(used: number, capacity: number): number;
  /** Whether a resource that scores 0 counts in the average over the resources. */
  readonly zeroes: 'counted' | 'left out';
}

const MAX_CURVE_SCORE = 10;

/** Throws for a curve that is none. */
export function scorerOf(strategy: ScoringStrategy): ResourceScorer {
  switch (strategy.type) {
    case 'LeastAllocated':
      return {
        scoreOf: (used, capacity) =>
          used > capacity ? 0 : Math.trunc(((capacity - used) * MAX_NODE_SCORE) / capacity),
        zeroes: 'counted',
      };
    case 'MostAllocated':
      return {
        scoreOf: (used, capacity) => Math.trunc((Math.min(used, capacity) * MAX_NODE_SCORE) / capacity),
        zeroes: 'counted',
      };
    case 'RequestedToCapacityRatio': {
      const curve = curveOf(strategy.requestedToCapacityRatio.shape);
      return {
        scoreOf: (used, capacity) => curve(used > capacity ? 100 : Math.trunc((used * 100) / capacity)),
        zeroes: 'left out',
      };
    }
    default:
      throw new TypeError(
        `unknown scoring strategy ${JSON.stringify((strategy satisfies never as { type: unknown }).type)}`,
      );
  }
}

/** Straight lines between the points, level before the first and after the last. */
function curveOf(shape: readonly CurvePoint[]): (utilization: number) => number {
  if (shape.length === 0) throw new TypeError('a scoring curve needs at least one point');
  const points = shape.map(({ utilization, score }) => ({
    utilization,
    score: score * (MAX_NODE_SCORE / MAX_CURVE_SCORE),
  }));
  for (const [i, { utilization, score }] of points.entries()) {
    const previous = points[i - 1];
    if (previous && previous.utilization >= utilization)
      throw new TypeError('a scoring curve must rise in utilization');
    if (utilization < 0 || utilization > 100 || score < 0 || score > MAX_NODE_SCORE) {
      throw new TypeError('a scoring curve has utilizations from 0 to 100 and scores from 0 to 10');
    }
  }
  return (utilization) => {
    const at = points.findIndex((point) => utilization <= point.utilization);
    const next = points[at] ?? points.at(-1)!;
    const previous = points[at - 1];
    if (!previous) return next.score;
    const slope = (next.score - previous.score) * (utilization - previous.utilization);
    return previous.score + Math.trunc(slope / (next.utilization - previous.utilization));
  };
}
