import { TASK_QUEUES } from './table';
import { OVERRIDABLE_CELLS, portOffsetFrom, taskQueuesFrom } from './overrides';

describe('the table', () => {
  it('has the numbers of record', () => {
    const numbers = Object.entries(TASK_QUEUES).map(([name, row]) => [
      name,
      row.workflowTaskSlots,
      row.activitySlots,
      row.maxWorkers,
      row.activitiesPerSecond,
    ]);
    expect(numbers).toEqual([
      ['high', 100, 50, 5, 100],
      ['standard', 50, 25, 3, 50],
      ['background', 10, 5, 1, 10],
      ['scheduled', 5, 5, 1, null],
    ]);
  });
});

describe('overrides', () => {
  it('leaves the table as it is without variables', () => {
    expect(taskQueuesFrom({})).toEqual(TASK_QUEUES);
  });

  it('changes one cell of one queue', () => {
    const queues = taskQueuesFrom({ FLEET_HIGH_ACTIVITY_SLOTS: '7', FLEET_BACKGROUND_ACTIVITIES_PER_SECOND: 'none' });
    expect(queues.high).toEqual({ ...TASK_QUEUES.high, activitySlots: 7 });
    expect(queues.background.activitiesPerSecond).toBeNull();
    expect(queues.standard).toEqual(TASK_QUEUES.standard);
  });

  it('takes fractions and 0 (paused) for a rate', () => {
    const queues = taskQueuesFrom({
      FLEET_HIGH_ACTIVITIES_PER_SECOND: '0',
      FLEET_STANDARD_ACTIVITIES_PER_SECOND: '0.5',
    });
    expect([queues.high.activitiesPerSecond, queues.standard.activitiesPerSecond]).toEqual([0, 0.5]);
  });

  it('moves the health ports, but not one with an override', () => {
    const queues = taskQueuesFrom({ FLEET_PORT_OFFSET: '1000', FLEET_STANDARD_HEALTH_PORT: '7777' });
    expect([queues.high.healthPort, queues.standard.healthPort]).toEqual([10_101, 7777]);
    expect(portOffsetFrom({ FLEET_PORT_OFFSET: '1000' })).toBe(1000);
  });

  const bad: readonly [variable: string, value: string][] = [
    ['FLEET_HIGH_ACTIVITY_SLOTS', '0'],
    ['FLEET_HIGH_ACTIVITY_SLOTS', '-1'],
    ['FLEET_HIGH_ACTIVITY_SLOTS', '1.5'],
    ['FLEET_HIGH_ACTIVITY_SLOTS', '1001'],
    ['FLEET_HIGH_ACTIVITY_SLOTS', 'ten'],
    ['FLEET_HIGH_WORKFLOW_TASK_SLOTS', '1'],
    ['FLEET_STANDARD_MAX_WORKERS', '0'],
    ['FLEET_STANDARD_ACTIVITIES_PER_SECOND', '-1'],
    ['FLEET_STANDARD_ACTIVITIES_PER_SECOND', '1001'],
    ['FLEET_STANDARD_ACTIVITIES_PER_SECOND', 'unlimited'],
    ['FLEET_BACKGROUND_POLLERS_MAX', '1'],
    ['FLEET_BACKGROUND_FORCE_SECONDS', '45'],
    ['FLEET_SCHEDULED_HEALTH_PORT', '70000'],
    ['FLEET_HIGH_ACTIVITY_SLOT', '5'],
    ['FLEET_PORT_OFFSET', 'x'],
  ];
  it.each(bad)('refuses %s=%s, naming the variable, the rule and the value', (variable, value) => {
    expect(() => taskQueuesFrom({ [variable]: value })).toThrow(
      expect.objectContaining({
        code: 'invalid_variable',
        message: expect.stringMatching(new RegExp(`${variable.split('_').slice(0, 2).join('_')}.* must be .*, got .+`)),
      }),
    );
  });

  it('says of a field that does not exist what was set, and which there are', () => {
    expect(() => taskQueuesFrom({ FLEET_HIGH_WORKERS: 'abc' })).toThrow(
      /FLEET_HIGH_WORKERS must be spelt as one of .*FLEET_HIGH_MAX_WORKERS.*, got FLEET_HIGH_WORKERS="abc"$/,
    );
  });

  it('names every overridable cell once', () => {
    expect(OVERRIDABLE_CELLS).toHaveLength(Object.keys(TASK_QUEUES.high).length);
  });
});
