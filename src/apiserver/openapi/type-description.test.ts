import assert from 'node:assert/strict';
import { test } from 'node:test';
import { typeDescriptionOf } from './type-description.ts';

const SOURCE = `import { IOther } from "./Other.js";
/**
 * A thing of many parts.
 *
 * It has \\*two\\* paragraphs, and paths like pods/*\\/scale.
 * @deprecated
 */
export interface IThing extends TypeMeta {
    "apiVersion": "test/v1";
    /**
     * How many there are.
     *
     * Possible enum values:
     *  - \`"One"\` means one.
     */
    "count"?: number;
    "silent"?: string;
    /**
     * By name.
     */
    "x-parts"?: {
        [key: string]: {
            /**
             * Of a value, not of the thing.
             */
            "inner": string;
        };
    };
}
/**
 * The same once more.
 */
export declare class Thing extends Model<IThing> implements IThing {
    /**
     * Something else.
     */
    "count"?: IThing["count"];
}
`;

test('typeDescriptionOf reads what a type and its fields are for', () => {
  assert.deepEqual(typeDescriptionOf(SOURCE), {
    text: 'A thing of many parts.\n\nIt has *two* paragraphs, and paths like pods/*/scale.',
    fields: {
      count: 'How many there are.\n\nPossible enum values:\n - `"One"` means one.',
      'x-parts': 'By name.',
    },
  });
});

const NOTHING: readonly [title: string, source: string][] = [
  ['an empty file', ''],
  ['a type without comments', 'export interface IThing {\n    "count": number;\n}\n'],
  ['a comment that is never closed', '/**\n * Text.\n'],
];
for (const [title, source] of NOTHING) {
  test(`typeDescriptionOf finds nothing in ${title}`, () => assert.equal(typeDescriptionOf(source), undefined));
}
