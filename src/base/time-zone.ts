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

/** Making one takes a thousand times as long as using it. There are as many as zones are named, some hundreds at most. */
const FORMATS = new Map<string, Intl.DateTimeFormat>();

/** How far clocks in the zone are ahead of UTC at a time, both in milliseconds. Throws `RangeError` for an unknown zone. */
export function zoneOffsetMs(zone: string, atMs: number): number {
  let format = FORMATS.get(zone);
  if (!format) {
    const two = '2-digit';
    const fields = { year: 'numeric', month: two, day: two, hour: two, minute: two, second: two } as const;
    format = new Intl.DateTimeFormat('en-US', { timeZone: zone, calendar: 'gregory', hourCycle: 'h23', ...fields });
    FORMATS.set(zone, format);
  }
  const shown: Record<string, number> = {};
  for (const { type, value } of format.formatToParts(atMs)) shown[type] = Number(value);
  const { year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0 } = shown;
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(atMs / 1000) * 1000;
}
