// Requests for the log of a container: what is asked for, and the answer, which may go on for as long as the container does.

import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Pod } from '../../api/core/pod.ts';
import type { Clock } from '../../base/clock.ts';
import { NoLogError, type ServedPods } from '../served-pods.ts';
import { type LogOptions, readContainerLog } from './container-log.ts';
import { RequestError } from './request-error.ts';

/** Throws RequestError for what is no such request, or a log that there is not. */
export async function answerLog(
  { pods, clock }: { readonly pods: ServedPods; readonly clock: Clock },
  { pod, container, query }: { readonly pod: Pod; readonly container: string; readonly query: URLSearchParams },
  response: ServerResponse,
  signal: AbortSignal,
): Promise<void> {
  const options = parseLogOptions(query, clock);
  const { containerId, path } = await pods.log(pod, container, query.get('previous') === 'true').catch((error) => {
    throw error instanceof NoLogError ? new RequestError(400, error.message) : error;
  });
  const ended = async () => !(await pods.isRunning(containerId));
  const chunks = readContainerLog({ clock, ended }, path, options, signal);
  response.writeHead(200, { 'content-type': 'text/plain' });
  response.flushHeaders();
  try {
    await pipeline(Readable.from(chunks, { objectMode: false }), response);
  } catch (error) {
    if (!signal.aborted) throw error; // The client has gone otherwise, which ends every log.
  }
}

/** Throws RequestError. Exported for its test. */
export function parseLogOptions(query: URLSearchParams, clock: Clock): LogOptions {
  const number = (name: string) => {
    const text = query.get(name);
    if (text === null || text === '') return undefined;
    const value = Number(text);
    if (!Number.isInteger(value) || value < 0) throw new RequestError(400, `${name} must be a number of at least 0`);
    return value;
  };
  const sinceSeconds = number('sinceSeconds');
  const stream = query.get('stream')?.toLowerCase();
  return {
    follow: query.get('follow') === 'true',
    timestamps: query.get('timestamps') === 'true',
    tailLines: number('tailLines'),
    limitBytes: number('limitBytes'),
    sinceMs: sinceTime(query.get('sinceTime')) ?? (sinceSeconds && clock.now() - sinceSeconds * 1000),
    stream: stream === 'stdout' || stream === 'stderr' ? stream : undefined,
  };
}

function sinceTime(text: string | null): number | undefined {
  if (text === null || text === '') return undefined;
  const time = Date.parse(text);
  if (Number.isNaN(time)) throw new RequestError(400, 'sinceTime must be a time as RFC 3339 has it');
  return time;
}
