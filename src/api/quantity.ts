// Quantities: exact fixed-point numbers with a suffix (`100m`, `128Mi`, `1e3`). In objects they are canonical strings;
// this parses, compares, adds and formats them. Rules: k8s.io/apimachinery/pkg/api/resource.

export type QuantityFormat = 'DecimalSI' | 'BinarySI' | 'DecimalExponent';

/** `mantissa * 10^exponent`, with an exponent of at least -9. */
export interface Quantity {
  readonly mantissa: bigint;
  readonly exponent: number;
  /** The kind of suffix it was written with and will be written with. */
  readonly format: QuantityFormat;
}

/** The text is not a quantity. */
export class QuantityError extends Error {
  override readonly name = 'QuantityError';
}

const WRONG_FORMAT =
  "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'" as const;
const WRONG_SUFFIX = "unable to parse quantity's suffix" as const;

const SYNTAX = /^([+-]?)0*(\d*)(?:\.(\d*))?([eEinumkKMGTP]*[-+]?\d*)$/;
/** Written like this a quantity is canonical and its value a small whole number. */
const PLAIN = /^[1-9]\d{0,2}(?:m|k|M|G|Ki|Mi|Gi)?$/;
const EXPONENT = /^[eE]([+-]?\d+)$/;

const NANO = -9;
/** Beyond this no quantity makes sense, and its digits would only cost memory. */
const MAX_EXPONENT = 1000;
const MAX_BINARY = 2n ** 63n - 1n;
/** Up to so many digits upstream parses without big integers, and only then keeps the text as it was written. */
const MAX_FAST_DIGITS = 18;

const DECIMAL_SUFFIXES: ReadonlyMap<string, number> = new Map([
  ['n', -9],
  ['u', -6],
  ['m', -3],
  ['', 0],
  ['k', 3],
  ['M', 6],
  ['G', 9],
  ['T', 12],
  ['P', 15],
  ['E', 18],
]);
const BINARY_SUFFIXES: ReadonlyMap<string, number> = new Map([
  ['Ki', 10],
  ['Mi', 20],
  ['Gi', 30],
  ['Ti', 40],
  ['Pi', 50],
  ['Ei', 60],
]);
const DECIMAL_NAMES = new Map([...DECIMAL_SUFFIXES].map(([name, exponent]) => [exponent, name]));
const BINARY_NAMES = new Map([...BINARY_SUFFIXES].map(([name, exponent]) => [exponent, name]));

/** The quantity a text stands for. Throws `QuantityError`. More precise than a billionth is rounded away from zero. */
export function parseQuantity(text: string): Quantity {
  return parse(text).quantity;
}

export function isQuantity(text: string): boolean {
  try {
    parse(text);
    return true;
  } catch (error) {
    if (error instanceof QuantityError) return false;
    throw error;
  }
}

/** The text in the form the server stores and sends. Throws `QuantityError`. */
export function canonicalQuantity(text: string): string {
  if (PLAIN.test(text)) return text;
  const { quantity, isCanonical } = parse(text);
  return isCanonical ? text : formatQuantity(quantity);
}

/** Canonical text: no fraction, and the largest suffix that loses no precision. */
export function formatQuantity(quantity: Quantity): string {
  const { mantissa, exponent, format } = quantity;
  if (mantissa === 0n) return '0';
  if (format === 'BinarySI') {
    const whole = exponent >= 0 ? mantissa * 10n ** BigInt(exponent) : mantissa / 10n ** BigInt(-exponent);
    const isExact = exponent >= 0 || mantissa % 10n ** BigInt(-exponent) === 0n;
    if (isExact && (whole >= 1024n || whole <= -1024n)) return formatBinary(whole);
    return formatDecimal(mantissa, exponent, 'DecimalSI');
  }
  return formatDecimal(mantissa, exponent, format);
}

/** Negative, zero or positive, as the first is less than, equal to or greater than the second. */
export function compareQuantities(a: string, b: string): number {
  if (a === b) return 0;
  const [left, right] = aligned(parseQuantity(a), parseQuantity(b));
  return left < right ? -1 : left > right ? 1 : 0;
}

/** The sum, in the format of the first unless that is zero. */
export function addQuantities(a: string, b: string): string {
  return formatQuantity(add(parseQuantity(a), parseQuantity(b), 1n));
}

/** The difference, in the format of the first unless that is zero. */
export function subtractQuantities(a: string, b: string): string {
  return formatQuantity(add(parseQuantity(a), parseQuantity(b), -1n));
}

/** -1, 0 or 1. */
export function quantitySign(text: string): number {
  const { mantissa } = parseQuantity(text);
  return mantissa < 0n ? -1 : mantissa > 0n ? 1 : 0;
}

/** Whether it is a number of whole units. */
export function isWholeQuantity(text: string): boolean {
  const { mantissa, exponent } = parseQuantity(text);
  return exponent >= 0 || mantissa % 10n ** BigInt(-exponent) === 0n;
}

/**
 * The value as a number of units, rounded away from zero. Exact up to 2^53, which is 9 PB of memory.
 */
export function quantityValue(text: string): number {
  return scaledValue(text, 0);
}

/** The value as a number of thousandths, rounded away from zero: CPU in millicores. */
export function quantityMilliValue(text: string): number {
  return scaledValue(text, -3);
}

/** The value as the nearest number. */
export function quantityToNumber(text: string): number {
  const { mantissa, exponent } = parseQuantity(text);
  return Number(`${mantissa}e${exponent}`);
}

/** A whole number as a canonical quantity. */
export function quantityOf(value: number, format: QuantityFormat = 'DecimalSI'): string {
  return formatQuantity({ mantissa: BigInt(value), exponent: 0, format });
}

/** A whole number of thousandths as a canonical quantity. */
export function quantityOfMilli(milli: number, format: QuantityFormat = 'DecimalSI'): string {
  return formatQuantity({ mantissa: BigInt(milli), exponent: -3, format });
}

const MILLI_PER_SUFFIX: ReadonlyMap<string, number> = new Map([
  ['', 1000],
  ['m', 1],
  ['k', 1e6],
  ['M', 1e9],
  ['G', 1e12],
  ['Ki', 1000 * 2 ** 10],
  ['Mi', 1000 * 2 ** 20],
  ['Gi', 1000 * 2 ** 30],
]);

function scaledValue(text: string, exponent: 0 | -3): number {
  if (PLAIN.test(text)) {
    const digits = Number.parseInt(text, 10);
    const milli = digits * (MILLI_PER_SUFFIX.get(text.slice(String(digits).length)) ?? Number.NaN);
    return exponent === -3 ? milli : Math.ceil(milli / 1000);
  }
  const quantity = parseQuantity(text);
  return Number(rescale(quantity.mantissa, quantity.exponent - exponent));
}

interface Parsed {
  readonly quantity: Quantity;
  /** The text as it was written needs no formatting. */
  readonly isCanonical: boolean;
}

function parse(text: string): Parsed {
  const match = SYNTAX.exec(text);
  if (!match || text === '') throw new QuantityError(WRONG_FORMAT);
  const [, sign, whole = '', fraction = '', suffix = ''] = match;
  const digits = (whole === '' ? '0' : whole) + fraction;
  const meaning = interpret(suffix);
  const unsigned = BigInt(digits);
  const signed = (value: bigint) => (sign === '-' ? -value : value);

  if (meaning.format !== 'BinarySI') {
    const exponent = meaning.exponent - fraction.length;
    const isCanonical =
      digits.length <= MAX_FAST_DIGITS &&
      exponent >= NANO &&
      exponent % 3 === 0 &&
      !digits.endsWith('000') &&
      !digits.startsWith('0');
    return { quantity: atLeastNano(signed(unsigned), exponent, meaning.format), isCanonical };
  }

  const scaled = unsigned * 2n ** BigInt(meaning.exponent);
  const isFast = fraction === '' && digits.length + Math.trunc((meaning.exponent * 3) / 10) <= 14;
  const isCanonical = isFast && unsigned % 8n !== 0n;
  if (isFast) return { quantity: { mantissa: signed(scaled), exponent: 0, format: 'BinarySI' }, isCanonical };
  const limit = MAX_BINARY * 10n ** BigInt(fraction.length);
  const capped = scaled > limit ? limit : scaled;
  const isBelowOne = capped > 0n && capped < 10n ** BigInt(fraction.length);
  const format = isBelowOne ? 'DecimalSI' : 'BinarySI';
  return { quantity: atLeastNano(signed(capped), -fraction.length, format), isCanonical: false };
}

function interpret(suffix: string): { exponent: number; format: QuantityFormat } {
  const decimal = DECIMAL_SUFFIXES.get(suffix);
  if (decimal !== undefined) return { exponent: decimal, format: 'DecimalSI' };
  const binary = BINARY_SUFFIXES.get(suffix);
  if (binary !== undefined) return { exponent: binary, format: 'BinarySI' };
  const exponent = Number(EXPONENT.exec(suffix)?.[1] ?? Number.NaN);
  if (!(Math.abs(exponent) <= MAX_EXPONENT)) throw new QuantityError(WRONG_SUFFIX);
  return { exponent, format: 'DecimalExponent' };
}

function atLeastNano(mantissa: bigint, exponent: number, format: QuantityFormat): Quantity {
  if (exponent >= NANO) return { mantissa, exponent, format };
  return { mantissa: rescale(mantissa, exponent - NANO), exponent: NANO, format };
}

/** `mantissa * 10^places` as a whole number, rounded away from zero. */
function rescale(mantissa: bigint, places: number): bigint {
  if (places >= 0) return mantissa * 10n ** BigInt(places);
  const divisor = 10n ** BigInt(-places);
  const quotient = mantissa / divisor;
  if (quotient * divisor === mantissa) return quotient;
  return mantissa < 0n ? quotient - 1n : quotient + 1n;
}

function aligned(a: Quantity, b: Quantity): [bigint, bigint, number] {
  const exponent = Math.min(a.exponent, b.exponent);
  return [rescale(a.mantissa, a.exponent - exponent), rescale(b.mantissa, b.exponent - exponent), exponent];
}

function add(a: Quantity, b: Quantity, sign: bigint): Quantity {
  const [left, right, exponent] = aligned(a, b);
  return { mantissa: left + sign * right, exponent, format: a.mantissa === 0n ? b.format : a.format };
}

function formatBinary(whole: bigint): string {
  let rest = whole;
  let exponent = 0;
  while (rest % 1024n === 0n) {
    rest /= 1024n;
    exponent += 10;
  }
  return `${rest}${BINARY_NAMES.get(exponent) ?? ''}`;
}

function formatDecimal(mantissa: bigint, exponent: number, format: 'DecimalSI' | 'DecimalExponent'): string {
  let rest = mantissa;
  let power = exponent;
  while (rest % 10n === 0n) {
    rest /= 10n;
    power++;
  }
  while (power % 3 !== 0) {
    rest *= 10n;
    power--;
  }
  if (power === 0) return `${rest}`;
  return format === 'DecimalSI' ? `${rest}${DECIMAL_NAMES.get(power) ?? ''}` : `${rest}e${power}`;
}
