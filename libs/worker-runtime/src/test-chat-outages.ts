import { streamLog } from '@fleet/workflows/portable';
import { chatOf, rowsOf, runChat, type ChatWorld } from './test-chat-world';

/** What a chat does while Postgres is away, on whatever executor. @param world Called once the specs run. */
export function describeOutages(world: () => ChatWorld): void {
  afterEach(async () => {
    Object.assign(world().outage, { rows: false, claims: false });
    await Promise.all([world().provider.heal(), world().provider.forgetCalls()]);
  });

  it('an answer whose row cannot be written is given all the same; a workflow of its own writes the row later', async () => {
    const { outage, executor, provider } = world();
    outage.rows = true;
    const input = chatOf('Hello.', { apiKeyId: 'key-1' });
    const { requestId = '' } = input;
    expect(await runChat(world(), input, 'ada')).toMatchObject({ attempts: 1 });
    expect(await rowsOf(world(), requestId)).toEqual([]);
    const handle = await executor.getHandle(streamLog, `log-${requestId}`);
    expect(await handle.status()).toBe('running');
    outage.rows = false;
    expect(await handle.outcome()).toMatchObject({ status: 'completed' });
    expect(await rowsOf(world(), requestId)).toMatchObject([{ success: true, owner: 'ada', apiKeyId: 'key-1' }]);
    expect((await provider.calls()).total).toBe(1);
  });

  it('nothing is asked that cannot be claimed: the chat fails, and its row comes later', async () => {
    const { outage, executor, provider } = world();
    Object.assign(outage, { rows: true, claims: true });
    const input = chatOf('Hello.');
    const { requestId = '' } = input;
    await expect(runChat(world(), input)).rejects.toMatchObject({ code: 'store_unavailable', status: 503 });
    expect((await provider.calls()).total).toBe(0);
    Object.assign(outage, { rows: false, claims: false });
    await (await executor.getHandle(streamLog, `log-${requestId}`)).outcome();
    expect(await rowsOf(world(), requestId)).toMatchObject([{ success: false, errorClass: 'transient', attempts: 0 }]);
  });

  it('the row of a stream is written once, by a workflow', async () => {
    const { dispatcher } = world();
    const requestId = `stream-${process.pid}-${Date.now()}`;
    const entry = {
      requestId,
      kind: 'stream',
      apiKeyId: 'key-1',
      mode: 'normal',
      modelId: 'small',
      providerId: 'at-small',
      success: false,
      errorClass: 'transient',
      attempts: 1,
      latencyMs: 900,
      latencyBudgetMs: 120_000,
      costUsd: 0.25,
      inputTokens: 1_500,
      outputTokens: 20,
      bytesStreamed: 4_096,
      aborted: true,
    } as const;
    for (const id of [`stream-log-${requestId}`, `again-${requestId}`])
      expect(await dispatcher.run(streamLog, entry, { id, owner: 'ada' })).toBeNull();
    const rows = await rowsOf(world(), requestId);
    expect(rows).toMatchObject([{ ...entry, owner: 'ada', bucket: 'medium', reward: 0, aliasFrom: null }]);
  });
}
