/**
 * A serial port over telnet (RFC 854, RFC 2217), the server's half: bytes, baud rate, and the modem lines DTR and RTS.
 * Takes apart what the client sends, and says what to answer. Of the settings only the rate matters to a virtual UART;
 * the others are answered as the client wants them.
 */

const IAC = 0xff;
const telnet = { se: 240, sb: 250, will: 251, wont: 252, do: 253, dont: 254 } as const;
const option = { binary: 0, echo: 1, suppressGoAhead: 3, comPort: 44 } as const;
/** Commands of the option (RFC 2217, section 3); an answer's number is 100 higher. */
const comPort = { setBaud: 1, setControl: 5 } as const;
const ANSWER = 100;
/** Values of `setControl`. */
const control = { flowRequest: 0, noFlowControl: 1, dtrOn: 8, dtrOff: 9, rtsOn: 11, rtsOff: 12 } as const;
/** A longer subnegotiation is not one of a serial port: what is beyond is dropped. */
const SUBNEGOTIATION_LIMIT = 64;

const SUPPORTED: ReadonlySet<number> = new Set(Object.values(option));

/** What to do, in this order. */
export type PortEvent =
  | { readonly kind: 'data'; readonly bytes: Uint8Array }
  | { readonly kind: 'baud'; readonly baud: number }
  | { readonly kind: 'lines'; readonly dtr: boolean; readonly rts: boolean }
  /** To be sent as it is when what comes before it is done: clients wait for it. */
  | { readonly kind: 'answer'; readonly bytes: Uint8Array };

/** Whether a client's first bytes are telnet's: no REPL is talked to with 0xFF. */
export const isTelnet = (first: Uint8Array): boolean => first[0] === IAC;

/** Doubles the bytes that telnet takes for its own. */
export function escapeTelnet(bytes: Uint8Array): Uint8Array {
  return bytes.includes(IAC)
    ? Uint8Array.from([...bytes].flatMap((byte) => (byte === IAC ? [IAC, IAC] : [byte])))
    : bytes;
}

type State = 'data' | 'command' | 'option' | 'subnegotiation' | 'subnegotiation command';

export class Rfc2217 {
  private state: State = 'data';
  private command = 0;
  private data: number[] = [];
  private subnegotiation: number[] = [];
  private events: PortEvent[] = [];
  private readonly agreed = new Set<number>();
  private baud = 115_200;
  private dtr = false;
  private rts = false;

  /** Takes what came next; sequences may arrive in pieces. */
  take(bytes: Uint8Array): PortEvent[] {
    for (const byte of bytes) this.step(byte);
    this.endData();
    const { events } = this;
    this.events = [];
    return events;
  }

  private step(byte: number): void {
    switch (this.state) {
      case 'data':
        if (byte === IAC) this.state = 'command';
        else this.data.push(byte);
        break;
      case 'command':
        this.begin(byte);
        break;
      case 'option':
        this.negotiate(byte);
        this.state = 'data';
        break;
      case 'subnegotiation':
        if (byte === IAC) this.state = 'subnegotiation command';
        else this.keep(byte);
        break;
      case 'subnegotiation command':
        if (byte === telnet.se) this.endSubnegotiation();
        else this.keep(byte);
        this.state = byte === telnet.se ? 'data' : 'subnegotiation';
        break;
    }
  }

  private begin(byte: number): void {
    this.state = 'data';
    if (byte === IAC) this.data.push(IAC);
    else if (byte === telnet.sb) {
      this.subnegotiation = [];
      this.state = 'subnegotiation';
    } else if (byte >= telnet.will) {
      this.command = byte;
      this.state = 'option';
    }
  }

  /** Each is answered once: answers to answers would go round for ever. */
  private negotiate(what: number): void {
    const isOffer = this.command === telnet.will;
    if (!isOffer && this.command !== telnet.do) return;
    const key = this.command * 256 + what;
    if (this.agreed.has(key)) return;
    this.agreed.add(key);
    const yes = isOffer ? telnet.do : telnet.will;
    const no = isOffer ? telnet.dont : telnet.wont;
    this.answer([IAC, SUPPORTED.has(what) ? yes : no, what]);
  }

  private keep(byte: number): void {
    if (this.subnegotiation.length < SUBNEGOTIATION_LIMIT) this.subnegotiation.push(byte);
  }

  private endSubnegotiation(): void {
    const [what, command, ...value] = this.subnegotiation;
    if (what !== option.comPort || command === undefined || command >= ANSWER) return;
    this.endData();
    const answered = this.carryOut(command, value);
    const body = escapeTelnet(Uint8Array.from([command + ANSWER, ...answered]));
    this.answer([IAC, telnet.sb, option.comPort, ...body, IAC, telnet.se]);
  }

  /** The value that is in force then. */
  private carryOut(command: number, value: readonly number[]): readonly number[] {
    if (command === comPort.setBaud) return this.setBaud(value);
    if (command === comPort.setControl) return [this.setControl(value[0] ?? control.flowRequest)];
    return value;
  }

  /** Of four bytes, the first one highest; 0 asks for the rate in force. */
  private setBaud(value: readonly number[]): readonly number[] {
    const baud = value.reduce((sum, byte) => sum * 256 + byte, 0);
    if (baud > 0) {
      this.baud = baud;
      this.events.push({ kind: 'baud', baud });
    }
    return [24, 16, 8, 0].map((shift) => (this.baud >>> shift) & 0xff);
  }

  private setControl(value: number): number {
    if (value === control.flowRequest) return control.noFlowControl;
    if (value === control.dtrOn || value === control.dtrOff) this.dtr = value === control.dtrOn;
    else if (value === control.rtsOn || value === control.rtsOff) this.rts = value === control.rtsOn;
    else return value;
    this.events.push({ kind: 'lines', dtr: this.dtr, rts: this.rts });
    return value;
  }

  private answer(bytes: readonly number[]): void {
    this.endData();
    this.events.push({ kind: 'answer', bytes: Uint8Array.from(bytes) });
  }

  private endData(): void {
    if (this.data.length === 0) return;
    this.events.push({ kind: 'data', bytes: Uint8Array.from(this.data) });
    this.data = [];
  }
}
