// Envelope streams that a stage reads beside the one from upstream: files and named pipes, by path.
import { constants, createReadStream, openSync } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import type { Envelope } from '../envelope/envelope.ts';
import { cannotRead, messageOf, SluiceError } from '../errors.ts';
import { readEnvelopes } from './input.ts';

export type EnvelopeStream = {
  /** How messages call it. */
  readonly name: string;
  /** Returns the end of the stream; throws SluiceError where it cannot be read. */
  readonly envelopes: AsyncIterator<Envelope, Envelope>;
  /** It comes from a named pipe, and so only once. */
  readonly isPipe?: boolean;
  /** Nobody wants the rest: what is open is closed, so that its writer ends as well. */
  readonly close: () => void;
};

/** Checks that `path` can be read, and opens nothing yet. Throws SluiceError('noInput'). */
export async function findStream(path: string): Promise<() => EnvelopeStream> {
  const status = await stat(path).catch((error: unknown) => {
    throw cannotRead(path, error);
  });
  if (status.isDirectory()) {
    throw new SluiceError('noInput', `${path} is a directory`, 'name a file or a named pipe of envelopes');
  }
  await access(path, constants.R_OK).catch((error: unknown) => {
    throw cannotRead(path, error);
  });
  return () => openStream(path, status.isFIFO());
}

function openStream(path: string, isPipe: boolean): EnvelopeStream {
  let stream: Readable | undefined;

  async function* bytes(): AsyncGenerator<Buffer> {
    try {
      stream = isPipe ? openPipe(path) : createReadStream(path);
      yield* stream as AsyncIterable<Buffer>;
    } catch (error) {
      throw new SluiceError('inputOutput', `cannot read ${path}: ${messageOf(error)}`, undefined, error);
    }
  }

  const close = (): void => {
    stream?.destroy();
  };
  return {
    name: path,
    envelopes: named(
      path,
      readEnvelopes(bytes(), () => undefined),
    ),
    isPipe,
    close,
  };
}

/**
 * As a socket, whose reads can be broken off; those of a file that happens to be a pipe keep the process waiting. Without
 * blocking, since an open that waits for a writer cannot be broken off either: the socket waits for the first bytes.
 */
function openPipe(path: string): Readable {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  return new Socket({ fd, readable: true, writable: false });
}

/** What the stage before writes, as one of several streams. */
export function upstreamStream(envelopes: AsyncIterator<Envelope, Envelope>): EnvelopeStream {
  const close = (): void => void envelopes.return?.().catch(() => undefined);
  return { name: 'upstream', envelopes, close };
}

/** Bad data in a stream beside the main one: which of them has the line that a message speaks of. */
function named(
  name: string,
  envelopes: AsyncIterator<Envelope, Envelope>,
): AsyncIterator<Envelope, Envelope> {
  return {
    async next() {
      try {
        return await envelopes.next();
      } catch (error) {
        if (!(error instanceof SluiceError) || error.exit !== 'badData') throw error;
        throw new SluiceError('badData', `${name}: ${error.message}`, error.hint, error);
      }
    },
  };
}
