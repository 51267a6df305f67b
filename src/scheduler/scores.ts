// Bringing scores of any range into that of the framework.

import { MAX_NODE_SCORE } from './framework.ts';

/** In place: the largest becomes MAX_NODE_SCORE and the rest keep their proportion; or the other way round. */
export function scaleScores(scores: number[], direction: 'most is best' | 'fewest is best'): void {
  let largest = 0;
  for (const score of scores) if (score > largest) largest = score;
  if (largest === 0) {
    if (direction === 'fewest is best') scores.fill(MAX_NODE_SCORE);
    return;
  }
  for (let i = 0; i < scores.length; i++) {
    const scaled = Math.floor((MAX_NODE_SCORE * (scores[i] ?? 0)) / largest);
    scores[i] = direction === 'most is best' ? scaled : MAX_NODE_SCORE - scaled;
  }
}
