// t8s node list

import { listNodes } from '../cluster/cluster-status.ts';
import { CLUSTER_OPTIONS, existingCluster } from './cluster-name.ts';
import { command } from './command.ts';
import { formatTable } from './table.ts';

export const nodeListCommand = command({
  name: 'node list',
  summary: 'List the nodes of the cluster',
  options: CLUSTER_OPTIONS,
  async run(values, _positionals, terminal) {
    const nodes = await listNodes(existingCluster(values));
    const rows = nodes.map(({ name, ready, address, version }) => [
      name,
      ready ? 'Ready' : 'NotReady',
      address,
      version,
    ]);
    terminal.out(`${formatTable(['NAME', 'STATUS', 'ADDRESS', 'VERSION'], rows)}\n`);
    return 0;
  },
});
