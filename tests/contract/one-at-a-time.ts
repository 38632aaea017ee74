/** Lets bodies of tests run one after the other, although AVA starts them together: their real waits then mean something. */
export function oneAtATime<Subject>(
  withSubject: (body: (subject: Subject) => Promise<void>) => Promise<void>,
): (body: (subject: Subject) => Promise<void>) => Promise<void> {
  let last: Promise<void> = Promise.resolve();
  return (body) => {
    const turn = last.then(() => withSubject(body));
    last = turn.catch(() => undefined);
    return turn;
  };
}
