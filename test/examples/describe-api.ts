import { ExampleStage } from '../support/example-stage';
import { HttpFarEnd, type FarAnswers } from '../support/http-far-end';

/**
 * Tests of an example that calls an HTTP API. They share a stage; each has a stub server of its own, which
 * answers as a new `Api` does: as much of that API as the example needs. `body` gets the three as functions, since they
 * are there only while a test runs.
 */
export function describeApi<Made extends { readonly answer: FarAnswers }>(
  title: string,
  Api: new () => Made,
  body: (stage: () => ExampleStage, stub: () => HttpFarEnd, api: () => Made) => void,
): void {
  describe(title, () => {
    let stage: ExampleStage;
    let stub: HttpFarEnd;
    let made: Made;

    before(async () => {
      stage = await ExampleStage.start();
    });
    after(() => stage.close());
    beforeEach(async () => {
      made = new Api();
      stub = await HttpFarEnd.start((request) => made.answer(request));
    });
    afterEach(async () => {
      // What still waits in the flow's context goes with the flow.
      await stage.deploy([]);
      await stub.down();
    });

    body(
      () => stage,
      () => stub,
      () => made,
    );
  });
}
