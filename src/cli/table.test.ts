import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatTable } from './table.ts';

test('formatTable aligns columns to their widest cell and ends lines without blanks', () => {
  const table = formatTable(
    ['NAME', 'STATUS'],
    [
      ['a', 'Ready'],
      ['longer-name', ''],
    ],
  );
  assert.equal(table, ['NAME          STATUS', 'a             Ready', 'longer-name'].join('\n'));
});
