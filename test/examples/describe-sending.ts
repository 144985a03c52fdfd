import { ExampleStage } from '../support/example-stage';
import { HttpFarEnd, type FarAnswers } from '../support/http-far-end';

/**
 * Tests of an example that sends messages to somebody's API. They share a stage; each has a far end of its own, which
 * answers as a new `Api` does: as much of that API as the example needs. `body` gets the three as functions, since they
 * are there only while a test runs.
 */
export function describeSending<Made extends { readonly answer: FarAnswers }>(
  title: string,
  Api: new () => Made,
  body: (stage: () => ExampleStage, farEnd: () => HttpFarEnd, api: () => Made) => void,
): void {
  describe(title, () => {
    let stage: ExampleStage;
    let farEnd: HttpFarEnd;
    let made: Made;

    before(async () => {
      stage = await ExampleStage.start();
    });
    after(() => stage.close());
    beforeEach(async () => {
      made = new Api();
      farEnd = await HttpFarEnd.start((request) => made.answer(request));
    });
    afterEach(async () => {
      // What still waits in the flow's context goes with the flow.
      await stage.deploy([]);
      await farEnd.down();
    });

    body(
      () => stage,
      () => farEnd,
      () => made,
    );
  });
}
