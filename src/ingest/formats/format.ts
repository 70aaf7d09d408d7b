// A format turns whole lines into records. One file a format, one line in registry.ts.
import type { Rejects } from '../../stage/rejects.ts';
import type { Closing } from '../../stage/stage.ts';
import type { Joining } from '../joining.ts';
import type { FieldType } from './field-types.ts';

/** Records as they go into an envelope: the inside of a JSON array, how many they are, and from how many lines. */
export type Encoded = { payload: Buffer; count: number; lines: number };

export interface Format {
  /** `region` is whole lines, each with its newline; `placeOf` says where one of them stands, counted from 0, for
   * messages. `isAtStart` where its first line is the first of its source. Throws what the rejects throw, but not before
   * the records ahead have been yielded. */
  encode(region: Buffer, placeOf: PlaceOf, isAtStart?: boolean): Iterable<Encoded>;
  /** One record that comes in one piece, without a newline behind it: it may have line ends in it. Where this is missing,
   * line ends are white space. */
  encodeOne?(record: Buffer, place: string, isAtStart?: boolean): Iterable<Encoded>;
  /** Where a record may have several lines. */
  readonly joining?: Joining | undefined;
  /** Counters since the last call, for the report. */
  counters(): Record<string, number>;
  /** What is to be said at the end. */
  warnings?(): Closing['warnings'];
}

export type PlaceOf = (line: number) => string;

/** What the command line says of the fields of records. */
export type FormatSettings = {
  /** What stands behind the format's name and a colon. */
  readonly argument: string;
  /** The fields to decode; all where undefined. */
  readonly fields: readonly string[] | undefined;
  readonly types: ReadonlyMap<string, FieldType>;
  /** The columns of files without a heading. */
  readonly header: readonly string[] | undefined;
  /** There is one source, and no other heading than its own. */
  readonly isOnlySource?: boolean | undefined;
  /** Milliseconds that a pattern may take for one line at most. */
  readonly taskTimeout?: number | undefined;
  /** For people: what was found out about the input. */
  readonly tell?: ((message: string) => void) | undefined;
};

export type FormatKind = {
  readonly name: string;
  readonly summary: string;
  /** What stands behind the name and a colon, as the manual calls it. */
  readonly argument?: string;
  /** It can do without. */
  readonly isArgumentOptional?: boolean;
  /** Records are objects that this format makes of named fields, so that --fields and --types say something. */
  readonly hasFields?: boolean;
  /** --multiline does nothing, or harm. */
  readonly isOneLine?: boolean;
  /** What it does depends on how the first source begins. */
  readonly needsStart?: boolean;
  /** The first line of a source names its columns. */
  readonly hasHeading?: boolean;
  /** Throws SluiceError('usage') for an argument that cannot be used. */
  readonly create: (rejects: Rejects, settings: FormatSettings) => Format;
};
