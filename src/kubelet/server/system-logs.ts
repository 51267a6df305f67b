// The machine's log files, as upstream's agent serves /var/log: a directory as a page of links, a file as it is. Upstream:
// ServeLogs in pkg/kubelet, which is an http.FileServer.

import { open, readdir, realpath } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { RequestError } from './request-error.ts';

/** Throws RequestError for what is not there or lies outside. */
export async function answerSystemLogs(
  root: string,
  names: readonly string[],
  response: ServerResponse,
): Promise<void> {
  const path = await findLog(root, names);
  await using file = await open(path, 'r');
  const stat = await file.stat();
  if (stat.isDirectory()) {
    const entries = await readdir(path, { withFileTypes: true });
    const shown = entries.map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name)).sort();
    const links = shown.map((name) => `<a href="${encodeURI(name)}">${escapeHtml(name)}</a>`);
    const page = `<!doctype html>\n<meta name="viewport" content="width=device-width">\n<pre>\n${links.join('\n')}\n</pre>\n`;
    return void response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(page);
  }
  if (!stat.isFile()) throw notFound(); // Reading a pipe or a device might never end.
  response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' });
  await pipeline(file.createReadStream({ autoClose: false }), response);
}

async function findLog(root: string, names: readonly string[]): Promise<string> {
  const steps = names.filter((name) => name !== '');
  if (steps.some((step) => step === '..' || step.includes('/') || step.includes('\0'))) throw notFound();
  const top = await realpath(root).catch(() => undefined);
  const path = await realpath(join(root, ...steps)).catch(() => undefined);
  if (!top || !path || (path !== top && !path.startsWith(`${top}/`))) throw notFound();
  return path;
}

function notFound(): RequestError {
  return new RequestError(404, '404 page not found');
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&#34;');
}
