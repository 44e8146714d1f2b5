import { choosePanel } from './orchestrate-vote';

const models = ['a', 'b', 'c', 'd', 'e'];

test.each([
  ['three vote, the best of the others judges', models, ['b', 'e', 'd'], {}, { voters: ['a', 'b', 'c'], judge: 'e' }],
  ['one or none asked for are three', models, models, { iterations: 1 }, { voters: ['a', 'b', 'c'], judge: 'd' }],
  ['two are two', models, models, { iterations: 2 }, { voters: ['a', 'b'], judge: 'c' }],
  ['the primary model votes first', models, models, { primaryModelId: 'd' }, { voters: ['d', 'a', 'b'], judge: 'c' }],
  ['the review model judges', models, models, { reviewModelId: 'a' }, { voters: ['b', 'c', 'd'], judge: 'a' }],
  ['of three two vote', ['a', 'b', 'c'], ['a', 'b', 'c'], {}, { voters: ['b', 'c'], judge: 'a' }],
  [
    'the primary model does not judge',
    ['a', 'b', 'c'],
    ['a', 'b', 'c'],
    { primaryModelId: 'a' },
    { voters: ['a', 'c'], judge: 'b' },
  ],
  ['of two both vote', ['a', 'b'], ['a', 'b'], {}, { voters: ['a', 'b'] }],
  ['nobody may judge', ['a', 'b', 'c'], [], {}, { voters: ['a', 'b', 'c'] }],
  ['one is one', ['a'], ['a'], {}, { voters: ['a'] }],
  ['more than there are', models, models, { iterations: 10 }, { voters: ['b', 'c', 'd', 'e'], judge: 'a' }],
] as const)('%s', (_case, able, judges, directive, expected) => {
  expect(choosePanel(able, judges, directive)).toEqual(expected);
});
