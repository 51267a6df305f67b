import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Namespace } from '../../api/core/namespace.ts';
import type { AnyDraft, InputOf, Kind } from '../../api/kind.ts';
import { readInput } from '../../api/read-input.ts';
import { ResourceClaim } from '../../api/resource/resource-claim.ts';
import { ResourceClaimTemplate } from '../../api/resource/resource-claim-template.ts';
import type { StatusError } from '../../api/status-error.ts';
import { MapObjectReader } from '../registry/map-object-reader.ts';
import type { AdmissionRequest } from './admission.ts';
import { deviceAdminAccess } from './device-admin-access.ts';

const LABEL = 'resource.kubernetes.io/admin-access';
const user = { name: 'jane', uid: undefined, groups: [], extra: {} };
const objects = new MapObjectReader();
objects.put(Namespace, { metadata: { name: 'admins', labels: { [LABEL]: 'true' } }, spec: {}, status: {} });
objects.put(Namespace, { metadata: { name: 'others', labels: { [LABEL]: 'false' } }, spec: {}, status: {} });

const asking = (adminAccess: boolean) => ({
  devices: {
    requests: [
      { name: 'a', firstAvailable: [] },
      { name: 'b', exactly: { deviceClassName: 'gpu', adminAccess } },
    ],
  },
});
const granted = (adminAccess: boolean) => ({
  spec: { devices: {} },
  status: {
    allocation: { devices: { results: [{ request: 'b', driver: 'd', pool: 'p', device: 'x', adminAccess }] } },
  },
});
const draftOf = <K extends Kind>(kind: K, input: InputOf<K>) =>
  readInput(kind, { ...input, metadata: { name: 'c' } }) as unknown as AnyDraft;

type Given = Pick<AdmissionRequest, 'kind' | 'operation' | 'object'> & Partial<AdmissionRequest>;
const claim = (adminAccess: boolean): Given => ({
  kind: ResourceClaim,
  operation: 'CREATE',
  object: draftOf(ResourceClaim, { spec: asking(adminAccess) }),
});
const template: Given = {
  kind: ResourceClaimTemplate,
  operation: 'CREATE',
  object: draftOf(ResourceClaimTemplate, { spec: { spec: asking(true) } }),
};
const grant = (before: boolean, after: boolean): Given => ({
  kind: ResourceClaim,
  operation: 'UPDATE',
  subresource: 'status',
  object: draftOf(ResourceClaim, granted(after)),
  oldObject: draftOf(ResourceClaim, granted(before)) as never,
});
const REQUEST = 'spec.devices.requests[1].adminAccess';
const RESULT = 'status.allocation.devices.results[0].adminAccess';

const cases: readonly [title: string, namespace: string, given: Given, refusedAt: string | undefined][] = [
  ['a claim with access in a namespace of admins', 'admins', claim(true), undefined],
  ['a claim with access', 'others', claim(true), REQUEST],
  ['a claim without', 'others', claim(false), undefined],
  ['an update of a claim with access', 'others', { ...claim(true), operation: 'UPDATE' }, undefined],
  ['a template with access', 'others', template, REQUEST],
  ['a template with access in a namespace of admins', 'admins', template, undefined],
  ['access that is given', 'others', grant(false, true), RESULT],
  ['access that was given before', 'others', grant(true, true), undefined],
  ['no access that is given', 'others', grant(false, false), undefined],
];

for (const [title, namespace, given, refusedAt] of cases) {
  test(`deviceAdminAccess of ${title}`, () => {
    const asked = { subresource: '', namespace, name: 'c', oldObject: undefined, user, dryRun: false, ...given };
    const request = { ...asked, warn() {} };
    const validate = () => deviceAdminAccess({ objects }).validate?.(request);
    if (refusedAt === undefined) {
      validate();
      return;
    }
    assert.throws(validate, (error: StatusError) => {
      assert.equal(error.code, 422);
      const why = `Forbidden: admin access to devices requires the \`${LABEL}: true\` label on the containing namespace`;
      return error.message.endsWith(`is invalid: ${refusedAt}: ${why}`);
    });
  });
}
