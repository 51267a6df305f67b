import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { silentLogger } from '../../base/log.ts';
import { storeContract } from '../store-contract.ts';
import { openSqliteStore } from './sqlite-store.ts';

const directory = mkdtempSync(join(tmpdir(), 't8s-sqlite-'));
after(() => rmSync(directory, { recursive: true }));
let opened = 0;

storeContract('sqlite', () => openSqliteStore({ path: join(directory, `${opened++}.db`), log: silentLogger }));
