import { isFleetError } from '@fleet/errors';
import { z } from 'zod';
import {
  entryOf,
  parseInput,
  queueFor,
  REGISTRY,
  submittableEntryOf,
  SUBMITTABLE_NAMES,
  WORKFLOW_NAMES,
} from './index';

describe('every entry', () => {
  it.each(WORKFLOW_NAMES)('%s accepts its own example and may run on its own queue', (name) => {
    const entry = entryOf(name);
    expect(parseInput(entry.input, entry.example)).toEqual(entry.example);
    expect(entry.allowedQueues).toContain(entry.queue);
    expect(entry.description).toMatch(/^[A-Z].*\.$/);
  });

  it.each(WORKFLOW_NAMES)('%s has times and attempts that end', (name) => {
    const entry = entryOf(name);
    if (entry.kind === 'workflow') return expect(entry.timeouts.executionMs).toBeGreaterThan(0);
    expect(entry.timeouts.startToCloseMs).toBeGreaterThan(entry.timeouts.heartbeatMs);
    expect(entry.timeouts.heartbeatMs).toBeGreaterThanOrEqual(3000);
    expect(entry.timeouts.heartbeatMs).toBeLessThanOrEqual(10_000);
    expect(entry.retry.attempts).toBeGreaterThanOrEqual(1);
  });
});

describe('looking up', () => {
  it('an unknown name says which exist', () => {
    expect(() => entryOf('sendInvoice')).toThrow(/"sendInvoice".*analyzeData, approval, chat/);
    expect(() => entryOf('constructor')).toThrow(expect.objectContaining({ code: 'unknown_workflow', status: 404 }));
  });

  it('what the fleet starts itself nobody may ask for', () => {
    const own = WORKFLOW_NAMES.filter((name) => !SUBMITTABLE_NAMES.includes(name));
    expect(own).toEqual(['deliverNotice', 'monitor', 'previewMonitor', 'streamLog']);
    expect(submittableEntryOf('chat')).toBe(REGISTRY.chat);
    for (const name of ['streamLog', 'constructor', 'nope'])
      expect(() => submittableEntryOf(name)).toThrow(expect.objectContaining({ code: 'unknown_workflow' }));
  });

  it('who asks for a chat chooses neither its request id nor whose key or step it is', () => {
    const input = { ...REGISTRY.chat.example, requestId: 'r', apiKeyId: 'k', parentRequestId: 'p' };
    expect(() => parseInput(REGISTRY.chat.input, input)).toThrow(
      expect.objectContaining({
        fields: ['requestId', 'apiKeyId', 'parentRequestId'].map((field) =>
          expect.objectContaining({ field: `input.${field}` }),
        ),
      }),
    );
  });

  it('a queue is the default one, an allowed one, or refused', () => {
    expect(queueFor('generateImage', undefined)).toBe('high');
    expect(queueFor('generateImage', 'standard')).toBe('standard');
    expect(() => queueFor('generateImage', 'background')).toThrow(
      expect.objectContaining({ code: 'queue_not_allowed' }),
    );
    expect(() => queueFor('generateImage', 'hi')).toThrow(
      expect.objectContaining({ code: 'unknown_queue', status: 400 }),
    );
  });
});

const fieldsOf = (value: unknown): unknown => {
  try {
    return parseInput(REGISTRY.generateImage.input, value);
  } catch (error) {
    return isFleetError(error) ? error.fields.map(({ field, got }) => [field, got]) : error;
  }
};

describe('validation', () => {
  it('names every failing field with the value got', () => {
    expect(fieldsOf({ prompt: '', width: 10, height: 'tall', colour: 1 })).toEqual([
      ['input.prompt', ''],
      ['input.width', 10],
      ['input.height', 'tall'],
      ['input.colour', undefined],
    ]);
  });

  it('shortens what it repeats', () => {
    expect(fieldsOf({ prompt: 'x'.repeat(5000) })).toEqual([['input.prompt', 'x'.repeat(200)]]);
  });

  it('says so when nothing was sent', () => {
    expect(fieldsOf(undefined)).toEqual([['input', undefined]]);
  });

  it('names the item of a list that may also be a text', () => {
    const part = z.object({ type: z.literal('text'), text: z.string() });
    const schema = z.object({ content: z.union([z.string(), z.null(), z.array(part)]) });
    const fields = (content: unknown): readonly string[] => {
      try {
        parseInput(schema, { content }, '');
        return [];
      } catch (error) {
        return isFleetError(error) ? error.fields.map(({ field }) => field) : [String(error)];
      }
    };
    expect(fields([{ type: 'text', text: 'a' }])).toEqual([]);
    expect(
      fields([
        { type: 'text', text: 'a' },
        { type: 'image', text: 'b' },
      ]),
    ).toEqual(['content[1].type']);
    expect(fields([{ text: 1 }])).toEqual(['content[0].type', 'content[0].text']);
    expect(fields(7)).toEqual(['content']);
  });
});
