// t8s down

import { stopCluster } from '../cluster/stop-cluster.ts';
import { CLUSTER_OPTIONS, existingCluster } from './cluster-name.ts';
import { command } from './command.ts';

export const downCommand = command({
  name: 'down',
  summary: 'Stop the cluster and keep its state',
  details: 'Containers are stopped. `t8s up` starts everything again; `t8s delete` removes the cluster for good.',
  options: CLUSTER_OPTIONS,
  async run(values, _positionals, terminal) {
    const config = existingCluster(values);
    const stopped = await stopCluster(config, (step) => terminal.err(`${step}\n`));
    terminal.out(stopped ? 'The cluster is down; t8s up brings it back.\n' : 'The cluster was down already.\n');
    return 0;
  },
});
