// Everything that needs nodes on the machine's own network, one suite after the other: their ports are fixed. A suite by
// itself: `npm test -- test/e2e/cluster-suite.ts`.

import './cluster-suite.ts';
import './nodes-suite.ts';
import './join-suite.ts';
import './conformance-suite.ts';
