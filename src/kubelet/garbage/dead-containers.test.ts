import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { deadContainers, deadSandboxes } from './dead-containers.ts';

/** `POD/NAME-ATTEMPT` that runs, or with a cross in front has ended; `@` names its sandbox. */
function container(text: string) {
  const [, dead, uid = '', name = '', attempt, sandboxId = ''] = /^(x?)(\w+)\/(\w+)-(\d+)@(\w+)$/.exec(text) ?? [];
  return { id: text, uid, name, sandboxId, isRunning: dead === '', attempt: Number(attempt), createdMs: 0 };
}

describe('deadContainers', () => {
  const of = (texts: readonly string[], done: readonly string[] = []) =>
    deadContainers(texts.map(container), { kept: 1, isDone: (uid) => done.includes(uid) }).map(({ id }) => id);

  test('are all but the last of each container', () => {
    const all = ['a/main-3@s', 'xa/main-1@s', 'xa/main-2@s', 'xa/main-0@s', 'xa/other-0@s', 'xb/main-0@s'];
    assert.deepEqual(of(all), ['xa/main-1@s', 'xa/main-0@s']);
  });

  test('are all of a pod that is done, but for what runs', () => {
    assert.deepEqual(of(['xa/main-0@s', 'xa/main-1@s', 'a/main-2@s', 'xb/main-0@s'], ['a']), [
      'xa/main-0@s',
      'xa/main-1@s',
    ]);
  });
});

describe('deadSandboxes', () => {
  const sandbox = (id: string, attempt: number, isReady = false) => ({ id, uid: 'a', attempt, isReady, createdMs: 0 });
  const of = (sandboxes: readonly ReturnType<typeof sandbox>[], containers: readonly string[], isDone = false) =>
    deadSandboxes(sandboxes, containers.map(container), () => isDone).map(({ id }) => id);

  test('are those that are down and empty, and not the newest', () => {
    const sandboxes = [sandbox('old', 0), sandbox('used', 1), sandbox('up', 2, true), sandbox('newest', 3)];
    assert.deepEqual(of(sandboxes, ['xa/main-0@used']), ['old']);
  });

  test('are the newest, too, of a pod that is done', () => {
    assert.deepEqual(of([sandbox('newest', 3), sandbox('old', 0)], [], true), ['newest', 'old']);
    assert.deepEqual(of([sandbox('newest', 3, true)], [], true), []);
  });
});
