import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { runHelm, runKubectl } from './kubectl.ts';

const available = process.platform === 'linux' && process.arch === 'x64';

describe('kubectl', { skip: available ? false : 'the npm package has programs for Linux on x86-64 only' }, () => {
  for (const minor of [35, 27]) {
    test(`runKubectl runs kubectl 1.${minor}`, async () => {
      const args = ['version', '--client', '--output=json'];
      const { code, stdout, stderr } = await runKubectl(args, { kubeconfig: '/dev/null', minor });
      assert.equal(code, 0, stderr);
      assert.equal(JSON.parse(stdout).clientVersion.minor, String(minor));
    });
  }

  test('runKubectl hands over its standard input and says what failed', async () => {
    const { code, stderr } = await runKubectl(['create', '--dry-run=client', '--validate=false', '-f', '-'], {
      kubeconfig: '/dev/null',
      stdin: '{"not":"a manifest"}',
    });
    assert.equal(code, 1);
    assert.match(stderr, /error/);
  });

  test('runHelm runs helm', async () => {
    const { code, stdout } = await runHelm(['version', '--short'], { kubeconfig: '/dev/null' });
    assert.equal(code, 0);
    assert.match(stdout, /^v\d+\.\d+/);
  });
});
