// Who writes an object and when: all that a kind's hooks get to know of the world around the object.

import type { UserInfo } from './authentication/user-info.ts';

export interface WriteContext {
  readonly user: UserInfo;
  /** As `metav1.Time` has it. */
  readonly now: string;
}
