// Runs the tests: all of them, or the files and folders named as arguments. Ends with node's own summary.

import { globSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';

const root = join(import.meta.dirname, '..');
const AT_ONCE = 2;
const TIMEOUT_MS = 600_000;
/** By far the longest, and mostly waiting: everything else runs beside it. */
const FIRST = 'test/e2e/real-nodes.test.ts';

const named = process.argv.slice(2);
const patterns = (named.length > 0 ? named : ['src', 'test', 'examples']).flatMap((path) =>
  statSync(join(root, path)).isDirectory() ? [`${path}/**/*.test.ts`] : [path],
);
const found = patterns.flatMap((pattern) => globSync(pattern, { cwd: root })).sort();
const files = [...found.filter((file) => file === FIRST), ...found.filter((file) => file !== FIRST)];

run({ files: files.map((file) => join(root, file)), cwd: root, concurrency: AT_ONCE, timeout: TIMEOUT_MS })
  .on('test:fail', ({ todo }) => {
    if (todo === undefined || todo === false) process.exitCode = 1;
  })
  .compose(spec)
  .pipe(process.stdout);
