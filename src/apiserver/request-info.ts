// What a request is about, read off its path and method. Upstream: k8s.io/apiserver/pkg/endpoints/request/requestinfo.go.

export interface RequestInfo {
  readonly path: string;
  /** For resources an API verb (`get`, `list`, `watch`, `create` …), otherwise the HTTP method in lower case. */
  readonly verb: string;
  readonly isResource: boolean;
  /** `''` for the core group and for paths that are no resource. */
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly subresource: string;
  /** `''` for cluster-scoped resources and lists over all namespaces. */
  readonly namespace: string;
  readonly name: string;
  /** What follows a subresource that takes a further path (`proxy`). */
  readonly suffix: string;
}
