import type { FaultInput } from '@fleet/stand-in-provider';
import type { ChatLogRow } from '@fleet/store';
import type { ChatInput, OrchestrateInput } from '@fleet/workflow-registry/messages';
import { chatOf, newRequest, rowsOf, runChat, runOrchestration, type ChatWorld } from './test-chat-world';

const always = { times: 'always' } as const;
const messages = [{ role: 'user' as const, content: 'Plan a picnic.' }];
const orchestration = (directive: OrchestrateInput['directive']): OrchestrateInput => ({
  requestId: newRequest(),
  apiKeyId: 'key-1',
  request: { messages },
  policy: { maxLatencyMs: 90_000 },
  directive,
});

type Case = readonly [title: string, input: ChatInput | OrchestrateInput, faults: readonly FaultInput[]];

/** Requests in which no model is left to chance. */
const CASES: readonly Case[] = [
  [
    'a vote',
    orchestration({ mode: 'vote', iterations: 2, reviewModelId: 'tiny' }),
    [{ kind: 'say', text: '2', model: 'tiny', ...always }],
  ],
  [
    'a plan and its critique',
    orchestration({ mode: 'adversarial', iterations: 2, primaryModelId: 'small', reviewModelId: 'large' }),
    [],
  ],
  ['rounds of refinement', orchestration({ mode: 'refine', primaryModelId: 'medium' }), []],
  ['a plan that fails', orchestration({ mode: 'planning' }), [{ kind: 'status', status: 422, ...always }]],
  ['a plain chat', chatOf('Hello.', { hint: 'small', apiKeyId: 'key-1', policy: { mode: 'cheap' } }), []],
  ['an alias', chatOf('Hello.', { hint: 'pair', apiKeyId: 'key-2' }), []],
  [
    'an escalation',
    chatOf('Hello.', { hint: 'large', excludeModels: ['small', 'tiny'] }),
    [{ kind: 'status', status: 422, model: 'large', ...always }],
  ],
  ['a conversation that is too long', chatOf('Hello.', { hint: 'large' }), [{ kind: 'overflow', ...always }]],
  ['a model that there is not', chatOf('Hello.', { hint: 'gpt-99' }), []],
  ['no model of that weight', chatOf('Hello.', { policy: { minWeight: 10 } }), []],
];

/** What a caller gets: an answer without its times, or the error. */
async function answerOf(world: ChatWorld, input: Case[1]): Promise<unknown> {
  try {
    const output = 'directive' in input ? await runOrchestration(world, input) : await runChat(world, input, 'ada');
    return JSON.parse(JSON.stringify(output), (name, value: unknown) =>
      ['id', 'created', 'latencyMs'].includes(name) ? undefined : value,
    ) as unknown;
  } catch (error) {
    const { name, code, status, message } = error as Record<string, unknown>;
    return { name, code, status, message };
  }
}

/** A step is given what is left of the request's time. */
function withoutTimes({ createdAt: _createdAt, latencyMs: _latencyMs, reward, latencyBudgetMs, ...row }: ChatLogRow) {
  return { ...row, rewarded: reward !== null, ...(row.parentRequestId === null && { latencyBudgetMs }) };
}

/** The same requests, under the same ids, give the same answers and the same rows. @param worlds Called once the specs run. */
export function describeParity(worlds: () => readonly ChatWorld[]): void {
  afterEach(async () => {
    const [world] = worlds();
    await Promise.all([world?.provider.heal(), world?.provider.forgetCalls()]);
  });

  it.each(CASES)('%s: the same answer and the same rows', async (_title, input, faults) => {
    const seen: unknown[] = [];
    for (const world of worlds()) {
      await world.provider.heal();
      for (const fault of faults) await world.provider.fail(fault);
      const answer = await answerOf(world, input);
      const rows = (await rowsOf(world, input.requestId ?? '')).map(withoutTimes);
      expect(rows.length).toBeGreaterThan(0);
      seen.push({ answer, rows });
    }
    expect(seen[1]).toEqual(seen[0]);
  });

  it.each([
    { mode: 'adversarial', primaryModelId: 'small', reviewModelId: 'large' },
    { mode: 'refine', iterations: 2, primaryModelId: 'small' },
  ] as const)('messages in an artefact, $mode: the same as in the request', async (directive) => {
    const inRequest = orchestration(directive);
    const seen: unknown[] = [];
    for (const world of worlds()) {
      const { id } = await world.store.artifacts.put(Buffer.from(JSON.stringify(messages)), {
        owner: 'local',
        type: 'application/json',
        key: newRequest(),
      });
      const inArtifact = { ...orchestration(directive), request: { messages: [], messagesArtifactId: id } };
      for (const input of [inRequest, inArtifact]) {
        await world.provider.forgetCalls();
        const answer = await answerOf(world, input);
        const calls = (await world.provider.calls()).calls.map(({ body }) =>
          JSON.stringify((body as { messages: unknown }).messages),
        );
        seen.push({ answer, calls: calls.toSorted() });
      }
    }
    expect(seen[0]).toMatchObject({ answer: { calls: 3 } });
    expect(seen).toEqual(seen.map(() => seen[0]));
  });
}
