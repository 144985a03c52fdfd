import { text } from './text';
import type { Check } from './validate';

/** Makes the editor's validator out of `check`. `label` is the key of the field's name, which the message begins with. */
export function validator(label: string, check: Check): Validator {
  // Two parameters, or the editor would show no message.
  return (value, _options) => {
    const problem = check(value);
    return problem === undefined || text(`invalid.${problem}`, { field: text(label) });
  };
}
