// Files of environment variables in volumes, from which containers take single ones (fileKeyRef, KEP-3721). The syntax is
// the part of a POSIX shell's that cannot be misread: NAME='value', taken literally up to the next quote, even over lines.

/** The file is not of that syntax. */
export class EnvFileError extends Error {
  override readonly name = 'EnvFileError';
}

const LINE = /(?<name>[^=\s#'][^=\n]*)='(?<value>[^']*)'[ \t]*(?:#[^\n]*)?(?:\n|$)/y;
const NOTHING = /[ \t\r]*(?:#[^\n]*)?(?:\n|$)/y;
const INDENT = /[ \t]*/y;

/** The value of the key, the first where there are several; undefined when there is none. Throws EnvFileError. */
export function envFileValue(text: string, key: string): string | undefined {
  let found: string | undefined;
  for (let at = 0; at < text.length; ) {
    const blank = matchAt(NOTHING, text, at);
    if (blank) {
      at += blank[0].length;
      continue;
    }
    at += matchAt(INDENT, text, at)?.[0].length ?? 0;
    const line = matchAt(LINE, text, at);
    if (!line) throw new EnvFileError(`line ${text.slice(0, at).split('\n').length} is not NAME='value'`);
    at += line[0].length;
    if (line.groups?.['name'] === key) found ??= line.groups['value'];
  }
  return found;
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}
