// Runs the tests: all of them, or the files and folders named as arguments. Ends with node's own summary.

import { spawnSync } from 'node:child_process';
import { globSync, statSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const named = process.argv.slice(2);
const patterns = (named.length > 0 ? named : ['src', 'test', 'examples']).flatMap((path) =>
  statSync(join(root, path)).isDirectory() ? [`${path}/**/*.test.ts`] : [path],
);
const files = patterns.flatMap((pattern) => globSync(pattern, { cwd: root })).sort();

const { status } = spawnSync(
  process.execPath,
  ['--disable-warning=ExperimentalWarning', '--test', '--test-concurrency=2', '--test-timeout=600000', ...files],
  { cwd: root, stdio: 'inherit' },
);
process.exit(status ?? 1);
