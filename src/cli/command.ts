// What a t8s command is, and how its arguments are read. Each command is one file that exports one of these.

import { parseArgs } from 'node:util';

export interface OptionSpec {
  readonly type: 'string' | 'boolean';
  readonly multiple?: true;
  /** What stands for the value in the help: `NAME`. */
  readonly value?: string;
  readonly help: string;
}

export interface CommandSpec<O extends Record<string, OptionSpec> = Record<string, OptionSpec>> {
  /** As typed: `up`, `node list`. */
  readonly name: string;
  /** The positional arguments, as the help shows them. */
  readonly positional?: string;
  readonly summary: string;
  /** Shown below the options: what happens, what to do next, exit codes. */
  readonly details?: string;
  readonly options: O;
  /** Resolves to the exit code. */
  run(values: OptionValues<O>, positionals: readonly string[], terminal: Terminal): Promise<number>;
}

export type OptionValues<O extends Record<string, OptionSpec>> = {
  readonly [K in keyof O]?: O[K] extends { multiple: true }
    ? readonly string[]
    : O[K] extends { type: 'boolean' }
      ? boolean
      : string;
};

/** Where a command speaks. Answers go to `out`; progress and errors to `err`. */
export interface Terminal {
  out(text: string): void;
  err(text: string): void;
}

/** The user asked for something that cannot be: shown as one line, exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Lets a table of commands hold commands of different options. */
export function command<const O extends Record<string, OptionSpec>>(spec: CommandSpec<O>): CommandSpec {
  return spec as unknown as CommandSpec;
}

/** Throws UsageError for an unknown option or a missing value. */
export function parseCommand(
  spec: CommandSpec,
  args: readonly string[],
): { values: OptionValues<CommandSpec['options']>; positionals: string[] } {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: spec.positional !== undefined,
      options: Object.fromEntries(
        Object.entries(spec.options).map(([name, { type, multiple }]) => [name, { type, multiple: multiple === true }]),
      ),
    });
    return { values: values as OptionValues<CommandSpec['options']>, positionals };
  } catch (error) {
    throw new UsageError((error as Error).message.split('. ')[0] ?? 'bad arguments');
  }
}

export function commandHelp(spec: CommandSpec): string {
  const usage = ['t8s', spec.name, ...(spec.positional ? [spec.positional] : []), '[options]'].join(' ');
  const rows = Object.entries(spec.options).map(([name, { value, help }]) => [
    `--${name}${value ? ` ${value}` : ''}`,
    help,
  ]);
  const width = Math.max(0, ...rows.map(([left]) => left?.length ?? 0));
  const options = rows.map(([left, right]) => `  ${(left ?? '').padEnd(width)}  ${right}`);
  return [
    `Usage: ${usage}`,
    '',
    spec.summary,
    ...(options.length > 0 ? ['', 'Options:', ...options] : []),
    ...(spec.details ? ['', spec.details] : []),
    '',
  ].join('\n');
}

/** A whole number within limits. Throws UsageError. */
export function wholeNumber(
  option: string,
  text: string | undefined,
  fallback: number,
  min: number,
  max: number,
): number {
  if (text === undefined) return fallback;
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < min || value > max) {
    throw new UsageError(`--${option} takes a whole number from ${min} to ${max}, not ${JSON.stringify(text)}`);
  }
  return value;
}
