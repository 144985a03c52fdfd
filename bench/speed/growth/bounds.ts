/** The highest exponents that count as linear and as constant: 0.2 is a factor of four over a thousandfold. */
export const LINEAR = 1.1;
export const CONSTANT = 0.2;
/** So much higher it may be between two neighbours, where a disturbance weighs more. */
export const MORE = 0.2;
