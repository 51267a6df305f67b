// Messages of containerd's own snapshot service, on the same socket as CRI: the file systems of images, unpacked. Numbers and
// names: containerd/api/services/snapshots/v1/snapshots.proto, api/types/mount.proto.

import { list, message, type Received } from './message.ts';

export const viewSnapshotRequest = message({
  snapshotter: [1, 'string'],
  key: [2, 'string'],
  /** The snapshot that the new one shows, by the chain id of the image's layers. */
  parent: [3, 'string'],
  labels: [4, 'stringMap'],
});

/** By its snapshotter and its key. */
export const snapshotRequest = message({ snapshotter: [1, 'string'], key: [2, 'string'] });

/** As mount(2) takes them: an overlay of the layers, or one layer bound. */
const snapshotMount = message({ type: [1, 'string'], source: [2, 'string'], options: [4, list('string')] });
export type SnapshotMount = Received<typeof snapshotMount>;

export const snapshotMountsResponse = message({ mounts: [1, list(snapshotMount)] });
