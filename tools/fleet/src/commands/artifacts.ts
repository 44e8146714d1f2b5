import { errorText } from '@fleet/errors';
import type { Command } from 'commander';
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, extname } from 'node:path';
import type { Artifact } from '../gateway-contract';
import { bytes } from '../output/format';
import { note, show } from '../output/print';
import { UsageError } from '../usage-error';
import { command, gateway, readingCommand, type ReadingOptions } from './command';

const TYPES: Readonly<Record<string, string>> = {
  '.csv': 'text/csv',
  '.json': 'application/json',
  '.txt': 'text/plain',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.pdf': 'application/pdf',
};

/** `fleet artifacts put` and `fleet artifacts get`. */
export function artifactsCommand(): Command {
  const putCommand = readingCommand('put', 'Store a file', 'fleet artifacts put sales.csv')
    .argument('<file>')
    .option('--type <type>', 'its media type; default: by its name')
    .action(put);
  const getCommand = command('get', 'Fetch an artefact', 'fleet artifacts get art_0123456789 --output chart.svg')
    .argument('<id>')
    .option('--output <file>', 'where to write it; - is standard output', '-')
    .action(get);
  return command('artifacts', 'Store and fetch files that jobs work on', 'fleet artifacts put sales.csv')
    .addCommand(putCommand)
    .addCommand(getCommand);
}

async function put(path: string, options: ReadingOptions & { readonly type?: string }): Promise<void> {
  const type = options.type ?? TYPES[extname(path).toLowerCase()] ?? 'application/octet-stream';
  const artifact: Artifact = await gateway().putArtifact(basename(path), contents(path), type);
  const { id, size, sha256 } = artifact;
  show(options.json, artifact, () => `${id}\n  ${bytes(size)}, ${artifact.type}, sha256 ${sha256}`);
}

async function get(id: string, { output }: { readonly output: string }): Promise<void> {
  if (output === '-' && process.stdout.isTTY) {
    throw new UsageError('The bytes of an artefact do not belong on a terminal', 'Add --output <file>, or pipe it on.');
  }
  const content = await gateway().artifactBytes(id);
  if (output === '-') return void process.stdout.write(content);
  writeFileSync(output, content);
  note(`${bytes(content.length)} written to ${output}`);
}

function contents(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new UsageError(`Cannot read ${path}: ${errorText(error)}`, 'Check the path and its permissions.');
  }
}
