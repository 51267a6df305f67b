// The way to an API server for its own parts, which are made before it is.

import type { ApiRequest, ApiResponse, Transport } from './transport.ts';

export class LateTransport implements Transport {
  transport: Transport | undefined;

  async send(request: ApiRequest): Promise<ApiResponse> {
    if (!this.transport) throw new Error('the API server is not there yet');
    return this.transport.send(request);
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}
