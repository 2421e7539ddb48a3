import { randomBytes } from "node:crypto";

/** `base ** exponent % modulus`. */
export function modPow(base: bigint, exponent: bigint, modulus: bigint): bigint {
	let result = 1n;
	let square = base % modulus;
	for (let left = exponent; left > 0n; left >>= 1n) {
		if (left & 1n) result = (result * square) % modulus;
		square = (square * square) % modulus;
	}
	return result;
}

/** A random number of 256 bits. */
export function randomExponent(): bigint {
	return BigInt(`0x${randomBytes(32).toString("hex")}`);
}

/**
 * A number as the bytes of a Java BigInteger: big-endian, with a zero byte in front when the first bit is set, because
 * Java's numbers are signed. Without the zero byte, about half of all live session tokens would be wrong.
 */
export function javaBytes(value: bigint): Buffer {
	const digits = value.toString(16);
	const even = digits.length % 2 === 0 ? digits : `0${digits}`;
	return Buffer.from(/^[89a-f]/.test(even) ? `00${even}` : even, "hex");
}

/** The numbers that both sides of a Diffie-Hellman exchange know. */
export interface DhParameters {
	readonly prime: bigint;
	readonly generator: bigint;
}

/** Reads prime and generator from PEM text `DH PARAMETERS`; undefined for any other text. */
export function readDhParameters(pem: string): DhParameters | undefined {
	const body = /-----BEGIN DH PARAMETERS-----([A-Za-z0-9+/=\s]+)-----END DH PARAMETERS-----/.exec(pem)?.[1];
	if (body === undefined) return undefined;
	const sequence = readDer(Buffer.from(body, "base64"), 0x30);
	const prime = sequence && readDer(sequence.content, 0x02);
	const generator = prime && readDer(prime.rest, 0x02);
	if (!generator || prime.content.length === 0 || generator.content.length === 0) return undefined;
	return { prime: unsigned(prime.content), generator: unsigned(generator.content) };
}

/** Writes a DER element. */
export function der(tag: number, ...content: readonly Buffer[]): Buffer {
	const all = Buffer.concat(content);
	const length = all.length.toString(16);
	const bytes = Buffer.from(length.padStart(length.length + (length.length % 2), "0"), "hex");
	const head = all.length < 0x80 ? [tag] : [tag, 0x80 | bytes.length];
	return Buffer.concat([Buffer.from(head), bytes, all]);
}

/** Reads the DER element with this tag at the start of the bytes; returns its content and the bytes that follow. */
export function readDer(bytes: Buffer, tag: number): { content: Buffer; rest: Buffer } | undefined {
	const [first, second = 0] = bytes;
	if (first !== tag) return undefined;
	const lengthBytes = second < 0x80 ? 0 : second & 0x7f;
	if (lengthBytes > 4 || bytes.length < 2 + lengthBytes) return undefined;
	const length = lengthBytes === 0 ? second : bytes.readUIntBE(2, lengthBytes);
	const start = 2 + lengthBytes;
	if (bytes.length < start + length) return undefined;
	return { content: bytes.subarray(start, start + length), rest: bytes.subarray(start + length) };
}

/** The unsigned number that these big-endian bytes represent. */
export function unsigned(bytes: Buffer): bigint {
	return BigInt(`0x${bytes.toString("hex")}`);
}
