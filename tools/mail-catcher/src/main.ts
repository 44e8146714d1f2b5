import { runMailCatcher } from './server';

void runMailCatcher(process.env);
