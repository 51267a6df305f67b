// How long a text is in UTF-8, which is how Go counts, without encoding it.

/** Bytes. What is no Unicode (half of a surrogate pair) counts as what it is encoded as: U+FFFD. */
export function utf8Length(text: string): number {
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) continue;
    bytes += unit < 0x800 ? 1 : 2;
    if (isHigh(unit) && isLow(text.charCodeAt(i + 1))) {
      i++; // Two units are four bytes.
    }
  }
  return bytes;
}

function isHigh(unit: number): boolean {
  return unit >= 0xd800 && unit < 0xdc00;
}

/** False for NaN, which is what follows the last unit. */
function isLow(unit: number): boolean {
  return unit >= 0xdc00 && unit < 0xe000;
}
