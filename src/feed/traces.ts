const FIRST_CAPACITY = 32;

/**
 * What was delivered, by the fingerprint of its id. A hash table in plain numbers: with a `Map` of objects the garbage
 * collector would walk through ten minutes of messages again and again, which costs more than all else that is done
 * with an event.
 */
export class Traces {
  size = 0;
  #capacity = 0;
  /** 0 where nothing is. */
  #ids = new Float64Array(0);
  #contents = new Float64Array(0);
  #times = new Float64Array(0);
  #recovered = new Uint8Array(0);

  /** The place of an id, for the questions below; -1 where there is none. */
  find(id: number): number {
    if (this.size === 0) return -1;
    const place = this.#placeOf(id || 1);
    return this.#ids[place] === 0 ? -1 : place;
  }

  contentAt(place: number): number {
    return this.#contents[place] ?? 0;
  }

  timeAt(place: number): number {
    return this.#times[place] ?? 0;
  }

  wasRecoveredAt(place: number): boolean {
    return this.#recovered[place] === 1;
  }

  /** Notes an id, or notes it anew. */
  set(id: number, content: number, time: number, wasRecovered: boolean): void {
    // Half of it stays empty, so that the way to a place stays short.
    if (2 * (this.size + 1) > this.#capacity) this.#grow();
    const place = this.#placeOf(id || 1);
    if (this.#ids[place] === 0) this.size += 1;
    this.#ids[place] = id || 1;
    this.#contents[place] = content;
    this.#times[place] = time;
    this.#recovered[place] = wasRecovered ? 1 : 0;
  }

  /** Where the id is, or else where it would go. Fingerprints are spread evenly, so their last bits will do. */
  #placeOf(id: number): number {
    const mask = this.#capacity - 1;
    let place = (id >>> 0) & mask;
    while (this.#ids[place] !== 0 && this.#ids[place] !== id) place = (place + 1) & mask;
    return place;
  }

  #grow(): void {
    const [ids, contents, times, recovered] = [this.#ids, this.#contents, this.#times, this.#recovered];
    this.#capacity = Math.max(FIRST_CAPACITY, 2 * this.#capacity);
    this.#ids = new Float64Array(this.#capacity);
    this.#contents = new Float64Array(this.#capacity);
    this.#times = new Float64Array(this.#capacity);
    this.#recovered = new Uint8Array(this.#capacity);
    this.size = 0;
    for (const [place, id] of ids.entries()) {
      if (id !== 0) this.set(id, contents[place] ?? 0, times[place] ?? 0, recovered[place] === 1);
    }
  }
}
