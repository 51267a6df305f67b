import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatFieldError, Path } from './field-error.ts';
import {
  compileLabelMap,
  compileLabelSelector,
  formatLabelMatcher,
  parseLabelSelector,
  requiredLabel,
  validateLabelSelector,
} from './label-selector.ts';
import { isStatusError } from './status-error.ts';

test('parseLabelSelector matches labels as the requirements say', () => {
  const cases: readonly (readonly [string, Record<string, string> | undefined, boolean])[] = [
    ['', {}, true],
    ['', undefined, true],
    ['a=b', { a: 'b' }, true],
    ['a==b', { a: 'c' }, false],
    ['a=b', undefined, false],
    ['a=', { a: '' }, true],
    ['a=', {}, false],
    ['a!=b', {}, true],
    ['a!=b', { a: 'b' }, false],
    ['a in (b,c)', { a: 'c' }, true],
    ['a in (b,c)', {}, false],
    ['a in ()', { a: '' }, true],
    ['a notin (b,c)', { a: 'd' }, true],
    ['a notin (b)', {}, true],
    ['a notin (b)', { a: 'b' }, false],
    ['a', { a: '' }, true],
    ['a', {}, false],
    ['!a', {}, true],
    ['! a', { a: 'x' }, false],
    ['a>5', { a: '6' }, true],
    ['a>5', { a: '5' }, false],
    ['a<5', { a: 'x' }, false],
    ['a<5', {}, false],
    ['a=b,c=d', { a: 'b', c: 'd' }, true],
    ['a=b,c=d', { a: 'b' }, false],
    ['in in (in),notin=x', { in: 'in', notin: 'x' }, true],
    ['constructor', {}, false],
  ];
  for (const [text, labels, expected] of cases) {
    assert.equal(parseLabelSelector(text).matches(labels), expected, `${text} ${JSON.stringify(labels)}`);
  }
});

test('parseLabelSelector refuses what it cannot read in the words of upstream', () => {
  const operators = 'expected: in, notin, =, ==, !=, gt, lt';
  const cases: readonly (readonly [string, string])[] = [
    ['a b', `unable to parse requirement: found 'b', ${operators}`],
    ['a=b,', "found '', expected: identifier after ','"],
    [',a', "found ',', expected: !, identifier, or 'end of string'"],
    ['a=b c', "found 'c', expected: ',' or 'end of string'"],
    ['a in', "unable to parse requirement: found '' expected: '('"],
    ['a in (=', "unable to parse requirement: found '=', expected: ',', ')' or identifier"],
    ['a in (b', "unable to parse requirement: found '', expected: ',' or ')'"],
    ['a=(', "unable to parse requirement: found '(', expected: identifier"],
    ['!', "unable to parse requirement: found '', expected: identifier"],
    [
      'a>x',
      `unable to parse requirement: values[0]: Invalid value: "x": for 'Gt', 'Lt' operators, the value must be an integer`,
    ],
  ];
  for (const [text, message] of cases) {
    assert.throws(
      () => parseLabelSelector(text),
      (error) => isStatusError(error, 'BadRequest') && error.message === message,
      text,
    );
  }
  assert.throws(
    () => parseLabelSelector('-a=b'),
    /unable to parse requirement: <nil>: Invalid value: "-a": name part must consist of/,
  );
  assert.throws(
    () => parseLabelSelector('a=-b'),
    /values\[0\]\[a\]: Invalid value: "-b": a valid label must be an empty string/,
  );
});

test('compileLabelSelector: nothing for no selector, everything for an empty one', () => {
  assert.equal(compileLabelSelector(undefined).matches({}), false);
  assert.equal(compileLabelSelector(null).isEverything, false);
  assert.equal(compileLabelSelector({}).matches(undefined), true);
  assert.equal(compileLabelSelector({}).isEverything, true);
  const selector = {
    matchLabels: { app: 'web' },
    matchExpressions: [
      { key: 'tier', operator: 'In', values: ['b', 'a'] },
      { key: 'old', operator: 'DoesNotExist' },
    ],
  };
  const matcher = compileLabelSelector(selector);
  assert.equal(formatLabelMatcher(matcher), 'app=web,!old,tier in (a,b)');
  assert.equal(matcher.matches({ app: 'web', tier: 'a' }), true);
  assert.equal(matcher.matches({ app: 'web', tier: 'a', old: '' }), false);
  assert.throws(
    () => compileLabelSelector({ matchExpressions: [{ key: 'a', operator: 'Like' }] }),
    /"Like" is not a valid label selector operator/,
  );
});

test('compileLabelMap and requiredLabel', () => {
  const matcher = compileLabelMap({ b: '2', a: '1' });
  assert.equal(formatLabelMatcher(matcher), 'a=1,b=2');
  assert.equal(matcher.matches({ a: '1', b: '2', c: '3' }), true);
  assert.equal(requiredLabel(matcher, 'b'), '2');
  assert.equal(requiredLabel(parseLabelSelector('a in (x)'), 'a'), 'x');
  assert.equal(requiredLabel(parseLabelSelector('a in (x,y)'), 'a'), undefined);
  assert.equal(requiredLabel(parseLabelSelector('a!=x'), 'a'), undefined);
});

test('formatLabelMatcher writes what parseLabelSelector reads', () => {
  for (const text of ['', 'a=b', 'a!=b,c', 'a in (b,c),!d', 'a>1,b<2', 'a notin (,b)']) {
    assert.equal(formatLabelMatcher(parseLabelSelector(text)), text);
  }
});

test('validateLabelSelector finds everything that is wrong', () => {
  const selector = {
    matchLabels: { 'a b': 'x y' },
    matchExpressions: [
      { key: 'a', operator: 'In' },
      { key: 'b', operator: 'Exists', values: ['x'] },
      { key: 'c', operator: 'Like', values: ['-'] },
    ],
  };
  const found = validateLabelSelector(selector, Path.of('spec', 'selector')).map(
    ({ type, field }) => `${type} ${field}`,
  );
  assert.deepEqual(found, [
    'Invalid spec.selector.matchLabels',
    'Invalid spec.selector.matchLabels',
    'Required spec.selector.matchExpressions[0].values',
    'Forbidden spec.selector.matchExpressions[1].values',
    'Invalid spec.selector.matchExpressions[2].operator',
    'Invalid spec.selector.matchExpressions[2].values[0]',
  ]);
  const [error] = validateLabelSelector({ matchExpressions: [{ key: 'a', operator: 'Like' }] }, Path.of('s'));
  assert.ok(error);
  assert.equal(
    formatFieldError(error),
    's.matchExpressions[0].operator: Invalid value: "Like": not a valid selector operator',
  );
});
