import type { ChannelType } from '../../../../src/events/channels';
import type { Migration } from '../../migration';
import { labelStyle, namesIn, paletteLabel, type LabelSettings, type Names, type Text } from '../account/labels';
import { ackSeconds, connectionProperty, id, idOrAll, inFlight, messengerTypeOrAll, validator } from '../form/validate';
import { text } from '../page/text';
import {
  prepareCompanyField,
  prepareEmployeeFields,
  prepareLineFields,
  prepareUserField,
} from '../pickers/account-fields';
import { companyLabel, employeeLabel, messengerLabel, userLabel } from './labels';
import { acknowledgement, prepareListener, saveListener, type ListenerSettings } from './listener-dialog';
import { outputLabel } from './outputs';
import { sendSample } from './sample';

interface Kind {
  /** The properties that say what it listens to. */
  readonly ids: readonly string[];
  readonly label: (settings: LabelSettings, names: Names, text: Text) => string;
  /** Makes these properties' fields offer what the account has. */
  readonly prepare: () => void;
}

const KINDS: Readonly<Record<ChannelType, Kind>> = {
  messenger: {
    ids: ['licenseId', 'messengerType'],
    label: messengerLabel,
    prepare: () => prepareLineFields({ line: text('picker.allLines'), messenger: text('picker.allMessengers') }),
  },
  company: { ids: ['companyId'], label: companyLabel, prepare: prepareCompanyField },
  user: { ids: ['userId'], label: userLabel, prepare: prepareUserField },
  employee: { ids: ['companyId', 'userId'], label: employeeLabel, prepare: prepareEmployeeFields },
};

/** What the definitions of the four listeners have in common, by the names of the editor and of the saved properties. */
export function listenerType(channelType: ChannelType, migration: Migration): ListenerType {
  const type = `chatapp-${channelType}`;
  const { ids, label, prepare } = KINDS[channelType];
  return {
    properties: {
      connection: connectionProperty(),
      licenseId: { value: '', validate: validator('listener.label.licenseId', idOrAll) },
      messengerType: { value: '', validate: validator('listener.label.messengerType', messengerTypeOrAll) },
      companyId: { value: '', validate: validator('listener.label.companyId', id) },
      userId: { value: '', validate: validator('listener.label.userId', id) },
      ack: { value: 'sent', validate: acknowledgement },
      ackSeconds: { value: 60, validate: validator('listener.label.ackSeconds', ackSeconds) },
      inFlight: { value: 100, validate: validator('listener.label.inFlight', inFlight) },
    },
    paletteLabel: paletteLabel(type),
    label() {
      return label(this, namesIn(this.connection, type), text);
    },
    labelStyle() {
      return labelStyle(this);
    },
    outputLabels(index) {
      return outputLabel(this, channelType, index);
    },
    button: {
      onclick() {
        sendSample(this);
      },
    },
    oneditprepare() {
      prepareListener(this, channelType, ids, migration);
      prepare();
    },
    oneditsave() {
      saveListener(this, channelType, migration);
    },
  };
}

type Handler = 'paletteLabel' | 'label' | 'labelStyle' | 'outputLabels' | 'button' | 'oneditprepare' | 'oneditsave';

export interface ListenerType extends Required<Pick<NodeDefinition<ListenerSettings, object>, Handler>> {
  readonly properties: Readonly<
    Record<
      'connection' | 'licenseId' | 'messengerType' | 'companyId' | 'userId' | 'ack' | 'ackSeconds' | 'inFlight',
      SavedProperty
    >
  >;
}
