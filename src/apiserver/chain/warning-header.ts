// The `Warning` header of an answer: what there is to tell, cut down to what clients take. Upstream: WithWarningRecorder in
// k8s.io/apiserver/pkg/endpoints/filters, NewWarningHeader in apimachinery.

const MAX_CHARACTERS = 4096;
/** Of each text, where all together are too long. */
const MAX_TEXT_CHARACTERS = 256;

export function warningHeader(texts: Iterable<string>): string {
  const all = [...texts];
  const total = all.reduce((sum, text) => sum + text.length, 0);
  return (total <= MAX_CHARACTERS ? all : cut(all)).map(warningOf).join(', ');
}

function cut(texts: readonly string[]): readonly string[] {
  const fitting: string[] = [];
  let length = 0;
  for (const text of texts) {
    if (length >= MAX_CHARACTERS) break;
    const start = text.slice(0, MAX_TEXT_CHARACTERS).toWellFormed(); // Where a character has been cut in two.
    length += start.length;
    fitting.push(start);
  }
  return fitting;
}

/** RFC 7234: code 299, no agent, a quoted text without control characters. */
function warningOf(text: string): string {
  const printable = [...text].map((char) => (char < ' ' || char === '\u007f' ? ' ' : char)).join('');
  return `299 - "${bytesOf(printable.replaceAll('\\', '\\\\').replaceAll('"', '\\"'))}"`;
}

const encoder = new TextEncoder();

/** UTF-8, a character for each byte, which is all that headers of HTTP are made of. */
function bytesOf(text: string): string {
  return [...encoder.encode(text)].map((byte) => String.fromCharCode(byte)).join('');
}
