// t8s node remove

import { removeNode } from '../cluster/change-nodes.ts';
import { CLUSTER_OPTIONS, existingCluster } from './cluster-name.ts';
import { command, UsageError } from './command.ts';

export const nodeRemoveCommand = command({
  name: 'node remove',
  positional: 'NODE',
  summary: 'Remove a node of this machine with everything on it',
  details: 'Its Pods end at once and their owners make others. kubectl drain, before, is the gentle way.',
  options: CLUSTER_OPTIONS,
  async run(values, positionals, terminal) {
    const [name] = positionals;
    if (name === undefined) throw new UsageError('which node?');
    await removeNode(existingCluster(values), name, (step) => terminal.err(`${step}\n`));
    terminal.out(`Node ${name} was removed.\n`);
    return 0;
  },
});
