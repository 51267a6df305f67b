// Base64 (RFC 4648, padded) between bytes and text, on any platform.

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const CODES = Uint8Array.from(ALPHABET, (char) => char.charCodeAt(0));
/** The six bits of each character's code; 255 for codes of no meaning. */
const VALUES = Uint8Array.from({ length: 128 }, (_, code) => ALPHABET.indexOf(String.fromCharCode(code)) & 255);
const PADDING = 0x3d;

const ascii = new TextDecoder('latin1');

/** The text of the bytes, padded with `=`. */
export function encodeBase64(bytes: Uint8Array): string {
  const text = new Uint8Array(Math.ceil(bytes.length / 3) * 4);
  let at = 0;
  for (let i = 0; i < bytes.length; i += 3) {
    const left = bytes.length - i;
    const bits = (bytes[i]! << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    text[at++] = CODES[bits >> 18]!;
    text[at++] = CODES[(bits >> 12) & 63]!;
    text[at++] = left > 1 ? CODES[(bits >> 6) & 63]! : PADDING;
    text[at++] = left > 2 ? CODES[bits & 63]! : PADDING;
  }
  return ascii.decode(text);
}

/** The bytes of a padded text. Throws `SyntaxError` for any other text. */
export function decodeBase64(text: string): Uint8Array<ArrayBuffer> {
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  if (text.length % 4 !== 0) throw new SyntaxError('base64 text of a length that is no multiple of four');
  const bytes = new Uint8Array((text.length / 4) * 3 - padding);
  let at = 0;
  for (let i = 0; i < text.length; i += 4) {
    const isLast = i + 4 === text.length;
    let bits = 0;
    for (let j = i; j < i + 4; j++) {
      const value = isLast && j >= text.length - padding ? 0 : (VALUES[text.charCodeAt(j)] ?? 255);
      if (value === 255) throw new SyntaxError(`illegal base64 data at input byte ${j}`);
      bits = (bits << 6) | value;
    }
    // What falls behind the end of the array, because of padding, is dropped by it.
    bytes[at++] = bits >> 16;
    bytes[at++] = bits >> 8;
    bytes[at++] = bits;
  }
  return bytes;
}
