import { execFileSync } from 'node:child_process';

test('a gateway loads neither the native bridge of Temporal nor sharp with them', () => {
  const script = `
    const { createChatActivities, routerFrom } = require('@fleet/activities/chat');
    const store = { routing: {}, chatLog: {}, providerCalls: {} };
    createChatActivities({ store, router: routerFrom({ OPENAI_API_KEY: 'k' }, store) });
    const files = Object.keys(require.cache);
    const heavy = /node_modules\\/(sharp|openai|@anthropic-ai|@temporalio\\/(core-bridge|worker|client))\\//;
    console.log(JSON.stringify([files.length > 0, files.filter((file) => heavy.test(file))]));`;
  const loaded = execFileSync(process.execPath, ['--import', 'tsx', '--eval', script], { cwd: __dirname });
  expect(JSON.parse(String(loaded))).toEqual([true, []]);
});
