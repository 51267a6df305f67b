// The rules of projected volumes: several sources in one directory, of which no two write the same file. Upstream:
// validateProjectionSources in pkg/apis/core/validation.

import { checkSignerName } from '../certificates/signer-name-validation.ts';
import { checkFaults, checkRequired, checkUnreservedPath } from '../field-checks.ts';
import { type FieldError, fieldError, type Path } from '../field-error.ts';
import { dns1123Subdomain, type Faults } from '../names.ts';
import type { ClusterTrustBundleProjection, VolumeProjection, VolumeSource } from './volume.ts';
import { checkDownwardFile, checkItems, checkMode } from './volume-file-validation.ts';

const MIN_EXPIRATION_SECONDS = 600;
const MAX_EXPIRATION_SECONDS = 2 ** 32;

export function checkProjectedVolume(
  { sources, defaultMode }: NonNullable<VolumeSource['projected']>,
  at: Path,
  errors: FieldError[],
): void {
  checkMode(defaultMode, at.child('defaultMode'), errors);
  const files = new Set<string>();
  const write = (file: string, shown: string) => {
    if (files.has(file)) errors.push(fieldError.invalid(at, shown, 'conflicting duplicate paths'));
    if (file !== '') files.add(file);
  };
  for (const [index, source] of (sources ?? []).entries()) {
    const path = at.child('sources').index(index);
    checkObjectSources(source, path, errors, write);
    checkToken(source, at, path, errors);
    if (source.clusterTrustBundle) {
      checkTrustBundle(source.clusterTrustBundle, path.child('clusterTrustBundle'), errors);
      write(source.clusterTrustBundle.path, source.clusterTrustBundle.path);
    }
    if (Object.values(source).filter((value) => value !== undefined).length > 1) {
      errors.push(fieldError.forbidden(path, 'may not specify more than 1 volume type per source'));
    }
  }
}

type Write = (file: string, shown: string) => void;

function checkObjectSources(source: VolumeProjection, at: Path, errors: FieldError[], write: Write): void {
  const { secret, configMap, downwardAPI } = source;
  for (const [field, projection] of Object.entries({ secret, configMap })) {
    if (!projection) continue;
    checkRequired(projection.name, at.child(field, 'name'), errors);
    checkItems(projection.items, at.child(field, 'items'), errors);
    for (const { path } of projection.items ?? []) write(path, projection.name ?? '');
  }
  for (const file of downwardAPI?.items ?? []) {
    checkDownwardFile(file, at.child('downwardAPI'), errors);
    write(file.path, file.path);
  }
}

function checkToken({ serviceAccountToken: token }: VolumeProjection, volumeAt: Path, at: Path, errors: FieldError[]) {
  if (!token) return;
  const { expirationSeconds = 0, path } = token;
  const expirationAt = at.child('serviceAccountToken', 'expirationSeconds');
  if (expirationSeconds < MIN_EXPIRATION_SECONDS) {
    const why = 'may not specify a duration less than 10 minutes';
    errors.push(fieldError.invalid(expirationAt, expirationSeconds, why));
  }
  if (expirationSeconds > MAX_EXPIRATION_SECONDS) {
    const why = 'may not specify a duration larger than 2^32 seconds';
    errors.push(fieldError.invalid(expirationAt, expirationSeconds, why));
  }
  // Upstream names the path of the volume here, and not of the source.
  if (path === '') errors.push(fieldError.required(volumeAt.child('path')));
  else checkUnreservedPath(path, volumeAt.child('path'), errors);
}

function checkTrustBundle(bundle: ClusterTrustBundleProjection, at: Path, errors: FieldError[]): void {
  const { name, signerName, labelSelector, path } = bundle;
  if (name !== undefined && signerName !== undefined) {
    errors.push(fieldError.invalid(at, bundle, 'only one of name and signerName may be used'));
  } else if (name !== undefined) {
    if (name === '') errors.push(fieldError.required(at.child('name'), 'must be a valid object name'));
    const faults = bundleNameFaults(name).map((fault) => `not a valid clustertrustbundlename: ${fault}`);
    checkFaults(faults, name, at.child('name'), errors);
    if (labelSelector) {
      const why = 'labelSelector must be unset if name is specified';
      errors.push(fieldError.invalid(at.child('labelSelector'), labelSelector, why));
    }
  } else if (signerName !== undefined) {
    if (signerName === '') errors.push(fieldError.required(at.child('signerName'), 'must be a valid signer name'));
    checkSignerName(signerName, at.child('signerName'), errors);
  } else errors.push(fieldError.required(at, 'either name or signerName must be specified'));
  checkRequired(path, at.child('path'), errors);
  checkUnreservedPath(path, at.child('path'), errors);
}

/** Bundles of a signer are named `<domain>:<path>:<name>`, others by a subdomain. */
function bundleNameFaults(name: string): Faults {
  const parts = name.split(':');
  if (parts.length === 3) return dns1123Subdomain(parts[2] ?? '');
  if (parts.length > 1) return ['ClusterTrustBundle without signer name must not have ":" in its name'];
  return dns1123Subdomain(name);
}
