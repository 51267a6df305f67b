// t8s version

import { KUBERNETES_VERSION, TYPERNETES_VERSION } from '../cluster/version.ts';
import { command } from './command.ts';

export const versionCommand = command({
  name: 'version',
  summary: 'Print the versions of Typernetes, of Kubernetes it implements and of Node it runs on',
  options: {},
  async run(_values, _positionals, terminal) {
    terminal.out(`t8s ${TYPERNETES_VERSION}\nKubernetes ${KUBERNETES_VERSION}\nNode ${process.version}\n`);
    return 0;
  },
});
