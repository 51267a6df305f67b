// The t8s command: finds the command that was named, shows help, turns errors into one line and an exit code.

import { messageOf } from '../base/message-of.ts';
import { type CommandSpec, commandHelp, parseCommand, type Terminal, UsageError } from './command.ts';
import { deleteCommand } from './delete.ts';
import { downCommand } from './down.ts';
import { joinCommand } from './join.ts';
import { logsCommand } from './logs.ts';
import { nodeAddCommand } from './node-add.ts';
import { nodeListCommand } from './node-list.ts';
import { nodeRemoveCommand } from './node-remove.ts';
import { statusCommand } from './status.ts';
import { tokenCreateCommand } from './token-create.ts';
import { upCommand } from './up.ts';
import { versionCommand } from './version.ts';

const COMMANDS: readonly CommandSpec[] = [
  upCommand,
  statusCommand,
  downCommand,
  deleteCommand,
  logsCommand,
  nodeListCommand,
  nodeAddCommand,
  nodeRemoveCommand,
  tokenCreateCommand,
  joinCommand,
  versionCommand,
];

/** Runs the command line (without the program's own name) and resolves to the exit code: 0, 1 for a failure, 2 for misuse. */
export async function main(args: readonly string[], terminal: Terminal): Promise<number> {
  if (args.length === 0 || args[0] === 'help' || args[0] === '--help' || args[0] === '-h') {
    const named = args[0] === 'help' ? findCommand(args.slice(1)) : undefined;
    terminal.out(named ? commandHelp(named.spec) : overview());
    return 0;
  }
  const found = findCommand(args);
  if (!found) {
    terminal.err(`t8s: there is no command ${JSON.stringify(args[0])}; see t8s --help\n`);
    return 2;
  }
  if (found.rest.includes('--help') || found.rest.includes('-h')) {
    terminal.out(commandHelp(found.spec));
    return 0;
  }
  try {
    const { values, positionals } = parseCommand(found.spec, found.rest);
    return await found.spec.run(values, positionals, terminal);
  } catch (error) {
    terminal.err(`t8s: ${messageOf(error)}\n`);
    if (!(error instanceof UsageError)) return 1;
    terminal.err(`See t8s ${found.spec.name} --help\n`);
    return 2;
  }
}

function findCommand(args: readonly string[]): { spec: CommandSpec; rest: readonly string[] } | undefined {
  for (const spec of COMMANDS) {
    const words = spec.name.split(' ');
    if (words.every((word, index) => args[index] === word)) return { spec, rest: args.slice(words.length) };
  }
  return undefined;
}

function overview(): string {
  const width = Math.max(...COMMANDS.map(({ name, positional }) => `${name} ${positional ?? ''}`.trim().length));
  return [
    'Typernetes (t8s): Kubernetes v1.36 in TypeScript',
    '',
    'Usage: t8s COMMAND [options]',
    '',
    'Commands:',
    ...COMMANDS.map(
      ({ name, positional, summary }) => `  ${`${name} ${positional ?? ''}`.trim().padEnd(width)}  ${summary}`,
    ),
    '',
    't8s COMMAND --help says more about a command.',
    '',
  ].join('\n');
}
