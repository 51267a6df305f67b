// Image names: `[registry/]repository[:tag][@digest]`. Upstream: github.com/distribution/reference.

export interface ImageReference {
  /** As it was written; empty where none was. */
  readonly registry: string;
  readonly repository: string;
  /** `latest` where neither a tag nor a digest was written; empty beside a digest alone. */
  readonly tag: string;
  readonly digest: string;
}

const LABEL = '[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?';
const REGISTRY = `(?:${LABEL}(?:\\.${LABEL})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?`;
const COMPONENT = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
const REFERENCE = new RegExp(
  `^(?:(${REGISTRY})/)?(${COMPONENT}(?:/${COMPONENT})*)` +
    '(?::([\\w][\\w.-]{0,127}))?(?:@([A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}))?$',
);
const ONE_COMPONENT = new RegExp(`^${COMPONENT}$`);
/** A repository with its registry has at most 255 characters, a tag 128; digests are short. */
const MAX_LENGTH = 1024;

/** Takes an image name apart; nothing if it is not one. */
export function parseImageReference(image: string): ImageReference | undefined {
  if (image.length > MAX_LENGTH || /^[a-f0-9]{64}$/.test(image)) return undefined;
  const match = REFERENCE.exec(image);
  if (!match) return undefined;
  const [, first, rest = '', tag, digest = ''] = match;
  // The first part names a registry only if it looks like a host: `library/nginx` has none.
  const isHost = first !== undefined && (/[.:[]/.test(first) || first === 'localhost' || first !== first.toLowerCase());
  if (!isHost && first !== undefined && !ONE_COMPONENT.test(first)) return undefined;
  const repository = first === undefined || isHost ? rest : `${first}/${rest}`;
  return { registry: isHost ? first : '', repository, tag: tag ?? (digest === '' ? 'latest' : ''), digest };
}
