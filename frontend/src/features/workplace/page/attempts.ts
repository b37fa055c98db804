/**
 * Attempts gives the same request id to a request that is repeated because nobody knows what became of it, so that it happens once. An
 * answer, good or bad, ends that.
 */
export class Attempts {
  private readonly open = new Map<string, string>();

  /** The id for a request of this content. */
  id(content: string): string {
    let id = this.open.get(content);
    if (id === undefined) this.open.set(content, (id = crypto.randomUUID()));
    return id;
  }

  /** The request was answered. */
  answered(content: string): void {
    this.open.delete(content);
  }
}
