// User info.

import { list, map, type Read, string, struct } from '../schema.ts';

export const UserInfo = struct('authentication.k8s.io/v1.UserInfo', {
  username: string(1),
  uid: string(2),
  groups: list(3, 'string', { list: 'atomic' }),
  extra: map(4, 'stringList'),
});
export type UserInfo = Read<typeof UserInfo>;
