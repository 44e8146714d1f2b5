import { attachmentHeader, matchesTag } from './content-headers';

describe('attachmentHeader', () => {
  it('gives the exact name to clients that can read it, and a harmless one to the others', () => {
    expect(attachmentHeader('report.csv')).toBe(`attachment; filename="report.csv"; filename*=UTF-8''report.csv`);
    expect(attachmentHeader('a"b\r\nset-cookie: x.csv')).toBe(
      `attachment; filename="a_b__set-cookie_ x.csv"; filename*=UTF-8''a%22b%0D%0Aset-cookie%3A%20x.csv`,
    );
    expect(attachmentHeader('größe.csv')).toContain("filename*=UTF-8''gr%C3%B6%C3%9Fe.csv");
  });
});

describe('matchesTag', () => {
  it('reads lists, weak tags and the star', () => {
    expect(matchesTag(undefined, '"a"')).toBe(false);
    expect(matchesTag('"b"', '"a"')).toBe(false);
    expect(matchesTag('"b", W/"a"', '"a"')).toBe(true);
    expect(matchesTag('*', '"a"')).toBe(true);
  });
});
