// The rules of attachments of volumes to nodes. Upstream: ValidateVolumeAttachment in pkg/apis/storage/validation.

import { utf8Length } from '../../base/utf8-length.ts';
import { checkInlineVolume } from '../core/persistent-volume-validation.ts';
import { checkDriverName, checkRange, checkSubdomain } from '../field-checks.ts';
import { type FieldError, fieldError, Path } from '../field-error.ts';
import { immutable } from '../object-validation.ts';
import type { VolumeAttachment, VolumeAttachmentSource, VolumeError } from './volume-attachment.ts';

const SPEC = Path.of('spec');
const STATUS = Path.of('status');
const MAX_METADATA_BYTES = 256 * 1024;
const MAX_MESSAGE_BYTES = 1024;
const MAX_INT32 = 2147483647;

export function validateVolumeAttachment({ spec, status }: VolumeAttachment): readonly FieldError[] {
  const errors: FieldError[] = [];
  checkSource(spec.source, SPEC.child('source'), errors);
  checkSubdomain(spec.nodeName, SPEC.child('nodeName'), errors);
  checkStatus(status, errors);
  return errors;
}

/** Names that older versions took are only refused in new objects. */
export function validateVolumeAttachmentCreate({ spec }: VolumeAttachment): readonly FieldError[] {
  const errors: FieldError[] = [];
  checkDriverName(spec.attacher, SPEC.child('attacher'), errors);
  const { persistentVolumeName: name } = spec.source;
  if (name !== undefined) checkSubdomain(name, SPEC.child('source', 'persistentVolumeName'), errors);
  return errors;
}

export function validateVolumeAttachmentUpdate(
  { spec }: VolumeAttachment,
  previous: VolumeAttachment,
): readonly FieldError[] {
  return immutable(SPEC, spec, previous.spec);
}

export function validateVolumeAttachmentStatusUpdate({ status }: VolumeAttachment): readonly FieldError[] {
  const errors: FieldError[] = [];
  checkStatus(status, errors);
  return errors;
}

function checkSource(source: VolumeAttachmentSource, at: Path, errors: FieldError[]): void {
  const { persistentVolumeName: name, inlineVolumeSpec: spec } = source;
  const one = 'must specify exactly one of inlineVolumeSpec and persistentVolumeName';
  if (name === undefined && !spec) errors.push(fieldError.required(at, one));
  else if (name !== undefined && spec) errors.push(fieldError.forbidden(at, one));
  else if (spec) checkInlineVolume(spec, at.child('inlineVolumeSpec'), errors);
  else if (name === '') {
    errors.push(fieldError.required(at.child('persistentVolumeName'), 'must specify non empty persistentVolumeName'));
  }
}

function checkStatus(status: VolumeAttachment['status'], errors: FieldError[]): void {
  const { attachmentMetadata = {}, attachError, detachError } = status;
  const bytes = Object.entries(attachmentMetadata).reduce(
    (sum, [key, value]) => sum + utf8Length(key) + utf8Length(value),
    0,
  );
  if (bytes > MAX_METADATA_BYTES)
    errors.push(fieldError.tooLong(STATUS.child('attachmentMetadata'), MAX_METADATA_BYTES));
  checkError(attachError, STATUS.child('attachError'), errors);
  checkError(detachError, STATUS.child('detachError'), errors);
}

function checkError(error: VolumeError | undefined, at: Path, errors: FieldError[]): void {
  if (!error) return;
  const { message = '', errorCode } = error;
  // Upstream says the limit of the metadata here.
  if (utf8Length(message) > MAX_MESSAGE_BYTES) errors.push(fieldError.tooLong(at.child('message'), MAX_METADATA_BYTES));
  if (errorCode !== undefined) checkRange(errorCode, 0, MAX_INT32, at.child('errorCode'), errors);
}
