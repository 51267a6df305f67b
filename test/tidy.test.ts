// The rules of the house that a machine can check: layers, what the core may import, which globals are injected, names.

import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { basename, dirname, join, normalize } from 'node:path';
import { describe, test } from 'node:test';

const root = join(import.meta.dirname, '..');

/** Which folders of src each folder may import, besides itself. */
const LAYERS: Readonly<Record<string, readonly string[]>> = {
  base: [],
  api: ['base'],
  store: ['base'],
  cri: ['base'],
  client: ['base', 'api'],
  apiserver: ['base', 'api', 'store', 'client'],
  controllers: ['base', 'api', 'client'],
  scheduler: ['base', 'api', 'client'],
  kubelet: ['base', 'api', 'cri', 'client'],
  network: ['base', 'api', 'cri', 'client'],
  storage: ['base', 'api', 'client'],
  cluster: [
    'base',
    'api',
    'store',
    'cri',
    'client',
    'apiserver',
    'controllers',
    'scheduler',
    'kubelet',
    'network',
    'storage',
  ],
  testing: ['base', 'api', 'store', 'client', 'apiserver', 'kubelet', 'cluster'],
};
const ABOVE = { cli: ['bin'], bin: [] as string[] };

/** Folders (or files) of the core that know no platform, and the edges in them that may. */
const PLATFORM_FREE = [
  'src/api/',
  'src/client/',
  'src/controllers/',
  'src/scheduler/',
  'src/apiserver/',
  'src/store/memory.ts',
];
const EDGES = [
  'src/client/https-transport.ts',
  'src/client/kubeconfig',
  'src/client/exec-credential',
  'src/client/http',
  'src/apiserver/http/',
];

/** Globals that are handed in instead, and where they may be used all the same. */
const INJECTED: readonly [RegExp, string][] = [
  [/\bDate\.now\(\)|\bnew Date\(\)/, 'the time (Clock)'],
  [/\bMath\.random\(\)/, 'randomness (Random)'],
  [/\bconsole\.\w+\(/, 'the console (Logger)'],
  [/\bprocess\.env\b/, 'the environment (options)'],
  [/(?<![.\w])(setTimeout|setInterval)\(/, 'timers (Clock)'],
  [/\bAbortSignal\.timeout\(|'node:timers|(?<![.\w])setImmediate\(/, 'the time of the machine (Clock, nextTurn)'],
];
/** What is done outside of JavaScript and does not wait for a clock: what it is waited for with says so (base/under-way.ts). */
const OUTSIDE_WORK = /\bcrypto\.subtle\b|^import \{[^}]*\} from 'jose\/(jws|jwt\/sign)/m;
/** They wait for other processes and for disks, which keep the machine's time. */
const MAY_USE_MACHINE_TIME = [
  'src/cluster/cluster-status.ts',
  'src/cluster/join-cluster.ts',
  'src/cluster/component.ts',
  'src/cluster/start-cluster.ts',
  'src/kubelet/server/remote-command.ts',
  'src/store/sqlite/',
];
const MAY_USE_GLOBALS = ['src/base/', 'src/bin/', 'src/cli/'];

interface Source {
  readonly path: string;
  readonly text: string;
  readonly imports: readonly string[];
}

const sources: readonly Source[] = globSync('src/**/*.ts', { cwd: root })
  .sort()
  .map((path) => {
    const text = readFileSync(join(root, path), 'utf8');
    const imports = [
      ...text.matchAll(/^(?:import|export)\b[^'"`;]*?\bfrom '([^']+)'|^import '([^']+)'|\bimport\('([^']+)'\)/gm),
    ];
    return { path, text, imports: imports.map((match) => match[1] ?? match[2] ?? match[3] ?? '') };
  });
const product = sources.filter(({ path }) => !isTest(path));

describe('tidy', () => {
  test('imports only go down the layers', () => {
    const wrong: string[] = [];
    for (const { path, imports } of product) {
      const layer = layerOf(path);
      const allowed = layer === 'cli' || layer === 'bin' ? undefined : LAYERS[layer];
      assert.ok(allowed || layer in ABOVE, `${path} is in no layer`);
      for (const specifier of imports.filter((name) => name.startsWith('.'))) {
        const target = layerOf(normalize(join(dirname(path), specifier)));
        const fine = allowed ? target === layer || allowed.includes(target) : target !== 'bin' || layer === 'bin';
        if (!fine) wrong.push(`${path} imports ${specifier}`);
      }
    }
    assert.deepEqual(wrong, []);
  });

  test('the core imports nothing from node:', () => {
    const wrong = product.filter(
      ({ path, imports }) =>
        PLATFORM_FREE.some((prefix) => path.startsWith(prefix)) &&
        !EDGES.some((prefix) => path.startsWith(prefix)) &&
        imports.some((name) => name.startsWith('node:')),
    );
    assert.deepEqual(
      wrong.map(({ path }) => path),
      [],
    );
  });

  test('time, randomness, the console and the environment are handed in', () => {
    const wrong: string[] = [];
    for (const { path, text } of product) {
      if (MAY_USE_GLOBALS.some((prefix) => path.startsWith(prefix))) continue;
      for (const [number, line] of text.split('\n').entries()) {
        if (/^\s*(\/\/|\*|\/\*)/.test(line)) continue;
        for (const [pattern, what] of INJECTED) {
          if (what.includes('machine') && MAY_USE_MACHINE_TIME.some((prefix) => path.startsWith(prefix))) continue;
          if (pattern.test(line)) wrong.push(`${path}:${number + 1} uses ${what}`);
        }
      }
    }
    assert.deepEqual(wrong, []);
  });

  test('what the core has done outside of JavaScript is taken into account while it is under way', () => {
    const core = product.filter(({ path }) => /^src\/(api|client|apiserver|controllers|scheduler)\//.test(path));
    const wrong = core.filter(({ text }) => OUTSIDE_WORK.test(text) && !/\bunderWay\(/.test(text));
    assert.deepEqual(
      wrong.map(({ path }) => path),
      [],
    );
  });

  test('files are named after one concept, in kebab case, and open with what they own', () => {
    const wrong: string[] = [];
    for (const { path, text } of sources) {
      const name = basename(path).replace(/(\.test|\.e2e\.test|\.bench)?\.ts$/, '');
      if (!/^[a-z0-9]+([-.][a-z0-9]+)*$/.test(name)) wrong.push(`${path}: not kebab case`);
      if (/^(utils?|helpers?|common|misc|types|index)$/.test(name)) wrong.push(`${path}: names no concept`);
      if (!isTest(path) && !text.startsWith('//')) wrong.push(`${path}: does not open with what it owns`);
    }
    assert.deepEqual(wrong, []);
  });

  test('no work is left marked in the code', () => {
    const marked = sources.filter(({ text }) => /\b(TODO|FIXME|XXX)\b/.test(text) || /\.only\(/.test(text));
    assert.deepEqual(
      marked.map(({ path }) => path),
      [],
    );
  });

  test('long files and functions are listed', (context) => {
    for (const { path, text } of product) {
      const lines = text.split('\n');
      if (lines.length > 400) context.diagnostic(`${path}: ${lines.length} lines`);
      for (const { name, length } of functionsOf(lines)) {
        if (length > 70) context.diagnostic(`${path}: ${name} has ${length} lines`);
      }
    }
  });
});

function isTest(path: string): boolean {
  return path.endsWith('.test.ts') || path.endsWith('-contract.ts');
}

function layerOf(path: string): string {
  return path.split('/')[1] ?? '';
}

/** Functions and methods by their indentation, which the formatter makes reliable. */
function functionsOf(lines: readonly string[]): { name: string; length: number }[] {
  const found: { name: string; length: number }[] = [];
  for (const [start, line] of lines.entries()) {
    const match =
      /^(export )?(async )?function\*? (?<name>\w+)/.exec(line) ??
      /^ {2}(static |async |override )*(?<name>[#\w]+)(<.*>)?\(.*\{$/.exec(line);
    const name = match?.groups?.['name'];
    if (!name || /^(if|for|while|switch|catch)$/.test(name)) continue;
    const indent = /^ */.exec(line)?.[0] ?? '';
    const end = lines.indexOf(`${indent}}`, start + 1);
    if (end > start) found.push({ name, length: end - start + 1 });
  }
  return found;
}
