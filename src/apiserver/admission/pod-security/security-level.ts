// Which standard holds where: levels and versions, and the labels of a namespace that say them. Upstream:
// k8s.io/pod-security-admission/api.

import { type FieldError, fieldError, Path } from '../../../api/field-error.ts';

/** The least strict first. */
const LEVELS = ['privileged', 'baseline', 'restricted'] as const;
export type Level = (typeof LEVELS)[number];

/** The minor version of Kubernetes (1.N) whose standard is meant. */
export type Version = 'latest' | number;

export interface Standard {
  readonly level: Level;
  readonly version: Version;
}

/** What is refused, what is noted for audits, and what is told to those who ask for it. */
export interface SecurityPolicy {
  readonly enforce: Standard;
  readonly audit: Standard;
  readonly warn: Standard;
}

type Mode = keyof SecurityPolicy;
type Labels = Readonly<Record<string, string>>;

const LABEL = 'pod-security.kubernetes.io/';
const LABELS = Path.of('metadata', 'labels');
/** What holds where no label says otherwise. */
const ANYTHING: Standard = { level: 'privileged', version: 'latest' };
const VERSION = /^v1\.([0-9]|[1-9][0-9]*)$/;

export function formatStandard({ level, version }: Standard): string {
  return `${level}:${formatVersion(version)}`;
}

export function formatVersion(version: Version): string {
  return version === 'latest' ? version : `v1.${version}`;
}

export function sameStandard(a: Standard, b: Standard): boolean {
  return a.level === b.level && a.version === b.version;
}

export function isStricter(a: Level, b: Level): boolean {
  return LEVELS.indexOf(a) > LEVELS.indexOf(b);
}

/** The policy holds even where there are errors: what cannot be read is enforced strictly and not warned of. */
export function securityPolicyOf(labels: Labels = {}): {
  readonly policy: SecurityPolicy;
  readonly errors: readonly FieldError[];
} {
  const errors: FieldError[] = [];
  const enforce = standardOf('enforce', labels, errors);
  const audit = standardOf('audit', labels, errors);
  const warn = standardOf('warn', labels, errors);
  const isEnforced = LEVELS.includes(labels[`${LABEL}enforce`] as Level);
  // Whoever enforces something is warned of as much, for pods that are made later on.
  const follows = isEnforced && labels[`${LABEL}warn`] === undefined && isStricter(enforce.level, warn.level);
  if (!follows) return { policy: { enforce, audit, warn }, errors };
  const version = labels[`${LABEL}warn-version`] === undefined ? enforce.version : warn.version;
  return { policy: { enforce, audit, warn: { level: enforce.level, version } }, errors };
}

function standardOf(mode: Mode, labels: Labels, errors: FieldError[]): Standard {
  const refuse = (key: string, value: string, why: string) =>
    errors.push(fieldError.invalid(LABELS.key(key), value, why));
  const levelKey = `${LABEL}${mode}`;
  const wanted = labels[levelKey];
  let { level, version }: Standard = ANYTHING;
  if (LEVELS.includes(wanted as Level)) level = wanted as Level;
  else if (wanted !== undefined) {
    level = mode === 'enforce' ? 'restricted' : 'privileged';
    refuse(levelKey, wanted, `must be one of ${LEVELS.join(', ')}`);
  }
  const versionKey = `${levelKey}-version`;
  const pinned = labels[versionKey];
  const minor = pinned === undefined ? undefined : VERSION.exec(pinned)?.[1];
  if (minor !== undefined) version = Number(minor);
  else if (pinned !== undefined && pinned !== 'latest') refuse(versionKey, pinned, 'must be "latest" or "v1.x"');
  return { level, version };
}
