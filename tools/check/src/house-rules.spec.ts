import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ERRORS } from '@fleet/errors';
import { OVERRIDABLE_CELLS } from '@fleet/task-queues/overrides';

const ROOT = resolve(__dirname, '../../..');
const tracked = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], { cwd: ROOT, encoding: 'utf8' })
  .split('\n')
  .filter((path) => path !== '' && existsSync(join(ROOT, path)));
const sources = tracked.filter((path) => /\.(ts|mjs|js|go)$/.test(path));
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const lines = (path: string): number => read(path).split('\n').length - 1;

// The fields of a queue are one row each in the docs, without the queue's name in it.
const isQueueCell = (variable: string): boolean => /^FLEET_(HIGH|STANDARD|BACKGROUND|SCHEDULED)_/.test(variable);

describe('size', () => {
  it('no source file is over 400 lines', () => {
    expect(sources.filter((path) => lines(path) > 400)).toEqual([]);
  });

  it('half of the source files are under 100 lines', () => {
    const sizes = sources.filter((path) => !path.endsWith('.spec.ts')).map(lines);
    expect(sizes.toSorted((a, b) => a - b)[Math.floor(sizes.length / 2)]).toBeLessThanOrEqual(100);
  });

  it('the README is under 150 lines, each main.ts of an app at most 5', () => {
    expect(lines('README.md')).toBeLessThan(150);
    for (const path of tracked.filter((name) => /^apps\/[^/]+\/src\/main\.ts$/.test(name))) {
      expect([path, lines(path) <= 5]).toEqual([path, true]);
    }
  });
});

describe('docs', () => {
  it('the README names every file that two workflows share, and which a first workflow therefore has to touch', () => {
    const [, steps = ''] = read('README.md').split('## Write your first workflow');
    const shared = sources.filter((path) => {
      const text = read(path);
      return (
        /^libs\/(workflow-registry|activities|workflows)\/src\//.test(path) &&
        /from '\.\/(entries\/)?probe(-steps)?'/.test(text) &&
        /from '\.\/(entries\/)?(generate-image|images)'/.test(text)
      );
    });
    expect(shared).toHaveLength(4);
    expect(shared.filter((path) => !steps.includes(path.replace('libs/workflow-registry/src/', '')))).toEqual([]);
  });

  it('the README links every page of docs, and nothing that is not there', () => {
    const linked = [...read('README.md').matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, path = '']) => path);
    expect(tracked.filter((path) => /^docs\/[^/]+\.md$/.test(path) && !linked.includes(path))).toEqual([]);
    expect(linked.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });

  it('the README starts containers with the variable they require', () => {
    expect(read('README.md')).toMatch(/FLEET_API_TOKEN=\S.* docker compose /);
  });

  it('docs/errors.md is the twin of the error table', () => {
    const rows = [...read('docs/errors.md').matchAll(/^\| `(\w+)` \| (\d+) \| (.+?) \| (.+?) \|$/gm)];
    const documented = rows.map(([, code, status, message, remedy]) => ({
      code,
      status: Number(status),
      message,
      remedy,
    }));
    const table = Object.entries(ERRORS).map(([code, row]) => ({ code, ...row }));
    expect(documented).toEqual(table);
  });

  it('docs/configuration.md names every variable that the code reads, and no other', () => {
    const name = '(?:FLEET|TEMPORAL|DATABASE|OPENAI)_[A-Z_]*[A-Z]';
    const code = sources.filter(
      (path) => /^(apps|libs|tools\/fleet)\//.test(path) && !/\.spec\.ts$|\/test-/.test(path),
    );
    const text = code.map(read).join('\n');
    const inCode = [...text.matchAll(new RegExp(`['"\`.](${name})\\b`, 'g'))].map(([, variable = '']) => variable);
    const inDocs = [...read('docs/configuration.md').matchAll(new RegExp(`\\b${name}\\b`, 'g'))].map(
      ([variable]) => variable,
    );
    // TEMPORAL_TLS_CLIENT_CERT is read as _PATH and _DATA: the code has the stem, the page both names.
    const undocumented = inCode.filter(
      (variable) => !isQueueCell(variable) && !inDocs.some((known) => known.startsWith(variable)),
    );
    const unread = inDocs.filter(
      (variable) => !isQueueCell(variable) && !inCode.some((known) => variable.startsWith(known)),
    );
    expect([
      undocumented,
      unread.filter((variable) => !/^TEMPORAL_(TLS|CLIENT_KEY|CLIENT_CERT|SERVER_CA)/.test(variable)),
    ]).toEqual([[], []]);
    for (const cell of OVERRIDABLE_CELLS) expect(read('docs/configuration.md')).toContain(`\`${cell}\``);
  });

  it('every error code is thrown somewhere', () => {
    const text = sources
      .filter((path) => !path.startsWith('libs/errors/'))
      .map(read)
      .join('\n');
    const unused = Object.keys(ERRORS).filter((code) => !text.includes(`'${code}'`));
    expect(unused).toEqual([]);
  });
});

describe('the lock file', () => {
  it('names no registry', () => {
    expect(read('package-lock.json')).not.toMatch(/"resolved": "https?:/);
  });

  it('has an entry for each optional platform package', () => {
    const { packages } = JSON.parse(read('package-lock.json')) as {
      packages: Record<string, { optionalDependencies?: Record<string, string> }>;
    };
    const names = new Set(Object.keys(packages).map((path) => path.split('node_modules/').at(-1)));
    const missing = Object.values(packages)
      .flatMap((entry) => Object.keys(entry.optionalDependencies ?? {}))
      .filter((name) => !names.has(name));
    expect(missing).toEqual([]);
  });
});
