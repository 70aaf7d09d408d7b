// join TABLE: a table that every stage of this process holds once.
import { resolve } from 'node:path';
import { sqlitePath } from '../../emit/sinks/sqlite-scheme.ts';
import { SluiceError } from '../../errors.ts';
import { RejectPolicy } from '../../stage/rejects.ts';
import type { FilterStage } from '../../stage/stage.ts';
import { warn } from '../../stage/stderr.ts';
import type { JoinSettings } from '../command.ts';
import { joinKeys } from '../key.ts';
import { checkSize, HeldTable } from './held-table.ts';
import { mostBytes } from './keyed-rows.ts';
import { openOrigin } from './origin.ts';
import { TableJoinCore, type TableJoinPlan } from './table-join.ts';

export async function tableStage(settings: JoinSettings, operand: string): Promise<FilterStage> {
  const { type, partSize } = settings;
  if (type === 'right' || type === 'full')
    throw new SluiceError(
      'usage',
      `--type ${type} is for two streams: that a row of a table has no partner is known at the end only`,
      'a table takes inner, left, semi or anti',
    );
  const [keys, tableKeys] = joinKeys(settings, 'say it with --on, as in: sluice join users.csv --on id');
  const rejects = new RejectPolicy('join', settings);
  const source = await heldTable(settings, operand, {
    keys: tableKeys,
    holdsMembers: type === 'inner' || type === 'left',
  });
  const plan: TableJoinPlan = { type, keys };
  const core = new TableJoinCore(plan, source, { rejects, partSize });
  return {
    name: 'join',
    role: 'filter',
    core,
    closing: () => rejects.closing(core.warnings(operand)),
  };
}

type Wanted = { readonly keys: ReturnType<typeof joinKeys>[1]; readonly holdsMembers: boolean };

/** The tables of this process, by all that tells them apart. */
const held = new Map<string, HeldTable>();

async function heldTable(
  { format, types, query, table, prefix, reload, maxTable }: JoinSettings,
  operand: string,
  { keys, holdsMembers }: Wanted,
): Promise<HeldTable> {
  if (maxTable > mostBytes)
    throw new SluiceError(
      'usage',
      '--max-table is more than memory can hold in one piece',
      'it is 4GiB at most',
    );
  const options = { format, types, query, table };
  const origin = await openOrigin(operand, options);
  checkSize(origin.name, (await origin.state()).size, maxTable);
  if (reload && !origin.isLasting)
    throw new SluiceError('usage', `${operand} can be read once only`, '--reload is for files and databases');
  const path = sqlitePath(operand);
  const names = keys.map(({ name }) => name);
  const identity = JSON.stringify([resolve(path), options, names, prefix, reload, maxTable]);
  const known = held.get(identity);
  if (known) {
    known.share(holdsMembers);
    return known;
  }
  const made = new HeldTable({
    origin,
    plan: { keys, prefix, holdsMembers, maxSize: maxTable },
    isReadAgain: reload,
    warn: (message) => warn('join', message),
  });
  held.set(identity, made);
  return made;
}
