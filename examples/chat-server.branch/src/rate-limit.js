/** Allows each person `limit` messages per window; forgets those who have been quiet for one. */
export class RateLimiter {
  constructor({ limit = 20, windowMs = 10_000 } = {}) {
    this.limit = limit;
    this.buckets = new Map();
    this.sweeper = setInterval(() => this.sweep(Date.now() - windowMs), windowMs);
  }

  allows(person) {
    const bucket = this.buckets.get(person) ?? { count: 0, since: Date.now() };
    bucket.count += 1;
    this.buckets.set(person, bucket);
    return bucket.count <= this.limit;
  }

  sweep(before) {
    for (const [person, bucket] of this.buckets) {
      if (bucket.since < before) this.buckets.delete(person);
    }
  }

  /** Starts everybody afresh, as when the limits were changed. */
  reset() {
    this.buckets.clear();
  }

  close() {
    this.reset();
  }
}
