/** The longest gap of which missed messages are fetched, in hours: a week. */
export const MOST_HOURS = 168;
