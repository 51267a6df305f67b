// Objects as JSON. Decoding builds objects in declared order, kind and apiVersion first, and changes replace values
// without reordering keys; so the engine's own stringify gives upstream's key order and nothing is faster.

const encoder = new TextEncoder();

/** The JSON text of an object in normal form. */
export function stringifyJson(object: unknown): string {
  return JSON.stringify(object);
}

/** The same as UTF-8 bytes. */
export function encodeJson(object: unknown): Uint8Array<ArrayBuffer> {
  return encoder.encode(JSON.stringify(object)) as Uint8Array<ArrayBuffer>;
}
