// What /etc/resolv.conf says in a pod, by its DNS policy. Upstream: pkg/kubelet/network/dns/dns.go.

import type { Pod } from '../api/core/pod.ts';

export interface ResolverConfig {
  readonly servers: readonly string[];
  readonly searches: readonly string[];
  readonly options: readonly string[];
}

export interface ClusterDns {
  readonly address: string;
  /** `cluster.local` */
  readonly domain: string;
}

/** Limits of the C library and of upstream's validation. */
const MAX_SERVERS = 3;
const MAX_SEARCHES = 32;
const MAX_SEARCH_CHARS = 2048;

/** `host` is what the machine itself uses. */
export function resolverConfig(pod: Pod, cluster: ClusterDns, host: ResolverConfig): ResolverConfig {
  const policy = pod.spec.dnsPolicy ?? 'ClusterFirst';
  const cluesIn = policy === 'ClusterFirstWithHostNet' || (policy === 'ClusterFirst' && pod.spec.hostNetwork !== true);
  const base: ResolverConfig = cluesIn
    ? {
        servers: [cluster.address],
        searches: [
          `${pod.metadata.namespace}.svc.${cluster.domain}`,
          `svc.${cluster.domain}`,
          cluster.domain,
          ...host.searches,
        ],
        options: ['ndots:5'],
      }
    : policy === 'None'
      ? { servers: [], searches: [], options: [] }
      : host;
  const own = pod.spec.dnsConfig;
  return {
    servers: unique([...base.servers, ...(own?.nameservers ?? [])]).slice(0, MAX_SERVERS),
    searches: fitting(unique([...base.searches, ...(own?.searches ?? [])])),
    options: mergeOptions(base.options, own?.options ?? []),
  };
}

/** Reads what resolv.conf(5) describes; later `search` lines replace earlier ones. */
export function parseResolvConf(text: string): ResolverConfig {
  const servers: string[] = [];
  let searches: string[] = [];
  let options: string[] = [];
  for (const line of text.split('\n')) {
    const [keyword, ...words] = line
      .replace(/[#;].*$/, '')
      .trim()
      .split(/\s+/);
    if (keyword === 'nameserver' && words[0]) servers.push(words[0]);
    else if (keyword === 'search' || keyword === 'domain') searches = words.filter((word) => word !== '.');
    else if (keyword === 'options') options = mergeOptions(options, words.map(nameAndValue));
  }
  return { servers, searches, options };
}

/** A pod's own option replaces the one of the same name. */
function mergeOptions(
  base: readonly string[],
  own: readonly { readonly name?: string; readonly value?: string }[],
): string[] {
  const byName = new Map(base.map((option) => [option.split(':')[0] ?? option, option]));
  for (const { name, value } of own)
    if (name) byName.set(name, value === undefined || value === '' ? name : `${name}:${value}`);
  return [...byName.values()];
}

function nameAndValue(option: string): { readonly name: string; readonly value: string } {
  const [name = '', value = ''] = option.split(':');
  return { name, value };
}

/** As many as there may be, in number and in length. */
function fitting(searches: readonly string[]): readonly string[] {
  let left = MAX_SEARCH_CHARS;
  return searches.slice(0, MAX_SEARCHES).filter((search) => {
    left -= search.length + 1;
    return left >= 0;
  });
}

function unique(values: readonly string[]): readonly string[] {
  return [...new Set(values)];
}
