// t8s status

import { clusterStatus } from '../cluster/cluster-status.ts';
import { CLUSTER_OPTIONS, existingCluster } from './cluster-name.ts';
import { command } from './command.ts';
import { formatTable } from './table.ts';

export const statusCommand = command({
  name: 'status',
  summary: 'Say which components run, whether the API answers and how the nodes are',
  details: 'Exit code 0 when everything is as it should be, 1 otherwise.',
  options: CLUSTER_OPTIONS,
  async run(values, _positionals, terminal) {
    const config = existingCluster(values);
    const status = await clusterStatus(config);
    const rows = status.components.map(({ name, pid }) => [
      name,
      pid === undefined ? 'not running' : `running (${pid})`,
    ]);
    terminal.out(
      [
        `Cluster ${config.name} in ${config.dataDir}`,
        formatTable(['COMPONENT', 'STATE'], rows),
        `API https://${config.advertiseAddress}:${config.apiPort}: ${status.api}`,
        `Nodes: ${status.readyNodes} of ${status.nodes} ready`,
        ...(status.healthy
          ? []
          : ['', status.desired === 'up' ? 't8s logs COMPONENT says more.' : 't8s up starts it.']),
        '',
      ].join('\n'),
    );
    return status.healthy ? 0 : 1;
  },
});
