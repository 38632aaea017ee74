/** Which of a client's messages are new: what mids cannot tell alone, the text of message 0 does. Pure. */
import { SeenMids } from './mids.js';

export class Inbox {
  private readonly seen = new SeenMids();
  private textOfZero: string | undefined;

  /**
   * True when the message must be delivered, false when it repeats one that was.
   *
   * Mid 0 says that the sender restarted, and all flags are cleared. But the first message of all is
   * retransmitted like any other when its ack is lost, and then still has mid 0; taken as a restart, it would be
   * delivered twice. So 0 with the text it had the last time is a repetition, for as long as its flag is set.
   */
  isNew(mid: number, text: string): boolean {
    if (mid === 0) {
      if (this.seen.has(0) && text === this.textOfZero) return false;
      this.seen.clear();
      this.textOfZero = text;
    }
    return this.seen.note(mid);
  }
}
