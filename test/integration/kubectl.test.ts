// What the real kubectl does and prints against the API as it is served: objects read, written, watched and deleted, what
// is refused, and who may do what. Deployments and what follows them are in kubectl-workloads.test.ts.

import assert from 'node:assert/strict';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type ServedCluster, servedCluster } from '../support/served-cluster.ts';
import { until } from '../support/until.ts';

let cluster: ServedCluster;
before(async () => {
  cluster = await servedCluster({ simulatedNodes: 2 });
});
after(() => cluster[Symbol.asyncDispose]());

const kubectl: ServedCluster['kubectl'] = (...args) => cluster.kubectl(...args);
const refused: ServedCluster['refused'] = (...args) => cluster.refused(...args);

const manifest = (object: object) => JSON.stringify({ apiVersion: 'v1', ...object });
const configMap = (name: string, data: object, metadata: object = {}) =>
  manifest({ kind: 'ConfigMap', metadata: { name, ...metadata }, data });

describe('kubectl finds out', () => {
  test('which kinds and versions are served', async () => {
    const rows = (await kubectl('api-resources --no-headers --sort-by=name')).trimEnd().split('\n');
    assert.equal(rows.length, 69);
    assert.ok(rows.some((row) => /^deployments\s+deploy\s+apps\/v1\s+true\s+Deployment$/.test(row)));
    assert.ok(rows.some((row) => /^events\s+ev\s+events.k8s.io\/v1\s+true\s+Event$/.test(row)));
    assert.equal(
      await kubectl('api-resources --api-group=apps --verbs=list,patch -o name'),
      'controllerrevisions.apps\ndaemonsets.apps\ndeployments.apps\nreplicasets.apps\nstatefulsets.apps\n',
    );
    const versions = (await kubectl('api-versions')).trimEnd().split('\n');
    assert.equal(versions.length, 23);
    for (const version of ['v1', 'apps/v1', 'autoscaling/v1', 'autoscaling/v2', 'events.k8s.io/v1']) {
      assert.ok(versions.includes(version), version);
    }
    assert.match(await kubectl('version'), /^Server Version: v1\.36\.\d+$/m);
    assert.match(await kubectl('cluster-info'), /Kubernetes control plane.*is running at.*127\.0\.0\.1/);
  });

  test('what fields mean, by type, enum and whether they are required', async () => {
    assert.match(
      await kubectl('explain pod'),
      /^KIND: {7}Pod\nVERSION: {4}v1\n\n[\s\S]*\n {2}spec\t<PodSpec>\n[\s\S]*\n {2}status\t<PodStatus>\n/,
    );
    assert.match(await kubectl('explain pod.spec'), /^ {2}containers\t<\[\]Container> -required-$/m);
    assert.match(await kubectl('explain pod.spec.containers.resources'), /^ {2}limits\t<map\[string\]Quantity>$/m);
    assert.match(await kubectl('explain deployments.spec.replicas'), /^FIELD: replicas <integer>$/m);
    assert.match(await kubectl('explain service.spec.type'), /^ENUM:\n {4}ClusterIP\n {4}ExternalName\n/m);
    assert.match(
      await kubectl('explain deployment.spec.strategy --recursive'),
      /\nFIELDS:\n {2}rollingUpdate\t<RollingUpdateDeployment>\n {4}maxSurge\t<IntOrString>\n {4}maxUnavailable\t<IntOrString>\n {2}type\t<string>\n {2}enum: Recreate, RollingUpdate\n/,
    );
    assert.match(
      await kubectl('explain pods.spec.containers --recursive'),
      /\n {2}livenessProbe\t<Probe>\n {4}exec\t<ExecAction>\n {6}command\t<\[\]string>\n/,
    );
    assert.match(
      await kubectl('explain hpa --api-version=autoscaling/v1'),
      /^GROUP: {6}autoscaling\nKIND:[^\n]*\nVERSION: {4}v1\n/,
    );
    assert.equal(await refused('explain pod.spec.nonsense'), 'error: field "nonsense" does not exist\n');
    assert.match(await refused('explain nonsense'), /the server doesn't have a resource type "nonsense"/);
    assert.match(await refused('get nonsense'), /^error: the server doesn't have a resource type "nonsense"/);
  });

  test('what kinds and fields are for, in the words of the release', async () => {
    assert.match(await kubectl('explain deployment'), /\nDESCRIPTION:\n {4}\w.*\n/);
    const words = await kubectl('explain pod.spec.containers.imagePullPolicy');
    assert.match(words, /\nENUM:\n {4}Always\n[\s\S]*\nDESCRIPTION:\n {4}\w/);
    const resources = await kubectl('explain pod.spec.containers.resources');
    assert.match(resources, /\nDESCRIPTION:\n {4}\w[\s\S]*\nFIELDS:\n {2}claims\t<\[\]ResourceClaim>\n {4}\w/);
    for (const output of [words, resources]) assert.doesNotMatch(output, /<empty>/);
  });

  test('everything about what is served', async () => {
    const wide = await kubectl('api-resources -o wide --no-headers');
    assert.match(wide, /^pods +po +v1 +true +Pod +create,delete,deletecollection,get,list,patch,update,watch +all$/m);
    const { paths } = JSON.parse(await kubectl('get --raw /openapi/v3'));
    const { openapi } = JSON.parse(await kubectl(`get --raw ${paths['apis/apps/v1'].serverRelativeURL}`));
    assert.equal(openapi, '3.0.0');
  });

  test('whether an object is right before it is made', async () => {
    const { kubectl: run, refused: fails } = await cluster.inNamespace('validating');
    const pod = (container: object) =>
      manifest({ kind: 'Pod', metadata: { name: 'web' }, spec: { containers: [{ name: 'web', ...container }] } });
    const good = pod({ image: 'nginx' });
    assert.equal(
      await run('apply --validate=strict --dry-run=server -f -', { stdin: good }),
      'pod/web created (server dry run)\n',
    );
    assert.equal(await run('create --dry-run=server -f - -o name', { stdin: good }), 'pod/web\n');
    const bad = pod({ image: 'nginx', imagePullPolice: 'Always' });
    assert.match(
      await fails('apply --validate=strict -f -', { stdin: bad }),
      /strict decoding error: unknown field "spec\.containers\[0\]\.imagePullPolice"/,
    );
    const wrong = pod({ image: 7 });
    assert.notEqual((await cluster.tryKubectl('create --dry-run=server -f -', { stdin: wrong })).code, 0);
  });

  test('that a kind of an older client is served the same', async () => {
    const words = 'explain --output=plaintext-openapiv2 deployment.spec.strategy.rollingUpdate';
    const older = await cluster.tryKubectl(words, { minor: 27 });
    assert.equal(older.code, 0, older.stderr);
    assert.match(older.stdout, /^RESOURCE: rollingUpdate <Object>$/m);
  });
});

describe('kubectl get', () => {
  test('prints objects in every form', async () => {
    const { kubectl: run } = await cluster.inNamespace('forms');
    await run('run web --image=nginx:1.25 --labels=app=web,tier=front');
    await run('run job --image=busybox --restart=Never --labels=app=job');
    await run('wait --for=condition=Ready pod --all --timeout=20s');
    assert.match(
      await run('get pods --sort-by=.metadata.name'),
      /^NAME +READY +STATUS +RESTARTS +AGE\njob +1\/1 +Running +0 +\d+s\nweb +1\/1 +Running +0 +\d+s\n$/,
    );
    assert.match(
      await run('get pod web -o wide'),
      /^NAME +READY +STATUS +RESTARTS +AGE +IP +NODE +NOMINATED NODE +READINESS GATES\nweb +1\/1 +Running +0 +\d+s +100\.\S+ +simulated-\d +<none> +<none>\n$/,
    );
    assert.equal(await run('get pods -o name --sort-by=.spec.containers[0].image'), 'pod/job\npod/web\n');
    assert.equal(
      await run(['get', 'pod', 'web', '-o', 'jsonpath={.spec.containers[0].image} {.metadata.labels.app}']),
      'nginx:1.25 web',
    );
    assert.equal(
      await run('get pods -o custom-columns=NAME:.metadata.name,POLICY:.spec.restartPolicy'),
      'NAME   POLICY\njob    Never\nweb    Always\n',
    );
    assert.equal(
      await run(['get', 'pods', '-o', 'go-template={{range .items}}{{.metadata.name}};{{end}}']),
      'job;web;',
    );
    assert.match(await run('get pod web -o yaml'), /^apiVersion: v1\nkind: Pod\nmetadata:\n {2}creationTimestamp: "/);
    const list = JSON.parse(await run('get pods,configmaps -o json'));
    assert.deepEqual([list.kind, list.apiVersion], ['List', 'v1']);
    assert.match(await run('get pods --show-labels --no-headers'), /^web .* app=web,tier=front$/m);
    assert.match(await run('get pods -L tier'), /^NAME .* TIER\n/);
    assert.match(await run('get pods --chunk-size=1 -o name'), /^pod\/job\npod\/web\n$/);
    assert.match(await kubectl('get pods -A --no-headers'), /^forms +job /m);
    assert.equal(await run('get deployments'), '');
  });

  test('selects by labels and fields', async () => {
    const { kubectl: run, refused: fails } = await cluster.inNamespace('selectors');
    for (const [name, labels] of [
      ['a', 'app=x,tier=1'],
      ['b', 'app=x'],
      ['c', 'app=y'],
    ]) {
      await run(`run ${name} --image=i --labels=${labels}`);
    }
    const names = async (...args: string[]) =>
      (await run(['get', 'pods', '-o', 'name', ...args])).replaceAll('pod/', '').split('\n').join('');
    assert.equal(await names('-l', 'app=x'), 'ab');
    assert.equal(await names('-l', 'app in (x,y),tier'), 'a');
    assert.equal(await names('-l', 'app notin (x)'), 'c');
    assert.equal(await names('-l', '!tier'), 'bc');
    assert.equal(await names('--field-selector=metadata.name=b'), 'b');
    assert.equal(await names('--field-selector=metadata.name!=b', '-l', 'app=x'), 'a');
    await run('wait --for=condition=Ready pod --all --timeout=20s');
    assert.equal(await names('--field-selector=status.phase=Running,spec.restartPolicy=Always'), 'abc');
    assert.match(
      await fails('get pods --field-selector=spec.color=red'),
      /^Error from server \(BadRequest\): Unable to find "\/v1, Resource=pods" that match label selector "", field selector "spec\.color=red": field label not supported: spec\.color\n$/,
    );
    assert.match(
      await fails(['get', 'pods', '-l', 'a b']),
      /unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt/,
    );
  });

  test('follows what happens', async () => {
    const { kubectl: run } = await cluster.inNamespace('watching');
    await run('create configmap watched --from-literal=v=1');
    const stop = new AbortController();
    let seen = '';
    const watching = cluster.tryKubectl(
      'get configmaps -n watching --field-selector=metadata.name=watched --watch --output-watch-events -o custom-columns=T:.type,V:.object.data.v',
      { signal: stop.signal, onOutput: (text) => (seen += text) },
    );
    await until(() => /ADDED +1\n/.test(seen));
    await run(['patch', 'configmap', 'watched', '--patch', '{"data":{"v":"2"}}']);
    await run('create configmap another');
    await run('delete configmap watched');
    await until(() => /DELETED +2\n$/.test(seen));
    stop.abort();
    await assert.rejects(watching, { name: 'AbortError' });
    assert.match(seen, /^T +V\nADDED +1\nMODIFIED +2\nDELETED +2\n$/);
  });

  test('says what is not there', async () => {
    assert.equal(await refused('get pod missing'), 'Error from server (NotFound): pods "missing" not found\n');
    assert.equal(await kubectl('get pod missing --ignore-not-found'), '');
    const { stderr } = await cluster.tryKubectl('get pods -n empty');
    assert.equal(stderr, 'No resources found in empty namespace.\n');
    assert.equal(
      await refused('get --raw /nonsense'),
      'Error from server (NotFound): the server could not find the requested resource\n',
    );
  });
});

describe('kubectl changes', () => {
  test('objects by apply, and only what its file has changed', async () => {
    const { kubectl: run } = await cluster.inNamespace('applying');
    const first = configMap('settings', { a: '1', b: '2' });
    assert.equal(await run('apply -f -', { stdin: first }), 'configmap/settings created\n');
    assert.equal(await run('apply -f -', { stdin: first }), 'configmap/settings unchanged\n');
    await run(['patch', 'configmap', 'settings', '--patch', '{"data":{"mine":"kept"}}']);
    const second = configMap('settings', { a: '3' });
    const difference = await cluster.tryKubectl('diff -n applying -f -', { stdin: second });
    assert.equal(difference.code, 1);
    assert.match(difference.stdout, /^- {2}a: "1"\n- {2}b: "2"\n\+ {2}a: "3"$/m);
    assert.equal(
      await run('apply --dry-run=server -f -', { stdin: second }),
      'configmap/settings configured (server dry run)\n',
    );
    assert.equal(await run(['get', 'configmap', 'settings', '-o', 'jsonpath={.data.a}']), '1');
    assert.equal(await run('apply -f -', { stdin: second }), 'configmap/settings configured\n');
    assert.equal(await run(['get', 'configmap', 'settings', '-o', 'jsonpath={.data}']), '{"a":"3","mine":"kept"}');
    assert.match(await run('apply view-last-applied configmap/settings'), /^data:\n {2}a: "3"$/m);
    assert.equal((await cluster.tryKubectl('diff -n applying -f -', { stdin: second })).code, 0);
    assert.equal(
      await run('apply -f - --prune -l part=of --prune-allowlist=core/v1/ConfigMap', {
        stdin: configMap('other', {}, { labels: { part: 'of' } }),
      }),
      'configmap/other created\n',
    );
    assert.match(
      await run('apply -f - --prune -l part=of --prune-allowlist=core/v1/ConfigMap', {
        stdin: configMap('new', {}, { labels: { part: 'of' } }),
      }),
      /^configmap\/new created\nconfigmap\/other pruned\n$/,
    );
  });

  test('objects by the three kinds of patches', async () => {
    const { kubectl: run, refused: fails } = await cluster.inNamespace('patching');
    await run('run web --image=nginx:1');
    const patch = (type: string, body: unknown, ...more: string[]) =>
      run(['patch', 'pod', 'web', `--type=${type}`, '--patch', JSON.stringify(body), ...more]);
    assert.equal(await patch('strategic', { metadata: { labels: { a: 'b' } } }), 'pod/web patched\n');
    assert.equal(await patch('strategic', { metadata: { labels: { a: 'b' } } }), 'pod/web patched (no change)\n');
    // By their names: the container stays, its image changes.
    await patch('strategic', { spec: { containers: [{ name: 'web', image: 'nginx:2' }] } });
    assert.equal(await run(['get', 'pod', 'web', '-o', 'jsonpath={.spec.containers[*].image}']), 'nginx:2');
    await patch('merge', { metadata: { labels: { a: null, c: 'd' } } });
    await patch('json', [{ op: 'replace', path: '/metadata/labels/c', value: 'e' }]);
    assert.equal(await run(['get', 'pod', 'web', '-o', 'jsonpath={.metadata.labels}']), '{"c":"e","run":"web"}');
    assert.match(
      await fails([
        'patch',
        'pod',
        'web',
        '--type=json',
        '-p',
        '[{"op":"test","path":"/metadata/labels/c","value":"x"}]',
      ]),
      /^The request is invalid/,
    );
    assert.match(
      await fails([
        'patch',
        'pod',
        'web',
        '-p',
        '{"spec":{"containers":[{"name":"web","ports":[{"containerPort":1}]}]}}',
      ]),
      /^The Pod "web" is invalid: spec: Forbidden: pod updates may not change fields other than/,
    );
    assert.match(
      await fails(['patch', 'pod', 'web', '-p', '{"spec":{"terminationGracePeriodSeconds":"x"}}']),
      /^The request is invalid: patch: Invalid value/,
    );
    const { stderr, stdout } = await cluster.tryKubectl([
      'patch',
      'pod',
      'web',
      '-n',
      'patching',
      '-p',
      '{"nonsense":1}',
    ]);
    assert.deepEqual([stderr, stdout], ['Warning: unknown field "nonsense"\n', 'pod/web patched (no change)\n']);
  });

  test('labels and annotations', async () => {
    const { kubectl: run, refused: fails } = await cluster.inNamespace('labelling');
    await run('create configmap c');
    assert.equal(await run('label configmap c tier=x'), 'configmap/c labeled\n');
    assert.equal(
      await fails('label configmap c tier=y'),
      "error: 'tier' already has a value (x), and --overwrite is false\n",
    );
    assert.equal(await run('label configmap c tier=y --overwrite'), 'configmap/c labeled\n');
    assert.equal(await run('label configmap c tier-'), 'configmap/c unlabeled\n');
    assert.equal(await run('annotate configmap c note=n'), 'configmap/c annotated\n');
    assert.match(
      await fails(['label', 'configmap', 'c', 'bad key=1']),
      /^The ConfigMap "c" is invalid: metadata\.labels: Invalid value: "bad key": name part must consist of alphanumeric characters/,
    );
  });

  test('objects in an editor', async () => {
    const { kubectl: run } = await cluster.inNamespace('editing');
    await run('create configmap c --from-literal=color=red');
    const editor = join(cluster.directory, 'editor.sh');
    await writeFile(editor, '#!/bin/sh\nsed -i s/red/blue/ "$1"\n');
    await chmod(editor, 0o755);
    const edit = () => kubectl('edit configmap c -n editing', { env: { EDITOR: editor } });
    assert.equal(await edit(), 'configmap/c edited\n');
    assert.equal(await run(['get', 'configmap', 'c', '-o', 'jsonpath={.data.color}']), 'blue');
    const { stderr } = await cluster.tryKubectl('edit configmap c -n editing', { env: { EDITOR: editor } });
    assert.equal(stderr, 'Edit cancelled, no changes made.\n');
  });

  test('by replacing what is still as it was read', async () => {
    const { kubectl: run, refused: fails } = await cluster.inNamespace('replacing');
    await run('create configmap c --from-literal=a=1');
    const object = JSON.parse(await run('get configmap c -o json'));
    assert.equal(
      await run('replace -f -', { stdin: JSON.stringify({ ...object, data: { a: '2' } }) }),
      'configmap/c replaced\n',
    );
    assert.equal(
      await fails('replace -f -', { stdin: JSON.stringify({ ...object, data: { a: '3' } }) }),
      'Error from server (Conflict): error when replacing "STDIN": Operation cannot be fulfilled on configmaps "c": the object has been modified; please apply your changes to the latest version and try again\n',
    );
    assert.equal(
      await fails('replace -f -', { stdin: configMap('none', {}) }),
      'Error from server (NotFound): error when replacing "STDIN": configmaps "none" not found\n',
    );
    assert.match(
      await run('replace --force -f -', { stdin: configMap('c', { a: '4' }) }),
      /^configmap "c" deleted[^\n]*\nconfigmap\/c replaced\n$/,
    );
  });

  test('names that the server makes, and refuses those there are', async () => {
    const { kubectl: run, refused: fails } = await cluster.inNamespace('naming');
    const generated = manifest({ kind: 'ConfigMap', metadata: { generateName: 'made-' } });
    const made = await Promise.all([1, 2, 3].map(() => run('create -f -', { stdin: generated })));
    for (const line of made) assert.match(line, /^configmap\/made-[bcdfghjklmnpqrstvwxz2456789]{5} created\n$/);
    assert.equal(new Set(made).size, 3);
    assert.equal(
      await fails('apply -f -', { stdin: generated }),
      'error: from made-: cannot use generate name with apply\n',
    );
    await run('create configmap c');
    assert.equal(
      await fails('create configmap c'),
      'error: failed to create configmap: configmaps "c" already exists\n',
    );
    assert.equal(
      await refused('create configmap c -n nowhere'),
      'error: failed to create configmap: namespaces "nowhere" not found\n',
    );
  });
});
