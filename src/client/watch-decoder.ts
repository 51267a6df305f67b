// The wire form of a watch: one JSON object a line. Decodes bytes as they come, so that everything that arrived together
// is one batch.

import { deepFreeze } from '../base/freeze.ts';
import type { ApiWatchEvent } from './transport.ts';

/** No object may be larger than a request body; an event holds one object. */
const MAX_EVENT_BYTES = 64 * 1024 * 1024;
const NEWLINE = 10;

/** Throws `SyntaxError` for what is not JSON, `RangeError` for an event above 64 MB. Ends when the bytes end. */
export async function* decodeWatch(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<readonly ApiWatchEvent[]> {
  const decoder = new TextDecoder();
  let rest: Uint8Array[] = [];
  let restBytes = 0;
  for await (const chunk of chunks) {
    const last = chunk.lastIndexOf(NEWLINE);
    if (last < 0) {
      rest.push(chunk);
      restBytes += chunk.length;
      if (restBytes > MAX_EVENT_BYTES) throw new RangeError(`a watch event is larger than ${MAX_EVENT_BYTES} bytes`);
      continue;
    }
    let text = '';
    for (const part of rest) text += decoder.decode(part, { stream: true });
    text += decoder.decode(chunk.subarray(0, last), { stream: true });
    rest = last + 1 < chunk.length ? [chunk.subarray(last + 1)] : [];
    restBytes = chunk.length - last - 1;
    const batch: ApiWatchEvent[] = [];
    for (const line of text.split('\n')) if (line !== '') batch.push(deepFreeze(JSON.parse(line)));
    if (batch.length > 0) yield batch;
  }
}
