import { createPrivateKey, createPublicKey, diffieHellman } from "node:crypto";
import { type DhParameters, der, javaBytes, modPow, readDer, unsigned } from "./diffie-hellman-numbers.ts";

/** This program's side of one Diffie-Hellman key exchange. */
export interface KeyExchange {
	/** The public number that this program sends to the other side. */
	readonly challenge: bigint;
	/**
	 * The secret number that both sides compute. Undefined if `theirs` is a number, such as 0 or 1, with which anybody could
	 * compute the secret.
	 *
	 * @param theirs - the public number that the other side sent.
	 */
	sharedKey(theirs: bigint): bigint | undefined;
}

/**
 * Starts a key exchange. In runtimes that give access to OpenSSL (Node and Deno, but not Bun), OpenSSL computes the
 * numbers in constant time. The numbers are the same in every runtime.
 */
export function createKeyExchange(parameters: DhParameters, secret: bigint): KeyExchange {
	try {
		return nativeExchange(parameters, secret);
	} catch {
		return plainExchange(parameters, secret);
	}
}

/** A key exchange that is computed with BigInt arithmetic only, for runtimes without Diffie-Hellman keys. */
export function plainExchange({ prime, generator }: DhParameters, secret: bigint): KeyExchange {
	return {
		challenge: modPow(generator, secret, prime),
		sharedKey: (theirs) => {
			const shared = modPow(theirs, secret, prime);
			return shared > 1n && shared < prime - 1n ? shared : undefined;
		},
	};
}

/** The object identifier of PKCS#3 keys, 1.2.840.113549.1.3.1. */
const pkcs3 = Buffer.from("06092a864886f70d010301", "hex");
const integer = (value: bigint): Buffer => der(0x02, javaBytes(value));

/**
 * A key exchange that OpenSSL computes. The keys are imported instead of created by `createDiffieHellman`, which first
 * tests the prime and so blocks for 0.2 to 2 seconds.
 *
 * @throws an error if the runtime cannot import such keys.
 */
export function nativeExchange({ prime, generator }: DhParameters, secret: bigint): KeyExchange {
	const algorithm = der(0x30, pkcs3, der(0x30, integer(prime), integer(generator)));
	const privateKey = createPrivateKey({
		key: der(0x30, integer(0n), algorithm, der(0x04, integer(secret))),
		format: "der",
		type: "pkcs8",
	});
	// The exported key is a sequence of the algorithm and a BIT STRING. The first byte of the BIT STRING counts unused
	// bits; the rest is the public number.
	const ours = readDer(createPublicKey(privateKey).export({ format: "der", type: "spki" }), 0x30);
	const after = ours && readDer(ours.content, 0x30)?.rest;
	const number = after && readDer(readDer(after, 0x03)?.content.subarray(1) ?? after, 0x02);
	if (!number) throw new Error("OpenSSL exported a key without its public number");
	return {
		challenge: unsigned(number.content),
		sharedKey: (theirs) => {
			const key = der(0x30, algorithm, der(0x03, Buffer.from([0]), integer(theirs)));
			try {
				const publicKey = createPublicKey({ key, format: "der", type: "spki" });
				return BigInt(`0x${diffieHellman({ privateKey, publicKey }).toString("hex")}`);
			} catch {
				// OpenSSL throws for a number with which anybody could compute the secret. `plainExchange` returns undefined for such a
				// number.
				return plainExchange({ prime, generator }, secret).sharedKey(theirs);
			}
		},
	};
}
