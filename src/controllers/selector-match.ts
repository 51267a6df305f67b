// Label selectors of cached objects, compiled once for as long as the object is cached.

import { compileLabelMap, compileLabelSelector, type LabelMatcher, type Labels } from '../api/label-selector.ts';
import type { LabelSelector } from '../api/meta/label-selector.ts';

const COMPILED = new WeakMap<object, LabelMatcher>();

/** No selector matches nothing, an empty one everything. */
export function matchesSelector(selector: LabelSelector | undefined, labels: Labels | undefined): boolean {
  return selector !== undefined && compiled(selector, compileLabelSelector).matches(labels);
}

/** The selector of Services and ReplicationControllers. None, or an empty one, matches nothing: the rest is others'. */
export function matchesLabelMap(selector: Labels | undefined, labels: Labels | undefined): boolean {
  if (!selector || Object.keys(selector).length === 0) return false;
  return compiled(selector, compileLabelMap).matches(labels);
}

/** Whether the selector was given and matches everything. */
export function selectsEverything(selector: LabelSelector | undefined): boolean {
  return selector !== undefined && compiled(selector, compileLabelSelector).isEverything;
}

function compiled<S extends object>(selector: S, compile: (selector: S) => LabelMatcher): LabelMatcher {
  let matcher = COMPILED.get(selector);
  if (!matcher) {
    matcher = compile(selector);
    COMPILED.set(selector, matcher);
  }
  return matcher;
}
