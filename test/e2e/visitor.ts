// Somebody who visits a page again and again, on a new connection each time, and counts how often that fails.

import { get } from 'node:http';

/** Disposing ends the visits as well. */
export interface Visitor extends AsyncDisposable {
  /** Ends the visits: how many pages came, and what was seen instead of the others. */
  finish(): Promise<{ readonly pages: number; readonly failures: readonly string[] }>;
}

const VISITORS = 2;
const PATIENCE_MS = 3000;

export function startVisitor(url: string): Visitor {
  const failures: string[] = [];
  let pages = 0;
  let isOver = false;
  const visiting = Array.from({ length: VISITORS }, async () => {
    while (!isOver) {
      const failure = await visit(url);
      if (failure === undefined) pages++;
      else failures.push(failure);
    }
  });
  const end = async () => {
    isOver = true;
    await Promise.all(visiting);
  };
  return {
    async finish() {
      await end();
      return { pages, failures };
    },
    [Symbol.asyncDispose]: end,
  };
}

/** Undefined if the page came. */
function visit(url: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const request = get(url, { agent: false, timeout: PATIENCE_MS }, (response) => {
      response.resume();
      response.once('error', ({ message }) => resolve(message));
      response.once('end', () => resolve(response.statusCode === 200 ? undefined : `status ${response.statusCode}`));
    });
    request.once('timeout', () => request.destroy(new Error(`no answer within ${PATIENCE_MS} ms`)));
    request.once('error', ({ message }) => resolve(message));
  });
}
