import { mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, parse } from 'node:path';
import { ROOT } from '../environment';
import { fleetEntries, openStateFolder, whyNeverReset, type Precious } from './state-folder';
import { testFolder } from './test-folder';

const folder = testFolder();

function folderWith(...names: readonly string[]): string {
  const state = mkdtempSync(join(folder, 'state-'));
  for (const name of names) writeFileSync(join(state, name), '');
  return state;
}

describe('whyNeverReset', () => {
  const precious: Precious = { home: '/home/ada', checkout: '/src/fleet', workingFolder: '/var/www/site' };

  it.each(['/', '/home', '/home/ada', '/src', '/src/fleet', '/var', '/var/www/site'])('refuses %s', (path) => {
    expect(whyNeverReset(path, precious)).toEqual(expect.any(String));
  });

  it.each(['/src/fleet/.fleet', '/home/ada/state', '/srv/state', '/home/ad', '/home/ada2', '/src/fleet/..state'])(
    'allows %s',
    (path) => {
      expect(whyNeverReset(path, precious)).toBeUndefined();
    },
  );

  it('refuses the folders of this very process', () => {
    for (const path of [parse(ROOT).root, homedir(), ROOT, dirname(ROOT), process.cwd()]) {
      expect(whyNeverReset(path)).toEqual(expect.any(String));
    }
  });
});

describe('fleetEntries', () => {
  it.each([
    [['bin']],
    [['cache', 'logs']],
    [['postgres']],
    [['temporal.db']],
    [['fleet.lock', 'letter.txt']],
    [['processes.json', 'bin', 'logs']],
    [[]],
  ])('knows no fleet in a folder with %j', (names) => {
    expect(fleetEntries(folderWith(...names))).toBeUndefined();
  });

  it('takes one from before the mark, and leaves what is not ours', () => {
    const state = folderWith('temporal.db', 'postgres', 'logs', 'mail', 'letter.txt');
    expect(fleetEntries(state)?.toSorted()).toEqual(['logs', 'mail', 'postgres', 'temporal.db']);
  });

  it('lists what is ours in a marked folder, the mark last', () => {
    const state = join(folderWith(), 'new');
    openStateFolder(state);
    for (const name of ['temporal.db', 'temporal.db-wal', 'postgres-password', 'letter.txt', 'bin.txt']) {
      writeFileSync(join(state, name), '');
    }
    expect(fleetEntries(state)).toEqual(['postgres-password', 'temporal.db', 'temporal.db-wal', 'fleet-state.json']);
  });

  it('does not take a marker of another program for one', () => {
    const state = folderWith('bin');
    writeFileSync(join(state, 'fleet-state.json'), '{"vehicles":[]}');
    expect(fleetEntries(state)).toBeUndefined();
  });
});

describe('openStateFolder', () => {
  it('spares what was in the folder before the fleet came', () => {
    const state = folderWith('letter.txt');
    mkdirSync(join(state, 'bin'));
    openStateFolder(state);
    mkdirSync(join(state, 'logs'));
    openStateFolder(state);
    expect(fleetEntries(state)).toEqual(['logs', 'fleet-state.json']);
    expect(readdirSync(state)).toContain('bin');
  });
});
