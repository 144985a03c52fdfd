import { AppendLog } from '../../src/storage/append-log';
import { systemClock } from '../../src/clock';

/**
 * Appends to the log in the folder that is its argument, and prints the sequence and the number of each record when it
 * was acknowledged, until it is killed or its parent ends. Removes every third record.
 */
async function main(folder: string): Promise<void> {
  const log = await AppendLog.open(folder, { clock: systemClock, onError: (error) => console.error(error) });
  const appendOne = async (number: number): Promise<void> => {
    const sequence = await log.append({ number }, Buffer.alloc(number % 5_000, 'x'));
    process.stdout.write(`${sequence} ${number}\n`);
    if (number % 3 === 0) log.remove(sequence);
    await appendOne(number + 10);
  };
  await Promise.all(Array.from({ length: 10 }, (_, index) => appendOne(index)));
}

process.stdin.resume().on('end', () => process.exit());
main(process.argv[2] ?? '').catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
