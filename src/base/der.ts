// DER, as far as it takes to find one's way in a structure whose parts are looked at as they are: signed bytes must not
// be written anew. Structures that are read as a whole have schemas (@peculiar/asn1-x509).

export const DER_INTEGER = 0x02;
export const DER_BIT_STRING = 0x03;
export const DER_OID = 0x06;
export const DER_SEQUENCE = 0x30;

/** The bytes are not DER. The message is Go's (encoding/asn1). */
export class DerError extends Error {
  override readonly name = 'DerError';
}

export interface DerValue {
  readonly tag: number;
  readonly content: Uint8Array<ArrayBuffer>;
  /** Tag, length and content. */
  readonly whole: Uint8Array<ArrayBuffer>;
}

/** Values that follow each other. Throws DerError. */
export function readDerList(bytes: Uint8Array<ArrayBuffer>): readonly DerValue[] {
  const values: DerValue[] = [];
  for (let at = 0; at < bytes.length; ) {
    const value = readValue(bytes.subarray(at));
    values.push(value);
    at += value.whole.length;
  }
  return values;
}

/** One value and nothing else. Throws DerError. */
export function readDer(bytes: Uint8Array<ArrayBuffer>): DerValue {
  const value = readValue(bytes);
  if (value.whole.length < bytes.length) throw new DerError('asn1: syntax error: trailing data');
  return value;
}

/** `1.2.840.113549`. */
export function formatOid(content: Uint8Array): string {
  const numbers: number[] = [];
  let number = 0;
  for (const byte of content) {
    number = number * 128 + (byte & 0x7f);
    if (byte >= 0x80) continue;
    numbers.push(number);
    number = 0;
  }
  const [first = 0, ...others] = numbers;
  const root = Math.min(Math.trunc(first / 40), 2);
  return [root, first - root * 40, ...others].join('.');
}

function readValue(bytes: Uint8Array<ArrayBuffer>): DerValue {
  const [tag, first] = bytes;
  if (tag === undefined || first === undefined) throw new DerError('asn1: syntax error: truncated tag or length');
  const sizeBytes = first < 0x80 ? 0 : first & 0x7f;
  if (sizeBytes > 4 || first === 0x80) throw new DerError('asn1: structure error: length too large');
  if (bytes.length < 2 + sizeBytes) throw new DerError('asn1: syntax error: truncated tag or length');
  const length = sizeBytes === 0 ? first : bytes.subarray(2, 2 + sizeBytes).reduce((sum, byte) => sum * 256 + byte, 0);
  const end = 2 + sizeBytes + length;
  if (bytes.length < end) throw new DerError('asn1: syntax error: data truncated');
  return { tag, content: bytes.subarray(2 + sizeBytes, end), whole: bytes.subarray(0, end) };
}
