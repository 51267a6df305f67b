// Objects that follow a kind's declaration, and ways to break them: for requests that nobody would think of. Everything
// follows from the source of randomness, so that what has gone wrong once goes wrong again.

import type { Kind } from '../../src/api/kind.ts';
import { type Field, type Leaf, leafOf, type Struct, structOf } from '../../src/api/schema.ts';
import type { Random } from '../../src/base/random.ts';

export type Value = string | number | boolean | null | Value[] | { [key: string]: Value };

/** Objects of declarations that hold each other end here. */
const MAX_DEPTH = 9;
/** How many of the fields that may be left out are there. */
const FILLED_SHARE = 0.25;

export function pick<T>(random: Random, choices: readonly T[]): T {
  return choices[Math.floor(random.next() * choices.length)] as T;
}

/** How often a kind's example is taken that is right, if there is one. */
const RIGHT_SHARE = 0.6;
const TEMPLATE = {
  metadata: { labels: { app: 'web' } },
  spec: {
    containers: [
      {
        name: 'main',
        image: 'nginx',
        ports: [{ containerPort: 80, name: 'http' }],
        env: [{ name: 'A', value: 'b' }],
        resources: { requests: { cpu: '100m' }, limits: { memory: '64Mi' } },
        readinessProbe: { httpGet: { path: '/', port: 'http' } },
        volumeMounts: [{ name: 'data', mountPath: '/data' }],
      },
    ],
    volumes: [{ name: 'data', emptyDir: {} }],
    tolerations: [{ key: 'a', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 5 }],
  },
};
const SELECTED = { replicas: 1, selector: { matchLabels: { app: 'web' } }, template: TEMPLATE };
const RULES = {
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
  subjects: [{ kind: 'User', name: 'jane' }],
};

/** Of the kinds for which chance makes next to nothing that is right. */
const RIGHT: Readonly<Record<string, { [key: string]: Value }>> = {
  pods: { spec: TEMPLATE.spec },
  deployments: { spec: SELECTED },
  replicasets: { spec: SELECTED },
  statefulsets: { spec: { ...SELECTED, serviceName: 'web' } },
  daemonsets: { spec: { selector: SELECTED.selector, template: TEMPLATE } },
  services: { spec: { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 'http' }], type: 'NodePort' } },
  endpoints: { subsets: [{ addresses: [{ ip: '10.1.2.3' }], ports: [{ port: 80 }] }] },
  rolebindings: RULES,
  clusterrolebindings: RULES,
  events: {
    involvedObject: { kind: 'Pod', name: 'one', namespace: 'fuzz' },
    reason: 'Odd',
    message: 'x',
    type: 'Normal',
  },
  subjectaccessreviews: { spec: { user: 'jane', resourceAttributes: { verb: 'get', resource: 'pods' } } },
  selfsubjectaccessreviews: { spec: { resourceAttributes: { verb: 'get', resource: 'pods' } } },
};

/** An object as a client might write it: of the right types, not always right. */
export function plausibleObject(random: Random, kind: Kind, name: string, namespace: string): { [key: string]: Value } {
  const right = random.next() < RIGHT_SHARE ? RIGHT[kind.plural] : undefined;
  const made = plausible(random, kind.schema, 0) as { [key: string]: Value };
  const { status: _, metadata: __, ...rest } = structuredClone(right) ?? made;
  return {
    apiVersion: kind.apiVersion,
    kind: kind.kind,
    metadata: { name, ...(kind.namespaced ? { namespace } : {}), labels: { fuzz: 'yes' } },
    ...rest,
  };
}

function plausible(random: Random, struct: Struct, depth: number): Value {
  const object: { [key: string]: Value } = {};
  for (const [name, field] of struct.jsonFields) {
    const wanted = field.options.required || random.next() < FILLED_SHARE / (depth + 1);
    if (wanted && depth < MAX_DEPTH) object[name] = plausibleField(random, name, field, depth + 1);
  }
  return object;
}

function plausibleField(random: Random, name: string, field: Field, depth: number): Value {
  const one = (): Value => {
    const leaf = leafOf(field);
    return leaf === undefined ? plausible(random, structOf(field), depth) : plausibleLeaf(random, name, leaf, field);
  };
  if (field.shape === 'list') return Array.from({ length: Math.ceil(random.next() * 2) }, one);
  if (field.shape === 'map') return { [pick(random, WORDS)]: one() };
  return one();
}

const WORDS = ['app', 'web', 'a', 'x-1', 'example.com/thing', 'main', 'data'];
const TEXTS = [
  'main',
  'web',
  'nginx:1.25',
  '/var/data',
  'http',
  'apps/v1',
  'v1',
  '10.0.0.1',
  'example.com',
  'Always',
  'x',
];

function plausibleLeaf(random: Random, name: string, leaf: Leaf, { options }: Field): Value {
  if (options.enum) return pick(random, options.enum);
  switch (leaf) {
    case 'string':
      return name === 'name' ? pick(random, ['main', 'web', 'data', 'side']) : pick(random, TEXTS);
    case 'bool':
      return random.next() < 0.5;
    case 'int32':
    case 'int64':
      return pick(random, [0, 1, 2, 80, 8080, 30, 600]);
    case 'double':
      return random.next();
    case 'bytes':
      return 'aGVsbG8=';
    case 'time':
      return '2026-01-02T03:04:05Z';
    case 'microTime':
      return '2026-01-02T03:04:05.000006Z';
    case 'duration':
      return '1m30s';
    case 'quantity':
      return pick(random, ['1', '500m', '64Mi', '0']);
    case 'intOrString':
      return pick<Value>(random, [1, '25%', 'http']);
    case 'stringList':
      return ['get'];
    case 'rawExtension':
    case 'fieldsV1':
    case 'json':
    case 'schemaOrArray':
    case 'schemaOrBool':
    case 'schemaOrStringArray':
      return {};
    default:
      return leaf satisfies never;
  }
}

/** What no field expects. */
const ODDITIES: readonly (() => Value)[] = [
  () => null,
  () => '',
  () => -1,
  () => 1.5,
  () => 1e300,
  () => Number.MAX_SAFE_INTEGER,
  () => -(2 ** 31) - 1,
  () => true,
  () => [],
  () => ({}),
  () => [null],
  () => [[[[]]]],
  () => ({ '': null }),
  () => ({ toString: 1, constructor: { prototype: {} } }),
  () => 'x'.repeat(5000),
  () => '\u0000\u0001\ufeff\u202e',
  () => '\ud83d\ude00 ünïcödé',
  () => '../../etc/passwd',
  () => '%2e%2e%2f',
  () => '9999999999999999999999',
  () => '-0',
  () => '1e9999',
  () => '{{.}}$(x)',
  () => '300.300.300.300/99',
  () => '::ffff:1.2.3.4/200',
  () => '2026-13-45T99:99:99Z',
  () => '********',
  () => Array.from({ length: 300 }, () => 'x'),
  () => nested(200),
];

function nested(depth: number): Value {
  let value: Value = 1;
  for (let i = 0; i < depth; i++) value = i % 2 === 0 ? [value] : { a: value };
  return value;
}

/** The value with one to three of its parts replaced, removed, doubled or renamed. */
export function mutated(random: Random, value: Value): Value {
  let result = structuredClone(value);
  const times = 1 + Math.floor(random.next() * 3);
  for (let i = 0; i < times; i++) result = mutateOnce(random, result);
  return result;
}

function mutateOnce(random: Random, value: Value): Value {
  const places = placesIn(value);
  const place = pick(random, places);
  if (!place) return pick(random, ODDITIES)();
  const { holder, key } = place;
  if (Array.isArray(holder)) mutateElement(random, holder, key as number);
  else mutateMember(random, holder, key as string);
  return value;
}

function mutateElement(random: Random, holder: Value[], index: number): void {
  const how = random.next();
  if (how < 0.2) holder.splice(index, 1);
  else if (how < 0.4) holder.push(structuredClone(holder[index] as Value));
  else holder[index] = pick(random, ODDITIES)();
}

function mutateMember(random: Random, holder: { [key: string]: Value }, key: string): void {
  const how = random.next();
  const old = holder[key] as Value;
  if (how < 0.15) delete holder[key];
  else if (how < 0.25)
    Object.defineProperty(holder, pick(random, ['__proto__', 'constructor', '$patch', 'x'.repeat(300), ' ']), {
      value: old,
      enumerable: true,
      writable: true,
      configurable: true,
    });
  else if (how < 0.35) holder[key] = [old];
  else if (how < 0.45) holder[key] = { [key]: old };
  else holder[key] = pick(random, ODDITIES)();
}

type Place = { readonly holder: Value[] | { [key: string]: Value }; readonly key: string | number };

function placesIn(value: Value, found: Place[] = []): Place[] {
  if (typeof value !== 'object' || value === null) return found;
  if (Array.isArray(value)) {
    for (const [key, inner] of value.entries()) {
      found.push({ holder: value, key });
      placesIn(inner, found);
    }
    return found;
  }
  for (const [key, inner] of Object.entries(value)) {
    found.push({ holder: value, key });
    placesIn(inner, found);
  }
  return found;
}

/** Text or bytes with a few of them changed, dropped or repeated. */
export function scrambled(random: Random, bytes: Uint8Array): Uint8Array {
  const result = [...bytes];
  const times = 1 + Math.floor(random.next() * 4);
  for (let i = 0; i < times; i++) {
    const at = Math.floor(random.next() * result.length);
    const how = random.next();
    if (how < 0.4) result[at] = Math.floor(random.next() * 256);
    else if (how < 0.6) result.splice(at, 1 + Math.floor(random.next() * 8));
    else if (how < 0.8) result.splice(at, 0, ...result.slice(at, at + 16));
    else result.length = at;
  }
  return Uint8Array.from(result);
}
