import type { Command } from 'commander';
import { parseJson, parseWhole } from '../../arguments';
import { UsageError } from '../../usage-error';

/** What a monitor is described with on the command line. */
export interface BodyOptions {
  readonly spec?: string;
  readonly name?: string;
  readonly query?: string;
  readonly condition?: string;
  readonly provider?: string;
  readonly url?: readonly string[];
  readonly contains?: string;
  readonly absent?: string;
  readonly model?: string;
  readonly compare?: string;
  readonly notify?: string;
  readonly email?: string;
  readonly webhook?: string;
  readonly cron?: string;
  readonly timezone?: string;
  readonly jitter?: string;
  readonly catchup?: string;
}

/** Adds the options that describe a monitor. */
export function withBodyOptions(command: Command): Command {
  return command
    .option('--spec <json>', 'the whole body as JSON, or @file; the options below come after it')
    .option('--name <text>', 'what it is called')
    .option('--query <text>', 'what is to be found out, 10 to 500 characters')
    .option('--condition <text>', 'what must be so for people to be told, 10 to 500 characters')
    .option('--provider <provider>', 'who searches: http reads pages, llm asks a model; default: http')
    .option('--url <url...>', 'pages that are read, at most 5')
    .option('--contains <text>', 'http: met when a page has this text')
    .option('--absent <text>', 'http: met when no page has this text')
    .option('--model <model>', 'llm: a model or alias')
    .option('--compare <how>', 'exact or meaning')
    .option('--notify <when>', 'once, always or track_state')
    .option('--email <address>', 'whom to write to; none: nobody')
    .option('--webhook <url>', 'where to post to; none: nowhere')
    .option('--cron <fields>', 'five fields; none: each result says when the next run is')
    .option('--timezone <zone>', 'of the cron, like Europe/Berlin')
    .option('--jitter <seconds>', 'each run starts up to so much later, 0 to 3600')
    .option('--catchup <seconds>', 'a missed run is made up within that time, 600 to 31536000');
}

/** The body that the options describe; the gateway checks it. @throws UsageError for JSON or numbers that are none. */
export function bodyOf(options: BodyOptions): Record<string, unknown> {
  const { spec, name, query, condition, compare, notify, email, webhook, cron, timezone, jitter, catchup } = options;
  const base = spec === undefined ? {} : parseJson(spec, '--spec');
  if (base === null || typeof base !== 'object' || Array.isArray(base))
    throw new UsageError('--spec must be an object');
  const said = {
    name,
    query,
    condition,
    search: searchOf(options),
    compare,
    notify,
    email: orNull(email),
    webhook_url: orNull(webhook),
    cron: orNull(cron),
    timezone,
    jitter_seconds: jitter === undefined ? undefined : parseWhole(jitter, '--jitter', 0, 3600),
    catchup_seconds: catchup === undefined ? undefined : parseWhole(catchup, '--catchup', 600, 31_536_000),
  };
  return { ...base, ...Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined)) };
}

function searchOf({ provider, url: urls, contains, absent, model }: BodyOptions): object | undefined {
  const said = { urls, contains, absent, model };
  if (provider === undefined && Object.values(said).every((value) => value === undefined)) return undefined;
  return { provider: provider ?? 'http', ...said };
}

function orNull(text: string | undefined): string | null | undefined {
  return text === 'none' ? null : text;
}
