// The public entry `typernetes/testing`: whole clusters within a test, whose time is simulated. docs/testing.md shows how they
// are used. Kinds are at `typernetes/api/GROUP/KIND`, such as `typernetes/api/batch/job`.

export type { ObjectOf } from '../api/kind.ts';
export { isStatusError, StatusError } from '../api/status-error.ts';
export type { Clock } from '../base/clock.ts';
export type { LogRecord } from '../base/log.ts';
export type { Client, ObjectRef } from '../client/client.ts';
export type { ApplyOptions, Manifest, Manifests } from './apply-manifests.ts';
export type { Duration } from './duration.ts';
export { startCluster } from './start-cluster.ts';
export type { Identity, Served, TestCluster, TestClusterOptions, TestNodes, WaitOptions } from './test-cluster.ts';
