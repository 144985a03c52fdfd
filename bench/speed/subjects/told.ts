/** Words before a line of JSON on standard output: Node-RED prints more than ours. */
export const TOLD = 'bench: ';
