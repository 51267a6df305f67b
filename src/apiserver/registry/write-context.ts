// What a kind's hooks get to know of who writes and when.

import { formatTime } from '../../api/time.ts';
import type { WriteContext } from '../../api/write-context.ts';
import { type User, userInfoOf } from '../../client/user.ts';
import type { Registry } from './registry.ts';

export function writeContext({ clock }: Registry, user: User): WriteContext {
  return { user: userInfoOf(user), now: formatTime(clock.now()) };
}
