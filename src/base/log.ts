// Structured logging: a constant message and fields. Where the lines go is decided at the edge.

export type Fields = Readonly<Record<string, unknown>>;
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** A logger. Pass errors in the field `error`; never put a secret in a field. */
export interface Logger {
  debug(message: string, fields?: Fields): void;
  info(message: string, fields?: Fields): void;
  warn(message: string, fields?: Fields): void;
  error(message: string, fields?: Fields): void;
  /** The same logger with fields added to each line. */
  with(fields: Fields): Logger;
}

export interface LogRecord {
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: Fields;
}

const LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];

/** A logger that hands each record at or above the level to `write`. */
export function createLogger(
  write: (record: LogRecord) => void,
  { level = 'info', fields = {} }: { level?: LogLevel; fields?: Fields } = {},
): Logger {
  const threshold = LEVELS.indexOf(level);
  const at = (recordLevel: LogLevel) => (message: string, more?: Fields) => {
    if (LEVELS.indexOf(recordLevel) >= threshold) {
      write({ level: recordLevel, message, fields: more ? { ...fields, ...more } : fields });
    }
  };
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    with: (more) => createLogger(write, { level, fields: { ...fields, ...more } }),
  };
}

/** One line of text for a record: `2026-01-01T00:00:00.000Z INFO message key=value`. */
export function formatRecord(record: LogRecord, nowMs: number): string {
  const parts = [new Date(nowMs).toISOString(), record.level.toUpperCase(), record.message];
  for (const [key, value] of Object.entries(record.fields)) {
    if (value !== undefined) parts.push(`${key}=${formatValue(value)}`);
  }
  return parts.join(' ');
}

/** A logger that drops everything. */
export const silentLogger: Logger = createLogger(() => {});

function formatValue(value: unknown): string {
  if (value instanceof Error) {
    const cause = value.cause instanceof Error ? ` (${value.cause.message})` : '';
    return JSON.stringify(`${value.stack ?? value.message}${cause}`);
  }
  if (typeof value === 'string') return /^[\w./:@-]+$/.test(value) ? value : JSON.stringify(value);
  return JSON.stringify(value) ?? String(value);
}
