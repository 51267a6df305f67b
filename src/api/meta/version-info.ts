// What /version tells. Not an object of the API: it has no kind, and no form in protobuf.

import { type Read, string, struct } from '../schema.ts';

export const VersionInfo = struct('version.Info', {
  major: string(0, { required: true }),
  minor: string(0, { required: true }),
  emulationMajor: string(0),
  emulationMinor: string(0),
  minCompatibilityMajor: string(0),
  minCompatibilityMinor: string(0),
  gitVersion: string(0, { required: true }),
  gitCommit: string(0, { required: true }),
  gitTreeState: string(0, { required: true }),
  buildDate: string(0, { required: true }),
  goVersion: string(0, { required: true }),
  compiler: string(0, { required: true }),
  platform: string(0, { required: true }),
});
export type VersionInfo = Read<typeof VersionInfo>;
