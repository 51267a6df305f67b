// t8s node add

import { addNode } from '../cluster/change-nodes.ts';
import { isNodeName } from '../cluster/host.ts';
import { CLUSTER_OPTIONS, existingCluster } from './cluster-name.ts';
import { command, UsageError, wholeNumber } from './command.ts';

export const nodeAddCommand = command({
  name: 'node add',
  positional: '[NODE]',
  summary: 'Add a node to the cluster on this machine',
  details: [
    'The node is a network namespace that stands for another machine, with a container runtime and an agent of its own.',
    'Without a name it is called after this machine, with a number.',
  ].join('\n'),
  options: {
    ...CLUSTER_OPTIONS,
    wait: { type: 'string', value: 'SECONDS', help: 'how long to wait until it is ready (default: 60)' },
  },
  async run(values, positionals, terminal) {
    const [wanted] = positionals;
    if (wanted !== undefined && !isNodeName(wanted)) {
      throw new UsageError(
        `a node's name is of lower-case letters, digits, dashes and dots, not ${JSON.stringify(wanted)}`,
      );
    }
    const waitMs = wholeNumber('wait', values.wait, 60, 1, 86_400) * 1000;
    const progress = (step: string) => terminal.err(`${step}\n`);
    const name = await addNode(existingCluster(values), { name: wanted, waitMs }, progress);
    terminal.out(`Node ${name} was added.\n`);
    return 0;
  },
});
