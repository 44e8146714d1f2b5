import { execFileSync } from 'node:child_process';
import { openStore } from '@fleet/store';
import type { ProbeOutput } from '@fleet/workflow-registry/messages';
import { createActivities, type Activities, type Proxied } from '.';

// Nothing connects before the first call.
const store = openStore({ url: 'postgres://127.0.0.1:1/none' });
afterAll(() => store.close());

test('has every activity under its name', () => {
  const names = Object.keys(createActivities({ store, env: {} }));
  expect(names.toSorted()).toEqual([
    'applyMonitorSchedule',
    'callModel',
    'callTool',
    'cancelMonitorRun',
    'chat',
    'cleanUpArtifacts',
    'clusterRows',
    'compareMonitorState',
    'drawChart',
    'failMonitorRun',
    'filterContent',
    'findUnsent',
    'loadTable',
    'logResult',
    'notifyApproval',
    'notifyMonitor',
    'openApproval',
    'openMonitorRun',
    'persistMonitorRun',
    'previewMonitor',
    'probe',
    'pruneRecords',
    'rankModels',
    'reapExecutions',
    'reconcileSchedules',
    'recordImage',
    'renderImage',
    'saveImage',
    'saveReport',
    'searchMonitor',
    'sendNotice',
    'settleAbandonedApprovals',
    'settleApproval',
    'summarizeColumns',
    'validatePrompt',
  ]);
});

test('a variable that cannot be used stops the process', () => {
  expect(() => createActivities({ store, env: { FLEET_IMAGE_RENDERER: 'x' } })).toThrow(/FLEET_IMAGE_RENDERER/);
});

// Checked by the compiler: this fails if the scope were still asked for, or the output another one.
const callProxied = (probe: Proxied<Activities>['probe']): Promise<ProbeOutput> => probe({ durationMs: 1 });

test('Proxied takes the scope off', () => {
  const parameters: Parameters<Proxied<Activities>['probe']>['length'] = 1;
  expect(callProxied).toHaveLength(parameters);
});

test('an idle process has loaded none of the heavy packages', () => {
  const script = `
    require('@fleet/activities').createActivities({ store: {}, env: { OPENAI_API_KEY: 'k' } });
    const heavy = /node_modules\\/(sharp|openai|ml-kmeans|csv-parse|simple-statistics|nodemailer)\\//;
    console.log(JSON.stringify(Object.keys(require.cache).filter((file) => heavy.test(file))));`;
  const loaded = execFileSync(process.execPath, ['--import', 'tsx', '--eval', script], { cwd: __dirname });
  expect(JSON.parse(String(loaded))).toEqual([]);
});
