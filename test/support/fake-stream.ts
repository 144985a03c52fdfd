import { decode } from '../../src/cluster/wire';
import type { EventStream, Post } from '../../src/cluster/stream';
import type { Delivery } from '../../src/inbox/delivery';

/** What happens to a try to publish: `lostAnswer` keeps the message all the same. */
type Fate = 'ok' | 'failed' | 'lostAnswer' | 'tooLarge' | 'never';

/** A stream in memory. It forgets at once which ids it has seen, as NATS does after two minutes. */
export class FakeStream implements EventStream {
  readonly posts: Post[] = [];
  /** Decides what happens to each try. */
  fate: (post: Post) => Fate | Promise<Fate> = () => 'ok';
  /** How many publish on one subject at the same time, at most. */
  mostAtOnce = 0;
  readonly #underWay = new Map<string, number>();

  newest(subject: string): Promise<{ seq: number; id: string } | undefined> {
    const at = this.posts.findLastIndex((post) => post.subject === subject);
    const post = this.posts[at];
    return Promise.resolve(post && { seq: at + 1, id: post.id });
  }

  async publish(post: Post, after: number): Promise<number> {
    const { subject } = post;
    const atOnce = (this.#underWay.get(subject) ?? 0) + 1;
    this.#underWay.set(subject, atOnce);
    this.mostAtOnce = Math.max(this.mostAtOnce, atOnce);
    try {
      return await this.#publish(post, after);
    } finally {
      this.#underWay.set(subject, atOnce - 1);
    }
  }

  /** What is in it, in order. */
  get deliveries(): Delivery[] {
    return this.posts.flatMap(({ bytes }) => decode(bytes) ?? []);
  }

  async #publish(post: Post, after: number): Promise<number> {
    const fate = await this.fate(post);
    if (fate === 'never') await new Promise(() => undefined);
    if (fate === 'tooLarge') throw new RangeError('too large');
    if (fate === 'failed') throw new Error('failed');
    if (((await this.newest(post.subject))?.seq ?? 0) !== after) throw new Error('wrong last sequence');
    this.posts.push(post);
    if (fate === 'lostAnswer') throw new Error('timeout');
    return this.posts.length;
  }
}
