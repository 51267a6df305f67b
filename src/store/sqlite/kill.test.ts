import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { sleep, systemClock } from '../../base/clock.ts';
import { silentLogger } from '../../base/log.ts';
import { seededRandom } from '../../base/random.ts';
import { prefixRange, StoreUnavailableError } from '../store.ts';
import { openSqliteStore } from './sqlite-store.ts';

const WRITER = join(import.meta.dirname, '../../../test/support/store-writer.ts');
const ROUNDS = 10;

const directory = mkdtempSync(join(tmpdir(), 't8s-kill-'));
after(() => rmSync(directory, { recursive: true }));

describe('openSqliteStore after a crash', () => {
  test('has every acknowledged write of a process killed under load, and nothing that nobody wrote', async () => {
    const path = join(directory, 'killed.db');
    const random = seededRandom(11);
    const ledger = new Ledger();
    for (let round = 0; round < ROUNDS; round++) {
      const writer = spawnWriter(path);
      const acknowledged = ledger.read(writer);
      await ledger.until(ledger.acknowledged + 100 + Math.floor(random.next() * 3000));
      if (round === 0) {
        await assert.rejects(openSqliteStore({ path, log: silentLogger }), (error) => {
          return error instanceof StoreUnavailableError && /in use by another process/.test(error.message);
        });
      }
      // Otherwise the kill would always come in the same phase of a batch: when its answers are being read.
      await sleep(systemClock, random.next() * 4);
      writer.kill('SIGKILL');
      await acknowledged;
      assert.equal(writer.signalCode, 'SIGKILL', 'the writer was still at work');
      await ledger.check(path);
    }
  });

  test('finds what a process that closed it wrote, and the process ended by itself', async () => {
    const path = join(directory, 'closed.db');
    const ledger = new Ledger();
    const writer = spawnWriter(path, '20');
    await ledger.read(writer);
    assert.deepEqual([writer.exitCode, writer.signalCode], [0, null]);
    assert.ok(ledger.acknowledged >= 600);
    await ledger.check(path);
  });
});

function spawnWriter(path: string, ...more: readonly string[]): ChildProcess {
  const args = ['--disable-warning=ExperimentalWarning', WRITER, path, ...more];
  return spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
}

/** What writers have said, over several lives of one store. */
class Ledger {
  acknowledged = 0;
  readonly #revisions = new Set<number>();
  readonly #counts: { readonly revision: number; readonly count: number }[] = [];
  readonly #last = new Map<string, { readonly revision: number; readonly replaces: number | undefined }>();
  readonly #deleting = new Map<string, number>();
  #newest = 0;
  #waiting: { readonly count: number; readonly resolve: () => void } | undefined;

  /** Takes down what the writer says until it has ended and everything it said has been read. */
  async read(writer: ChildProcess): Promise<void> {
    const exited = once(writer, 'exit');
    let rest = '';
    for await (const chunk of writer.stdout!.setEncoding('utf8')) {
      const lines = `${rest}${chunk}`.split('\n');
      rest = lines.pop()!; // What the kill cut off was not said, so it was not done either.
      for (const line of lines) this.#note(line);
    }
    await exited;
    this.#waiting?.resolve();
  }

  async until(count: number): Promise<void> {
    if (this.acknowledged >= count) return;
    await new Promise<void>((resolve) => {
      this.#waiting = { count, resolve };
    });
  }

  async check(path: string): Promise<void> {
    await using store = await openSqliteStore({ path, log: silentLogger });
    const current = await store.currentRevision();
    assert.ok(current >= this.#newest, `revision ${this.#newest} was acknowledged, the store is at ${current}`);
    for (const [key, last] of this.#last) {
      const item = await store.get(key);
      if (!item) {
        const gone = last.replaces === undefined || this.#deleting.get(key) === last.revision;
        assert.ok(gone, `${key} is lost: it was written at ${last.revision}`);
        continue;
      }
      assert.ok(item.revision >= last.revision, `${key} was written at ${last.revision} but is at ${item.revision}`);
      const value = JSON.parse(new TextDecoder().decode(item.value));
      assert.equal(value.key, key);
      // Later than acknowledged is only the one write that was under way, and that replaces the acknowledged one.
      if (item.revision === last.revision) assert.equal(value.replaces, last.replaces);
      else if (last.replaces === undefined) assert.equal(value.replaces, 0);
      // A delete that was begun may have been done in the life before, and the key made anew in this one.
      else if (this.#deleting.get(key) === last.revision) assert.ok([0, last.revision].includes(value.replaces));
      else assert.equal(value.replaces, last.revision);
    }
    await this.#checkCounter(await store.get('/shared'));
    const { items } = await store.list(prefixRange(''));
    const revisions = new Set(items.map(({ revision }) => revision));
    assert.equal(revisions.size, items.length);
    assert.ok(Math.max(...revisions) <= current);
  }

  async #checkCounter(item: { readonly revision: number; readonly value: Uint8Array } | undefined): Promise<void> {
    const counts = this.#counts.toSorted((a, b) => a.revision - b.revision);
    for (const [i, { count }] of counts.entries()) {
      if (i > 0) assert.ok(count > counts[i - 1]!.count, 'no step of the counter was taken twice');
    }
    const last = counts.at(-1);
    if (!last) return;
    const count = Number(new TextDecoder().decode(item?.value));
    assert.ok(item && item.revision >= last.revision && count >= last.count);
    assert.equal(item.revision === last.revision, count === last.count);
  }

  #note(line: string): void {
    const [what, key, revisionText, more] = line.split(' ');
    const revision = Number(revisionText);
    assert.ok(key && revision > 0, line);
    if (what === 'deleting') {
      this.#deleting.set(key, revision);
      return;
    }
    assert.ok(!this.#revisions.has(revision), `revision ${revision} was given twice`);
    this.#revisions.add(revision);
    this.#newest = Math.max(this.#newest, revision);
    if (what === 'counted') this.#counts.push({ revision, count: Number(more) });
    else this.#last.set(key, { revision, replaces: what === 'deleted' ? undefined : Number(more) });
    this.acknowledged++;
    if (this.#waiting && this.acknowledged >= this.#waiting.count) this.#waiting.resolve();
  }
}
