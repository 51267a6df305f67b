// What the status of a FlowSchema says of its priority level: whether there is one. Upstream: presyncFlowSchemaStatus in
// k8s.io/apiserver/pkg/util/flowcontrol/apf_controller.go.

import type { FlowSchema } from '../../api/flowcontrol/flow-schema.ts';

export interface DanglingCondition {
  readonly type: 'Dangling';
  readonly status: 'True' | 'False';
  readonly reason: 'NotFound' | 'Found';
  readonly message: string;
}

/** The condition as it should be; undefined where it is so already. */
export function danglingCondition(
  { spec, status }: Pick<FlowSchema, 'spec' | 'status'>,
  isLevel: (name: string) => boolean,
): DanglingCondition | undefined {
  const level = spec.priorityLevelConfiguration.name;
  const found = isLevel(level);
  const reference = `This FlowSchema references the PriorityLevelConfiguration object named ${JSON.stringify(level)}`;
  const due: DanglingCondition = {
    type: 'Dangling',
    status: found ? 'False' : 'True',
    reason: found ? 'Found' : 'NotFound',
    message: found ? `${reference} and it exists` : `${reference} but there is no such object`,
  };
  const current = status.conditions?.find(({ type }) => type === due.type);
  const isSo = current?.status === due.status && current.reason === due.reason && current.message === due.message;
  return isSo ? undefined : due;
}
