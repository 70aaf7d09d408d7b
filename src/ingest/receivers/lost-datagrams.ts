// Datagrams that the system dropped, since its buffer of a socket was full. Linux tells how many, socket by socket; other systems do not.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import type { Socket } from 'node:dgram';

/** What tells how many they are so far. It is 0 where nobody knows. */
export function droppedBySystem(socket: Socket): () => number {
  const { port, family } = socket.address();
  const table = family === 'IPv6' ? '/proc/net/udp6' : '/proc/net/udp';
  const own = new Set(inodes());
  let known = 0;
  return () => {
    for (const line of linesOf(table)) {
      // Slot, address, peer, state, queues, timer, retransmissions, user, timeout, inode, references, pointer, drops.
      const fields = line.trim().split(/\s+/);
      const [address = '', inode = '', drops] = [1, 9, 12].map((at) => fields[at]);
      if (own.has(inode) && Number.parseInt(address.slice(-4), 16) === port) known = Number(drops);
    }
    return known;
  };
}

/** Of the sockets of this process: another one may have the same port of another address. */
function inodes(): string[] {
  const folder = '/proc/self/fd';
  return namesIn(folder).flatMap((name) => /^socket:\[(\d+)\]$/.exec(linkOf(`${folder}/${name}`))?.[1] ?? []);
}

function linesOf(table: string): string[] {
  try {
    return readFileSync(table, 'latin1').split('\n');
  } catch {
    return [];
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Empty for the one by which the folder itself was read. */
function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
