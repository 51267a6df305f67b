// What names, labels, keys, ports and addresses may look like. Each check gives the texts of what is wrong, none for a
// good value; people and programs read them, so they are upstream's (k8s.io/apimachinery: pkg/util/validation,
// pkg/api/validate/content).

import { canonicalIp } from './ip-forms.ts';
import type { NameRule } from './kind.ts';

export type Faults = readonly string[];

const NONE: Faults = [];

const LABEL_1123 = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const SUBDOMAIN_1123 = `${LABEL_1123}(\\.${LABEL_1123})*`;
const LABEL_1035 = '[a-z]([-a-z0-9]*[a-z0-9])?';
const QUALIFIED = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';
const LABEL_VALUE = `(${QUALIFIED})?`;
const WILDCARD_SUBDOMAIN = `\\*\\.${SUBDOMAIN_1123}`;
const ENV_VAR = '[-._a-zA-Z][-._a-zA-Z0-9]*';
const CONFIG_KEY = '[-._a-zA-Z0-9]+';
const PERCENT = '[0-9]+%';
const HTTP_HEADER = '[-A-Za-z0-9]+';
const C_IDENTIFIER = '[A-Za-z_][A-Za-z0-9_]*';
const HTTP_PATH = "[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+";

/** A pattern with what is said when it does not match. */
interface Form {
  readonly regexp: RegExp;
  readonly message: string;
}

const FORMS = {
  label1123: form(
    LABEL_1123,
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
    ['my-name', '123-abc'],
  ),
  subdomain1123: form(
    SUBDOMAIN_1123,
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
    ['example.com'],
  ),
  label1035: form(
    LABEL_1035,
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
    ['my-name', 'abc-123'],
  ),
  wildcard: form(
    WILDCARD_SUBDOMAIN,
    "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character",
    ['*.example.com'],
  ),
  qualified: form(
    QUALIFIED,
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
    ['MyName', 'my.name', '123-abc'],
  ),
  labelValue: form(
    LABEL_VALUE,
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
    ['MyValue', 'my_value', '12345'],
  ),
  envVar: form(
    ENV_VAR,
    "a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', and must not start with a digit",
    ['my.env-name', 'MY_ENV.NAME', 'MyEnvName1'],
  ),
  configKey: form(CONFIG_KEY, "a valid config key must consist of alphanumeric characters, '-', '_' or '.'", [
    'key.name',
    'KEY_NAME',
    'key-name',
  ]),
  percent: form(PERCENT, "a valid percent string must be a numeric string followed by an ending '%'", ['1%', '93%']),
  httpHeader: form(HTTP_HEADER, "a valid HTTP header must consist of alphanumeric characters or '-'", [
    'X-Header-Name',
  ]),
  identifier: form(
    C_IDENTIFIER,
    "a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric characters or '_'",
    ['my_name', 'MY_NAME', 'MyName'],
  ),
  httpPath: form(HTTP_PATH, 'Invalid path', []),
} as const;

/** The texts for a pattern of one's own: `message (e.g. 'a',  or 'b', regex used for validation is '…')`. */
export function patternFault(message: string, pattern: string, examples: readonly string[] = []): string {
  const shown = examples.map((example) => `'${example}', `).join(' or ');
  const hint = `regex used for validation is '${pattern}')`;
  return examples.length === 0 ? `${message} (${hint}` : `${message} (e.g. ${shown}${hint}`;
}

export function dns1123Label(value: string): Faults {
  const faults = tooLong(value, 63, 'characters');
  if (FORMS.label1123.regexp.test(value)) return faults;
  const isSubdomain = FORMS.subdomain1123.regexp.test(value);
  return [...faults, isSubdomain ? 'must not contain dots' : FORMS.label1123.message];
}

export function dns1123Subdomain(value: string): Faults {
  return [...tooLong(value, 253, 'characters'), ...unlike(value, FORMS.subdomain1123)];
}

export function dns1035Label(value: string): Faults {
  return [...tooLong(value, 63, 'characters'), ...unlike(value, FORMS.label1035)];
}

/** `*.example.com`. */
export function wildcardSubdomain(value: string): Faults {
  return [...tooLong(value, 253, 'characters'), ...unlike(value, FORMS.wildcard)];
}

/** A label key, an annotation key, a finalizer: a name behind an optional domain and a slash. */
export function qualifiedName(value: string): Faults {
  const parts = value.split('/');
  const name = parts.at(-1) ?? '';
  if (parts.length > 2) {
    return [
      `a valid label key ${FORMS.qualified.message} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ];
  }
  const faults = parts.length === 2 ? prefixFaults(parts[0] ?? '') : [];
  const length = name === '' ? ['must be non-empty'] : tooLong(name, 63, 'bytes');
  return [...faults, ...[...length, ...unlike(name, FORMS.qualified)].map((fault) => `name part ${fault}`)];
}

export function labelValue(value: string): Faults {
  if (value.length <= 63 && FORMS.labelValue.regexp.test(value)) return NONE;
  return [...tooLong(value, 63, 'bytes'), ...unlike(value, FORMS.labelValue)];
}

/** What may stand in a path of a URL. */
export function pathSegment(value: string): Faults {
  return value === '.' || value === '..' ? [`may not be '${value}'`] : pathSegmentPrefix(value);
}

/** The name of an environment variable, as it was before v1.32; see `relaxedEnvVarName`. */
export function envVarName(value: string): Faults {
  return [...unlike(value, FORMS.envVar), ...upwards(value)];
}

/** The name of an environment variable: printable ASCII without `=`. Upstream: RelaxedEnvironmentVariableValidation. */
export function relaxedEnvVarName(value: string): Faults {
  if (value === '') return ['environment variable name must be non-empty'];
  if (/^[\x20-\x3c\x3e-\x7e]*$/.test(value)) return NONE;
  return ["a valid environment variable name must consist only of printable ASCII characters other than '='"];
}

/** The key of a ConfigMap or Secret. */
export function configMapKey(value: string): Faults {
  return [...tooLong(value, 253, 'characters'), ...unlike(value, FORMS.configKey), ...upwards(value)];
}

export function percent(value: string): Faults {
  return unlike(value, FORMS.percent);
}

export function httpHeaderName(value: string): Faults {
  return unlike(value, FORMS.httpHeader);
}

export function cIdentifier(value: string): Faults {
  return unlike(value, FORMS.identifier);
}

export function httpPath(value: string): Faults {
  return unlike(value, FORMS.httpPath);
}

/** A port's name: an IANA service name. */
export function portName(value: string): Faults {
  const faults = [...tooLong(value, 15, 'characters')];
  if (!/^[-a-z0-9]+$/.test(value)) {
    faults.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)');
  }
  if (!/[a-z]/.test(value)) faults.push('must contain at least one letter (a-z)');
  if (value.includes('--')) faults.push('must not contain consecutive hyphens');
  if (value.startsWith('-') || value.endsWith('-')) faults.push('must not begin or end with a hyphen');
  return faults;
}

export function portNumber(value: number): Faults {
  return inRange(value, 1, 65535);
}

/** The number of a user or group of Linux. */
export function userOrGroupId(value: number): Faults {
  return inRange(value, 0, 2147483647);
}

export function inRange(value: number, min: number, max: number): Faults {
  return value >= min && value <= max ? NONE : [`must be between ${min} and ${max}, inclusive`];
}

/** What is wrong with an object's name; `prefix`: it is a generateName, to which more is appended. */
export function nameFaults(rule: NameRule, name: string, prefix = false): Faults {
  switch (rule) {
    case 'dns1123Subdomain':
      return dns1123Subdomain(prefix ? withoutDash(name) : name);
    case 'dns1123Label':
      return dns1123Label(prefix ? withoutDash(name) : name);
    case 'dns1035Label':
      return dns1035Label(prefix ? withoutDash(name) : name);
    case 'ip':
      return canonicalIp(name);
    case 'pathSegment':
      return prefix ? pathSegmentPrefix(name) : pathSegment(name);
    case 'any':
      return NONE;
    default:
      return rule satisfies never;
  }
}

/**
 * How long upstream, which counts the bytes of strings, takes a text to be. Counted, not encoded: every write asks it of
 * many short texts.
 */
export function utf8Length(text: string): number {
  let bytes = text.length;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit < 0x80) continue;
    bytes += unit < 0x800 ? 1 : 2;
    // Two units of a pair are four bytes; half a pair alone is encoded as the replacement character, which is three.
    if (isHigh(unit) && isLow(text.charCodeAt(at + 1))) at++;
  }
  return bytes;
}

const isHigh = (unit: number) => unit >= 0xd800 && unit < 0xdc00;
const isLow = (unit: number) => unit >= 0xdc00 && unit < 0xe000;

function form(pattern: string, message: string, examples: readonly string[]): Form {
  return { regexp: new RegExp(`^${pattern}$`), message: patternFault(message, pattern, examples) };
}

function unlike(value: string, { regexp, message }: Form): Faults {
  return regexp.test(value) ? NONE : [message];
}

/** Upstream counts bytes, whatever it calls them. */
function tooLong(value: string, limit: number, unit: 'bytes' | 'characters'): Faults {
  if (value.length <= limit / 3 || utf8Length(value) <= limit) return NONE;
  return [`must be no more than ${limit} ${unit}`];
}

function prefixFaults(prefix: string): Faults {
  const faults = prefix === '' ? ['must be non-empty'] : dns1123Subdomain(prefix);
  return faults.map((fault) => `prefix part ${fault}`);
}

function pathSegmentPrefix(value: string): Faults {
  return ['/', '%'].filter((text) => value.includes(text)).map((text) => `may not contain '${text}'`);
}

/** Names that would lead out of a directory. */
function upwards(value: string): Faults {
  if (value === '.' || value === '..') return [`must not be '${value}'`];
  return value.startsWith('..') ? ["must not start with '..'"] : NONE;
}

/** A prefix may end in a dash, since more follows. */
function withoutDash(name: string): string {
  return name.length > 1 && name.endsWith('-') ? `${name.slice(0, -2)}a` : name;
}
