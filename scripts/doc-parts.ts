import { eventTable } from './event-table';

/** What the texts take from the code, by the name in the marks around it. */
const PARTS: Readonly<Record<string, () => string>> = { events: eventTable };

/**
 * The text with every marked part made anew. A part stands between the lines `<!-- name -->` and `<!-- /name -->`.
 * Throws where such a mark names nothing that is known, or stands alone.
 */
export function withParts(text: string): string {
  const renewed = text.replace(/^<!-- (\w+) -->\n[^]*?^<!-- \/\1 -->$/gm, (_, name: string) => {
    const part = PARTS[name];
    if (!part) throw new Error(`Nothing is known that could stand between <!-- ${name} --> and <!-- /${name} -->.`);
    return `<!-- ${name} -->\n\n${part()}\n<!-- /${name} -->`;
  });
  const marks = [...renewed.matchAll(/^<!-- (\/?\w+) -->$/gm)].map(([, mark = '']) => mark);
  const alone = marks.find((mark, at) =>
    mark.startsWith('/') ? marks[at - 1] !== mark.slice(1) : marks[at + 1] !== `/${mark}`,
  );
  if (alone !== undefined) throw new Error(`The mark <!-- ${alone} --> stands alone.`);
  return renewed;
}
