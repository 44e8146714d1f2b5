import { FleetError } from '@fleet/errors';
import { parseSubmission } from './submission';

describe('parseSubmission', () => {
  it('fills in queue and input from the registry', () => {
    expect(parseSubmission({ workflow: 'probe' })).toMatchObject({
      workflow: 'probe',
      kind: 'job',
      input: {},
      queue: 'standard',
    });
  });

  it('names every failing field of body, input and header at once', () => {
    const body = {
      workflow: 'generateImage',
      input: { width: 3, colour: 'red' },
      id: '/etc',
      priority: 9,
      queue: 'scheduled',
      extra: 1,
    };
    const { code, fields } = caught(() => parseSubmission(body, 'line\nbreak'));
    expect(code).toBe('invalid_input');
    expect(fields.map(({ field }) => field).toSorted()).toEqual(
      ['Idempotency-Key', 'extra', 'id', 'input.colour', 'input.prompt', 'input.width', 'priority', 'queue'].toSorted(),
    );
    expect(fields.find(({ field }) => field === 'input.width')).toMatchObject({ got: 3 });
  });

  it.each([[undefined], [null], ['text'], [[1]], [7]])('refuses a body that is no object: %j', (body) => {
    expect(caught(() => parseSubmission(body)).fields).toEqual([expect.objectContaining({ field: 'body' })]);
  });

  it('asks for the workflow', () => {
    expect(caught(() => parseSubmission({})).fields).toEqual([expect.objectContaining({ field: 'workflow' })]);
    expect(caught(() => parseSubmission({ workflow: 7 })).fields).toEqual([
      expect.objectContaining({ field: 'workflow', got: 7 }),
    ]);
  });

  it('knows which workflows and queues there are', () => {
    const unknown = caught(() => parseSubmission({ workflow: 'toString', input: 3 }));
    expect(unknown).toMatchObject({ code: 'unknown_workflow', status: 404 });
    expect(unknown.message).toContain('generateImage');
    expect(caught(() => parseSubmission({ workflow: 'probe', queue: 'fast' }))).toMatchObject({
      code: 'unknown_queue',
      status: 400,
    });
    const refused = caught(() => parseSubmission({ workflow: 'cleanUpArtifacts', queue: 'high' }));
    expect(refused).toMatchObject({
      code: 'queue_not_allowed',
      status: 400,
      fields: [expect.objectContaining({ field: 'queue', got: 'high' })],
    });
  });

  it.each(['a', 'tenant/42:2026-11-20', `A${'b'.repeat(199)}`, 'x@y_z.w-v'])('takes the id %s', (id) => {
    expect(parseSubmission({ workflow: 'probe', id }).id).toBe(id);
  });

  it.each(['', '.', '../x', ' a', 'a b', 'ü', `A${'b'.repeat(200)}`, 'a\u0000'])('refuses the id %j', (id) => {
    expect(caught(() => parseSubmission({ workflow: 'probe', id })).fields).toEqual([
      expect.objectContaining({ field: 'id' }),
    ]);
  });

  it('tells the same request, however it is written, from another', () => {
    const image = { prompt: 'a lighthouse', width: 64 };
    const first = parseSubmission({ workflow: 'generateImage', input: image }).bodySha256;
    const same = parseSubmission({
      input: { width: 64, prompt: ' a lighthouse ' },
      workflow: 'generateImage',
      queue: 'high',
    }).bodySha256;
    const other = parseSubmission({ workflow: 'generateImage', input: { ...image, width: 65 } }).bodySha256;
    expect(same).toBe(first);
    expect(other).not.toBe(first);
  });
});

function caught(work: () => unknown): FleetError {
  try {
    work();
  } catch (error) {
    if (error instanceof FleetError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}
