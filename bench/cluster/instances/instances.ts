import { join } from 'node:path';
import { Notebook, type Note } from '../notes';
import type { Life, Tally } from '../tally';
import type { Launch, Running } from './process';
import type { InstanceSettings } from './settings';

/** How often the notes of the instances are read, in ms. */
const POLL = 50;

/** An instance at work: a life, and what is known of it. */
interface Member {
  readonly life: Life;
  readonly running: Running;
  readonly notebook: Notebook;
  status: string;
}

/** All instances of a flow, and what they write down. */
export class Instances {
  /** How often an instance was killed. */
  kills = 0;
  /** Codes of the errors that flows would have got, and how often. */
  readonly errors = new Map<string, number>();
  /** How many messages without a number came through. */
  warm = 0;
  /** Instances that ended by themselves. */
  crashes = 0;
  readonly #members = new Map<number, Member>();
  readonly #timer: NodeJS.Timeout;
  #lives = 0;

  constructor(
    private readonly launch: Launch,
    private readonly settings: InstanceSettings,
    /** Where the notes are kept. */
    private readonly folder: string,
    private readonly tally: Tally,
  ) {
    this.#timer = setInterval(() => this.#readAll(), POLL);
  }

  /** The numbers of the instances that run. */
  get running(): number[] {
    return [...this.#members.keys()];
  }

  /** The instance that says that it receives the events; undefined while none or several do. */
  get leader(): number | undefined {
    const leaders = [...this.#members].filter(([, { status }]) => status === 'leading');
    return leaders.length === 1 ? leaders[0]?.[0] : undefined;
  }

  /** Whether each instance takes part. */
  get areUp(): boolean {
    return [...this.#members.keys()].every((instance) => this.isUp(instance));
  }

  /** Whether an instance takes part. */
  isUp(instance: number): boolean {
    return UP.includes(this.#members.get(instance)?.status ?? '');
  }

  /** Starts an instance that does not run. */
  async start(instance: number): Promise<void> {
    this.#lives += 1;
    const notes = join(this.folder, `instance-${instance}-life-${this.#lives}.notes`);
    const running = await this.launch(this.settings, notes, instance);
    const member = {
      life: { instance, killedAt: undefined },
      running,
      notebook: new Notebook(notes),
      status: 'connecting',
    };
    this.#members.set(instance, member);
    void running.gone.then(() => {
      if (this.#members.get(instance) !== member) return;
      this.crashes += 1;
      this.#leave(instance);
    });
  }

  /** Kills an instance at once, and resolves when it is gone. */
  async kill(instance: number): Promise<void> {
    const member = this.#members.get(instance);
    if (!member) return;
    this.kills += 1;
    this.#members.delete(instance);
    member.life.killedAt = Date.now();
    member.running.kill();
    await member.running.gone;
    this.#read(member);
  }

  /** Stops an instance gracefully; resolves when its process has ended. */
  async end(instance: number): Promise<void> {
    const member = this.#members.get(instance);
    if (!member) return;
    this.#members.delete(instance);
    member.running.stop();
    await member.running.gone;
    this.#read(member);
  }

  /** Stops all gracefully. */
  async stop(): Promise<void> {
    const members = [...this.#members.values()];
    this.#members.clear();
    clearInterval(this.#timer);
    for (const { running } of members) running.stop();
    await Promise.all(members.map(({ running }) => running.gone));
  }

  #leave(instance: number): void {
    const member = this.#members.get(instance);
    this.#members.delete(instance);
    if (member) this.#read(member);
  }

  #readAll(): void {
    for (const member of this.#members.values()) this.#read(member);
  }

  #read(member: Member): void {
    for (const note of member.notebook.readNew()) this.#take(member, note);
  }

  #take(member: Member, note: Note): void {
    const { life } = member;
    if (note.kind === 'took') this.tally.took(note.number, { ...note, life });
    else if (note.kind === 'did') this.tally.did(note.number, life, note.at);
    else if (note.kind === 'warm') this.warm += 1;
    else if (note.kind === 'status') member.status = note.status;
    else this.errors.set(note.code, (this.errors.get(note.code) ?? 0) + 1);
  }
}

/** Statuses of an instance that takes part, or of a client that is on its own. */
const UP: readonly string[] = ['leading', 'standingBy', 'listening'];
