// What is said with a client of npm, in Node and in browsers.

/** Resolves once it is connected; rejects if it is not let in. */
export function connected(socket) {
  return new Promise((resolve, reject) => {
    socket.once("connect", resolve);
    for (const refused of ["connect_error", "error"]) socket.once(refused, (why) => reject(refusal(why)));
  });
}

/** An error, whatever a version makes of a refusal. */
function refusal(why) {
  return why instanceof Error ? why : Object.assign(new Error(why.message ?? String(why)), { data: why });
}

/** Says something, and resolves with the first argument of the answer. Rejects if the socket is disconnected before. */
export function ask(socket, event, ...args) {
  return new Promise((resolve, reject) => {
    const gone = (reason) => reject(new Error(`${reason}, instead of an answer to ${event}`));
    socket.once("disconnect", gone);
    socket.emit(event, ...args, (answer) => {
      socket.off("disconnect", gone);
      resolve(answer);
    });
  });
}

/** The arguments of the next `count` of these events. */
export function take(socket, event, count) {
  return new Promise((resolve, reject) => {
    const [taken, gone] = [[], (reason) => settle(reject, new Error(`${reason}, after ${taken.length} of ${event}`))];
    const hear = (...args) => taken.push(args) === count && settle(resolve, taken);
    function settle(how, value) {
      socket.off(event, hear);
      socket.off("disconnect", gone);
      how(value);
    }
    socket.on(event, hear);
    socket.on("disconnect", gone);
  });
}

/** The first argument of the next of these events. */
export async function hear(socket, event) {
  return (await take(socket, event, 1))[0][0];
}

/** All first arguments of these events, as they come. */
export function notes(socket, event) {
  const noted = [];
  socket.on(event, (value) => noted.push(value));
  return noted;
}

/** Why it was disconnected. */
export function ended(socket) {
  return new Promise((resolve) => socket.once("disconnect", resolve));
}
