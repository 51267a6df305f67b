// URLs as Go's net/url reads them: which texts are one, in which words others are refused, and the parts that are looked
// at. Clients read those words in errors of validation; the platform's own URL class forgives more and says it otherwise.

import { parseIp } from './ip-address.ts';

export interface GoUrl {
  /** In lower case; '' for a relative reference. */
  readonly scheme: string;
  /** What stands before `@`; undefined where nothing does. */
  readonly user: string | undefined;
  /** With its port. */
  readonly host: string;
  readonly query: string;
  readonly fragment: string;
}

export class GoUrlError extends Error {
  override readonly name = 'GoUrlError';
}

/** Throws `GoUrlError` in Go's words: `parse "a b://": first path segment in URL cannot contain colon`. */
export function parseGoUrl(text: string): GoUrl {
  const mark = text.indexOf('#');
  const url = mark < 0 ? text : text.slice(0, mark);
  const fragment = mark < 0 ? '' : text.slice(mark + 1);
  const parsed = named(url, () => parse(url, { viaRequest: false }));
  named(text, () => checkEscapes(fragment));
  return { ...parsed, fragment };
}

/** A URL as it stands in a request: absolute, or a path of the host. Throws `GoUrlError`. */
export function parseRequestUri(text: string): GoUrl {
  return named(text, () => parse(text, { viaRequest: true }));
}

function named<T>(url: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof GoUrlError)) throw error;
    throw new GoUrlError(`parse ${JSON.stringify(url)}: ${error.message}`);
  }
}

const NOTHING: GoUrl = { scheme: '', user: undefined, host: '', query: '', fragment: '' };

function parse(url: string, { viaRequest }: { readonly viaRequest: boolean }): GoUrl {
  if (CONTROL.test(url)) throw new GoUrlError('net/url: invalid control character in URL');
  if (url === '' && viaRequest) throw new GoUrlError('empty url');
  if (url === '*') return NOTHING;
  const { scheme, rest: behindScheme } = splitScheme(url);
  const mark = behindScheme.indexOf('?');
  const query = mark < 0 ? '' : behindScheme.slice(mark + 1);
  const rest = mark < 0 ? behindScheme : behindScheme.slice(0, mark);
  if (!rest.startsWith('/')) {
    if (scheme !== '') return { ...NOTHING, scheme, query }; // Opaque, as `mailto:a@b`.
    if (viaRequest) throw new GoUrlError('invalid URI for request');
    if (rest.split('/')[0]?.includes(':')) throw new GoUrlError('first path segment in URL cannot contain colon');
  }
  const hasAuthority = rest.startsWith('//') && (scheme !== '' || (!viaRequest && !rest.startsWith('///')));
  if (!hasAuthority) {
    checkEscapes(rest);
    return { ...NOTHING, scheme, query };
  }
  const slash = rest.indexOf('/', 2);
  const authority = slash < 0 ? rest.slice(2) : rest.slice(2, slash);
  const parts = parseAuthority(scheme, authority);
  if (slash >= 0) checkEscapes(rest.slice(slash));
  return { ...NOTHING, ...parts, scheme, query };
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const CONTROL = /[\x00-\x1f\x7f]/;
const SCHEME = /^([a-zA-Z][a-zA-Z0-9+.-]*):/;

function splitScheme(url: string): { readonly scheme: string; readonly rest: string } {
  if (url.startsWith(':')) throw new GoUrlError('missing protocol scheme');
  const scheme = SCHEME.exec(url)?.[1];
  return scheme === undefined
    ? { scheme: '', rest: url }
    : { scheme: scheme.toLowerCase(), rest: url.slice(scheme.length + 1) };
}

function parseAuthority(scheme: string, authority: string): Pick<GoUrl, 'user' | 'host'> {
  const at = authority.lastIndexOf('@');
  const host = parseHost(scheme, authority.slice(at + 1));
  if (at < 0) return { user: undefined, host };
  const user = authority.slice(0, at);
  if (!/^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(user)) throw new GoUrlError('net/url: invalid userinfo');
  checkEscapes(user);
  return { user, host };
}

function parseHost(scheme: string, host: string): string {
  const open = host.lastIndexOf('[');
  if (open > 0) throw new GoUrlError('invalid IP-literal');
  if (open === 0) return parseIpLiteral(host);
  const first = host.indexOf(':');
  if (first >= 0) {
    const isStrict = scheme === 'http' || scheme === 'https';
    checkPort(host.slice(isStrict ? first : host.lastIndexOf(':')));
  }
  checkHostName(host);
  return host;
}

/** `[fe80::1%25en0]:80`: the zone may be any name. */
function parseIpLiteral(host: string): string {
  const close = host.lastIndexOf(']');
  if (close < 0) throw new GoUrlError("missing ']' in host");
  checkPort(host.slice(close + 1));
  const address = host.slice(1, close);
  checkHostName(address);
  const ip = address.replace(/%25.+$/, '');
  if (!parseIp(ip)) throw new GoUrlError(`invalid host: ParseAddr(${JSON.stringify(ip)}): unable to parse IP`);
  if (!ip.includes(':')) throw new GoUrlError('invalid IP-literal');
  return host;
}

function checkPort(port: string): void {
  if (!/^(:\d*)?$/.test(port)) throw new GoUrlError(`invalid port ${JSON.stringify(port)} after host`);
}

/** Escapes stand for bytes beyond ASCII only, but for `%25`. */
function checkHostName(host: string): void {
  for (let at = 0; at < host.length; at++) {
    const char = host[at] ?? '';
    if (char === '%') {
      checkEscape(host, at);
      const escaped = host.slice(at, at + 3);
      if (/^%[0-7]/.test(escaped) && escaped !== '%25') throw badEscape(escaped);
      at += 2;
    } else if (char < '\u0080' && !/[A-Za-z0-9\-_.~!$&'()*+,;=:[\]<>"]/.test(char)) {
      throw new GoUrlError(`invalid character ${JSON.stringify(char)} in host name`);
    }
  }
}

function checkEscapes(text: string): void {
  for (let at = text.indexOf('%'); at >= 0; at = text.indexOf('%', at + 3)) checkEscape(text, at);
}

function checkEscape(text: string, at: number): void {
  const escaped = text.slice(at, at + 3);
  if (!/^%[0-9A-Fa-f]{2}$/.test(escaped)) throw badEscape(escaped);
}

function badEscape(escaped: string): GoUrlError {
  return new GoUrlError(`invalid URL escape ${JSON.stringify(escaped)}`);
}
