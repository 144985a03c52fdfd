import { selfSigned } from '../simulator/self-signed';

/** PEM texts: a server's key and certificate for 127.0.0.1, and the authority that nobody knows but us. */
export interface Certificate {
  readonly ca: string;
  readonly key: string;
  readonly cert: string;
}

/** Makes a certificate that is its own authority. */
export function makeCertificate(): Certificate {
  const { key, cert } = selfSigned('127.0.0.1');
  return { ca: cert, key, cert };
}
