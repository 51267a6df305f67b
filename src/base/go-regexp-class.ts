// Sets of characters as regular expressions of Go name them (`\d`, `[:alpha:]`, `\p{Greek}`), as what stands between
// brackets on this platform.

export const MAX_RUNE = 0x10ffff;

/** A character that stands for itself, inside brackets or outside. */
export function literal(rune: number): string {
  const char = String.fromCodePoint(rune);
  if (/[\^$\\.*+?()[\]{}|/-]/.test(char)) return `\\${char === '-' ? 'x2d' : char}`;
  return rune < 0x20 ? `\\x${rune.toString(16).padStart(2, '0')}` : char;
}

type Ranges = readonly (readonly [low: number, high: number])[];

const DIGITS: Ranges = [[0x30, 0x39]];
const UPPER: Ranges = [[0x41, 0x5a]];
const LOWER: Ranges = [[0x61, 0x7a]];
const LETTERS: Ranges = [...UPPER, ...LOWER];
const SPACE: Ranges = [
  [0x09, 0x0a],
  [0x0c, 0x0d],
  [0x20, 0x20],
];
const WORD: Ranges = [...DIGITS, ...UPPER, [0x5f, 0x5f], ...LOWER];

/** Unlike the platform's, these are ASCII only. */
export const PERL_CLASSES: Readonly<Record<string, Ranges>> = { d: DIGITS, s: SPACE, w: WORD };
export const POSIX_CLASSES: Readonly<Record<string, Ranges>> = {
  alnum: [...DIGITS, ...LETTERS],
  alpha: LETTERS,
  ascii: [[0, 0x7f]],
  blank: [
    [0x09, 0x09],
    [0x20, 0x20],
  ],
  cntrl: [
    [0, 0x1f],
    [0x7f, 0x7f],
  ],
  digit: DIGITS,
  graph: [[0x21, 0x7e]],
  lower: LOWER,
  print: [[0x20, 0x7e]],
  punct: [
    [0x21, 0x2f],
    [0x3a, 0x40],
    [0x5b, 0x60],
    [0x7b, 0x7e],
  ],
  space: [
    [0x09, 0x0d],
    [0x20, 0x20],
  ],
  upper: UPPER,
  word: WORD,
  xdigit: [...DIGITS, [0x41, 0x46], [0x61, 0x66]],
};

export function classItems(ranges: Ranges): string {
  return ranges.map(([low, high]) => `${literal(low)}-${literal(high)}`).join('');
}

/** Everything that sorted ranges leave out. */
export function complementOf(ranges: Ranges): string {
  let next = 0;
  const gaps: [number, number][] = [];
  for (const [low, high] of ranges) {
    if (low > next) gaps.push([next, low - 1]);
    next = high + 1;
  }
  gaps.push([next, MAX_RUNE]);
  return classItems(gaps);
}

const CATEGORY = /^(?:Any|ASCII|Assigned|C[cfos]?|LC|L[lmotu]?|M[cen]?|N[dlo]?|P[cdefios]?|S[ckmo]?|Z[lps]?)$/;

/** The platform's name for a category or script of Unicode. */
export function unicodeProperty(name: string): string | undefined {
  if (CATEGORY.test(name)) return name;
  if (!/^[A-Z]\w+$/.test(name)) return undefined;
  const script = `Script=${name}`;
  try {
    new RegExp(`\\p{${script}}`, 'u');
    return script;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined; // There is no such script.
    throw error;
  }
}
