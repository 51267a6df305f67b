// CRI v1 messages about images. Numbers and names: k8s.io/cri-api/pkg/apis/runtime/v1/api.proto at v1.36.

import { list, message, type Received, type Sent } from './message.ts';
import { podSandboxConfig } from './sandbox-messages.ts';
import { filesystemUsage } from './stats-messages.ts';

/** An image by name, by name and digest, or by the id the runtime gave it. */
export const imageSpec = message({
  image: [1, 'string'],
  annotations: [2, 'stringMap'],
  userSpecifiedImage: [18, 'string'],
  runtimeHandler: [19, 'string'],
  imageRef: [20, 'string'],
});
export type ImageSpec = Sent<typeof imageSpec>;

export const image = message({
  id: [1, 'string'],
  repoTags: [2, list('string')],
  repoDigests: [3, list('string')],
  size: [4, 'uint64'],
  /** The user that the image asks to run as, where it is a number; else `username`. */
  uid: [5, 'int64Value'],
  username: [6, 'string'],
  spec: [7, imageSpec],
  pinned: [8, 'bool'],
});
export type Image = Received<typeof image>;

export const listImagesRequest = message({ filter: [1, message({ image: [1, imageSpec] })] });
export const listImagesResponse = message({ images: [1, list(image)] });

export const imageStatusRequest = message({ image: [1, imageSpec], verbose: [2, 'bool'] });
/** No `image`: it is not on the node. */
export const imageStatusResponse = message({ image: [1, image], info: [2, 'stringMap'] });

const authConfig = message({
  username: [1, 'string'],
  password: [2, 'string'],
  auth: [3, 'string'],
  serverAddress: [4, 'string'],
  identityToken: [5, 'string'],
  registryToken: [6, 'string'],
});
export type AuthConfig = Sent<typeof authConfig>;

export const pullImageRequest = message({
  image: [1, imageSpec],
  auth: [2, authConfig],
  sandboxConfig: [3, podSandboxConfig],
});
export const pullImageResponse = message({ imageRef: [1, 'string'] });

export const removeImageRequest = message({ image: [1, imageSpec] });

export const imageFsInfoResponse = message({
  imageFilesystems: [1, list(filesystemUsage)],
  /** Empty in runtimes that keep both on one file system. */
  containerFilesystems: [2, list(filesystemUsage)],
});
