import assert from 'node:assert/strict';
import { test } from 'node:test';
import { endedTask } from './containerd-events.ts';
import { encode, message } from './message.ts';

const taskExit = message({
  containerId: [1, 'string'],
  id: [2, 'string'],
  pid: [3, 'uint32'],
  exitStatus: [4, 'uint32'],
});

function exit(containerId: string, id: string, topic = '/tasks/exit') {
  const value = encode(taskExit, { containerId, id, pid: 42, exitStatus: 137 });
  return { namespace: 'k8s.io', topic, event: { typeUrl: 'containerd.events.TaskExit', value } };
}

test('endedTask tells of first processes alone', () => {
  assert.equal(endedTask(exit('a', 'a')), 'a');
  assert.equal(endedTask(exit('a', '')), 'a');
  assert.equal(endedTask(exit('a', 'exec-1')), undefined);
  assert.equal(endedTask(exit('a', 'a', '/tasks/start')), undefined);
  assert.equal(endedTask({ namespace: 'k8s.io', topic: '/tasks/exit' }), undefined);
});
