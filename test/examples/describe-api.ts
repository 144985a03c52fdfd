import { ExampleHarness } from '../support/example-harness';
import { HttpStub, type FarAnswers } from '../support/http-stub';

/**
 * Tests of an example that calls an HTTP API. They share a harness; each has a stub server of its own, which
 * answers as a new `Api` does: as much of that API as the example needs. `body` gets the three as functions, since they
 * are there only while a test runs.
 */
export function describeApi<Made extends { readonly answer: FarAnswers }>(
  title: string,
  Api: new () => Made,
  body: (harness: () => ExampleHarness, stub: () => HttpStub, api: () => Made) => void,
): void {
  describe(title, () => {
    let harness: ExampleHarness;
    let stub: HttpStub;
    let made: Made;

    before(async () => {
      harness = await ExampleHarness.start();
    });
    after(() => harness.close());
    beforeEach(async () => {
      made = new Api();
      stub = await HttpStub.start((request) => made.answer(request));
    });
    afterEach(async () => {
      // What still waits in the flow's context goes with the flow.
      await harness.deploy([]);
      await stub.down();
    });

    body(
      () => harness,
      () => stub,
      () => made,
    );
  });
}
