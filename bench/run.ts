// Runs the benchmarks: all of them, or those named as arguments (`npm run bench -- store api`). Each is a program of its
// own with a limit in time, so that none warms up, slows down or holds up another. Prints their lines as they come.

import { spawn } from 'node:child_process';
import { join } from 'node:path';

/** In the order in which they are run, with the seconds that each may take. */
const BENCHMARKS: Readonly<Record<string, number>> = {
  store: 30,
  codec: 20,
  api: 240,
  'service-rules': 30,
  'start-up': 45,
  idle: 60,
  testing: 90,
  scheduler: 90,
  scale: 240,
  node: 400,
};

const names = process.argv.slice(2);
const unknown = names.filter((name) => !(name in BENCHMARKS));
if (unknown.length > 0) {
  console.error(`no benchmark ${unknown.join(', ')}; there are: ${Object.keys(BENCHMARKS).join(', ')}`);
  process.exit(2);
}
for (const name of names.length > 0 ? names : Object.keys(BENCHMARKS)) {
  if (!(await run(name, BENCHMARKS[name]!))) process.exitCode = 1;
}

/** Whether the benchmark ended well: a missed budget is a result, not a failure. */
function run(name: string, limitSeconds: number): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [...process.execArgv, join(import.meta.dirname, `${name}.bench.ts`)], {
      stdio: 'inherit',
      detached: true, // A process group, so that at the limit its children end with it.
    });
    const limit = setTimeout(() => {
      console.log(JSON.stringify({ bench: name, failed: `took longer than ${limitSeconds} s` }));
      process.kill(-child.pid!, 'SIGTERM');
    }, limitSeconds * 1000);
    child.once('close', (code) => {
      clearTimeout(limit);
      resolve(code === 0);
    });
  });
}
