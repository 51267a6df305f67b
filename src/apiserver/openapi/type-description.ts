// What types and their fields are for, in words. The words are upstream's and not in this project: they are read at run
// time from the comments in TypeScript declarations that an npm package carries.

export interface TypeDescription {
  /** What the type is for; empty where nothing is said. */
  readonly text: string;
  readonly fields: Readonly<Record<string, string>>;
}

/** By the name that structs have: `apps/v1.Deployment`. Undefined where there are no words. */
export type DescribeType = (typeName: string) => Promise<TypeDescription | undefined>;

/** A comment, and what it stands before: an exported type or a field of it, four spaces in. */
const COMMENTED =
  /\/\*\*\n(?<comment>(?: *\*(?!\/).*\n)*?) *\*\/\n(?<indent> *)(?:export (?:interface|type|declare class) \w+|"(?<field>[^"]+)"\??:)/g;
const FIELD_INDENT = '    ';

/**
 * Reads the declaration of one type, as kubernetes-models writes them. Of several declarations in the file the first
 * counts, which is the plain interface.
 */
export function typeDescriptionOf(source: string): TypeDescription | undefined {
  let text = '';
  const fields: Record<string, string> = {};
  for (const { groups = {} } of source.matchAll(COMMENTED)) {
    const { comment = '', indent, field } = groups;
    if (field === undefined) text ||= plain(comment);
    else if (indent === FIELD_INDENT) fields[field] ??= plain(comment);
  }
  return text === '' && Object.keys(fields).length === 0 ? undefined : { text, fields };
}

function plain(comment: string): string {
  const lines = comment.split('\n').map((line) => line.replace(/^ *\* ?/, ''));
  const words = lines.filter((line) => !line.startsWith('@')).join('\n');
  return words.replaceAll(/\\([*/])/g, '$1').trim(); // Escaped, lest they end the comment.
}
