// The answer to an apply of what others own: 409 with a cause for each field. Upstream: apimachinery's
// util/managedfields/internal/conflict.go.

import { StatusError } from '../status-error.ts';
import { pathsOf } from './field-set.ts';
import type { Manager } from './managers.ts';
import { formatPath } from './path-element.ts';
import type { Conflict } from './track-changes.ts';

export function applyConflict(conflicts: readonly Conflict[]): StatusError {
  const each = conflicts.map(({ manager, fields }) => ({
    who: describe(manager),
    paths: pathsOf(fields).map(formatPath),
  }));
  const causes = each.flatMap(({ who, paths }) =>
    paths.map((field) => ({ reason: 'FieldManagerConflict', message: `conflict with ${who}`, field })),
  );
  const [first] = each;
  const what =
    causes.length === 1 && first
      ? `1 conflict: conflict with ${first.who}: ${first.paths[0]}`
      : `${causes.length} conflicts: ${each.flatMap(({ who, paths }) => [`conflicts with ${who}:`, ...paths.map((path) => `- ${path}`)]).join('\n')}`;
  return new StatusError('Conflict', `Apply failed with ${what}`, { details: { causes } });
}

function describe({ manager, operation, apiVersion, subresource }: Manager): string {
  const via = subresource ? ` with subresource ${JSON.stringify(subresource)}` : '';
  const using = operation === 'Update' ? ` using ${apiVersion}` : '';
  return `${JSON.stringify(manager ?? '')}${via}${using}`;
}
