import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FieldError } from '../field-error.ts';
import { formatFieldError } from '../field-error.ts';
import { labelValue, qualifiedName } from '../names.ts';
import { readInput } from '../read-input.ts';
import { LocalSubjectAccessReview } from './local-subject-access-review.ts';
import { SelfSubjectAccessReview } from './self-subject-access-review.ts';
import { SubjectAccessReview } from './subject-access-review.ts';

type Spec = Parameters<typeof readInput<typeof SubjectAccessReview>>[1]['spec'];
type Attributes = NonNullable<Spec['resourceAttributes']>;
type Metadata = NonNullable<Parameters<typeof readInput<typeof SubjectAccessReview>>[1]['metadata']>;

const KINDS = { self: SelfSubjectAccessReview, subject: SubjectAccessReview, local: LocalSubjectAccessReview };
const faultsOf = (which: keyof typeof KINDS, spec: Spec, metadata: Metadata = {}) => {
  const kind: typeof SubjectAccessReview = KINDS[which] as never;
  const errors = kind.validate?.(readInput(kind, { metadata, spec }) as SubjectAccessReview) ?? [];
  return errors.map((error: FieldError) => formatFieldError(error));
};

const nonResourceAttributes = { path: '/metrics', verb: 'get' };
const about = (attributes: Attributes): Spec => ({
  resourceAttributes: { verb: 'list', resource: 'pods', ...attributes },
});
const pods = about({});
const jane = { user: 'jane' };
const RESOURCE = 'spec.resourceAttributes';
const FIELDS = `${RESOURCE}.fieldSelector`;
const LABELS = `${RESOURCE}.labelSelector`;
const ONE = 'exactly one of nonResourceAttributes or resourceAttributes must be specified';
const SUBJECT = 'at least one of user or group must be specified';
const BOTH = 'may not specified at the same time as requirements';
const MANY = "must be specified when `operator` is 'In' or 'NotIn'";
const NONE = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'";
const requirement = (operator: string, ...values: string[]) => ({ key: 'a', operator, values });

type Case = [title: string, which: keyof typeof KINDS, spec: Spec, metadata: Metadata, expected: readonly string[]];
const cases: readonly Case[] = [
  ['a resource', 'self', pods, {}, []],
  ['a path', 'self', { nonResourceAttributes }, {}, []],
  ['somebody', 'subject', { ...pods, ...jane }, {}, []],
  ['a group', 'subject', { ...pods, groups: ['a'] }, {}, []],
  ['fields of managers', 'subject', { ...pods, ...jane }, { managedFields: [{ manager: 'a' }], labels: {} }, []],
  ['a namespace', 'local', { ...about({ namespace: 'a' }), ...jane }, { namespace: 'a' }, []],
  [
    'selectors',
    'self',
    about({
      fieldSelector: { requirements: [requirement('In', 'b'), requirement('Exists')] },
      labelSelector: { rawSelector: 'a=b' },
    }),
    {},
    [],
  ],
  [
    'operators of the future',
    'self',
    about({
      fieldSelector: { requirements: [requirement('Like', 'b')] },
      labelSelector: { requirements: [requirement('Like')] },
    }),
    {},
    [],
  ],
  ['nothing', 'self', {}, {}, [`${RESOURCE}: Invalid value: null: ${ONE}`]],
  [
    'two things',
    'self',
    { ...pods, nonResourceAttributes },
    {},
    [
      'spec.nonResourceAttributes: Invalid value: {"path":"/metrics","verb":"get"}: cannot be specified in combination with resourceAttributes',
    ],
  ],
  ['nobody', 'subject', pods, {}, [`spec.user: Invalid value: "": ${SUBJECT}`]],
  [
    'nothing about nobody',
    'subject',
    {},
    {},
    [`${RESOURCE}: Invalid value: null: ${ONE}`, `spec.user: Invalid value: "": ${SUBJECT}`],
  ],
  ['an object', 'self', pods, { name: 'a' }, ['metadata: Invalid value: {"name":"a"}: must be empty']],
  [
    'an object of somebody',
    'subject',
    { ...pods, ...jane },
    { name: 'a' },
    ['metadata: Invalid value: {"name":"a"}: must be empty'],
  ],
  [
    'an object in a namespace',
    'local',
    { ...about({ namespace: 'a' }), ...jane },
    { name: 'b', namespace: 'a' },
    ['metadata: Invalid value: {"name":"b","namespace":"a"}: must be empty except for namespace'],
  ],
  [
    'another namespace',
    'local',
    { ...about({ namespace: 'b' }), ...jane },
    { namespace: 'a' },
    [`${RESOURCE}.namespace: Invalid value: "b": must match metadata.namespace`],
  ],
  [
    'a path in a namespace',
    'local',
    { nonResourceAttributes, ...jane },
    { namespace: 'a' },
    ['spec.nonResourceAttributes: Invalid value: {"path":"/metrics","verb":"get"}: disallowed on this kind of request'],
  ],
  [
    'selectors of nothing',
    'self',
    about({ fieldSelector: {}, labelSelector: {} }),
    {},
    [
      `${FIELDS}.requirements: Required value: when ${FIELDS} is specified, requirements or rawSelector is required`,
      `${LABELS}.requirements: Required value: when ${LABELS} is specified, requirements or rawSelector is required`,
    ],
  ],
  [
    'selectors in two ways',
    'subject',
    {
      ...about({
        fieldSelector: { rawSelector: 'a=b', requirements: [requirement('In', 'b')] },
        labelSelector: { rawSelector: 'a=b', requirements: [requirement('In', 'b')] },
      }),
      ...jane,
    },
    {},
    [`${FIELDS}.rawSelector: Invalid value: "a=b": ${BOTH}`, `${LABELS}.rawSelector: Invalid value: "a=b": ${BOTH}`],
  ],
  [
    'fields that cannot be',
    'self',
    about({ fieldSelector: { requirements: [{ key: '', operator: 'In' }, requirement('DoesNotExist', 'b')] } }),
    {},
    [
      `${FIELDS}.requirements[0].key: Required value: must be specified`,
      `${FIELDS}.requirements[0].values: Required value: ${MANY}`,
      `${FIELDS}.requirements[1].values: Forbidden: ${NONE}`,
    ],
  ],
  [
    'labels that cannot be',
    'self',
    about({
      labelSelector: {
        requirements: [{ key: '!', operator: 'NotIn', values: ['?'] }, requirement('In'), requirement('Exists', 'b')],
      },
    }),
    {},
    [
      `${LABELS}.requirements[0].key: Invalid value: "!": ${qualifiedName('!')}`,
      `${LABELS}.requirements[0].values[0]: Invalid value: "?": ${labelValue('?')}`,
      `${LABELS}.requirements[1].values: Required value: ${MANY}`,
      `${LABELS}.requirements[2].values: Forbidden: ${NONE}`,
    ],
  ],
];

for (const [title, which, spec, metadata, expected] of cases) {
  test(`validation of a ${which} review about ${title}`, () =>
    assert.deepEqual(faultsOf(which, spec, metadata), expected));
}
