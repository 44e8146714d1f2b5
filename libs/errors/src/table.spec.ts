import { ERRORS } from './table';
import { ACTIVITY_ERRORS } from './table/activities';
import { CHAT_ERRORS } from './table/chat';
import { CONFIGURATION_ERRORS } from './table/configuration';
import { DURABLE_WORKFLOW_ERRORS } from './table/durable-workflows';
import { MONITOR_ERRORS } from './table/monitors';
import { REQUEST_ERRORS } from './table/requests';
import { SCHEDULE_ERRORS } from './table/schedules';

test('no code is in two areas, where one row would hide the other', () => {
  const areas = [
    CONFIGURATION_ERRORS,
    REQUEST_ERRORS,
    DURABLE_WORKFLOW_ERRORS,
    ACTIVITY_ERRORS,
    CHAT_ERRORS,
    MONITOR_ERRORS,
    SCHEDULE_ERRORS,
  ];
  expect(areas.flatMap((area) => Object.keys(area)).toSorted()).toEqual(Object.keys(ERRORS).toSorted());
});
