// What everything at the edge of the server has: the server behind it, and how patient it is with those before it.

import type { ApiServer } from '../api-server.ts';
import type { WriteTerms } from './write-chunks.ts';

export interface HttpEdge extends WriteTerms {
  readonly apiServer: ApiServer;
}
