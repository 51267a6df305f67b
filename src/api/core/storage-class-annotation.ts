// Where the storage class of volumes and claims stood before it had a field.

export const BETA_STORAGE_CLASS = 'volume.beta.kubernetes.io/storage-class';

export function storageClassAnnotationWarnings(metadata: {
  readonly annotations?: Readonly<Record<string, string>>;
}): readonly string[] {
  if (metadata.annotations?.[BETA_STORAGE_CLASS] === undefined) return [];
  return [
    `metadata.annotations[${BETA_STORAGE_CLASS}]: deprecated since v1.8; use "storageClassName" attribute instead`,
  ];
}
