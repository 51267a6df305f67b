// Which images a place stands for in a docker configuration, or in the configuration of a credential provider: pure.
// Upstream: URLsMatchStr in pkg/credentialprovider/keyring.go.

/** `docker.io/library/nginx` of `nginx:1`: what credentials are looked up by. */
export function repositoryOf({ registry, repository }: { readonly registry: string; readonly repository: string }) {
  const host = registry === '' || registry === 'index.docker.io' ? DOCKER_HUB : registry;
  return host === DOCKER_HUB && !repository.includes('/') ? `${host}/library/${repository}` : `${host}/${repository}`;
}

export const DOCKER_HUB = 'docker.io';

/**
 * `place` is a host with its port, whose labels may be globs, and the beginning of a path; a scheme does not matter. Upstream
 * takes the path as mere text: `r.io/te` is the beginning of `r.io/team`, too.
 */
export function matchesImage(place: string, repository: string): boolean {
  const wanted = partsOf(place.replace(/^https?:\/\//, ''));
  const given = partsOf(repository);
  if (wanted.port !== given.port || wanted.labels.length !== given.labels.length) return false;
  return wanted.labels.every((glob, at) => globMatches(glob, given.labels[at]!)) && given.path.startsWith(wanted.path);
}

function partsOf(text: string) {
  const slash = text.indexOf('/');
  const host = slash < 0 ? text : text.slice(0, slash);
  const [name = '', port] = host.split(':');
  return { labels: name.split('.'), port, path: slash < 0 ? '' : text.slice(slash) };
}

/** `*` stands for any characters of one label, `?` for one of them. */
function globMatches(glob: string, label: string): boolean {
  const pattern = glob
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${pattern}$`).test(label);
}
