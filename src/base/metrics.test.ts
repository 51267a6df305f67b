import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { MetricsRegistry } from './metrics.ts';

describe('MetricsRegistry', () => {
  test('text prints counters with their labels in declared order', () => {
    const registry = new MetricsRegistry();
    const counter = registry.counter({ name: 'requests_total', help: 'All requests.', labels: ['verb', 'code'] });
    counter.add({ code: '200', verb: 'GET' });
    counter.add({ verb: 'GET', code: '200' }, 2);
    counter.add({ verb: 'a"b', code: '\\' });
    assert.equal(
      registry.text(),
      '# HELP requests_total All requests.\n# TYPE requests_total counter\n' +
        'requests_total{verb="GET",code="200"} 3\nrequests_total{verb="a\\"b",code="\\\\"} 1\n',
    );
  });

  test('text adds the buckets of a histogram up', () => {
    const registry = new MetricsRegistry();
    const histogram = registry.histogram({ name: 'seconds', help: 'h' }, [1, 2]);
    for (const value of [0.5, 1, 1.5, 9]) histogram.observe(value);
    assert.deepEqual(registry.text().split('\n').slice(2, -1), [
      'seconds_bucket{le="1"} 2',
      'seconds_bucket{le="2"} 3',
      'seconds_bucket{le="+Inf"} 4',
      'seconds_sum 12',
      'seconds_count 4',
    ]);
  });

  test('of is one series of a counter or a histogram', () => {
    const registry = new MetricsRegistry();
    const counter = registry.counter({ name: 'requests_total', help: '', labels: ['verb'] });
    const gets = counter.of({ verb: 'GET' });
    gets.add();
    counter.add({ verb: 'GET' }, 2);
    registry
      .histogram({ name: 'seconds', help: '', labels: ['verb'] }, [1])
      .of({ verb: 'GET' })
      .observe(0.5);
    assert.match(registry.text(), /^requests_total\{verb="GET"\} 3$/m);
    assert.match(registry.text(), /^seconds_bucket\{verb="GET",le="1"\} 1$/m);
  });

  test('gaugeOf and counterOf read when they are asked', () => {
    const registry = new MetricsRegistry();
    let value = 1;
    registry.gaugeOf({ name: 'g', help: 'h', labels: ['of'] }, () => [[{ of: 'x' }, value]]);
    registry.counterOf({ name: 'c', help: 'h' }, () => [[{}, value]]);
    value = 7;
    assert.match(registry.text(), /^g\{of="x"\} 7$/m);
    assert.match(registry.text(), /^# TYPE c counter\nc 7$/m);
  });

  test('counter refuses a second metric of one name', () => {
    const registry = new MetricsRegistry();
    registry.counter({ name: 'twice', help: '' });
    assert.throws(() => registry.gauge({ name: 'twice', help: '' }), TypeError);
  });

  test('counter drops new series beyond its bound and keeps counting the old', () => {
    const registry = new MetricsRegistry();
    const counter = registry.counter({ name: 'many', help: '', labels: ['id'] });
    for (let id = 0; id < 6000; id++) counter.add({ id: String(id) });
    counter.add({ id: '0' });
    const lines = registry
      .text()
      .split('\n')
      .filter((text) => text.startsWith('many{'));
    assert.equal(lines.length, 5000);
    assert.equal(lines[0], 'many{id="0"} 2');
  });
});
