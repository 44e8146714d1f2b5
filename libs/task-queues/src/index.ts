export { isTaskQueueName, TASK_QUEUES, TASK_QUEUE_NAMES, type TaskQueueName, type TaskQueueSettings } from './table';
