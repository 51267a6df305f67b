// The scale subresource: how many replicas an object wants and has, in one form for all kinds that have some. Upstream:
// autoscaling/v1.Scale, and ScaleREST of pkg/registry/apps/*/storage.

import { applyConfiguration, managedFieldsAfterUpdate } from '../../api/apply/field-manager.ts';
import type { FieldScope } from '../../api/apply/field-scope.ts';
import { NO_FIELDS } from '../../api/apply/field-set.ts';
import { objectType } from '../../api/apply/merge-type.ts';
import { managersAfterScale, scaleManagers } from '../../api/apply/scale-managers.ts';
import type { JsonMap } from '../../api/apply/typed-value.ts';
import { Scale, type ScaleSpec, scaleColumns } from '../../api/autoscaling/scale.ts';
import { validateScale } from '../../api/autoscaling/scale-validation.ts';
import { decodeObject } from '../../api/decode-object.ts';
import { applyDefaults } from '../../api/defaults.ts';
import type { AnyDraft, AnyObject, Column, Subresource } from '../../api/kind.ts';
import { compileLabelMap, compileLabelSelector, formatLabelMatcher } from '../../api/label-selector.ts';
import type { LabelSelector } from '../../api/meta/label-selector.ts';
import type { ManagedFieldsEntry } from '../../api/meta/object-meta.ts';
import type { Metadata } from '../../api/object-validation.ts';
import { invalid } from '../../api/status-error.ts';
import { formatTime } from '../../api/time.ts';
import type { Answer } from '../chain/answer.ts';
import type { Call } from '../chain/call.ts';
import { readBody } from '../chain/read-body.ts';
import { patchTypeOf, readAppliedBody, readPatchBody } from '../chain/read-patch.ts';
import {
  type PatchRequestOptions,
  patchOptionsOf,
  type WriteOptions,
  writeOptionsOf,
} from '../chain/request-options.ts';
import type { ValueType } from '../negotiation/renderer.ts';
import { setManagedFields } from '../registry/managed-fields.ts';
import type { Registry } from '../registry/registry.ts';
import { updateObject } from '../registry/update-object.ts';
import { readVersion } from './get.ts';
import { refuseOtherName } from './update.ts';
import { fieldManagerOf, writeRequestOf } from './write-request.ts';

export type ScaleSubresource = Subresource & { readonly type: 'scale' };

const SCALE: ValueType = {
  group: 'autoscaling',
  version: 'v1',
  kind: 'Scale',
  schema: Scale,
  columns: scaleColumns as readonly Column<object>[],
};

const SCALE_SCOPE: FieldScope = {
  group: 'autoscaling',
  version: 'v1',
  kind: 'Scale',
  apiVersion: 'autoscaling/v1',
  subresource: 'scale',
  type: objectType(Scale),
  filter: { type: 'except', fields: NO_FIELDS },
  empty: decodeObject(SCALE, {}) as unknown as JsonMap,
  at: (apiVersion) => (apiVersion === SCALE_SCOPE.apiVersion ? SCALE_SCOPE : undefined),
  convert: (object) => object,
};

export async function getScale(registry: Registry, call: Call, paths: ScaleSubresource): Promise<Answer> {
  const version = await readVersion(registry, call);
  return answerOf(call.resource.serve(version).object, paths);
}

export async function updateScale(registry: Registry, call: Call, paths: ScaleSubresource): Promise<Answer> {
  const options = writeOptionsOf(call.request.query, 'UpdateOptions');
  const make = (live: AnyObject) => tracked(registry, call, options, live, readBody(call, SCALE, options));
  return writeScale(registry, call, { paths, options, make });
}

export async function patchScale(registry: Registry, call: Call, paths: ScaleSubresource): Promise<Answer> {
  const patchType = patchTypeOf(call);
  const options = patchOptionsOf(call.request.query, { isApply: patchType === 'apply' });
  if (patchType === 'apply') return applyScale(registry, call, paths, options);
  const body = readPatchBody(call, patchType, options);
  const make = (live: AnyObject) => {
    const { draft, warnings } = body.apply(SCALE, live);
    for (const text of warnings) call.warn(text);
    if (draft.metadata.resourceVersion === live.metadata.resourceVersion) delete draft.metadata.resourceVersion;
    return tracked(registry, call, options, live, draft);
  };
  return writeScale(registry, call, { paths, options, make });
}

async function applyScale(
  registry: Registry,
  call: Call,
  paths: ScaleSubresource,
  options: PatchRequestOptions,
): Promise<Answer> {
  const body = readAppliedBody(call, options);
  const make = (live: AnyObject) => {
    const write = { ...writeOf(registry, call, options, live), applied: body.applied, force: options.force };
    const { object, managedFields } = applyConfiguration(SCALE_SCOPE, write);
    body.checkDuplicates(call.warn);
    const draft = decodeObject(SCALE, object);
    setManagedFields(draft, managedFields);
    if (draft.metadata.resourceVersion === live.metadata.resourceVersion) delete draft.metadata.resourceVersion;
    return draft;
  };
  return writeScale(registry, call, { paths, options, make });
}

/** A scale with its managers after an update. */
function tracked(registry: Registry, call: Call, options: WriteOptions, live: AnyObject, draft: AnyDraft): AnyDraft {
  applyDefaults(Scale, draft);
  const write = { ...writeOf(registry, call, options, live), next: draft };
  setManagedFields(draft, managedFieldsAfterUpdate(SCALE_SCOPE, write));
  return draft;
}

function writeOf({ clock }: Registry, call: Call, options: WriteOptions, live: AnyObject) {
  return { live: live as unknown as JsonMap, manager: fieldManagerOf(call, options), time: formatTime(clock.now()) };
}

interface ScaleWrite {
  readonly paths: ScaleSubresource;
  readonly options: WriteOptions;
  /** The scale that is to be, with its managers, out of the one that is. */
  make(live: AnyObject): AnyDraft;
}

async function writeScale(registry: Registry, call: Call, { paths, options, make }: ScaleWrite): Promise<Answer> {
  const { kind } = call.resource;
  const replicasPaths = new Map([[kind.apiVersion, paths.replicas]]);
  const written = await updateObject(registry, writeRequestOf(call, options), {
    tracked: true,
    make(previous) {
      const live = scaleOf(call.resource.serve(previous).object, paths);
      const { managedFields } = previous.object.metadata;
      const scale = make(withManagers(live, scaleManagers(managedFields, replicasPaths)));
      applyDefaults(Scale, scale);
      const draft = previous.draft();
      setAt(draft, paths.replicas, checkedReplicas(call, scale));
      const { resourceVersion, uid, managedFields: scaling } = scale.metadata;
      const target = { apiVersion: kind.apiVersion, paths: replicasPaths };
      setManagedFields(draft, managersAfterScale(managedFields, scaling, target));
      if (resourceVersion) draft.metadata.resourceVersion = resourceVersion;
      else delete draft.metadata.resourceVersion;
      if (uid) draft.metadata.uid = uid;
      return draft;
    },
  });
  return answerOf(written.type === 'version' ? written.version.object : written.object, paths);
}

function withManagers(scale: AnyObject, managedFields: readonly ManagedFieldsEntry[] | undefined): AnyObject {
  return { ...scale, metadata: { ...scale.metadata, ...(managedFields ? { managedFields: [...managedFields] } : {}) } };
}

function answerOf(object: AnyObject, paths: ScaleSubresource): Answer {
  return { type: 'object', status: 200, object: scaleOf(object, paths), objectType: SCALE };
}

function scaleOf(object: AnyObject, paths: ScaleSubresource): AnyObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const replicas = (valueAt(object, paths.replicas) as number | undefined) ?? 0;
  const selector = selectorText(valueAt(object, paths.selector));
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, ...(namespace === undefined ? {} : { namespace }), uid, resourceVersion, creationTimestamp },
    spec: replicas === 0 ? {} : { replicas },
    status: {
      replicas: (valueAt(object, paths.statusReplicas) as number | undefined) ?? 0,
      ...(selector === '' ? {} : { selector }),
    },
  };
}

function checkedReplicas(call: Call, scale: AnyDraft): number {
  const { info, resource } = call;
  refuseOtherName(call, scale);
  const { spec = {} } = scale as { readonly spec?: ScaleSpec };
  const metadata = { namespace: info.namespace, ...scale.metadata } as Metadata;
  const errors = validateScale({ metadata, spec }, resource.kind);
  if (errors.length > 0) throw invalid({ group: 'autoscaling', kind: 'Scale' }, info.name, errors);
  return spec.replicas ?? 0;
}

/** A LabelSelector, a map of labels, or text, as text. */
function selectorText(selector: unknown): string {
  if (typeof selector === 'string') return selector;
  if (typeof selector !== 'object' || selector === null) return '';
  const isStruct = 'matchLabels' in selector || 'matchExpressions' in selector;
  return formatLabelMatcher(
    isStruct ? compileLabelSelector(selector as LabelSelector) : compileLabelMap(selector as Record<string, string>),
  );
}

function valueAt(object: object, path: readonly string[]): unknown {
  let value: unknown = object;
  for (const name of path) value = (value as Record<string, unknown> | undefined)?.[name];
  return value;
}

function setAt(draft: AnyDraft, path: readonly string[], value: unknown): void {
  let at: Record<string, unknown> = draft;
  for (const name of path.slice(0, -1)) {
    at[name] ??= {};
    at = at[name] as Record<string, unknown>;
  }
  at[path.at(-1) as string] = value;
}
