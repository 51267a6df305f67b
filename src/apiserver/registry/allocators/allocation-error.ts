// Why an address or a port cannot be had. The messages are upstream's (ipallocator, portallocator).

export class AllocationError extends Error {
  override readonly name = 'AllocationError';
}

export const RANGE_IS_FULL = 'range is full';
