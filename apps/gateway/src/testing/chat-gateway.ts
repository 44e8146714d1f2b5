import { startStandInProvider, type StandInProvider } from '@fleet/stand-in-provider';
import type { Environment } from '../config';
import { createTestGateway, type TestGateway, type TestGatewayOptions } from './gateway';
import { modelsAt, type TestModel } from './models';

/** A gateway with a stand-in provider of its own. */
export interface ChatGateway extends TestGateway {
  readonly provider: StandInProvider;
  /** Variables that lead to its models. */
  readonly env: Environment;
}

/** Without Temporal unless told. @param models default: `small` and `large` */
export async function createChatGateway(
  options: TestGatewayOptions & { readonly models?: readonly TestModel[] } = {},
): Promise<ChatGateway> {
  const { models = [{ id: 'small' }, { id: 'large', weight: 8 }], ...rest } = options;
  const provider = await startStandInProvider();
  const env = modelsAt(provider.url, models);
  const gateway = await createTestGateway({ temporalEnabled: false, env, ...rest });
  return {
    ...gateway,
    provider,
    env,
    async close() {
      await gateway.close();
      await provider.close();
    },
  };
}

/** A body of POST /v1/chat. @param more Beside the messages */
export function asking(text: string, more: object = {}): { readonly request: object } {
  return { request: { messages: [{ role: 'user', content: text }], ...more } };
}
