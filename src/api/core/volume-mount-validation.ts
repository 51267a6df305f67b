// The rules of how a container uses the pod's volumes: mounted at a path, or as block devices. Upstream:
// ValidateVolumeMounts and ValidateVolumeDevices in pkg/apis/core/validation.

import { checkLocalPath, checkOneOf } from '../field-checks.ts';
import { type FieldError, fieldError, type Path } from '../field-error.ts';
import type { Container, VolumeDevice, VolumeMount } from './container.ts';
import type { VolumeSource } from './volume.ts';

type Volumes = ReadonlyMap<string, VolumeSource>;

const PROPAGATIONS = ['Bidirectional', 'HostToContainer', 'None'];

export function checkVolumeUse(
  container: Pick<Container, 'volumeMounts' | 'volumeDevices' | 'securityContext'>,
  volumes: Volumes,
  at: Path,
  errors: FieldError[],
): void {
  const { volumeMounts = [], volumeDevices = [], securityContext } = container;
  checkMounts(volumeMounts, volumeDevices, volumes, at.child('volumeMounts'), errors);
  for (const { mountPropagation } of volumeMounts) {
    if (mountPropagation === undefined) continue;
    const path = at.child('volumeMounts', 'mountPropagation');
    checkOneOf(mountPropagation, PROPAGATIONS, path, errors);
    if (mountPropagation !== 'Bidirectional' || securityContext?.privileged) continue;
    const why = 'Bidirectional mount propagation is available only to privileged containers';
    errors.push(fieldError.forbidden(path, why));
  }
  checkDevices(volumeDevices, volumeMounts, volumes, at.child('volumeDevices'), errors);
}

function checkMounts(
  mounts: readonly VolumeMount[],
  devices: readonly VolumeDevice[],
  volumes: Volumes,
  at: Path,
  errors: FieldError[],
): void {
  const paths = new Set<string>();
  for (const [index, mount] of mounts.entries()) {
    const { name, mountPath, subPath, subPathExpr } = mount;
    const path = at.index(index);
    if (name === '') errors.push(fieldError.required(path.child('name')));
    if (!volumes.has(name)) errors.push(fieldError.notFound(path.child('name'), name));
    if (mountPath === '') errors.push(fieldError.required(path.child('mountPath')));
    if (paths.has(mountPath)) errors.push(fieldError.invalid(path.child('mountPath'), mountPath, 'must be unique'));
    paths.add(mountPath);
    if (devices.some((device) => device.name === name)) {
      errors.push(fieldError.invalid(path.child('name'), name, 'must not already exist in volumeDevices'));
    }
    if (devices.some(({ devicePath }) => devicePath === mountPath)) {
      const why = 'must not already exist as a path in volumeDevices';
      errors.push(fieldError.invalid(path.child('mountPath'), mountPath, why));
    }
    // Upstream names the list and not the mount here.
    if (subPath) checkLocalPath(subPath, at.child('subPath'), errors);
    if (subPathExpr && subPath) {
      const why = 'subPathExpr and subPath are mutually exclusive';
      errors.push(fieldError.invalid(path.child('subPathExpr'), subPathExpr, why));
    }
    if (subPathExpr) checkLocalPath(subPathExpr, at.child('subPathExpr'), errors);
    checkRecursiveReadOnly(mount, at.child('recursiveReadOnly'), errors);
  }
}

function checkRecursiveReadOnly(mount: VolumeMount, at: Path, errors: FieldError[]): void {
  const { recursiveReadOnly: mode, readOnly, mountPropagation } = mount;
  if (mode === undefined || mode === 'Disabled') return;
  if (mode !== 'Enabled' && mode !== 'IfPossible') {
    errors.push(fieldError.notSupported(at, mode, ['Disabled', 'Enabled', 'IfPossible']));
    return;
  }
  if (!readOnly) errors.push(fieldError.forbidden(at, 'may only be specified when readOnly is true'));
  if (mountPropagation !== undefined && mountPropagation !== 'None') {
    errors.push(fieldError.forbidden(at, 'may only be specified when mountPropagation is None or not specified'));
  }
}

function checkDevices(
  devices: readonly VolumeDevice[],
  mounts: readonly VolumeMount[],
  volumes: Volumes,
  at: Path,
  errors: FieldError[],
): void {
  const names = new Set<string>();
  const paths = new Set<string>();
  for (const [index, { name, devicePath }] of devices.entries()) {
    const path = at.index(index);
    const nameAt = path.child('name');
    const pathAt = path.child('devicePath');
    const volume = volumes.get(name);
    if (name === '') errors.push(fieldError.required(nameAt));
    if (names.has(name)) errors.push(fieldError.invalid(nameAt, name, 'must be unique'));
    if (!volume) errors.push(fieldError.notFound(nameAt, name));
    else if (!volume.persistentVolumeClaim && !volume.ephemeral) {
      const why = 'can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode';
      errors.push(fieldError.invalid(nameAt, name, why));
    }
    if (devicePath === '') errors.push(fieldError.required(pathAt));
    if (paths.has(devicePath)) errors.push(fieldError.invalid(pathAt, devicePath, 'must be unique'));
    if (devicePath.split('/').includes('..')) {
      errors.push(fieldError.invalid(pathAt, devicePath, "can not contain backsteps ('..')"));
    } else paths.add(devicePath);
    if (mounts.some((mount) => mount.name === name)) {
      errors.push(fieldError.invalid(nameAt, name, 'must not already exist in volumeMounts'));
    }
    if (mounts.some(({ mountPath }) => mountPath === devicePath)) {
      errors.push(fieldError.invalid(pathAt, devicePath, 'must not already exist as a path in volumeMounts'));
    }
    if (name !== '') names.add(name);
  }
}
