import { runGateway } from './server';

void runGateway(process.env);
