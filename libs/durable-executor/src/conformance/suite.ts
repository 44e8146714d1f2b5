import type { Hooks } from '../hooks';
import { recorder, type Harness, type Subject } from './harness';
import { describeEdges } from './suite-edges';
import { describeEnds } from './suite-ends';
import { describeEvents } from './suite-events';
import { describeMessages } from './suite-messages';
import { describeWork } from './suite-work';

/** One executor under test. */
export interface SubjectOptions {
  readonly name: string;
  readonly start: (hooks: readonly Hooks[]) => Promise<Subject>;
  /** Declares tests that are this executor's alone, which run before it is stopped. */
  readonly more?: (harness: Harness) => void;
}

/** The suite that every executor passes as it is. */
export function describeExecutor({ name, start, more }: SubjectOptions): void {
  describe(`${name}: a durable executor`, () => {
    const told: string[] = [];
    let subject: Subject;
    const harness: Harness = {
      get executor() {
        return subject.executor;
      },
      get log() {
        return subject.log;
      },
      told,
      run: async (workflow, input) => (await subject.executor.execute(workflow, input)).result(),
    };

    beforeAll(async () => {
      subject = await start([recorder('outer', told), recorder('inner', told)]);
    }, 120_000);
    afterAll(() => subject.stop(), 60_000);
    beforeEach(() => void told.splice(0));

    for (const part of [describeWork, describeEnds, describeMessages, describeEvents, describeEdges]) part(harness);
    more?.(harness);
  });
}
