import type { Command } from 'commander';
import { parseJson, parseWhole } from '../arguments';
import type { Approval } from '../gateway-contract';
import { dateTime } from '../output/format';
import { note, show } from '../output/print';
import { fields, table } from '../output/table';
import { command, gateway, readingCommand, type ReadingOptions } from './command';

/** `fleet approvals list|show|approve|reject|modify`. */
export function approvalsCommand(): Command {
  const list = readingCommand('list', 'What waits for a decision, newest first', 'fleet approvals list --status all')
    .option('--status <status>', 'pending, approved, rejected, modified, timed_out, canceled or all', 'pending')
    .option('--type <type>', 'only approval, feedback, input or annotation')
    .option('--owner <principal>', 'only of this owner')
    .option('--limit <n>', 'requests at most, 1 to 200', '50')
    .option('--cursor <cursor>', 'the next page, as the one before named it')
    .action(listApprovals);
  const shown = readingCommand('show', 'One request with its audit log', 'fleet approvals show apr_0123456789')
    .argument('<id>')
    .action(showApproval);
  return command('approvals', 'Decide what workflows and agents ask for', 'fleet approvals list')
    .addCommand(list)
    .addCommand(shown)
    .addCommand(deciding('approve', 'Say yes', 'fleet approvals approve apr_0123456789 --comment "as agreed"'))
    .addCommand(deciding('reject', 'Say no', 'fleet approvals reject apr_0123456789 --comment "too much"'))
    .addCommand(
      deciding('modify', 'Say yes to something else', `fleet approvals modify apr_0123456789 --value '{"amount":6}'`),
    );
}

function deciding(verb: 'approve' | 'reject' | 'modify', description: string, example: string): Command {
  const decision = readingCommand(verb, description, example)
    .argument('<id>')
    .option('--comment <text>', 'kept with the decision')
    .option('--idempotency-key <key>', 'the same key again gives the same answer');
  const value = 'JSON, or @file: what replaces the payload, or what was asked for';
  if (verb === 'modify') decision.requiredOption('--value <json>', value);
  else if (verb === 'approve') decision.option('--value <json>', value);
  return decision.action((id: string, options: DecisionOptions) => decide(id, verb, options));
}

interface ListOptions extends ReadingOptions {
  readonly status: string;
  readonly type?: string;
  readonly owner?: string;
  readonly limit: string;
  readonly cursor?: string;
}

async function listApprovals({ json, status, limit, ...filter }: ListOptions): Promise<void> {
  const narrowed = status === 'all' ? {} : { status };
  const query = { ...filter, ...narrowed, limit: parseWhole(limit, '--limit', 1, 200) };
  const page = await gateway().json<Page>('GET', '/v1/approvals', { query });
  show(json, page, () => {
    if (page.approvals.length === 0) return status === 'all' ? 'No approvals.' : `No approvals that are ${status}.`;
    const rows = page.approvals.map((row) => [
      row.id,
      row.type,
      row.status,
      row.action,
      shortened(row.summary),
      row.owner,
      dateTime(row.expires_at),
    ]);
    return table(['ID', 'TYPE', 'STATUS', 'ACTION', 'SUMMARY', 'OWNER', 'EXPIRES'], rows);
  });
  if (page.next_cursor && !json) note(`more: add --cursor ${page.next_cursor}`);
}

interface Page {
  readonly approvals: readonly Approval[];
  readonly next_cursor?: string | null;
}

async function showApproval(id: string, { json }: ReadingOptions): Promise<void> {
  const approval = await gateway().json<Approval>('GET', path(id));
  show(json, approval, () => described(approval));
}

interface DecisionOptions extends ReadingOptions {
  readonly comment?: string;
  readonly value?: string;
  readonly idempotencyKey?: string;
}

async function decide(id: string, decision: string, options: DecisionOptions): Promise<void> {
  const { comment, value, idempotencyKey, json } = options;
  const body = {
    decision,
    ...(comment === undefined ? {} : { comment }),
    ...(value === undefined ? {} : { value: parseJson(value, '--value') }),
  };
  const headers: Record<string, string> = idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey };
  const approval = await gateway().json<Approval>('POST', path(id, '/decision'), { body, headers });
  show(json, approval, () => `${approval.id}: ${approval.status} by ${approval.outcome?.by ?? ''}`);
}

function described(approval: Approval): string {
  const { outcome } = approval;
  return fields([
    ['id', approval.id],
    ['type', approval.type],
    ['status', approval.status],
    ['action', approval.action],
    ['summary', approval.summary],
    ['payload', approval.payload === null ? undefined : JSON.stringify(approval.payload)],
    ['confidence', approval.confidence],
    ['risk', approval.risk],
    ['owner', approval.owner],
    ['workflow', approval.workflow_id],
    ['asked', dateTime(approval.created_at)],
    ['expires', dateTime(approval.expires_at)],
    ['settled', outcome ? `${dateTime(outcome.decided_at)} by ${outcome.by} (${outcome.via})` : undefined],
    ['comment', outcome?.comment],
    ['value', outcome && outcome.value !== null ? JSON.stringify(outcome.value) : undefined],
  ]);
}

function path(id: string, below = ''): string {
  return `/v1/approvals/${encodeURIComponent(id)}${below}`;
}

function shortened(text: string): string {
  return text.length > 50 ? `${text.slice(0, 49)}…` : text;
}
