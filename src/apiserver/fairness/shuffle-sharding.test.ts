import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dealHand, hashFlow } from './shuffle-sharding.ts';

const DECK = { queues: 64, handSize: 6 };

test('dealHand deals the same hand for the same flow, of different cards', () => {
  const hand = dealHand(hashFlow(1, 'schema', 'alice'), DECK);
  assert.deepEqual(hand, dealHand(hashFlow(1, 'schema', 'alice'), DECK));
  assert.equal(new Set(hand).size, 6);
  assert.ok(hand.every((card) => Number.isInteger(card) && card >= 0 && card < 64));
});

test('dealHand deals everything where the hand is the deck', () => {
  assert.deepEqual(
    dealHand(7, { queues: 4, handSize: 4 }).toSorted((a, b) => a - b),
    [0, 1, 2, 3],
  );
  assert.deepEqual(dealHand(7, { queues: 1, handSize: 1 }), [0]);
});

test('hashFlow tells schemas, distinguishers and servers apart', () => {
  const hashes = [
    hashFlow(1, 'schema', 'alice'),
    hashFlow(1, 'schema', 'bob'),
    hashFlow(1, 'schemaa', 'lice'),
    hashFlow(2, 'schema', 'alice'),
  ];
  assert.equal(new Set(hashes).size, hashes.length);
});

test('dealHand uses every card about as often, and rarely gives two flows one hand', () => {
  const counts = new Array<number>(DECK.queues).fill(0);
  const hands = new Set<string>();
  const flows = 6400;
  for (let flow = 0; flow < flows; flow++) {
    const hand = dealHand(hashFlow(3, 'schema', `user-${flow}`), DECK);
    for (const card of hand) counts[card] = (counts[card] as number) + 1;
    hands.add(String(hand.toSorted((a, b) => a - b)));
  }
  const expected = (flows * DECK.handSize) / DECK.queues;
  for (const count of counts) assert.ok(Math.abs(count - expected) < expected * 0.2, `${count} of about ${expected}`);
  assert.ok(hands.size > flows * 0.999);
});
