// A source that is no file: something that is sent to, or connected to, and puts what comes into an inbox.
import type { Tls } from '../../tls.ts';
import type { Closing } from '../../stage/stage.ts';
import type { Complaints } from './complaints.ts';
import type { Inbox } from './inbox.ts';

export type ServiceSettings = {
  /** As the user typed it. */
  readonly operand: string;
  readonly inbox: Inbox;
  readonly complaints: Complaints;
  readonly tls: Tls | undefined;
  /** Bytes of a line; what is beyond is cut off. */
  readonly maxRecord: number;
  readonly format: string;
  readonly exitOnEof: boolean;
  readonly patience: number;
  readonly maxConnections: number;
  readonly idleTimeout: number | undefined;
  /** Headers of events are to be kept. */
  readonly withHeaders: boolean;
  readonly dedupHeader: string | undefined;
  readonly warn: (message: string) => void;
  /** For people who look on. */
  readonly tell?: ((message: string) => void) | undefined;
};

export type Service = {
  /** Nothing more comes in; the inbox is ended. */
  readonly stop: () => void;
  /** All is over: answers are given, or will never be. */
  readonly close: () => void;
  /** Lines that were cut off. */
  readonly cut: () => number;
  readonly closing?: () => Closing['warnings'];
};

export type ReceiverKind = {
  /** What an operand looks like, for the manual. */
  readonly name: string;
  readonly summary: string;
  readonly matches: (operand: string) => boolean;
  /** It is given messages, one by one, which may have line ends in them and headers: `messages.ts`. */
  readonly hasMessages: (format: string) => boolean;
  /** Somebody waits until what was sent is safe. */
  readonly answers?: boolean;
  /** Lines of one client after another, so that they can be joined. */
  readonly isOneStream?: boolean;
  /** The options that it heeds, beside those of all sources. */
  readonly options: readonly string[];
  /** Throws SluiceError where it cannot be had. */
  readonly open: (settings: ServiceSettings) => Promise<Service>;
};
