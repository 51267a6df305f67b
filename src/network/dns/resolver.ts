// Answers one question: from the cluster's names out of memory, from elsewhere for all others, and from both where a name of
// the cluster stands for one outside (ExternalName).

import { type Answer, decode, encode, type RecordType } from 'dns-packet';
import type { Logger } from '../../base/log.ts';
import { type Query, type Reply, readQuery, writeFormatError, writeReply } from './dns-message.ts';
import type { Forwarder } from './forwarder.ts';
import { type AliasRecord, type DnsRecord, lookup, type ZoneSource } from './zone.ts';

export interface ResolverDeps {
  readonly source: ZoneSource;
  readonly forward: Forwarder;
  readonly log: Logger;
}

export interface ResolverOptions {
  /** `cluster.local` */
  readonly domain: string;
}

/** Names that stand for names that stand for names: no further than this. */
const MAX_ALIASES = 8;

/** What to send back, with the question as it was understood; nothing to what deserves no answer. Never rejects. */
export type Resolver = (message: Buffer) => Promise<{ readonly query?: Query; readonly answer: Buffer } | undefined>;

export function createResolver(deps: ResolverDeps, { domain }: ResolverOptions): Resolver {
  const { source, log } = deps;

  async function answerTo(query: Query, message: Buffer): Promise<Buffer> {
    const { question, packet } = query;
    if (!question) return writeReply(query, { code: 'NOTIMP' });
    const known = lookup(source, domain, question.name, question.type);
    if (known.result === 'elsewhere') return deps.forward(message);
    if (known.result === 'missing') return writeReply(query, { code: 'NXDOMAIN', zone: domain });
    const { answers, additional } = known;
    const alias = question.type === 'CNAME' ? undefined : answers.find(isAlias);
    if (alias) return writeReply(query, await follow(alias, question.type, message));
    return writeReply(query, { code: 'NOERROR', answers: turned(answers, packet.id ?? 0), additional, zone: domain });
  }

  /** Clients do not look up what an alias stands for by themselves: the answer has to have it. */
  async function follow(alias: AliasRecord, type: string, message: Buffer): Promise<Reply> {
    const answers: (DnsRecord | Answer)[] = [];
    let next: AliasRecord | undefined = alias;
    for (let step = 0; next && step < MAX_ALIASES; step++) {
      answers.push(next);
      const { target }: AliasRecord = next;
      const known = lookup(source, domain, target, type);
      if (known.result === 'missing') return { code: 'NXDOMAIN', answers, zone: domain };
      if (known.result === 'elsewhere') {
        answers.push(...(await fromElsewhere(target, type, message)));
        return { code: 'NOERROR', answers, zone: domain };
      }
      next = known.answers.find(isAlias);
      if (!next) answers.push(...known.answers);
    }
    return { code: 'NOERROR', answers, zone: domain };
  }

  /** What others know of the name. Nothing where they fail: the alias itself is true all the same. */
  async function fromElsewhere(name: string, type: string, message: Buffer): Promise<readonly Answer[]> {
    try {
      const question = { name, type: type as RecordType, class: 'IN' } as const;
      const { id = 0, flags = 0 } = decode(message);
      return decode(await deps.forward(encode({ type: 'query', id, flags, questions: [question] }))).answers ?? [];
    } catch (error) {
      log.debug('the name that a service stands for could not be resolved', { name, error });
      return [];
    }
  }

  return async (message) => {
    let query: Query | undefined;
    try {
      query = readQuery(message);
    } catch {
      const answer = writeFormatError(message);
      return answer && { answer };
    }
    if (!query) return undefined;
    try {
      return { query, answer: await answerTo(query, message) };
    } catch (error) {
      log.debug('a name could not be resolved', { name: query.question?.name, error });
      return { query, answer: writeReply(query, { code: 'SERVFAIL' }) };
    }
  };
}

function isAlias(record: DnsRecord): record is AliasRecord {
  return record.type === 'CNAME';
}

/** Clients take the first address; turning the list by the question's number spreads them over all. */
function turned(records: readonly DnsRecord[], by: number): readonly DnsRecord[] {
  const start = records.length < 2 ? 0 : by % records.length;
  return [...records.slice(start), ...records.slice(0, start)];
}
