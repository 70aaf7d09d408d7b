// What a thread makes of the input of tasks, made once: each task comes with a copy of its own.

/** `make`, once for all inputs that are the same as JSON. */
export function remembered<Input, Made>(make: (input: Input) => Made): (input: Input) => Made {
  const known = new Map<string, Made>();
  return (input) => {
    const name = JSON.stringify(input);
    const made = known.get(name) ?? make(input);
    known.set(name, made);
    return made;
  };
}
