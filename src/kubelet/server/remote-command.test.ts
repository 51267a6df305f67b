import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { failureIn, fromText, remoteCommandProtocol, toText } from './remote-command.ts';

describe('remoteCommandProtocol', () => {
  const cases: readonly (readonly [readonly string[], string | undefined])[] = [
    [['v4.channel.k8s.io', 'v5.channel.k8s.io'], 'v5.channel.k8s.io'],
    [['channel.k8s.io', 'v4.base64.channel.k8s.io'], 'v4.base64.channel.k8s.io'],
    [['base64.channel.k8s.io', 'other'], 'base64.channel.k8s.io'],
    [['channel.k8s.io'], 'channel.k8s.io'],
    [['other'], undefined],
  ];
  for (const [offered, expected] of cases) {
    test(`of ${offered.join(' and ')} takes ${expected ?? 'none'}`, () => {
      assert.equal(remoteCommandProtocol(new Set(offered)), expected);
    });
  }
});

test('messages in text are a digit and base64', () => {
  const message = Buffer.from('\x01grüße\n');
  assert.equal(toText(message), '1Z3LDvMOfZQo=');
  assert.deepEqual(fromText(Buffer.from(toText(message))), message);
  assert.equal(toText(Buffer.of(3)), '3');
  assert.deepEqual(fromText(Buffer.from('0')), Buffer.of(0));
});

test('failureIn is what a Status says, unless it is a success', () => {
  assert.equal(failureIn('{"metadata":{},"status":"Success"}'), undefined);
  assert.equal(failureIn(''), undefined);
  const failure = {
    status: 'Failure',
    message: 'command terminated with non-zero exit code',
    reason: 'NonZeroExitCode',
  };
  assert.equal(failureIn(JSON.stringify(failure)), failure.message);
});
