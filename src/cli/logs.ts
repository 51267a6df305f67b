// t8s logs COMPONENT

import { createReadStream, existsSync, readdirSync, statSync, watch } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { clusterPaths } from '../cluster/cluster-config.ts';
import { logFileOf } from '../cluster/component.ts';
import { CLUSTER_OPTIONS, existingCluster } from './cluster-name.ts';
import { command, UsageError } from './command.ts';

export const logsCommand = command({
  name: 'logs',
  positional: 'COMPONENT',
  summary: 'Print what a component of the cluster has logged',
  details: 'Without COMPONENT, the names of the components that have a log.',
  options: { ...CLUSTER_OPTIONS, follow: { type: 'boolean', help: 'go on printing as the log grows' } },
  async run(values, [component], terminal) {
    const { dataDir } = existingCluster(values);
    const names = readdirSync(clusterPaths(dataDir).logs).map((file) => file.replace(/\.log$/, ''));
    if (component === undefined) {
      terminal.out(`${names.join('\n')}\n`);
      return 0;
    }
    const path = logFileOf(dataDir, component);
    if (!names.includes(component) || !existsSync(path)) {
      throw new UsageError(`there is no log of ${JSON.stringify(component)}; there are: ${names.join(', ')}`);
    }
    await print(path, 0);
    if (values.follow === true) await follow(path);
    return 0;
  },
});

/** Copies the file from the offset to the standard output and resolves to where it ended. */
async function print(path: string, start: number): Promise<number> {
  const { size } = statSync(path);
  if (size > start) await pipeline(createReadStream(path, { start, end: size - 1 }), process.stdout, { end: false });
  return size;
}

async function follow(path: string): Promise<void> {
  let printed = statSync(path).size;
  let printing = Promise.resolve();
  const changes = watch(path, () => {
    printing = printing.then(async () => {
      printed = await print(path, printed);
    });
  });
  await new Promise<void>((resolve) => process.once('SIGINT', resolve));
  changes.close();
  await printing;
}
