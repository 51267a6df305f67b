// ImageLocality: prefers nodes that have the pod's images already. An image counts by its size and, so that not all pods
// of a new image crowd on the one node that has it, by how many nodes have it.

import type { Pod } from '../../api/core/pod.ts';
import { type Handle, MAX_NODE_SCORE, type Plugin, type StateKey } from '../framework.ts';

const MIB = 1024 * 1024;
/** Below this the download does not matter, above the other it does not matter more. */
const MIN_BYTES = 23 * MIB;
const MAX_BYTES_PER_CONTAINER = 1000 * MIB;

const IMAGES: StateKey<readonly string[]> = { name: 'ImageLocality images' };

export function imageLocality(handle: Handle): Plugin {
  return {
    name: 'ImageLocality',
    preScore(state, { pod }) {
      state.write(IMAGES, imagesOf(pod));
      return undefined;
    },
    score(state, _pod, node) {
      if (node.images.size === 0) return 0;
      const images = state.read(IMAGES);
      const nodeCount = handle.snapshot().nodes.length;
      let bytes = 0;
      for (const name of images) {
        const image = node.images.get(name);
        if (image) bytes += Math.trunc(image.sizeBytes * (image.nodes.size / nodeCount));
      }
      const maxBytes = MAX_BYTES_PER_CONTAINER * images.length;
      const within = Math.min(Math.max(bytes, MIN_BYTES), maxBytes);
      return Math.trunc((MAX_NODE_SCORE * (within - MIN_BYTES)) / (maxBytes - MIN_BYTES));
    },
  };
}

function imagesOf({ spec }: Pod): string[] {
  const images = [
    ...(spec.initContainers ?? []).map(({ image }) => image),
    ...spec.containers.map(({ image }) => image),
    ...(spec.volumes ?? []).filter(({ image }) => image).map(({ image }) => image?.reference),
  ];
  return images.map((image) => withTag(image ?? ''));
}

/** As nodes report them: with the tag that is meant when there is none. */
function withTag(image: string): string {
  return image.lastIndexOf(':') <= image.lastIndexOf('/') ? `${image}:latest` : image;
}
