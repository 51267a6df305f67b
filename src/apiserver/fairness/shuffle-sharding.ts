// Shuffle sharding: every flow may use a few queues out of many, so that a flow that fills its own leaves nearly every other
// flow at least one that is free. Upstream: k8s.io/apiserver/pkg/util/shufflesharding.

import { seededRandom } from '../../base/random.ts';

/** A number for a flow. With another seed it is another one: nobody can look for names that share somebody's queues. */
export function hashFlow(seed: number, schema: string, distinguisher: string): number {
  return mixed(seed, `${schema}\0${distinguisher}`);
}

/** `handSize` different numbers below `queues`: always the same for the same hash, and every hand as likely as any other. */
export function dealHand(hash: number, deck: { readonly queues: number; readonly handSize: number }): number[] {
  const { queues, handSize } = deck;
  const random = seededRandom(hash);
  const hand: number[] = [];
  // Floyd's way of drawing without putting back: where a card has been drawn already, the newest one takes its place.
  for (let newest = queues - handSize; newest < queues; newest++) {
    const card = Math.floor(random.next() * (newest + 1));
    hand.push(hand.includes(card) ? newest : card);
  }
  return hand;
}

/** FNV-1a over the code units, begun with the seed. */
function mixed(seed: number, text: string): number {
  let hash = (0x811c9dc5 ^ seed) >>> 0;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return hash >>> 0;
}
