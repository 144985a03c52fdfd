import type { Page } from 'playwright-core';

/**
 * Resolves once the dialog with this button can be used. The editor shows its buttons before there is a form, asks
 * Node-RED for the credentials, fills in the form, slides the dialog in and, meanwhile, moves the focus into the form.
 */
export async function untilDialogIsReady(page: Page, button: string): Promise<void> {
  await page.waitForFunction(`(() => {
    const tray = document.querySelector('${button}')?.closest('.red-ui-tray');
    const hasFocus = tray?.querySelector('.red-ui-tray-body :focus') != null;
    return hasFocus && getComputedStyle(tray).right === '0px';
  })()`);
}

/** Resolves once the dialog that was below a closed one, if there was one, has slid back in. */
export async function untilDialogIsBack(page: Page): Promise<void> {
  await page.waitForFunction(
    "[...document.querySelectorAll('.red-ui-tray')].every((tray) => getComputedStyle(tray).right === '0px')",
  );
}
