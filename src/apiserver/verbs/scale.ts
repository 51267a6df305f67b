// The scale subresource: how many replicas an object wants and has, in one form for all kinds that have some. Upstream:
// autoscaling/v1.Scale, and ScaleREST of pkg/registry/apps/*/storage.

import { Scale, type ScaleSpec, scaleColumns } from '../../api/autoscaling/scale.ts';
import { validateScale } from '../../api/autoscaling/scale-validation.ts';
import { applyDefaults } from '../../api/defaults.ts';
import type { AnyDraft, AnyObject, Column, Subresource } from '../../api/kind.ts';
import { compileLabelMap, compileLabelSelector, formatLabelMatcher } from '../../api/label-selector.ts';
import type { LabelSelector } from '../../api/meta/label-selector.ts';
import type { Metadata } from '../../api/object-validation.ts';
import { invalid } from '../../api/status-error.ts';
import type { Answer } from '../chain/answer.ts';
import type { Call } from '../chain/call.ts';
import { readBody } from '../chain/read-body.ts';
import { readPatchBody } from '../chain/read-patch.ts';
import { writeOptionsOf } from '../chain/request-options.ts';
import type { ValueType } from '../negotiation/renderer.ts';
import type { Registry } from '../registry/registry.ts';
import { updateObject } from '../registry/update-object.ts';
import type { ObjectVersion } from '../watch/object-version.ts';
import { readVersion } from './get.ts';
import { refuseOtherName } from './update.ts';
import { writeRequestOf } from './write-request.ts';

export type ScaleSubresource = Subresource & { readonly type: 'scale' };

const SCALE: ValueType = {
  group: 'autoscaling',
  version: 'v1',
  kind: 'Scale',
  schema: Scale,
  columns: scaleColumns as readonly Column<object>[],
};

export async function getScale(registry: Registry, call: Call, paths: ScaleSubresource): Promise<Answer> {
  const version = await readVersion(registry, call);
  return answerOf(call.resource.serve(version).object, paths);
}

export async function updateScale(registry: Registry, call: Call, paths: ScaleSubresource): Promise<Answer> {
  const options = writeOptionsOf(call.request.query, 'UpdateOptions');
  return writeScale(registry, call, paths, options.dryRun, () => readBody(call, SCALE, options));
}

export async function patchScale(registry: Registry, call: Call, paths: ScaleSubresource): Promise<Answer> {
  const options = writeOptionsOf(call.request.query, 'PatchOptions');
  const body = readPatchBody(call, options);
  return writeScale(registry, call, paths, options.dryRun, (previous) => {
    const { draft, warnings } = body.apply(SCALE, scaleOf(call.resource.serve(previous).object, paths));
    for (const text of warnings) call.warn(text);
    if (draft.metadata.resourceVersion === previous.resourceVersion) delete draft.metadata.resourceVersion;
    return draft;
  });
}

async function writeScale(
  registry: Registry,
  call: Call,
  paths: ScaleSubresource,
  dryRun: boolean,
  read: (previous: ObjectVersion) => AnyDraft,
): Promise<Answer> {
  const written = await updateObject(registry, writeRequestOf(call, { dryRun }), {
    make(previous) {
      const scale = read(previous);
      applyDefaults(Scale, scale);
      const draft = previous.draft();
      setAt(draft, paths.replicas, checkedReplicas(call, scale));
      const { resourceVersion, uid } = scale.metadata;
      if (resourceVersion) draft.metadata.resourceVersion = resourceVersion;
      else delete draft.metadata.resourceVersion;
      if (uid) draft.metadata.uid = uid;
      return draft;
    },
  });
  return answerOf(written.type === 'version' ? written.version.object : written.object, paths);
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
