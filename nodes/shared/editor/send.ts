/** What Node-RED answered: a status, 0 where nothing came, and the JSON, if it was JSON. */
export interface Reply {
  readonly status: number;
  readonly body?: unknown;
}

interface Request {
  /** Relative to the editor. */
  readonly url: string;
  readonly type: 'GET' | 'POST';
  /** Sent as JSON. */
  readonly body?: object;
  /** In ms. */
  readonly timeout: number;
}

/** Asks Node-RED; never rejects. */
export function send({ url, type, body, timeout }: Request): Promise<Reply> {
  return new Promise((settle) => {
    $.ajax({
      url,
      type,
      timeout,
      ...(body && { contentType: 'application/json', data: JSON.stringify(body) }),
      success: (answer) => settle({ status: 200, body: answer }),
      error: ({ status, responseJSON }) => settle({ status, body: responseJSON }),
    });
  });
}
