// Kafka itself, from its Maven artifacts.
import { join } from 'node:path';
import { classPathOf } from '../helpers/java.js';

/** The class path of a broker and its tools. */
export function kafkaClassPath() {
  return classPathOf(join(import.meta.dirname, 'pom.xml'), 'kafka');
}
