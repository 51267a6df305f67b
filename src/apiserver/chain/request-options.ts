// The options in a request's query: read leniently, as upstream reads them, then checked. Upstream: meta/v1 conversion.go
// and k8s.io/apimachinery/pkg/apis/meta/{v1,internalversion}/validation.

import type { FieldValidation } from '../../api/decode-body.ts';
import { type FieldError, fieldError, formatFieldError, Path } from '../../api/field-error.ts';
import { validateFieldManager } from '../../api/object-validation.ts';
import { badRequest, invalid } from '../../api/status-error.ts';
import { isTrue } from '../request-info.ts';

const META_GROUP = 'meta.k8s.io';
const FIELD_VALIDATIONS: readonly string[] = ['Ignore', 'Strict', 'Warn'];
const POLICIES: readonly string[] = ['Foreground', 'Background', 'Orphan', 'nil'];

export interface WriteOptions {
  readonly dryRun: boolean;
  readonly fieldManager: string;
  readonly fieldValidation: FieldValidation;
}

export interface PatchRequestOptions extends WriteOptions {
  /** Only of an apply: takes fields from others. */
  readonly force: boolean;
}

/** The options of a patch, of which an apply needs the name of a manager. Throws StatusError. */
export function patchOptionsOf(
  query: URLSearchParams,
  { isApply }: { readonly isApply: boolean },
): PatchRequestOptions {
  const errors: FieldError[] = [];
  if (isApply && !query.get('fieldManager'))
    errors.push(fieldError.required('fieldManager', 'is required for apply patch'));
  if (!isApply && query.has('force'))
    errors.push(fieldError.forbidden('force', 'may not be specified for non-apply patch'));
  return { ...writeOptionsOf(query, 'PatchOptions', errors), force: isTrue(query.get('force')) };
}

/** The options of create and update; `kind` is what a refusal names (`CreateOptions`). Throws StatusError. */
export function writeOptionsOf(query: URLSearchParams, kind: string, known: readonly FieldError[] = []): WriteOptions {
  const errors: FieldError[] = [...known, ...dryRunErrors(query.getAll('dryRun'))];
  const fieldManager = query.get('fieldManager') ?? '';
  errors.push(...validateFieldManager(fieldManager, Path.of('fieldManager')));
  const fieldValidation = query.get('fieldValidation') || 'Warn';
  if (!FIELD_VALIDATIONS.includes(fieldValidation)) {
    errors.push(fieldError.notSupported('fieldValidation', fieldValidation, ['', ...FIELD_VALIDATIONS]));
  }
  refuse(kind, errors);
  return {
    dryRun: query.has('dryRun'),
    fieldManager,
    fieldValidation: fieldValidation as FieldValidation,
  };
}

export interface ListRequestOptions {
  readonly labelSelector: string;
  readonly fieldSelector: string;
  /** `''` when not given. */
  readonly resourceVersion: string;
  readonly resourceVersionMatch: '' | 'Exact' | 'NotOlderThan';
  /** 0: no limit. */
  readonly limit: number;
  readonly continueToken: string;
}

export interface WatchRequestOptions extends ListRequestOptions {
  readonly allowBookmarks: boolean;
  readonly sendInitialEvents: boolean | undefined;
  /** 0: the server chooses. */
  readonly timeoutSeconds: number;
}

export function listOptionsOf(query: URLSearchParams): ListRequestOptions {
  const options = collectionOptions(query);
  const errors: FieldError[] = [];
  const { resourceVersionMatch: match, resourceVersion, continueToken } = options;
  if (match !== '') {
    const forbidden = (why: string) => errors.push(fieldError.forbidden('resourceVersionMatch', why));
    if (resourceVersion === '') forbidden('resourceVersionMatch is forbidden unless resourceVersion is provided');
    if (continueToken !== '') forbidden('resourceVersionMatch is forbidden when continue is provided');
    errors.push(...matchErrors(match));
    if (match === 'Exact' && resourceVersion === '0') {
      forbidden('resourceVersionMatch "exact" is forbidden for resourceVersion "0"');
    }
  }
  if (sendInitialEventsOf(query) !== undefined) {
    errors.push(fieldError.forbidden('sendInitialEvents', 'sendInitialEvents is forbidden for list'));
  }
  refuse('ListOptions', errors);
  return options;
}

export function watchOptionsOf(query: URLSearchParams): WatchRequestOptions {
  const options = collectionOptions(query);
  const sendInitialEvents = sendInitialEventsOf(query);
  const errors: FieldError[] = [];
  const forbidden = (why: string) => errors.push(fieldError.forbidden('resourceVersionMatch', why));
  const match = options.resourceVersionMatch;
  if (sendInitialEvents !== undefined && match !== 'NotOlderThan') {
    forbidden('sendInitialEvents requires setting resourceVersionMatch to NotOlderThan');
  }
  if (match !== '') {
    if (sendInitialEvents === undefined) {
      forbidden('resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided');
    }
    if (match !== 'NotOlderThan') errors.push(fieldError.notSupported('resourceVersionMatch', match, ['NotOlderThan']));
    if (options.continueToken !== '') forbidden('resourceVersionMatch is forbidden when continue is provided');
  }
  refuse('ListOptions', errors);
  return {
    ...options,
    allowBookmarks: isTrue(query.get('allowWatchBookmarks')),
    sendInitialEvents: sendInitialEvents ?? defaultsToInitialEvents(options),
    timeoutSeconds: integer(query, 'timeoutSeconds') ?? 0,
  };
}

/** A watch from nowhere in particular begins with what is there. Upstream: SetListOptionsDefaults. */
function defaultsToInitialEvents({ resourceVersion }: ListRequestOptions): true | undefined {
  return resourceVersion === '' || resourceVersion === '0' ? true : undefined;
}

function sendInitialEventsOf(query: URLSearchParams): boolean | undefined {
  const given = query.get('sendInitialEvents');
  return given === null || given === '' ? undefined : isTrue(given);
}

const MAX_UINT64 = 2n ** 64n - 1n;

/**
 * A resourceVersion as a number, if need be the nearest one; undefined where it is not given. Throws StatusError
 * `BadRequest` for what is none.
 */
export function revisionOf(resourceVersion: string): number | undefined {
  if (resourceVersion === '') return undefined;
  const isNumber = /^\d+$/.test(resourceVersion);
  if (isNumber && BigInt(resourceVersion) <= MAX_UINT64) return Number(resourceVersion);
  const why = isNumber ? 'value out of range' : 'invalid syntax';
  const parsing = `strconv.ParseUint: parsing ${JSON.stringify(resourceVersion)}: ${why}`;
  const error = fieldError.invalid('resourceVersion', resourceVersion, parsing);
  throw badRequest(`invalid resource version: ${formatFieldError(error)}`);
}

export interface DeleteOptions {
  readonly dryRun: boolean;
  readonly gracePeriodSeconds: number | undefined;
  readonly propagationPolicy: 'Orphan' | 'Background' | 'Foreground' | undefined;
  readonly orphanDependents: boolean | undefined;
  readonly preconditions: { readonly uid?: string; readonly resourceVersion?: string };
}

/** DeleteOptions out of a decoded body. */
export function checkedDeleteOptions(body: Readonly<Record<string, unknown>>): DeleteOptions {
  const dryRun = (body['dryRun'] as readonly string[] | undefined) ?? [];
  const propagationPolicy = body['propagationPolicy'] as DeleteOptions['propagationPolicy'];
  const orphanDependents = body['orphanDependents'] as boolean | undefined;
  const errors: FieldError[] = [];
  if (orphanDependents !== undefined && propagationPolicy !== undefined) {
    const why = 'orphanDependents and deletionPropagation cannot be both set';
    errors.push(fieldError.invalid('propagationPolicy', propagationPolicy, why));
  }
  if (propagationPolicy !== undefined && !['Foreground', 'Background', 'Orphan'].includes(propagationPolicy)) {
    errors.push(fieldError.notSupported('propagationPolicy', propagationPolicy, POLICIES));
  }
  errors.push(...dryRunErrors(dryRun));
  refuse('DeleteOptions', errors);
  return {
    dryRun: dryRun.length > 0,
    gracePeriodSeconds: body['gracePeriodSeconds'] as number | undefined,
    propagationPolicy,
    orphanDependents,
    preconditions: (body['preconditions'] as DeleteOptions['preconditions'] | undefined) ?? {},
  };
}

/** DeleteOptions out of a query, for a request without a body. */
export function deleteOptionsOfQuery(query: URLSearchParams): DeleteOptions {
  const grace = integer(query, 'gracePeriodSeconds');
  const policy = query.get('propagationPolicy');
  const orphan = query.get('orphanDependents');
  return checkedDeleteOptions({
    ...(query.has('dryRun') ? { dryRun: query.getAll('dryRun') } : {}),
    ...(grace === undefined ? {} : { gracePeriodSeconds: grace }),
    ...(policy ? { propagationPolicy: policy } : {}),
    ...(orphan ? { orphanDependents: isTrue(orphan) } : {}),
  });
}

function collectionOptions(query: URLSearchParams): ListRequestOptions {
  return {
    labelSelector: query.get('labelSelector') ?? '',
    fieldSelector: query.get('fieldSelector') ?? '',
    resourceVersion: query.get('resourceVersion') ?? '',
    resourceVersionMatch: (query.get('resourceVersionMatch') ?? '') as ListRequestOptions['resourceVersionMatch'],
    limit: integer(query, 'limit') ?? 0,
    continueToken: query.get('continue') ?? '',
  };
}

function integer(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null || text === '') return undefined;
  const value = Number(text);
  if (/^[+-]?\d+$/.test(text) && Number.isSafeInteger(value)) return value;
  throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
}

function matchErrors(match: string): FieldError[] {
  const known = ['Exact', 'NotOlderThan', ''];
  return known.includes(match) ? [] : [fieldError.notSupported('resourceVersionMatch', match, known)];
}

function dryRunErrors(dryRun: readonly string[]): FieldError[] {
  return dryRun.every((value) => value === 'All') ? [] : [fieldError.notSupported('dryRun', dryRun, ['All'])];
}

function refuse(kind: string, errors: readonly FieldError[]): void {
  if (errors.length > 0) throw invalid({ group: META_GROUP, kind }, '', errors);
}
