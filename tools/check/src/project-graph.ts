import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createProjectGraphAsync } from '@nx/devkit';

const ROOT = resolve(__dirname, '../../..');
const ARCHITECTURE = join(ROOT, 'docs/architecture.md');

/**
 * Compares the project graph that Nx reads from the imports with the table of docs/architecture.md: every edge must be
 * allowed there, and every project must have a row.
 */
async function main(): Promise<void> {
  const allowed = readTable(readFileSync(ARCHITECTURE, 'utf8'));
  const graph = await createProjectGraphAsync({ exitOnError: true });
  const problems: string[] = [];
  let edges = 0;
  for (const [project, dependencies] of Object.entries(graph.dependencies)) {
    if (project.startsWith('npm:')) continue;
    const row = allowed.get(project);
    if (!row) {
      problems.push(`${project} has no row in docs/architecture.md`);
      continue;
    }
    for (const { target } of dependencies) {
      if (target.startsWith('npm:') || target === project) continue;
      edges += 1;
      if (!row.has(target)) problems.push(`${project} imports ${target}: not in its row of docs/architecture.md`);
    }
  }
  for (const project of allowed.keys()) {
    if (!graph.nodes[project]) problems.push(`docs/architecture.md has a row for ${project}, which does not exist`);
  }
  for (const problem of problems) process.stderr.write(`${problem}\n`);
  process.stdout.write(`${allowed.size} projects, ${edges} edges, ${problems.length} outside the table\n`);
  process.exit(problems.length === 0 && edges > 0 ? 0 : 1);
}

/** Rows of the block between `<!-- imports -->` marks: `project -> a, b` (or `nothing`). */
function readTable(text: string): Map<string, Set<string>> {
  const [, block] = text.split('<!-- imports -->');
  const rows = [...(block ?? '').matchAll(/^ *([\w-]+) *-> *(.+)$/gm)];
  if (rows.length === 0) throw new Error('docs/architecture.md has no import table between <!-- imports --> marks');
  return new Map(
    rows.map(([, project = '', targets = '']) => [project, new Set(targets.split(',').map((target) => target.trim()))]),
  );
}

void main();
