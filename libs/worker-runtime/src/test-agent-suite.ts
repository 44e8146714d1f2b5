import { setTimeout as sleep } from 'node:timers/promises';
import { defineTool, type Tool } from '@fleet/activities';
import type { DurableExecutor } from '@fleet/durable-executor';
import type { StandInProvider } from '@fleet/stand-in-provider';
import type { Store } from '@fleet/store';
import type { AgentInput, AgentOutput, SingleAgent } from '@fleet/workflow-registry/messages';
import { agent, decide } from '@fleet/workflows/portable';
import { z } from 'zod';

/** What the suite runs on. */
export interface AgentWorld {
  readonly executor: DurableExecutor;
  readonly provider: StandInProvider;
  readonly store: Store;
  /** Arguments and keys that the tool `note` was called with. */
  readonly notes: { readonly text: string; readonly key: string }[];
}

/** A tool with an effect to count: it waits a moment, and fails as often as its text says. */
export function createNoteTool(notes: AgentWorld['notes']): Tool {
  return defineTool({
    name: 'note',
    description: 'Notes a text and answers with how many there are.',
    input: z.strictObject({ text: z.string(), waitMs: z.number().optional() }),
    async run({ text, waitMs = 0 }, { idempotencyKey }) {
      await sleep(waitMs);
      notes.push({ text, key: idempotencyKey });
      return `note ${notes.length}`;
    },
  });
}

const single = (prompt: string, more: Partial<SingleAgent> = {}): SingleAgent => ({ kind: 'agent', prompt, ...more });

/** The same agents on whatever executor. @param world Called once the specs run. */
export function describeAgents(world: () => AgentWorld): void {
  const run = async (input: AgentInput): Promise<AgentOutput> =>
    (await world().executor.execute(agent, input, { timeout: '2 minutes' })).result();
  describeTurns(world, run);
  describeRuns(world, run);
  describeOthers(world, run);
}

type Run = (input: AgentInput) => Promise<AgentOutput>;

function describeTurns(world: () => AgentWorld, run: Run): void {
  it('plans, acts and observes until it answers', async () => {
    const output = await run(single('use calculator {"expression":"6*7"}'));
    expect(output).toMatchObject({ answer: 'Done: {"result":42}', stopped: 'answered', turns: 2 });
    expect(output.toolCalls).toEqual([{ tool: 'calculator', ok: true }]);
    expect(output.usage.completionTokens).toBe(13);
    expect(output.usage.promptTokens).toBeGreaterThan(10);
  });

  it('is told what a tool failed at, and goes on', async () => {
    const calls = [
      'calculator {"expression":"process.exit(1)"}',
      'calculator {x',
      'rocket {}',
      'httpGet {"url":"http://127.0.0.1/"}',
    ];
    const output = await run(single(`use ${calls.join(' & ')}`));
    expect(output.toolCalls.map(({ ok }) => ok)).toEqual([false, false, false, false]);
    expect(output.answer).toMatch(/must be arithmetic.*must be JSON.*No tool is named "rocket".*loopback/s);
  });

  it('uses only the tools it was given', async () => {
    const output = await run(single('use note {"text":"no"}', { tools: ['calculator'] }));
    expect(output.answer).toBe('Done: error: there is no tool named note');
    expect((await world().provider.calls()).calls.at(-1)?.tools).toEqual(['calculator']);
  });

  it('runs the calls of a turn at the same time, or one after the other', async () => {
    const prompt = 'use note {"text":"slow","waitMs":400} & note {"text":"fast"}';
    for (const [toolCalls, order] of [
      ['parallel', ['fast', 'slow']],
      ['sequential', ['slow', 'fast']],
    ] as const) {
      world().notes.length = 0;
      await run(single(prompt, { toolCalls }));
      expect(world().notes.map(({ text }) => text)).toEqual(order);
    }
  });
}

function describeRuns(world: () => AgentWorld, run: Run): void {
  it('ends at its stop text, and at its last turn', async () => {
    const stopped = await run(single('say FINAL: 42', { stopText: 'FINAL' }));
    expect(stopped).toMatchObject({ answer: 'FINAL: 42', stopped: 'stop_text', turns: 1 });
    const lines = Array.from({ length: 12 }, (_, index) => `use calculator {"expression":"${index}"}`).join('\n');
    expect(await run(single(lines, { maxTurns: 3 }))).toMatchObject({ stopped: 'max_turns', turns: 3 });
    expect(await run(single(lines))).toMatchObject({ stopped: 'max_turns', turns: 10 });
  });

  it('goes on as a new run every few turns, and calls no tool twice', async () => {
    world().notes.length = 0;
    const lines = Array.from({ length: 8 }, (_, index) => `use note {"text":"${index}"}`).join('\n');
    const handle = await world().executor.execute(agent, single(lines), { timeout: '2 minutes' });
    const output = await handle.result();
    expect(output).toMatchObject({ stopped: 'answered', turns: 9, answer: 'Done: note 8' });
    expect(world().notes.map(({ text }) => text)).toEqual(['0', '1', '2', '3', '4', '5', '6', '7']);
    expect(new Set(world().notes.map(({ key }) => key)).size).toBe(8);
    expect(await handle.status()).toBe('continued_as_new');
    expect((await world().executor.history({ id: handle.id, runId: handle.runId })).length).toBeLessThan(30);
  });

  it('composes agents in sequence, in parallel and in a loop', async () => {
    world().notes.length = 0;
    const agents = [single('say one'), single('say two')];
    expect(await run({ kind: 'sequential', agents })).toMatchObject({ answer: 'two', turns: 2 });
    const asked = (await world().provider.calls()).total;
    expect(await run({ kind: 'parallel', agents })).toMatchObject({ answer: 'one\n\ntwo', turns: 2 });
    expect((await world().provider.calls()).total).toBe(asked + 2);
    const loop = { kind: 'loop', agent: single('use note {"text":"again"}'), until: 'note 3' } as const;
    expect(await run(loop)).toMatchObject({ answer: 'Done: note 3', stopped: 'stop_text', turns: 6 });
    expect(await run({ ...loop, until: 'never', maxRounds: 2 })).toMatchObject({ stopped: 'max_turns', turns: 4 });
  });
}

function describeOthers(world: () => AgentWorld, run: Run): void {
  it('tries a busy provider again under the same key, and one that refuses not', async () => {
    const { provider } = world();
    await provider.forgetCalls();
    await provider.fail({ kind: 'status', status: 429, times: 2 });
    await run(single('say hello'));
    const keys = (await provider.calls()).calls.map(({ idempotencyKey }) => idempotencyKey);
    expect([keys.length, new Set(keys).size]).toEqual([3, 1]);
    await provider.fail({ kind: 'status', status: 400 });
    const handle = await world().executor.execute(agent, single('say hello'), { timeout: '2 minutes' });
    expect(await handle.outcome()).toMatchObject({ status: 'failed', failure: { type: 'provider_rejected' } });
    expect((await provider.calls()).total).toBe(4);
  });

  it('asks a person before it acts, and does what was decided', async () => {
    const { executor, store, notes } = world();
    notes.length = 0;
    const input = single('use note {"text":"a"}\nuse note {"text":"b"}\nuse note {"text":"c"}', {
      approvals: 'always',
    });
    const handle = await executor.execute(agent, input, { owner: 'carol', timeout: '2 minutes' });
    const decisions = [
      { decision: 'approve', by: 'ada' },
      { decision: 'reject', by: 'bob', comment: 'not b' },
      { decision: 'modify', by: 'ada', value: { text: 'C' } },
    ] as const;
    for (const [index, decision] of decisions.entries()) {
      const row = await pending(store, 'carol', index);
      expect(row).toMatchObject({ action: 'tool.note', payload: { text: 'abc'.charAt(index) } });
      await executor.update(row.workflowId, decide, decision);
    }
    const output = await handle.result();
    expect(output.toolCalls.map(({ ok }) => ok)).toEqual([true, false, true]);
    expect(notes.map(({ text }) => text)).toEqual(['a', 'C']);
  });
}

async function pending(store: Store, owner: string, settled: number) {
  for (;;) {
    const rows = await store.approvals.list({ owner }, 50);
    const open = rows.find(({ status }) => status === 'pending');
    if (open && rows.length === settled + 1) return open;
    await sleep(25);
  }
}
