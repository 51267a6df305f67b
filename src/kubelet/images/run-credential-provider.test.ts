import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { FakeClock } from '../../base/clock.ts';
import { runCredentialProvider } from './run-credential-provider.ts';

const PROVIDER = {
  ...{ name: 'login', matchImages: [], defaultCacheMs: 0, apiVersion: '' },
  ...{ args: ['get', 'it'], env: [{ name: 'PROFILE', value: 'dev' }], tokenAttributes: undefined },
};

describe('runCredentialProvider', () => {
  async function run(script: string, clock = new FakeClock()) {
    const directory = await mkdtemp(join(tmpdir(), 't8s-provider-'));
    try {
      await writeFile(join(directory, 'login'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
      const environment = { PATH: '/usr/bin:/bin' };
      return await runCredentialProvider({ clock, directory, environment }, PROVIDER, { image: 'app' });
    } finally {
      await rm(directory, { recursive: true });
    }
  }

  test('hands the request in and takes the answer out, with arguments and environment', async () => {
    const script = 'printf \'{"request":%s,"args":"%s","profile":"%s"}\' "$(cat)" "$*" "$PROFILE"';
    assert.deepEqual(await run(script), { request: { image: 'app' }, args: 'get it', profile: 'dev' });
  });

  test('says why there is no answer', async () => {
    await assert.rejects(run('echo no login >&2; exit 3'), /it has ended with code 3: no login/);
    await assert.rejects(run('echo nonsense'), SyntaxError);
  });

  test('waits no longer than a minute', async () => {
    const clock = new FakeClock();
    const running = run('exec sleep 600', clock);
    const rejected = assert.rejects(running, /it has not answered within a minute/);
    while (clock.pending === 0) await new Promise((resolve) => setImmediate(resolve));
    await clock.advance(60_000);
    await rejected;
  });
});
