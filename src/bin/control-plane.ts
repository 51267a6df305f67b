// The entry point of the control plane's process.

import { systemClock } from '../base/clock.ts';
import { systemRandom } from '../base/random.ts';
import { runControlPlane } from '../cluster/control-plane-process.ts';
import { processMain } from './process-main.ts';

await processMain(({ config, log, signal }) =>
  runControlPlane({ config, clock: systemClock, random: systemRandom, log }, signal),
);
