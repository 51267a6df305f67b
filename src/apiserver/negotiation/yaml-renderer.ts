// Answers in YAML: what JSON would say, written differently. Nobody reads large lists this way, so it is simple rather
// than fast. Watches are not offered in YAML, as upstream does not offer them either.

import { stringify } from 'yaml';
import { concatenated, ownBuffers, type Renderer } from './renderer.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** JSON rewritten. */
export function toYaml(json: Uint8Array): Uint8Array {
  return encoder.encode(stringify(JSON.parse(decoder.decode(json)), { lineWidth: 0 }));
}

export function yamlRenderer(json: Renderer): Renderer {
  return {
    ...json,
    name: `yaml of ${json.name}`,
    contentType: 'application/yaml',
    version: (version) => toYaml(json.version(version)),
    value: (object, type) => toYaml(json.value(object, type)),
    async *list(versions, metadata) {
      const parts: Uint8Array[] = [];
      for await (const part of json.list(versions, metadata, ownBuffers)) parts.push(part);
      yield toYaml(concatenated(parts));
    },
  };
}
