// Our entries in a kubeconfig file: put in, brought up to date and taken out again, with everything else in the file
// left as it is, comments included. Reading kubeconfigs is src/client/kubeconfig.ts.

import { mkdirSync, readFileSync, realpathSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Document, isMap, isSeq, parseDocument, type YAMLMap, type YAMLSeq } from 'yaml';
import type { KeyPair } from './certificate-authority.ts';
import { writeWhole } from './write-whole.ts';

export interface KubeconfigEntry {
  /** Of the context, the cluster and the user. */
  readonly name: string;
  /** `https://127.0.0.1:6443`. */
  readonly server: string;
  /** PEM. */
  readonly certificateAuthority: string;
  readonly client: KeyPair;
}

/**
 * Puts the entry into the file in place of any of the same name, and makes it the current context. Makes the file
 * (mode 0600) and its folder if need be. Throws an Error, without touching the file, when it is no kubeconfig.
 */
export function writeKubeconfigEntry(path: string, entry: KubeconfigEntry): void {
  const document = readDocument(path) ?? newDocument();
  putEntry(document, entry);
  writeFile(path, document.toString(FORMAT));
}

/** A kubeconfig with this entry alone. */
export function kubeconfigText(entry: KubeconfigEntry): string {
  const document = newDocument();
  putEntry(document, entry);
  return document.toString(FORMAT);
}

/** Takes the entry out of the file again; a current context that was ours is unset. No file is fine. */
export function removeKubeconfigEntry(path: string, name: string): void {
  const document = readDocument(path);
  if (!document) return;
  const before = document.toString(FORMAT);
  for (const list of LISTS) {
    const entries = document.get(list);
    if (isSeq(entries)) entries.items = entries.items.filter((item) => nameOf(item) !== name);
  }
  if (document.get('current-context') === name) document.set('current-context', '');
  const after = document.toString(FORMAT);
  if (after !== before) writeFile(path, after);
}

const LISTS = ['clusters', 'contexts', 'users'] as const;
/** Base64 of certificates stays on one line. */
const FORMAT = { lineWidth: 0 };

function newDocument(): Document {
  return parseDocument('apiVersion: v1\nkind: Config\nclusters: []\ncontexts: []\ncurrent-context: ""\nusers: []\n');
}

function readDocument(path: string): Document | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const document = parseDocument(text);
  const [error] = document.errors;
  if (error) throw new Error(`${path} cannot be read as YAML: ${error.message}`, { cause: error });
  if (document.contents === null) return undefined;
  if (!isMap(document.contents)) throw new Error(`${path} is no kubeconfig`);
  return document;
}

function putEntry(document: Document, { name, server, certificateAuthority, client }: KubeconfigEntry): void {
  put(document, 'clusters', name, {
    name,
    cluster: { 'certificate-authority-data': base64(certificateAuthority), server },
  });
  put(document, 'contexts', name, { name, context: { cluster: name, user: name } });
  put(document, 'users', name, {
    name,
    user: { 'client-certificate-data': base64(client.certificate), 'client-key-data': base64(client.key) },
  });
  if (!document.has('apiVersion')) document.set('apiVersion', 'v1');
  if (!document.has('kind')) document.set('kind', 'Config');
  document.set('current-context', name);
}

/** Replaces the item of that name where it stands, or appends one. */
function put(document: Document, list: (typeof LISTS)[number], name: string, value: object): void {
  const entries = listOf(document, list);
  const item = document.createNode(value);
  const index = entries.items.findIndex((each) => nameOf(each) === name);
  if (index === -1) entries.items.push(item);
  else entries.items[index] = item;
}

/** The list, made if it is missing or empty: `[]` as kubectl writes it would put all of ours on one line. */
function listOf(document: Document, list: string): YAMLSeq {
  const entries = document.get(list);
  if (isSeq(entries)) {
    if (entries.items.length === 0) entries.flow = false;
    return entries;
  }
  const made = document.createNode([]) as YAMLSeq;
  document.set(list, made);
  return made;
}

function nameOf(item: unknown): unknown {
  return isMap(item) ? (item as YAMLMap).get('name') : undefined;
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

function writeFile(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeWhole(targetOf(path), text);
}

/** What a link points at is written, not the link. */
function targetOf(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return path;
    throw error;
  }
}
