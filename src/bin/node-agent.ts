// The entry point of a node's process.

import { systemClock } from '../base/clock.ts';
import { systemRandom } from '../base/random.ts';
import { runNodeAgent } from '../cluster/node-agent.ts';
import { processMain } from './process-main.ts';

await processMain(({ config, log, signal, node }) => {
  if (node === undefined) throw new Error('--node NAME is missing');
  const deps = { config, clock: systemClock, random: systemRandom, log, environment: process.env };
  return runNodeAgent(deps, node, signal);
});
