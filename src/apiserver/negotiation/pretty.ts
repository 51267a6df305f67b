// People who look with their own eyes get lines and indents, as upstream gives them.

import type { ApiRequest } from '../../client/transport.ts';

export function wantsPretty({ query, headers }: Pick<ApiRequest, 'query' | 'headers'>): boolean {
  const asked = query.get('pretty');
  if (asked !== null) return asked !== '0' && asked.toLowerCase() !== 'false';
  return /^(curl|Wget|Mozilla\/5\.0)/.test(headers['user-agent'] ?? '');
}
