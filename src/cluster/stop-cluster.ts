// t8s down: everything is stopped in the order in which nobody misses anybody, and all state is kept.

import { systemClock } from '../base/clock.ts';
import { silentLogger } from '../base/log.ts';
import { type ClusterConfig, writeDesired } from './cluster-config.ts';
import { CONTROL_PLANE, componentPid, nodeComponent, SIMULATED_NODES, stopComponent } from './component.ts';
import { ensureMachines } from './machines.ts';
import { stopNodeRuntime } from './node-runtime.ts';

/** Resolves to whether anything was running. `progress` is told of each step. */
export async function stopCluster(config: ClusterConfig, progress: (step: string) => void): Promise<boolean> {
  const { dataDir } = config;
  writeDesired(dataDir, 'down'); // From here nobody starts anybody again.
  let stopped = false;
  const stop = async (name: string, words: string) => {
    if (componentPid(dataDir, name) === undefined) return;
    stopped = true;
    progress(`Stopping ${words} ...`);
    await stopComponent(dataDir, name);
  };
  await stop(SIMULATED_NODES, 'the simulated nodes');
  for (const { name: node } of config.nodes) await stop(nodeComponent(node), `the agent of node ${node}`);
  await stop(CONTROL_PLANE, 'the control plane');
  await ensureMachines(config); // After a restart of the machine they are gone, and a runtime is asked within its own.
  for (const { name: node } of config.nodes) {
    if (stopped) progress(`Stopping the containers of node ${node} ...`);
    await stopNodeRuntime({ config, clock: systemClock, log: silentLogger }, node);
  }
  return stopped;
}
