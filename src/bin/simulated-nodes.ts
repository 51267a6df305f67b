// The entry point of the simulated nodes' process.

import { systemClock } from '../base/clock.ts';
import { systemRandom } from '../base/random.ts';
import { runSimulatedNodesProcess } from '../cluster/simulated-nodes.ts';
import { processMain } from './process-main.ts';

await processMain(({ config, log, signal }) =>
  runSimulatedNodesProcess({ config, clock: systemClock, random: systemRandom, log }, signal),
);
