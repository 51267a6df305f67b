// What every component's process does before and around its own work: reads the cluster's configuration, logs lines to its
// standard output, ends on SIGTERM, and dies of what nobody has handled.

import { parseArgs } from 'node:util';
import { systemClock } from '../base/clock.ts';
import { createLogger, formatRecord, type Logger } from '../base/log.ts';
import { type ClusterConfig, readClusterConfig } from '../cluster/cluster-config.ts';

export interface ProcessContext {
  readonly config: ClusterConfig;
  readonly log: Logger;
  /** Aborts when the process is to end. */
  readonly signal: AbortSignal;
  /** `--node`, for a node agent. */
  readonly node: string | undefined;
}

/** Runs the component until it ends, and ends the process with it: exit code 0, or 1 after an error. */
export async function processMain(run: (context: ProcessContext) => Promise<void>): Promise<void> {
  const { values } = parseArgs({ options: { 'data-dir': { type: 'string' }, node: { type: 'string' } } });
  const level = process.env['T8S_LOG_LEVEL'] === 'debug' ? 'debug' : 'info';
  const log = createLogger((record) => process.stdout.write(`${formatRecord(record, systemClock.now())}\n`), { level });
  const stopping = new AbortController();
  for (const name of ['SIGTERM', 'SIGINT'] as const) {
    process.on(name, () => stopping.abort(new Error(`received ${name}`)));
  }
  const die = (message: string) => (error: unknown) => {
    log.error(message, { error });
    process.exit(1);
  };
  process.on('uncaughtException', die('an error was not handled'));
  process.on('unhandledRejection', die('a rejection was not handled'));
  try {
    const config = readClusterConfig(values['data-dir'] ?? '');
    if (!config) throw new Error(`there is no cluster in ${JSON.stringify(values['data-dir'] ?? '')}`);
    log.info('starting', { pid: process.pid });
    await run({ config, log, signal: stopping.signal, node: values.node });
    log.info('ended');
    process.exit(0);
  } catch (error) {
    if (stopping.signal.aborted && error === stopping.signal.reason) process.exit(0);
    die('the component has failed')(error);
  }
}
