// Links of a page that was fetched through the proxy: those that lead to the backend are made to lead through the proxy
// again. Upstream: apimachinery/pkg/util/proxy/transport.go.

import type { Transform } from 'node:stream';

/** Makes the text of a page pass through, every link of it rewritten. The parser is loaded for the first page. */
export async function rewriteLinks(rewrite: (link: string) => string): Promise<Transform> {
  const { RewritingStream } = await import('parse5-html-rewriting-stream');
  const stream = new RewritingStream();
  stream.on('startTag', (tag, raw) => {
    const linked = LINK_ATTRIBUTES[tag.tagName];
    let changed = false;
    for (const attribute of tag.attrs) {
      if (!linked?.includes(attribute.name)) continue;
      const link = rewrite(attribute.value);
      changed ||= link !== attribute.value;
      attribute.value = link;
    }
    if (changed) stream.emitStartTag(tag);
    else stream.emitRaw(raw);
  });
  return stream;
}

export interface LinkContext {
  /** Where the proxy serves the backend's root, without a slash at the end: `/api/v1/namespaces/a/pods/web/proxy`. */
  readonly prefix: string;
  /** Hosts that mean the backend: its own address, and the host that the client has asked. `10.0.0.7:8080`. */
  readonly hosts: readonly string[];
}

/** A link of the backend as one through the proxy; relative links, and those that lead elsewhere, stay as they are. */
export function throughProxy(link: string, { prefix, hosts }: LinkContext): string {
  const [, host, path = ''] = /^(?:https?:)?\/\/([^/?#]*)(.*)$/i.exec(link) ?? [undefined, undefined, link];
  if (host !== undefined && !hosts.includes(host)) return link;
  if (host === undefined && !path.startsWith('/')) return link;
  return path === prefix || path.startsWith(`${prefix}/`) ? path : `${prefix}${path === '' ? '/' : path}`;
}

/** HTML's attributes that hold a link, by element. */
const LINK_ATTRIBUTES: Readonly<Record<string, readonly string[]>> = {
  a: ['href'],
  applet: ['codebase'],
  area: ['href'],
  audio: ['src'],
  base: ['href'],
  blockquote: ['cite'],
  body: ['background'],
  button: ['formaction'],
  command: ['icon'],
  del: ['cite'],
  embed: ['src'],
  form: ['action'],
  frame: ['longdesc', 'src'],
  head: ['profile'],
  html: ['manifest'],
  iframe: ['longdesc', 'src'],
  img: ['longdesc', 'src', 'usemap'],
  input: ['src', 'usemap', 'formaction'],
  ins: ['cite'],
  link: ['href'],
  object: ['classid', 'codebase', 'data', 'usemap'],
  q: ['cite'],
  script: ['src'],
  source: ['src'],
  video: ['poster', 'src'],
};
