// Stored JSON has no resourceVersion, since the revision is only known once it is written. Served JSON has it, put in by
// copying bytes: nothing is parsed or encoded again.

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN = 0x7b;
const CLOSE = 0x7d;
const COMMA = 0x2c;

const encoder = new TextEncoder();
const METADATA = encoder.encode('"metadata":{');
const UID = encoder.encode('"uid":"');

/**
 * Where the resourceVersion belongs in an object's compact JSON, as Go orders it: behind metadata's uid, or first in a
 * metadata without one. Throws for JSON that does not hold its metadata as an object among the first fields.
 */
export function resourceVersionOffset(json: Uint8Array): number {
  const metadata = findAtDepth(json, 1, 1, METADATA);
  if (metadata < 0) throw new TypeError('stored JSON without metadata');
  const start = metadata + METADATA.length;
  const uid = findAtDepth(json, start, 1, UID);
  return uid < 0 ? start : endOfString(json, uid + UID.length - 1);
}

/** The JSON with `"resourceVersion":"<revision>"` at the offset that `resourceVersionOffset` found. */
export function withResourceVersion(json: Uint8Array, offset: number, revision: number): Uint8Array {
  const first = json[offset - 1] === OPEN;
  const empty = first && json[offset] === CLOSE;
  const text = `"resourceVersion":"${revision}"`;
  const insertion = first ? (empty ? text : `${text},`) : `,${text}`;
  const result = new Uint8Array(json.length + insertion.length);
  result.set(json.subarray(0, offset));
  encoder.encodeInto(insertion, result.subarray(offset));
  result.set(json.subarray(offset), offset + insertion.length);
  return result;
}

/** The inverse of `withResourceVersion`. */
export function withoutResourceVersion(json: Uint8Array, offset: number, insertedBytes: number): Uint8Array {
  const result = new Uint8Array(json.length - insertedBytes);
  result.set(json.subarray(0, offset));
  result.set(json.subarray(offset + insertedBytes), offset);
  return result;
}

/**
 * The offset of a key (with what follows it) in the object whose inside starts at `start`, or -1. Steps over strings
 * and nested values, so that a key's text inside of a value is never taken for the key.
 */
function findAtDepth(json: Uint8Array, start: number, depth: number, key: Uint8Array): number {
  let level = depth;
  for (let at = start; at < json.length && level >= depth; ) {
    const byte = json[at];
    if (byte === QUOTE) {
      const isKey = level === depth && (at === start || json[at - 1] === COMMA);
      if (isKey && startsWith(json, at, key)) return at;
      at = endOfString(json, at);
      continue;
    }
    if (byte === OPEN || byte === 0x5b) level++;
    else if (byte === CLOSE || byte === 0x5d) level--;
    at++;
  }
  return -1;
}

/** The offset behind a string that opens at `at`. */
function endOfString(json: Uint8Array, at: number): number {
  let end = at + 1;
  while (end < json.length && json[end] !== QUOTE) end += json[end] === BACKSLASH ? 2 : 1;
  return end + 1;
}

function startsWith(json: Uint8Array, at: number, prefix: Uint8Array): boolean {
  if (at + prefix.length > json.length) return false;
  for (let i = 0; i < prefix.length; i++) if (json[at + i] !== prefix[i]) return false;
  return true;
}
