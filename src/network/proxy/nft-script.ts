// The transaction that leads from one set of rules to another: what nft is given, in the order that the kernel demands.
// Nothing is taken away while something still refers to it, and nothing is referred to before it is there. Pure.

import type { Rules } from './nft-rules.ts';

/** The statements; empty when both sets are the same. */
export function diffScript(table: string, from: Rules, to: Rules): string {
  const { gone, come } = elementChanges(table, from, to);
  const changed = [...to.chains].filter(([name, rules]) => !sameLines(from.chains.get(name), rules));
  const goneChains = [...from.chains.keys()].filter((name) => !to.chains.has(name));
  const newSets = [...to.sets].filter(([name]) => !from.sets.has(name));
  const goneSets = [...from.sets.keys()].filter((name) => !to.sets.has(name));
  const lines = [
    ...gone,
    ...newSets.map(([name, definition]) => `add set ip ${table} ${name} { ${definition} }`),
    ...changed.filter(([name]) => !from.chains.has(name)).map(([name]) => `add chain ip ${table} ${name}`),
    ...changed.filter(([name]) => from.chains.has(name)).map(([name]) => `flush chain ip ${table} ${name}`),
    ...goneChains.map((name) => `flush chain ip ${table} ${name}`),
    ...changed.flatMap(([name, rules]) => rules.map((rule) => `add rule ip ${table} ${name} ${rule}`)),
    ...goneChains.map((name) => `delete chain ip ${table} ${name}`),
    ...goneSets.map((name) => `delete set ip ${table} ${name}`),
    ...come,
  ];
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}

interface ElementChanges {
  readonly gone: readonly string[];
  readonly come: readonly string[];
}

/** One statement for all elements of a map: nft is slow with many. */
function elementChanges(table: string, from: Rules, to: Rules): ElementChanges {
  const gone: string[] = [];
  const come: string[] = [];
  for (const map of new Set([...from.elements.keys(), ...to.elements.keys()])) {
    const before = from.elements.get(map) ?? new Map<string, string>();
    const after = to.elements.get(map) ?? new Map<string, string>();
    const removed = [...before].filter(([key, value]) => after.get(key) !== value).map(([key]) => key);
    const added = [...after]
      .filter(([key, value]) => before.get(key) !== value)
      .map(([key, value]) => (value === '' ? key : `${key} : ${value}`));
    if (removed.length > 0) gone.push(`delete element ip ${table} ${map} { ${removed.join(', ')} }`);
    if (added.length > 0) come.push(`add element ip ${table} ${map} { ${added.join(', ')} }`);
  }
  return { gone, come };
}

function sameLines(a: readonly string[] | undefined, b: readonly string[]): boolean {
  return a?.length === b.length && a.every((line, index) => line === b[index]);
}
