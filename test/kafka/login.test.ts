// Brokers that ask who it is, and brokers that are not there: what is said, with which exit code, and that no password shows.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { stagesOf, until } from '../helpers/processes.ts';
import { runShell, startShell, type ShellResult } from '../helpers/shell.ts';
import { temporaryFolder } from '../helpers/temporary.ts';
import { user } from './broker.js';
import { makeTopic, produce } from './topics.ts';
import { describeWithKafka } from './with-broker.ts';

const mechanisms = ['plain', 'scram-sha-256', 'scram-sha-512'];

describeWithKafka('a broker that asks', { isSecured: true }, (broker) => {
  const { name, password } = user;
  const withPassword = { SLUICE_KAFKA_PASSWORD: password };

  async function topicWith(...values: string[]): Promise<string> {
    const topic = await makeTopic(broker());
    await produce(broker(), topic, values);
    return topic;
  }

  const read = (
    address: string,
    options: string,
    environment: Record<string, string> = {},
  ): Promise<ShellResult> =>
    runShell(`sluice ingest '${address}' --until latest ${options} | jq -c '.records[]'`, { environment });

  /** Of one line, and a hint; nothing of kafkajs, of Node, or of the password. */
  function expectFailure({ stderr, exits }: ShellResult, exit: number, text: string | RegExp): void {
    expect(stderr).toMatch(text);
    expect(exits[0]).toBe(exit);
    expect(stderr).toMatch(/^sluice \w+: [^\n]*\n( {2}hint: [^\n]*\n)?$/);
    expect(stderr).not.toMatch(/KafkaJS|node:|Warning/);
    expect(stderr).not.toContain(password);
  }

  test('TLS, to whom --tls-ca trusts', async () => {
    const topic = await topicWith('one');
    const address = `kafka://${broker().ssl}/${topic}`;
    expect(await read(address, `--tls-ca ${broker().certificate}`)).toMatchObject({
      stdout: '"one"\n',
      stderr: '',
    });
    expectFailure(await read(address, '--tls'), 69, 'cannot be trusted');
    expectFailure(await read(address, '--patience 3s'), 69, 'want --tls');
    expectFailure(
      await read(`kafka://${broker().bootstrap}/${topic}`, '--tls --patience 3s'),
      69,
      'does not speak TLS',
    );
  });

  test('in and out, over TLS and with a password', async () => {
    const topic = await makeTopic(broker());
    const address = `kafka://${name}@${broker().saslSsl}/${topic}`;
    const options = `--tls-ca ${broker().certificate} --sasl scram-sha-512`;
    const { stderr, exits } = await runShell(
      `seq 3 | sluice ingest | sluice batch --once | sluice emit ${address} ${options}`,
      { environment: withPassword },
    );
    expect({ stderr, exits }).toEqual({ stderr: '', exits: [0, 0, 0, 0] });
    expect((await read(address, options, withPassword)).stdout).toBe('"1"\n"2"\n"3"\n');
  });

  test.for(mechanisms)('a password, by %s', async (mechanism) => {
    const topic = await topicWith('one');
    const address = `kafka://${name}@${broker().sasl}/${topic}`;
    const file = join(temporaryFolder(), 'password');
    writeFileSync(file, `${password}\n`);
    const right = { stdout: '"one"\n', stderr: '' };
    expect(await read(address, `--sasl ${mechanism} --password-file ${file}`)).toMatchObject(right);
    expect(await read(address, `--sasl ${mechanism}`, withPassword)).toMatchObject(right);
    writeFileSync(file, 'wrong');
    const wrong = await read(address, `--sasl ${mechanism} --password-file ${file}`);
    expectFailure(wrong, 77, 'does not let us in');
    expect(wrong.milliseconds).toBeLessThan(30_000);
  });

  test('emit says so as well', async () => {
    const topic = await makeTopic(broker());
    const result = await runShell(
      `sluice emit kafka://${name}@${broker().sasl}/${topic} --sasl plain < <(seq 1 | sluice ingest | sluice batch --once)`,
      { environment: { SLUICE_KAFKA_PASSWORD: 'wrong' } },
    );
    expectFailure(result, 77, 'does not let us in');
  });

  test('what is missing on the line is said before anything is reached', async () => {
    const address = `kafka://${name}@${broker().sasl}/t`;
    expectFailure(await read(address, ''), 2, 'how is not said');
    expectFailure(await read(address, '--sasl plain'), 2, 'a password is needed');
    expectFailure(await read(`kafka://${broker().sasl}/t`, '--sasl plain'), 2, '--sasl needs a user');
    expectFailure(
      await read(`kafka://${name}:${password}@${broker().sasl}/t`, '--sasl plain'),
      2,
      'does not belong in an address',
    );
  });

  test('who does not log in where that is asked is told so', async () => {
    const topic = await topicWith('one');
    expectFailure(await read(`kafka://${broker().sasl}/${topic}`, '--patience 3s'), 69, '--sasl');
  });

  test.for(['ingest', 'emit'])('%s: no such topic, and no such broker', async (stage) => {
    const line = (address: string): string =>
      stage === 'ingest'
        ? `sluice ingest ${address} --until latest --patience 2s`
        : `sluice emit ${address} --patience 2s < <(seq 1 | sluice ingest | sluice batch --once)`;
    expectFailure(await runShell(line(`kafka://${broker().bootstrap}/absent`)), 69, 'there is no such topic');
    const nowhere = await runShell(line('kafka://127.0.0.1:1/t'));
    expectFailure(nowhere, 69, 'cannot be reached');
    expect(nowhere.milliseconds).toBeLessThan(30_000);
    expectFailure(await runShell(line('kafka://no-such-host.invalid/t')), 69, 'cannot be reached');
  });

  test('the password shows nowhere: not to other users of the machine, not in the state', async () => {
    const topic = await topicWith('one', 'two');
    const address = `kafka://${name}@${broker().sasl}/${topic}`;
    const shell = startShell(
      `sluice ingest ${address} --sasl plain --start earliest --state st | sluice batch 100ms | sluice emit ${address} --sasl plain --transactional`,
      { environment: withPassword },
    );
    onTestFinished(() => shell.signal('SIGKILL'));
    const state = join(shell.folder, 'st');
    const files = (): string[] =>
      readdirSync(state, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name));
    await until('it commits', () => {
      return readdirSync(join(state, 'commits')).length > 0 || undefined;
    });
    const stages = stagesOf(shell);
    expect(stages.map((stage) => stage.name)).toEqual(['ingest', 'batch', 'emit']);
    for (const { pid } of stages) {
      expect(readFileSync(`/proc/${pid}/cmdline`, 'utf8')).not.toContain(password);
    }
    for (const file of files()) expect(readFileSync(file, 'latin1'), file).not.toContain(password);
    shell.signal('SIGTERM');
    expect(await shell.done).toMatchObject({ stderr: '', exits: [0, 0, 0] });
  });
});
