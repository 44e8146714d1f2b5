import { runStandIn } from './server';

void runStandIn(process.env);
