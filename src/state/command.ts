import { defineTool } from '../command/command.ts';

export const stateCommand = defineTool({
  name: 'state',
  summary: 'look at the state that a job keeps, check it, or begin it anew',
  argument: {
    name: 'ACTION',
    describe: '`show`, `check` or `reset`, and behind it the folder of the state (default: $SLUICE_STATE)',
    takes: 'many',
  },
  options: {},
  description: [
    '`sluice state show` *DIR* tells what a folder holds: the stages with the settings that their state depends on, the last commit, the checkpoints, where each source stands, sizes and ages, and whether a run has it now.',
    '`sluice state check` *DIR* reads all of it and compares it with its checksums. It says of each damaged file what that means, and where a run would begin all the same. The exit status is 0 where all is whole, else 74.',
    '`sluice state reset` *DIR* removes the state, so that the next run begins with the beginning of its input. The folder itself stays, and what else is in it. A folder that a run has now, or that is none of a job, is left alone. What sinks have stays there: to a database the next run is another job, whose rows are added.',
    'The files are described in **sluice-state-folder**(5).',
  ],
  examples: [
    { line: 'sluice state show ~/.local/state/sluice/status', explains: 'where a job stands' },
    { line: 'SLUICE_STATE=state sluice state check', explains: 'whether its files are as they were written' },
  ],
  run: async (_settings, operands) => (await import('./tool.ts')).stateTool(operands),
});
