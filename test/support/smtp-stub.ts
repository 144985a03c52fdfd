import type { Socket } from 'node:net';
import { simpleParser, type ParsedMail } from 'mailparser';
import { SMTPServer } from 'smtp-server';
import type { Certificate } from './certificate';
import { Changes } from './changes';
import { RestartablePort } from './restartable-port';

/** A mail that the mail server has taken. */
export interface Mail {
  readonly from: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
  /** Empty where the mail is plain text. */
  readonly html: string;
}

/** What becomes of a mail: undefined takes it, a number refuses it with this SMTP status, `hang` never answers, `break` ends the connection. */
type Verdict = (mail: Mail) => number | 'hang' | 'break' | undefined;

/** A mail server on loopback, with TLS from the first byte, that wants this login. */
export class SmtpStub {
  static readonly LOGIN = { userid: 'shop@example.com', password: 'a simulator password for mail' } as const;
  /** What it has taken, oldest first. */
  readonly mails: Mail[] = [];
  /** How often someone asked it to take a mail, whatever it said. */
  asked = 0;
  readonly #changes = new Changes();
  readonly #port: RestartablePort;
  #verdict: Verdict = () => undefined;
  /** By the port of the client. */
  readonly #sockets = new Map<number | undefined, Socket>();

  private constructor({ key, cert }: Certificate) {
    this.#port = new RestartablePort(() => this.#server(key, cert).server);
  }

  static async start(certificate: Certificate): Promise<SmtpStub> {
    const stub = new SmtpStub(certificate);
    await stub.up();
    return stub;
  }

  get port(): number {
    return this.#port.number;
  }

  judge(verdict: Verdict): void {
    this.#verdict = verdict;
  }

  /** Resolves once `holds`; rejects after 20 s. */
  until(holds: (stub: SmtpStub) => boolean): Promise<void> {
    return this.#changes.until(
      () => holds(this),
      () => ({ asked: this.asked, mails: this.mails }),
    );
  }

  /** From now on connections are refused. */
  down(): Promise<void> {
    return this.#port.close();
  }

  /** Ends `down`, on the same port. */
  up(): Promise<void> {
    return this.#port.open();
  }

  #server(key: string, cert: string): SMTPServer {
    const server = new SMTPServer({
      secure: true,
      key,
      cert,
      onAuth: ({ username, password }, _session, done) => {
        const { userid, password: wanted } = SmtpStub.LOGIN;
        if (username === userid && password === wanted) done(null, { user: username });
        else done(new Error('Authentication failed'));
      },
      onData: (stream, { envelope, remotePort }, done) => {
        const to = envelope.rcptTo.map(({ address }) => address);
        const from = envelope.mailFrom === false ? '' : envelope.mailFrom.address;
        void simpleParser(stream).then((mail) => this.#judge(read(mail, from, to), remotePort, done));
      },
    });
    server.server.on('connection', (socket) => this.#sockets.set(socket.remotePort, socket));
    // A client that disconnects, or is disconnected, must not end the tests.
    server.on('error', () => undefined);
    return server;
  }

  #judge(mail: Mail, port: number, done: (error?: Error) => void): void {
    this.asked += 1;
    const verdict = this.#verdict(mail);
    if (verdict === undefined) this.mails.push(mail);
    if (verdict === 'break') this.#sockets.get(port)?.destroy();
    else if (verdict === undefined) done();
    else if (verdict !== 'hang')
      done(Object.assign(new Error(`not taken: ${mail.subject}`), { responseCode: verdict }));
    this.#changes.happened();
  }
}

function read({ subject, text, html }: ParsedMail, from: string, to: readonly string[]): Mail {
  return { from, to, subject: subject ?? '', text: text ?? '', html: html === false ? '' : (html ?? '') };
}
