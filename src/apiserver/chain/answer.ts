// What a request comes to, before it is decided how that travels: encode.ts makes an ApiResponse of it.

import type { ApiResponse } from '../../client/transport.ts';
import type { ValueType } from '../negotiation/renderer.ts';
import type { Resource } from '../registry/resource.ts';
import type { Change } from '../watch/cache-event.ts';
import type { ObjectVersion } from '../watch/object-version.ts';
import type { Watcher } from '../watch/watcher.ts';

export interface ListMetadata {
  /** Absent where nothing of the kind is stored. */
  readonly resourceVersion?: string;
  readonly continue?: string;
  readonly remainingItemCount?: number;
}

export type Answer =
  /** A stored object. */
  | { readonly type: 'version'; readonly status: number; readonly resource: Resource; readonly version: ObjectVersion }
  /** An object that is not in the store: of the resource's kind where there is one, else one that says what it is. */
  | {
      readonly type: 'object';
      readonly status: number;
      readonly resource?: Resource;
      readonly object: object;
      /** Its declaration, where it is not of the resource's kind and no Status. */
      readonly objectType?: ValueType;
    }
  | {
      readonly type: 'list';
      readonly resource: Resource;
      readonly versions: readonly ObjectVersion[];
      readonly metadata: ListMetadata;
    }
  | { readonly type: 'watch'; readonly resource: Resource; readonly watch: Watch }
  /** Made up already: health, discovery, what a connector has answered. */
  | { readonly type: 'response'; readonly response: ApiResponse };

/** A running watch. Whoever gets it has to end it. */
export interface Watch {
  /** What is told first; may be long, and is worked out as it is read. */
  readonly initial: AsyncIterable<readonly Change[]>;
  /** Where the initial part ends by a bookmark that says so (streaming lists): its revision. */
  readonly initialBookmark: number | undefined;
  readonly watcher: Watcher;
}
