import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { main } from './main.ts';

const empty = mkdtempSync(join(tmpdir(), 't8s-cli-'));
after(() => rmSync(empty, { recursive: true }));

async function run(...args: readonly string[]): Promise<{ code: number; out: string; err: string }> {
  let out = '';
  let err = '';
  const code = await main(args, { out: (text) => (out += text), err: (text) => (err += text) });
  return { code, out, err };
}

describe('main', () => {
  test('lists the commands when it is given none, and for --help', async () => {
    for (const args of [[], ['--help'], ['help']]) {
      const { code, out } = await run(...args);
      assert.equal(code, 0);
      for (const name of ['up', 'status', 'down', 'delete', 'logs COMPONENT', 'node list', 'version']) {
        assert.match(out, new RegExp(`^  ${name} `, 'm'));
      }
    }
  });

  test('explains every option of a command', async () => {
    const { code, out } = await run('up', '--help');
    assert.equal(code, 0);
    for (const option of [
      'name',
      'data-dir',
      'nodes',
      'simulated-nodes',
      'api-port',
      'kubeconfig',
      'registry-mirror',
      'wait',
    ]) {
      assert.match(out, new RegExp(`--${option}\\b.* {2}\\w`));
    }
    assert.equal((await run('help', 'node', 'list')).out, (await run('node', 'list', '--help')).out);
  });

  test('prints the versions', async () => {
    const { code, out } = await run('version');
    assert.equal(code, 0);
    assert.match(out, /^t8s \d+\.\d+\.\d+\nKubernetes v1\.36\.\d+\nNode v\d+/);
  });

  const misuses: readonly [string, readonly string[], RegExp][] = [
    ['an unknown command', ['frobnicate'], /there is no command "frobnicate"/],
    ['half a command', ['node'], /there is no command "node"/],
    ['an unknown option', ['status', '--colour'], /--colour/],
    ['an option without its value', ['up', '--name'], /--name/],
    ['a positional that is not taken', ['down', 'now'], /now/],
    ['a name that cannot be one', ['up', '--name', 'No_Good'], /--name takes .* not "No_Good"/],
    [
      'a number that is none',
      ['up', '--api-port', 'many'],
      /--api-port takes a whole number from 1 to 65535, not "many"/,
    ],
    ['a number out of range', ['up', '--api-port', '70000'], /not "70000"/],
    [
      'a mirror without its URL',
      ['up', '--registry-mirror', 'docker.io'],
      /--registry-mirror: docker.io is not HOST=URL/,
    ],
  ];
  for (const [what, args, message] of misuses) {
    test(`refuses ${what} with exit code 2 and says how to get help`, async () => {
      const { code, out, err } = await run(...args);
      assert.equal(code, 2);
      assert.equal(out, '');
      assert.match(err, message);
      assert.match(err, /--help/);
    });
  }

  test('fails with exit code 1 where there is no cluster, and says what makes one', async () => {
    for (const command of [['status'], ['down'], ['logs'], ['node', 'list']]) {
      const { code, err } = await run(...command, '--data-dir', join(empty, 'nothing'));
      assert.equal(code, 1);
      assert.match(err, /there is no cluster "default" in .*nothing; t8s up makes one/);
    }
  });

  test('delete is content where there is nothing', async () => {
    const { code, out } = await run('delete', '--data-dir', join(empty, 'nothing'));
    assert.equal(code, 0);
    assert.match(out, /There is no cluster in/);
  });
});
