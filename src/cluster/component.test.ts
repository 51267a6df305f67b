import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import {
  componentGone,
  componentPid,
  componentProgram,
  nodeComponent,
  nodeFlagsOf,
  registerComponent,
} from './component.ts';

const dataDir = mkdtempSync(join(tmpdir(), 't8s-comp-'));
after(() => rmSync(dataDir, { recursive: true }));

describe('registerComponent', () => {
  test('makes the process found until it is disposed, and lets others wait for its end', async () => {
    const registration = await registerComponent(dataDir, 'control-plane');
    assert.equal(componentPid(dataDir, 'control-plane'), process.pid);
    let gone = false;
    const waiting = componentGone(dataDir, 'control-plane', new AbortController().signal).then(() => {
      gone = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(gone, false);
    await registration[Symbol.asyncDispose]();
    await waiting;
    assert.equal(componentPid(dataDir, 'control-plane'), undefined);
  });
});

describe('componentGone', () => {
  test('resolves at once when nothing listens', async () => {
    await componentGone(dataDir, 'node-nowhere', new AbortController().signal);
  });

  test('rejects when the wait is aborted', async () => {
    await using _ = await registerComponent(dataDir, 'control-plane');
    const abort = new AbortController();
    const waiting = componentGone(dataDir, 'control-plane', abort.signal);
    abort.abort(new Error('no longer'));
    await assert.rejects(waiting, /no longer/);
  });
});

test('componentProgram names the program of a component and its arguments', () => {
  assert.deepEqual(componentProgram('control-plane'), { entry: 'control-plane.ts', args: [] });
  assert.deepEqual(componentProgram(nodeComponent('vm')), { entry: 'node-agent.ts', args: ['--node', 'vm'] });
});

describe('nodeFlagsOf', () => {
  test('takes over the flags of the process that starts it, but for those that are its own business', () => {
    const inherited = ['--cpu-prof', '--max-semi-space-size=8', '--disable-warning=ExperimentalWarning'];
    assert.deepEqual(nodeFlagsOf('node-a', inherited), [
      '--disable-warning=ExperimentalWarning',
      '--max-semi-space-size=2',
      '--heap-growing-percent=20',
      '--cpu-prof',
    ]);
  });
});
