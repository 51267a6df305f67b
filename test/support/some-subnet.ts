// Networks for the pods of tests that make a node themselves.

import { randomBytes } from 'node:crypto';

/** One of 10,000: two runs at the same time, or what an interrupted one has left, hardly ever meet. */
export function someSubnet(): string {
  const [second = 0, third = 0] = randomBytes(2);
  return `10.${200 + (second % 40)}.${third}.0/24`;
}
