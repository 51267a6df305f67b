// Who manages how many replicas an object wants, as its scale subresource has it: there the field is `spec.replicas` of an
// autoscaling/v1 Scale, wherever the object itself keeps it. Upstream: apimachinery's util/managedfields/scalehandler.go.

import type { ManagedFieldsEntry } from '../meta/object-meta.ts';
import { difference, has, isEmpty, setOf } from './field-set.ts';
import { identifierOf, type Manager, managedFieldsOf, managerEntry, storedManagers } from './managers.ts';
import { type FieldPath, fieldElement } from './path-element.ts';

const SCALE_VERSION = 'autoscaling/v1';
const SCALE_PATH: FieldPath = [fieldElement('spec'), fieldElement('replicas')];

type ManagedFields = readonly ManagedFieldsEntry[] | undefined;

/** Where the versions of an object keep the replicas, by apiVersion. */
export type ReplicasPaths = ReadonlyMap<string, readonly string[]>;

/** Managers of the object's replicas, as managers of its scale. */
export function scaleManagers(managedFields: ManagedFields, paths: ReplicasPaths): ManagedFields {
  const owners = [...storedManagers(managedFields).values()].filter((manager) => ownsReplicas(manager, paths));
  return managedFieldsOf(
    byIdentifier(owners.map((manager) => managerEntry({ ...manager, apiVersion: SCALE_VERSION }, setOf(SCALE_PATH)))),
  );
}

/** The object's managers, once those of its scale have become `scale`. Those of versions that are gone are forgotten. */
export function managersAfterScale(
  managedFields: ManagedFields,
  scale: ManagedFields,
  { apiVersion, paths }: { readonly apiVersion: string; readonly paths: ReplicasPaths },
): ManagedFields {
  const scaling = new Map([...storedManagers(scale).values()].map((manager) => [scalerOf(manager), manager]));
  const left: Manager[] = [];
  for (const manager of storedManagers(managedFields).values()) {
    if (!paths.has(manager.apiVersion)) continue;
    const path = elementsOf(paths, manager.apiVersion);
    if (!has(manager.fieldsV1, path) || scaling.delete(scalerOf(manager))) left.push(manager);
    else {
      const fields = difference(manager.fieldsV1, setOf(path));
      if (!isEmpty(fields)) left.push({ ...manager, fieldsV1: fields });
    }
  }
  for (const { manager, operation, subresource, fieldsV1 } of scaling.values()) {
    if (!has(fieldsV1, SCALE_PATH)) continue;
    const who = { operation, apiVersion, ...(manager ? { manager } : {}), ...(subresource ? { subresource } : {}) };
    left.push(managerEntry(who, setOf(elementsOf(paths, apiVersion))));
  }
  return managedFieldsOf(byIdentifier(left));
}

/** A manager of the scale and the same one of the object differ in their version only. */
function scalerOf(manager: Manager): string {
  return identifierOf({ ...manager, apiVersion: '' });
}

function ownsReplicas({ apiVersion, fieldsV1 }: Manager, paths: ReplicasPaths): boolean {
  return paths.has(apiVersion) && has(fieldsV1, elementsOf(paths, apiVersion));
}

function elementsOf(paths: ReplicasPaths, apiVersion: string): FieldPath {
  return (paths.get(apiVersion) ?? []).map(fieldElement);
}

function byIdentifier(managers: readonly Manager[]): ReadonlyMap<string, Manager> {
  return new Map(managers.map((manager) => [identifierOf(manager), manager]));
}
