import { basename } from 'node:path';
import { buildApps } from './index';

// What `nx build <app>` runs: the app's folder is the only argument; none builds them all.
const apps = process.argv.slice(2).map((folder) => basename(folder));
void buildApps(apps.length > 0 ? { apps } : {});
