// Ports that probes and hooks name: by number, or by the name that the container gives them.

import type { Container } from '../../api/core/container.ts';

/** Throws for a name that is not among the container's ports, and for what is no port. */
export function portNumber(container: Container, port: number | string): number {
  const named = container.ports?.find(({ name }) => name === port)?.containerPort;
  const number = named ?? Number(port);
  if (Number.isInteger(number) && number > 0 && number < 65_536) return number;
  throw new Error(
    typeof port === 'number' ? `invalid port number: ${port}` : `couldn't find port: ${JSON.stringify(port)}`,
  );
}
