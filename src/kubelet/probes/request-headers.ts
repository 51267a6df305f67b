// The headers of requests that a node makes for a pod: probes and hooks. Upstream: pkg/probe/http/request.go.

interface Header {
  readonly name: string;
  readonly value: string;
}

/** The pod's own headers, a name given twice sent twice; `User-Agent` and `Accept` unless the pod sets them. */
export function requestHeaders(own: readonly Header[], userAgent: string): Readonly<Record<string, string | string[]>> {
  const headers: Record<string, string | string[]> = { 'User-Agent': userAgent, Accept: '*/*' };
  const given = new Map<string, { name: string; values: string[] }>();
  for (const { name, value } of own) {
    const entry = given.get(name.toLowerCase()) ?? { name, values: [] };
    entry.values.push(value);
    given.set(name.toLowerCase(), entry);
  }
  for (const { name, values } of given.values()) {
    for (const standard of ['User-Agent', 'Accept']) {
      if (name.toLowerCase() === standard.toLowerCase()) delete headers[standard];
    }
    // An empty value of these two asks for none at all.
    if (values.every((value) => value === '') && /^(user-agent|accept)$/i.test(name)) continue;
    headers[name] = values.length === 1 ? values[0]! : values;
  }
  return headers;
}
