// t8s delete

import { deleteCluster } from '../cluster/delete-cluster.ts';
import { CLUSTER_OPTIONS, selectCluster } from './cluster-name.ts';
import { command } from './command.ts';

export const deleteCommand = command({
  name: 'delete',
  summary: 'Remove the cluster and everything it made on this machine',
  details:
    'Stops it first if need be, then removes its processes, mounts, interfaces, rules, cgroups, files and its kubeconfig context.',
  options: CLUSTER_OPTIONS,
  async run(values, _positionals, terminal) {
    const { name, dataDir } = selectCluster(values);
    const deleted = await deleteCluster(dataDir, (step) => terminal.err(`${step}\n`));
    terminal.out(deleted ? `Cluster ${JSON.stringify(name)} is gone.\n` : `There is no cluster in ${dataDir}.\n`);
    return 0;
  },
});
