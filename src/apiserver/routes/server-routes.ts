// The small documents at the root: which paths there are, which version this is, and the metrics.

import { encodeJson } from '../../api/json-encode.ts';
import type { VersionInfo } from '../../api/meta/version-info.ts';
import type { MetricsRegistry } from '../../base/metrics.ts';
import { bytesResponse, type Route, textResponse } from './route.ts';

/** `gitVersion`: `v1.36.0`. Clients compare the minor with their own. */
export function versionInfo(gitVersion: string, platform: string): VersionInfo {
  const [, major = '1', minor = '0'] = /^v(\d+)\.(\d+)/.exec(gitVersion) ?? [];
  return {
    major,
    minor,
    // No older version is emulated; servers of the release before may share the store.
    emulationMajor: major,
    emulationMinor: minor,
    minCompatibilityMajor: major,
    minCompatibilityMinor: String(Number(minor) - 1),
    gitVersion,
    gitCommit: '',
    gitTreeState: 'clean',
    buildDate: '1970-01-01T00:00:00Z',
    goVersion: '',
    compiler: 'typernetes',
    platform,
  };
}

export function versionRoute(version: VersionInfo): Route {
  const bytes = encodeJson(version);
  return ({ info }) => (isGet(info, '/version') ? bytesResponse(200, bytes, 'application/json') : undefined);
}

/** Upstream: k8s.io/component-base/metrics/prometheus/version. */
export function showBuildInfo(metrics: MetricsRegistry, version: VersionInfo): void {
  const { major, minor, gitVersion, gitCommit, gitTreeState, buildDate, goVersion, compiler, platform } = version;
  const labels = {
    major,
    minor,
    git_version: gitVersion,
    git_commit: gitCommit,
    git_tree_state: gitTreeState,
    build_date: buildDate,
    go_version: goVersion,
    compiler,
    platform,
  };
  metrics
    .gauge({ name: 'kubernetes_build_info', help: 'Always 1: its labels say what runs.', labels: Object.keys(labels) })
    .set(1, labels);
}

export function metricsRoute(metrics: MetricsRegistry): Route {
  return ({ info }) =>
    isGet(info, '/metrics') ? textResponse(200, metrics.text(), 'text/plain; version=0.0.4; charset=utf-8') : undefined;
}

/** Every path that is served outside of the resources. */
export function rootRoute(paths: () => readonly string[]): Route {
  return ({ info }) =>
    isGet(info, '/') ? bytesResponse(200, encodeJson({ paths: [...paths()].sort() }), 'application/json') : undefined;
}

function isGet({ path, verb }: { readonly path: string; readonly verb: string }, expected: string): boolean {
  return (verb === 'get' || verb === 'head') && (path === expected || path === `${expected}/`);
}
