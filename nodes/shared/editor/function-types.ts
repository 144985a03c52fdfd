/** Where Node-RED serves the package's folder `resources`. Relative: the editor may live under any path. */
const DECLARATIONS = 'resources/@chatapp-community/node-red-chatapp/flow-types.d.ts';

/** The name under which the code editor keeps them. */
const LIBRARY = 'file://types/chatapp/index.d.ts';

interface ScriptLanguage {
  readonly javascriptDefaults: { addExtraLib(declarations: string, name: string): unknown };
}

/** The editor of code, as far as it is used here. Not there where Node-RED's settings choose another one. */
declare const monaco:
  { readonly languages: { readonly typescript?: ScriptLanguage }; readonly typescript?: ScriptLanguage } | undefined;

/**
 * Lets the code editor know the types of what the ChatApp nodes send, so that function nodes get completion by
 * `@type {ChatApp.FlowMessage}`. They are fetched once, when the first dialog is opened.
 */
export function offerFlowTypes(): void {
  let isAsked = false;
  RED.events.on('editor:open', () => {
    const language = scriptLanguage();
    if (isAsked || !language) return;
    isAsked = true;
    $.ajax({
      url: DECLARATIONS,
      type: 'GET',
      dataType: 'text',
      success: (declarations) => {
        if (typeof declarations === 'string') language.javascriptDefaults.addExtraLib(declarations, LIBRARY);
      },
      // The next dialog tries again. It needs no report: all works without completion.
      error: () => (isAsked = false),
    });
  });
}

/** Node-RED 5 has it at another place, and where it was. */
function scriptLanguage(): ScriptLanguage | undefined {
  return typeof monaco === 'undefined' ? undefined : (monaco.typescript ?? monaco.languages.typescript);
}
