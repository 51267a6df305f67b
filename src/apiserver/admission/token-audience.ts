// For whom a node may ask for a token of a pod: the audiences that the pod's volumes name. Upstream: the admission
// plugin NodeRestriction with ServiceAccountNodeAudienceRestriction.

import { PersistentVolume } from '../../api/core/persistent-volume.ts';
import { PersistentVolumeClaim } from '../../api/core/persistent-volume-claim.ts';
import type { Pod } from '../../api/core/pod.ts';
import { claimNameOf } from '../../api/core/pod-claims.ts';
import type { Volume } from '../../api/core/volume.ts';
import { CSIDriver } from '../../api/storage/csi-driver.ts';
import type { ObjectReader } from '../registry/object-reader.ts';

/** Whether a volume of the pod asks for tokens for the audience; `''` is that of the API server. */
export function podNamesAudience(objects: ObjectReader, pod: Pod, audience: string): boolean {
  const volumes = pod.spec.volumes ?? [];
  const isProjected = volumes.some((volume) =>
    volume.projected?.sources?.some(
      ({ serviceAccountToken }) => serviceAccountToken && (serviceAccountToken.audience ?? '') === audience,
    ),
  );
  return (
    isProjected || volumes.some((volume) => driverNamesAudience(objects, driverOf(objects, pod, volume), audience))
  );
}

function driverNamesAudience(objects: ObjectReader, driver: string | undefined, audience: string): boolean {
  if (!driver) return false;
  const requests = objects.get(CSIDriver, { name: driver })?.spec.tokenRequests ?? [];
  return requests.some((request) => request.audience === audience);
}

/** The CSI driver that mounts the volume, if one does: named by the pod, or by what its claim is bound to. */
function driverOf(objects: ObjectReader, pod: Pod, volume: Volume): string | undefined {
  if (volume.csi) return volume.csi.driver;
  const claim = claimNameOf(pod, volume);
  if (!claim) return undefined;
  const { namespace } = pod.metadata;
  const bound = objects.get(PersistentVolumeClaim, { namespace, name: claim })?.spec.volumeName;
  return bound ? objects.get(PersistentVolume, { name: bound })?.spec.csi?.driver : undefined;
}
