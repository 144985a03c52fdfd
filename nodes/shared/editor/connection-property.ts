import { text } from './text';

/** The property of a node that holds the id of its connection. */
export function connectionProperty(): SavedProperty {
  return { value: '', type: 'chatapp-connection', required: true, label: text('listener.label.connection') };
}

/** The name of a node type in the palette. It is asked for once the node type's own catalogue is there. */
export function paletteLabel(type: string): (this: RegisteredType) => string {
  return function () {
    return this._(`${type}.paletteLabel`);
  };
}
