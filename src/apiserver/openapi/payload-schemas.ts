// What goes in and out of requests, defined as it is asked for.

import type { GroupVersionKind } from '../../api/meta/group-version.ts';
import { DeleteOptions } from '../../api/meta/options.ts';
import { Status } from '../../api/meta/status.ts';
import { WatchEvent } from '../../api/meta/watch-event.ts';
import type { Definitions } from './definitions.ts';
import type { Schema } from './dialect.ts';
import type { Payload } from './requests.ts';

export class PayloadSchemas {
  readonly #definitions: Definitions;
  readonly #groupVersions: readonly Omit<GroupVersionKind, 'kind'>[];

  /** `groupVersions`: those which options and events are said to belong to, besides v1. */
  constructor(definitions: Definitions, groupVersions: readonly Omit<GroupVersionKind, 'kind'>[]) {
    this.#definitions = definitions;
    this.#groupVersions = groupVersions;
  }

  schemaOf(payload: Payload): Schema {
    switch (payload.type) {
      case 'struct':
        return this.#definitions.struct(payload.struct);
      case 'object':
        return this.#definitions.object(payload.struct, [payload.identity]);
      case 'list':
        return this.#definitions.list(payload.kind);
      case 'patch':
        return this.#definitions.patch();
      case 'delete options':
        return this.#definitions.object(DeleteOptions, this.#everywhere('DeleteOptions'));
      case 'status':
        return this.#definitions.object(Status, [{ group: '', version: 'v1', kind: 'Status' }]);
      case 'watch event':
        return this.#definitions.struct(WatchEvent, this.#everywhere('WatchEvent'));
      case 'text':
        return { type: 'string' };
      default:
        return payload satisfies never;
    }
  }

  #everywhere(kind: string): readonly GroupVersionKind[] {
    const others = this.#groupVersions.filter(({ group, version }) => group !== '' || version !== 'v1');
    const key = ({ group, version }: Omit<GroupVersionKind, 'kind'>) => `${group} ${version}`;
    return [{ group: '', version: 'v1' }, ...others]
      .sort((a, b) => (key(a) < key(b) ? -1 : 1))
      .map(({ group, version }) => ({ group, version, kind }));
  }
}
