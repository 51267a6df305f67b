import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readPod } from '../../../test/support/job-objects.ts';
import type { PodFailurePolicyRule } from '../../api/batch/job-spec.ts';
import { countsAsFailure, ruleOnFailure } from './pod-failure-policy.ts';

const pod = readPod('p', { phase: 'Failed', exitCode: 3, conditions: ['DisruptionTarget'] });

const cases: readonly [title: string, rules: readonly PodFailurePolicyRule[], action: string, message: string][] = [
  ['no rules', [], 'Count', ''],
  [
    'a code',
    [{ action: 'FailJob', onExitCodes: { operator: 'In', values: [2, 3] } }],
    'FailJob',
    'Container c for pod default/p failed with exit code 3 matching FailJob rule at index 0',
  ],
  ['another code', [{ action: 'FailJob', onExitCodes: { operator: 'In', values: [2] } }], 'Count', ''],
  ['none of some codes', [{ action: 'Ignore', onExitCodes: { operator: 'NotIn', values: [2] } }], 'Ignore', ''],
  [
    'another container',
    [{ action: 'FailJob', onExitCodes: { containerName: 'd', operator: 'In', values: [3] } }],
    'Count',
    '',
  ],
  [
    'a condition',
    [
      { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'False' }] },
      { action: 'FailJob', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
    ],
    'FailJob',
    'Pod default/p has condition DisruptionTarget matching FailJob rule at index 1',
  ],
];
for (const [title, rules, action, message] of cases) {
  test(`ruleOnFailure: ${title}`, () => {
    const ruling = ruleOnFailure({ rules }, pod);
    assert.equal(ruling.action, action);
    if (action === 'FailJob') assert.equal(ruling.message, message);
  });
}

test('ruleOnFailure finds success in no rule', () => {
  const policy = { rules: [{ action: 'FailJob', onExitCodes: { operator: 'NotIn', values: [1] } }] } as const;
  assert.equal(ruleOnFailure(policy, readPod('p', { phase: 'Failed', exitCode: 0 })).action, 'Count');
  assert.equal(countsAsFailure(undefined, pod), true);
});
