// Regular expressions in the syntax of Go (RE2, as regexp.Compile takes it), compiled to the platform's. Patterns that
// Go refuses are refused in its words, which clients read; those that it takes mean the same here. Upstream:
// regexp/syntax.

import {
  classItems,
  complementOf,
  literal,
  MAX_RUNE,
  PERL_CLASSES,
  POSIX_CLASSES,
  unicodeProperty,
} from './go-regexp-class.ts';

/** The message is Go's: `error parsing regexp: missing closing ): ...`. */
export class GoRegexpError extends Error {
  override readonly name = 'GoRegexpError';
  constructor(why: string, expression: string) {
    super(`error parsing regexp: ${why}: \`${expression}\``);
  }
}

/** Throws `GoRegexpError`. The result has no state and is not anchored. */
export function compileGoRegexp(pattern: string): RegExp {
  return new RegExp(new Parser(pattern).parse(), 'u');
}

interface Flags {
  readonly ignoreCase: boolean;
  readonly multiLine: boolean;
  readonly dotMatchesNewline: boolean;
  readonly ungreedy: boolean;
}

const NO_FLAGS: Flags = { ignoreCase: false, multiLine: false, dotMatchesNewline: false, ungreedy: false };
const FLAG_NAMES: Readonly<Record<string, keyof Flags>> = {
  i: 'ignoreCase',
  m: 'multiLine',
  s: 'dotMatchesNewline',
  U: 'ungreedy',
};

const MAX_REPEAT = 1000;
/** Groups in groups; Go has the same limit. */
const MAX_DEPTH = 1000;

/** A part of the platform's pattern that a repetition can follow; `repeats`: how often what is in it can be repeated. */
interface Atom {
  readonly source: string;
  readonly repeats: number;
}

interface Group {
  readonly flags: Flags;
  /** The atoms of all alternatives, `|` between them. */
  readonly atoms: (Atom | '|')[];
}

const ANY = '[^]';
const NOT_NEWLINE = '[^\\n]';
const BEGIN_TEXT = '(?<![^])';
const END_TEXT = '(?![^])';
const BEGIN_LINE = '(?<![^\\n])';
const END_LINE = '(?![^\\n])';

class Parser {
  readonly #whole: string;
  /** What is left of the pattern. */
  #rest: string;
  #flags = NO_FLAGS;
  #group: Group = { flags: NO_FLAGS, atoms: [] };
  readonly #outer: Group[] = [];

  constructor(pattern: string) {
    this.#whole = pattern;
    this.#rest = pattern;
  }

  parse(): string {
    let lastRepeat = '';
    while (this.#rest !== '') {
      const before = this.#rest;
      const isRepeat = this.#repetition(lastRepeat);
      if (!isRepeat) this.#part();
      lastRepeat = isRepeat ? before : '';
    }
    if (this.#outer.length > 0) throw new GoRegexpError('missing closing )', this.#whole);
    return sourceOf(this.#group);
  }

  /** Anything but a repetition. */
  #part(): void {
    switch (this.#rest[0]) {
      case '(':
        this.#open();
        break;
      case ')':
        this.#close();
        break;
      case '|':
        this.#group.atoms.push('|');
        this.#skip(1);
        break;
      case '^':
        this.#push(this.#flags.multiLine ? BEGIN_LINE : BEGIN_TEXT, 1);
        break;
      case '$':
        this.#push(this.#flags.multiLine ? END_LINE : END_TEXT, 1);
        break;
      case '.':
        this.#push(this.#flags.dotMatchesNewline ? ANY : NOT_NEWLINE, 1);
        break;
      case '[':
        this.#pushFolded(this.#class());
        break;
      case '\\':
        this.#escape();
        break;
      default:
        this.#pushFolded(literal(this.#rune()));
    }
  }

  #push(source: string, length: number): void {
    this.#group.atoms.push({ source, repeats: 1 });
    this.#skip(length);
  }

  #pushFolded(source: string): void {
    this.#push(this.#flags.ignoreCase ? `(?i:${source})` : source, 0);
  }

  #skip(length: number): void {
    this.#rest = this.#rest.slice(length);
  }

  #rune(): number {
    const rune = this.#rest.codePointAt(0) ?? 0;
    this.#skip(rune > 0xffff ? 2 : 1);
    return rune;
  }

  /** What stands between an earlier rest and the present one. */
  #since(before: string): string {
    return before.slice(0, before.length - this.#rest.length);
  }

  #open(): void {
    if (this.#outer.length >= MAX_DEPTH) throw new GoRegexpError('expression nests too deeply', this.#whole);
    if (!this.#rest.startsWith('(?')) {
      this.#skip(1);
      this.#begin(this.#flags);
      return;
    }
    const name = /^\(\?(?:P(?=<.)|(?=<.))</.exec(this.#rest)?.[0];
    if (name === undefined) {
      this.#groupFlags();
      return;
    }
    const end = this.#rest.indexOf('>');
    if (end < 0) throw new GoRegexpError('invalid named capture', this.#rest);
    const capture = this.#rest.slice(0, end + 1);
    if (!/^\w+$/.test(capture.slice(name.length, -1))) throw new GoRegexpError('invalid named capture', capture);
    this.#skip(capture.length);
    this.#begin(this.#flags);
  }

  /** `(?i)`, which is for the rest of the group, or `(?i:…)`. */
  #groupFlags(): void {
    const before = this.#rest;
    this.#skip(2);
    const flags: Record<keyof Flags, boolean> = { ...this.#flags };
    let value = true;
    let sawFlag = false;
    while (this.#rest !== '') {
      const char = String.fromCodePoint(this.#rune());
      const flag = FLAG_NAMES[char];
      if (flag) {
        flags[flag] = value;
        sawFlag = true;
      } else if (char === '-' && value) {
        value = false;
        sawFlag = false;
      } else if ((char === ':' || char === ')') && (value || sawFlag)) {
        if (char === ':') this.#begin(this.#flags);
        this.#flags = flags;
        return;
      } else break;
    }
    throw new GoRegexpError('invalid or unsupported Perl syntax', this.#since(before));
  }

  #begin(flagsBehind: Flags): void {
    this.#outer.push(this.#group);
    this.#group = { flags: flagsBehind, atoms: [] };
  }

  #close(): void {
    const outer = this.#outer.pop();
    if (!outer) throw new GoRegexpError('unexpected )', this.#whole);
    this.#skip(1);
    const inner = this.#group;
    const repeats = Math.max(1, ...inner.atoms.map((atom) => (atom === '|' ? 1 : atom.repeats)));
    outer.atoms.push({ source: `(?:${sourceOf(inner)})`, repeats });
    this.#flags = inner.flags;
    this.#group = outer;
  }

  /** Whether a repetition comes next. */
  #repetition(lastRepeat: string): boolean {
    const before = this.#rest;
    const operator = /^(?:[*+?]|\{(\d+)(?:(,)(\d*))?\})/.exec(before);
    if (!operator || /^\{0\d/.test(before) || /^\{\d+,0\d/.test(before)) return false;
    this.#skip(operator[0].length);
    const isCounted = operator[1] !== undefined;
    const min = Number(operator[1] ?? 0);
    const max = operator[2] === undefined ? min : operator[3] === '' ? undefined : Number(operator[3]);
    if (isCounted && (min > MAX_REPEAT || (max !== undefined && (max > MAX_REPEAT || min > max)))) {
      throw new GoRegexpError('invalid repeat count', this.#since(before));
    }
    const isLazy = this.#rest.startsWith('?');
    if (isLazy) this.#skip(1);
    if (lastRepeat !== '') throw new GoRegexpError('invalid nested repetition operator', this.#since(lastRepeat));
    const atom = this.#group.atoms.pop();
    if (atom === undefined || atom === '|') {
      throw new GoRegexpError('missing argument to repetition operator', this.#since(before));
    }
    const times = isCounted ? (max ?? min) : 1;
    const repeats = times === 0 ? 1 : atom.repeats * times;
    if (times >= 2 && repeats > MAX_REPEAT) throw new GoRegexpError('invalid repeat count', this.#since(before));
    const greed = isLazy === this.#flags.ungreedy ? '' : '?';
    // The platform does not repeat what matches a place only.
    const source = atom.source.startsWith('(?') || atom.source.startsWith('\\b') ? `(?:${atom.source})` : atom.source;
    this.#group.atoms.push({ source: `${source}${operator[0]}${greed}`, repeats });
    return true;
  }

  #escape(): void {
    switch (this.#rest[1]) {
      case 'A':
        this.#push(BEGIN_TEXT, 2);
        return;
      case 'z':
        this.#push(END_TEXT, 2);
        return;
      case 'b':
      case 'B':
        this.#push(`(?:${this.#rest.slice(0, 2)})`, 2);
        return;
      case 'C':
        throw new GoRegexpError('invalid escape sequence', '\\C');
      case 'Q':
        this.#quoted();
        return;
    }
    const group = this.#perlClass() ?? this.#unicodeClass();
    this.#pushFolded(group === undefined ? literal(this.#escapedRune()) : `[${group}]`);
  }

  /** `\Q…\E`: all of it literally. */
  #quoted(): void {
    this.#skip(2);
    const end = this.#rest.indexOf('\\E');
    const text = end < 0 ? this.#rest : this.#rest.slice(0, end);
    this.#skip(end < 0 ? text.length : text.length + 2);
    for (const char of text) this.#pushFolded(literal(char.codePointAt(0) ?? 0));
  }

  #class(): string {
    const whole = this.#rest;
    this.#skip(1);
    const isNegated = this.#rest.startsWith('^');
    if (isNegated) this.#skip(1);
    let items = '';
    for (let isFirst = true; isFirst || !this.#rest.startsWith(']'); isFirst = false) {
      items += this.#posixClass() ?? this.#unicodeClass() ?? this.#perlClass() ?? this.#range(whole);
    }
    this.#skip(1);
    return `[${isNegated ? '^' : ''}${items}]`;
  }

  #range(wholeClass: string): string {
    const before = this.#rest;
    const low = this.#classRune(wholeClass);
    if (!/^-[^\]]/.test(this.#rest)) return literal(low);
    this.#skip(1);
    const high = this.#classRune(wholeClass);
    if (high < low) throw new GoRegexpError('invalid character class range', this.#since(before));
    return `${literal(low)}-${literal(high)}`;
  }

  #classRune(wholeClass: string): number {
    if (this.#rest === '') throw new GoRegexpError('missing closing ]', wholeClass);
    return this.#rest.startsWith('\\') ? this.#escapedRune() : this.#rune();
  }

  /** `[:alpha:]`, as what stands between brackets. */
  #posixClass(): string | undefined {
    const name = /^\[:.*?:\]/s.exec(this.#rest)?.[0];
    if (name === undefined) return undefined;
    const isNegated = name[2] === '^';
    const positive = POSIX_CLASSES[name.slice(isNegated ? 3 : 2, -2)];
    if (positive === undefined) throw new GoRegexpError('invalid character class range', name);
    this.#skip(name.length);
    return isNegated ? complementOf(positive) : classItems(positive);
  }

  #perlClass(): string | undefined {
    const ranges = /^\\[dswDSW]/.test(this.#rest) ? PERL_CLASSES[this.#rest[1]?.toLowerCase() ?? ''] : undefined;
    if (!ranges) return undefined;
    const isNegated = /^\\[DSW]/.test(this.#rest);
    this.#skip(2);
    return isNegated ? complementOf(ranges) : classItems(ranges);
  }

  /** `\pN`, `\p{Greek}`, `\P{^Greek}`, as what stands between brackets. */
  #unicodeClass(): string | undefined {
    if (!/^\\[pP]/.test(this.#rest)) return undefined;
    const isOpen = this.#rest[2] === '{';
    if (this.#rest.length === 2 || (isOpen && !this.#rest.includes('}'))) {
      throw new GoRegexpError('invalid character class range', this.#rest);
    }
    const end = isOpen ? this.#rest.indexOf('}') + 1 : 2 + String.fromCodePoint(this.#rest.codePointAt(2) ?? 0).length;
    const sequence = this.#rest.slice(0, end);
    const name = isOpen ? sequence.slice(3, -1) : sequence.slice(2);
    const isNegated = (sequence[1] === 'P') !== name.startsWith('^');
    const property = unicodeProperty(name.replace(/^\^/, ''));
    if (property === undefined) throw new GoRegexpError('invalid character class range', sequence);
    this.#skip(end);
    return `\\${isNegated ? 'P' : 'p'}{${property}}`;
  }

  /** The character that an escape stands for, in a class or outside. */
  #escapedRune(): number {
    const before = this.#rest;
    this.#skip(1);
    if (this.#rest === '') throw new GoRegexpError('trailing backslash at end of expression', '');
    const escaped = readEscape(this.#rest);
    if (escaped) {
      this.#skip(escaped.length);
      return escaped.rune;
    }
    const isHex = this.#rune() === 0x78;
    if (isHex) this.#skipBadHex();
    throw new GoRegexpError('invalid escape sequence', this.#since(before));
  }

  /** Go's error shows an escape up to where it went wrong. */
  #skipBadHex(): void {
    if (!this.#rest.startsWith('{')) {
      for (let i = 0; i < 2 && this.#rest !== ''; i++) this.#rune();
      return;
    }
    this.#skip(1);
    for (let rune = 0; this.#rest !== '' && rune <= MAX_RUNE; ) {
      rune = rune * 16 + Number.parseInt(String.fromCodePoint(this.#rune()), 16);
    }
  }
}

function sourceOf({ atoms }: Group): string {
  return atoms.map((atom) => (atom === '|' ? '|' : atom.source)).join('');
}

const C_ESCAPES: Readonly<Record<string, number>> = { a: 7, f: 12, n: 10, r: 13, t: 9, v: 11 };

/** What stands behind a backslash: digits, a letter of C, or punctuation that stands for itself. */
function readEscape(text: string): { readonly length: number; readonly rune: number } | undefined {
  const octal = /^(?:0[0-7]{0,2}|[1-7][0-7]{1,2})/.exec(text)?.[0];
  if (octal !== undefined) return { length: octal.length, rune: Number.parseInt(octal, 8) };
  const hex = /^x(?:([0-9A-Fa-f]{2})|\{([0-9A-Fa-f]+)\})/.exec(text);
  if (hex) {
    const rune = Number.parseInt(hex[1] ?? hex[2] ?? '', 16);
    return rune <= MAX_RUNE ? { length: hex[0].length, rune } : undefined;
  }
  const first = text[0] ?? '';
  const rune = C_ESCAPES[first] ?? (/[^A-Za-z0-9\u0080-\uffff]/.test(first) ? first.charCodeAt(0) : undefined);
  return rune === undefined ? undefined : { length: 1, rune };
}
