// Time zones, by the names of the IANA database. What an engine knows of them is its Intl.

/** Whether there is a zone of that name, in that case; offsets like `+01:00` are no names. */
export function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  let known: string;
  try {
    known = new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
  // Intl takes names in any case. That can be seen where it gives back the same name, and not another one for the zone.
  return known === name || known.toLowerCase() !== name.toLowerCase();
}
