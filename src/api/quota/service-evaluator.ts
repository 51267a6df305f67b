// What services use: their number, the node ports that they are going to have, and load balancers. Upstream:
// pkg/quota/v1/evaluator/core/services.go.

import type { Service } from '../core/service.ts';
import type { AnyObject } from '../kind.ts';
import { quantityOf } from '../quantity.ts';
import type { QuotaEvaluator } from './quota-evaluator.ts';

const TRACKED = ['count/services', 'services', 'services.nodeports', 'services.loadbalancers'];

export const serviceEvaluator: QuotaEvaluator = {
  tracks: (resource) => TRACKED.includes(resource),
  isCharged: ({ subresource }) => subresource === '',
  isInScope: () => false,
  usage(object) {
    const { spec } = asService(object);
    return {
      'count/services': '1',
      services: '1',
      'services.nodeports': quantityOf(nodePorts(spec)),
      'services.loadbalancers': spec.type === 'LoadBalancer' ? '1' : '0',
    };
  },
  isRecounted(object, previous) {
    const [after, before] = [asService(object).spec, asService(previous).spec];
    return after.type !== before.type || nodePorts(after) < nodePorts(before);
  },
};

/** Ports are given after admission, so that it is the intent that counts. */
function nodePorts({ type, ports = [], allocateLoadBalancerNodePorts }: Service['spec']): number {
  if (type === 'LoadBalancer' && allocateLoadBalancerNodePorts === false) {
    return ports.filter(({ nodePort }) => nodePort).length;
  }
  return type === 'NodePort' || type === 'LoadBalancer' ? ports.length : 0;
}

function asService(object: AnyObject): Service {
  return object as unknown as Service;
}
