// Whether a field selector pins a field to one value: what the node authorizer asks of a list. Upstream:
// k8s.io/apimachinery/pkg/fields.ParseSelector.

/**
 * Whether the selector lets only objects through whose field has the value. A backslash in a selector takes the
 * character behind it literally, so that a value may hold a comma and still be no requirement of its own.
 */
export function requiresField(selector: string | undefined, field: string, value: string): boolean {
  return requirementsOf(selector ?? '').some(
    (requirement) => requirement.field === field && requirement.value === value,
  );
}

/** The terms of the selector that ask for equality. */
function requirementsOf(selector: string): { readonly field: string; readonly value: string }[] {
  return terms(selector).flatMap((term) => {
    const match = /^([^=!]+)==?(?!=)(.*)$/s.exec(term);
    return match ? [{ field: match[1]!, value: match[2]!.replace(/\\(.)/gs, '$1') }] : [];
  });
}

function terms(selector: string): string[] {
  const found: string[] = [];
  let start = 0;
  for (let at = 0; at < selector.length; at++) {
    if (selector[at] === '\\') at++;
    else if (selector[at] === ',') {
      found.push(selector.slice(start, at));
      start = at + 1;
    }
  }
  return [...found, selector.slice(start)];
}
