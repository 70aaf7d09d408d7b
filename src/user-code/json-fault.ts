// What of a JavaScript value JSON would lose without a word. What is infinite is not lost: it is written as 1e999.

/** Where `value` is no JSON, and why: `.seen is a Map`; undefined where nothing is lost. */
export function jsonFault(value: unknown, place = 'it'): string | undefined {
  if (value === null || typeof value === 'string' || typeof value === 'boolean' || typeof value === 'bigint')
    return undefined;
  if (typeof value === 'number') return !Number.isNaN(value) ? undefined : `${place} is ${value}`;
  if (typeof value !== 'object')
    return `${place} is ${value === undefined ? 'undefined' : `a ${typeof value}`}`;
  if (Array.isArray(value)) return firstFault(value.map((item, index) => [`${place}[${index}]`, item]));
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return `${place} is a ${value.constructor.name}`;
  return firstFault(Object.entries(value).map(([name, item]) => [`${place}.${name}`, item]));
}

function firstFault(items: readonly (readonly [string, unknown])[]): string | undefined {
  for (const [place, item] of items) {
    const fault = jsonFault(item, place);
    if (fault !== undefined) return fault;
  }
  return undefined;
}
