// A patch as a request brings it: read once, and applied to whatever version of the object is current, as often as that
// changes. Upstream: apiserver's endpoints/handlers/patch.go. Server-side apply is not among these.

import type { FieldValidation } from '../decode-body.ts';
import { DecodeError } from '../decode-error.ts';
import { type DecodeNotes, decodeRoot, type ObjectType } from '../decode-object.ts';
import { fieldError } from '../field-error.ts';
import { hasDuplicateKeys, isTooDeep } from '../json-decode.ts';
import { explainJsonSyntax } from '../json-syntax.ts';
import type { AnyDraft, AnyObject } from '../kind.ts';
import { badRequest, invalid, type StatusError } from '../status-error.ts';
import { strictFieldErrors, strictMessage } from '../strict-fields.ts';
import { applyJsonPatch, jsonPatchOperations } from './json-patch.ts';
import { applyMergePatch, mergePatchObject } from './merge-patch.ts';
import { applyStrategicMergePatch } from './strategic-merge-patch.ts';

export type PatchType = 'json' | 'merge' | 'strategic';

export interface Patch {
  /** The object with the patch applied, decoded, not yet defaulted. Throws BadRequest and Invalid. */
  apply(type: ObjectType, original: AnyObject): PatchedObject;
}

export interface PatchedObject {
  readonly draft: AnyDraft;
  /** Unknown and duplicate fields, to warn of; only with `Warn`. */
  readonly warnings: readonly string[];
}

/** Reads a patch in JSON. Throws BadRequest for what is malformed, RequestEntityTooLarge for too many operations. */
export function readPatch(patchType: PatchType, text: string, fieldValidation: FieldValidation): Patch {
  const value = parse(patchType, text);
  const merge = mergeFunction(patchType, value);
  const isChecked = fieldValidation !== 'Ignore';
  const duplicates = isChecked && hasDuplicateKeys(text) ? strictFieldErrors(text) : [];
  const inPatch = patchType === 'json' ? duplicates.map((error) => `json patch ${error}`) : duplicates;
  return {
    apply(type, original) {
      const patched = merge(type, original);
      const shown = () => (patchType === 'strategic' ? text : JSON.stringify(patched));
      const notes: DecodeNotes = { unknownFields: false };
      const draft = decodePatched(type, withoutKeptManagers(patched, original), notes, shown);
      if (keepsManagers(patched, original))
        Object.assign(draft.metadata, { managedFields: original.metadata.managedFields });
      if (!isChecked || (inPatch.length === 0 && !notes.unknownFields)) return { draft, warnings: [] };
      const unknown = notes.unknownFields ? strictFieldErrors(JSON.stringify(patched), type.schema) : [];
      const errors = [...inPatch, ...unknown];
      if (fieldValidation === 'Strict') throw badPatch(shown(), strictMessage(errors));
      return { draft, warnings: errors };
    },
  };
}

function parse(patchType: PatchType, text: string): unknown {
  try {
    const value = JSON.parse(text);
    if (!isTooDeep(value)) return value;
  } catch {
    const fault = explainJsonSyntax(text);
    throw badRequest(patchType === 'strategic' ? fault : `error decoding patch: ${fault}`);
  }
  throw badRequest('exceeded max depth');
}

type Merge = (type: ObjectType, original: AnyObject) => unknown;

function mergeFunction(patchType: PatchType, value: unknown): Merge {
  switch (patchType) {
    case 'json': {
      const operations = jsonPatchOperations(value);
      return (_type, original) => applyJsonPatch(original, operations);
    }
    case 'merge': {
      const patch = mergePatchObject(value);
      return (_type, original) => applyMergePatch(original, patch);
    }
    case 'strategic': {
      const patch = mergePatchObject(value);
      return (type, original) => applyStrategicMergePatch(type.schema, original, patch);
    }
    default:
      return patchType satisfies never;
  }
}

function decodePatched(type: ObjectType, patched: unknown, notes: DecodeNotes, shown: () => string): AnyDraft {
  try {
    return decodeRoot(type, patched, notes);
  } catch (error) {
    if (error instanceof DecodeError) throw badPatch(shown(), error.message);
    throw error;
  }
}

/**
 * Who manages what is long, and most patches leave it alone: then it is handed on, and not decoded again to be the same.
 */
function withoutKeptManagers(patched: unknown, original: AnyObject): unknown {
  if (!keepsManagers(patched, original)) return patched;
  const { managedFields: _, ...metadata } = patched.metadata;
  return { ...patched, metadata };
}

function keepsManagers(patched: unknown, { metadata }: AnyObject): patched is Pick<AnyObject, 'metadata'> {
  const { managedFields } = (patched as Partial<AnyObject> | null)?.metadata ?? {};
  return managedFields !== undefined && managedFields === metadata.managedFields;
}

/** The answer to a patch whose result is no object of the kind. */
function badPatch(shown: string, why: string): StatusError {
  return invalid({ group: '', kind: '' }, '', [fieldError.invalid('patch', shown, why)]);
}
