// What the types of the API are for, out of the npm packages that say so in the comments of their declarations
// (docs/decisions/0012-descriptions-from-npm.md). The server does without them: then nothing is described.

import { readFile } from 'node:fs/promises';
import { posix } from 'node:path';
import { type DescribeType, type TypeDescription, typeDescriptionOf } from '../apiserver/openapi/type-description.ts';
import { onceDone } from '../base/remembered.ts';
import { METRICS_DESCRIPTIONS } from './metrics-descriptions.ts';

const MODELS = 'kubernetes-models';
const MACHINERY = '@kubernetes-models/apimachinery';

/** Where types are that do not stand under their group's name. */
const FOLDERS: Readonly<Record<string, readonly [packageName: string, folder: string]>> = {
  core: [MODELS, ''],
  meta: [MACHINERY, 'apis/meta'],
  resource: [MACHINERY, 'api/resource'],
  intstr: [MACHINERY, 'util/intstr'],
  runtime: [MACHINERY, 'runtime'],
  version: [MACHINERY, 'version'],
};

/** Objects do not repeat what apiVersion and kind are: all would say what this type says. */
const SPOKESMAN = 'meta/v1.Status';

/** Reads a type's file whenever it is asked for and keeps next to nothing: documents are made rarely. */
export function packagedDescriptions(): DescribeType {
  const roots = new Map<string, URL | undefined>();
  const read = async (typeName: string) => {
    const own = METRICS_DESCRIPTIONS[typeName];
    if (own) return own;
    const { packageName, path } = declarationOf(typeName);
    if (!roots.has(packageName)) roots.set(packageName, packageRoot(packageName));
    const root = roots.get(packageName);
    return root && readDeclaration(new URL(path, root));
  };
  const typeMeta = onceDone(async () => {
    const { apiVersion = '', kind = '' } = (await read(SPOKESMAN))?.fields ?? {};
    return { apiVersion, kind };
  });
  return async (typeName) => {
    const description = await read(typeName);
    return description && { ...description, fields: { ...(await typeMeta()), ...description.fields } };
  };
}

/** `apps/v1.Deployment` is in `apps/v1/Deployment.d.ts`. */
export function declarationOf(typeName: string): { readonly packageName: string; readonly path: string } {
  const dot = typeName.lastIndexOf('.');
  const [group = '', ...version] = typeName.slice(0, dot).split('/');
  const [packageName, folder] = FOLDERS[group] ?? [MODELS, group];
  return { packageName, path: posix.join(folder, ...version, `${typeName.slice(dot + 1)}.d.ts`) };
}

function packageRoot(name: string): URL | undefined {
  try {
    return new URL('.', import.meta.resolve(name));
  } catch {
    return undefined; // Not installed.
  }
}

async function readDeclaration(file: URL): Promise<TypeDescription | undefined> {
  try {
    return typeDescriptionOf(await readFile(file, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined; // A type of our own, or of another release.
    throw error;
  }
}
