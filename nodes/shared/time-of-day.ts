/** Hours and minutes, in the server's time zone. `time` in ms since the epoch. */
export function timeOfDay(time: number): string {
  return new Date(time).toTimeString().slice(0, 5);
}
