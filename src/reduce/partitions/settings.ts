// Whether and how a reduction is divided by key, as the command line says.
import { SluiceError } from '../../errors.ts';
import type { ReducePlan } from '../plan.ts';
import type { Salt } from './router.ts';

export type Partitioning = { readonly partitions: number; readonly salt: Salt };

/** Even with some more keys than partitions, and few enough to be worth a task each. */
const usualPartitions = 8;
const most = 4096;

type Given = { readonly partitions?: number | undefined; readonly salt?: string | undefined };

/**
 * Undefined where nothing is divided: what the kernel reads (`isCombined`) is put together from parts of the stream, and with a
 * bound on keys those are kept that come first. Throws SluiceError('usage').
 */
export function partitioningFrom(
  { partitions, salt }: Given,
  plan: ReducePlan | undefined,
  isCombined: boolean,
): Partitioning | undefined {
  const chosen = saltFrom(salt);
  if (partitions !== undefined && partitions > most)
    throw new SluiceError('usage', `--partitions ${partitions} are too many`, `there are ${most} at most`);
  const splits = plan?.columns.find((column) => column.splits !== undefined)?.splits;
  if (splits === 'never' && salt !== undefined && chosen !== 'off')
    throw new SluiceError(
      'usage',
      '--salt would split keys whose results cannot be put together',
      'let the module of --fold export combine(result, other), or merge(state, other)',
    );
  if (!plan || plan.takes !== 'fields' || isCombined) return undefined;
  if (plan.maxKeys !== undefined) {
    if (partitions !== undefined || (salt !== undefined && chosen !== 'off'))
      throw new SluiceError(
        'usage',
        '--max-keys does not go with --partitions or --salt',
        'which keys come first only one thread can tell',
      );
    return undefined;
  }
  if (partitions === undefined && splits === undefined && salt === undefined) return undefined;
  return { partitions: partitions ?? usualPartitions, salt: splits === 'never' ? 'off' : chosen };
}

function saltFrom(text: string | undefined): Salt {
  if (text === undefined || text === 'auto') return 'auto';
  if (text === 'off') return 'off';
  const number = /^[1-9]\d{0,3}$/.test(text) ? Number(text) : 0;
  if (number > 0) return number;
  throw new SluiceError(
    'usage',
    `--salt cannot be '${text}'`,
    'it is auto, off, or among how many partitions: --salt 4',
  );
}
