// Has several models answer and another one choose: npx tsx examples/vote.ts
// It needs a fleet (npm start). Without keys of providers the models are four of the stand-in provider, which is none.

/** What POST /v1/plan answers for a vote; GET /openapi.json has all of it. */
export interface Vote {
  readonly answer: string;
  /** Of all calls, US dollars. */
  readonly cost_usd: number;
  readonly calls: number;
  readonly response: {
    readonly responses: readonly { readonly model_id: string; readonly content: string }[];
    /** Number of the chosen one in `responses`, from 0. */
    readonly selected: number;
    readonly judge?: string;
    /** Why nobody judged: then the first answer was taken. */
    readonly judge_error?: string;
  };
}

/** Three models answer at the same time, and a fourth says which answer is the best. */
export async function vote(question: string, env: NodeJS.ProcessEnv = process.env): Promise<Vote> {
  const gateway = env['FLEET_GATEWAY_URL'] || 'http://127.0.0.1:8080';
  const token = env['FLEET_API_TOKEN'];
  const response = await fetch(`${gateway}/v1/plan`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
    body: JSON.stringify({
      request: { messages: [{ role: 'user', content: question }] },
      orchestration: { mode: 'vote', iterations: 3 },
      policy: { max_latency_ms: 60_000 },
    }),
  });
  // An error is application/problem+json: code, title, what to do, and the failing fields.
  if (!response.ok) throw new Error(await response.text());
  return (await response.json()) as Vote;
}

async function main(question = 'Tea or coffee?'): Promise<void> {
  const { answer, calls, cost_usd: cost, response } = await vote(question);
  const { responses, selected, judge, judge_error: problem } = response;
  responses.forEach(({ model_id: id }, index) => {
    process.stdout.write(`${index === selected ? '*' : ' '} ${id}\n`);
  });
  process.stdout.write(`${answer}\n\njudge: ${judge ?? problem}, ${calls} chats, ${cost.toFixed(6)} US dollars\n`);
}

if (require.main === module) void main(process.argv[2]);
