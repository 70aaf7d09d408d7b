// Places where a test can make the process die, such as in the middle of writing a state file: chance would seldom do it.
const [wanted, countdown = '1'] = (process.env['SLUICE_FAULT'] ?? '').split('#');
let left = Number(countdown);

/** Dies here where `SLUICE_FAULT` names this point: `renamed`, or `renamed#3` for the third time that it is passed. */
export function faultPoint(name: string): void {
  if (name !== wanted) return;
  left -= 1;
  if (left === 0) process.kill(process.pid, 'SIGKILL');
}
