// Which labels a node may give itself: those that say what it is, not what may run on it. Upstream:
// k8s.io/kubelet/pkg/apis/well_known_labels.go and the admission plugin NodeRestriction.

type Labels = Readonly<Record<string, string>>;

const OWN_LABELS: ReadonlySet<string> = new Set([
  'kubernetes.io/hostname',
  'kubernetes.io/os',
  'kubernetes.io/arch',
  'topology.kubernetes.io/zone',
  'topology.kubernetes.io/region',
  'node.kubernetes.io/instance-type',
  'beta.kubernetes.io/os',
  'beta.kubernetes.io/arch',
  'beta.kubernetes.io/instance-type',
  'failure-domain.beta.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region',
]);

/** Those of the labels that were added, changed or removed which a node may not set on itself; sorted. */
export function forbiddenNodeLabels(labels: Labels = {}, previous: Labels = {}): string[] {
  const keys = new Set([...Object.keys(labels), ...Object.keys(previous)]);
  return [...keys].filter((key) => labels[key] !== previous[key] && isForbidden(key)).toSorted();
}

/** Labels of the system's own domains are for the system, but for some; others are free. */
function isForbidden(key: string): boolean {
  const slash = key.indexOf('/');
  const domain = slash === -1 ? '' : key.slice(0, slash);
  if (isWithin(domain, 'node-restriction.kubernetes.io')) return true;
  if (!isWithin(domain, 'kubernetes.io') && !isWithin(domain, 'k8s.io')) return false;
  const isOwn = isWithin(domain, 'kubelet.kubernetes.io') || isWithin(domain, 'node.kubernetes.io');
  return !isOwn && !OWN_LABELS.has(key);
}

function isWithin(domain: string, parent: string): boolean {
  return domain === parent || domain.endsWith(`.${parent}`);
}
