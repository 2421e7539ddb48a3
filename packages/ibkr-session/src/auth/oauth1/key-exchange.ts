import { createPrivateKey, createPublicKey, diffieHellman } from "node:crypto";
import { type DhParameters, der, javaBytes, modPow, readDer, unsigned } from "./numbers.ts";

/** Our side of one Diffie-Hellman exchange. */
export interface KeyExchange {
	/** The number that is sent to the other side. */
	readonly challenge: bigint;
	/** The number that both sides share; undefined for one that anybody can compute. @param theirs - what the other side sent. */
	sharedKey(theirs: bigint): bigint | undefined;
}

/**
 * Starts an exchange. OpenSSL computes it in constant time, where the runtime gives access to it: Node and Deno do, Bun does
 * not. The numbers are the same everywhere.
 */
export function createKeyExchange(parameters: DhParameters, secret: bigint): KeyExchange {
	try {
		return nativeExchange(parameters, secret);
	} catch {
		return plainExchange(parameters, secret);
	}
}

/** By arithmetic alone, for runtimes without Diffie-Hellman keys. */
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
 * By OpenSSL. The keys are imported, because `createDiffieHellman` first tests the prime, which blocks for 0.2 to 2 seconds.
 *
 * @throws where the runtime cannot import such keys.
 */
export function nativeExchange({ prime, generator }: DhParameters, secret: bigint): KeyExchange {
	const algorithm = der(0x30, pkcs3, der(0x30, integer(prime), integer(generator)));
	const privateKey = createPrivateKey({
		key: der(0x30, integer(0n), algorithm, der(0x04, integer(secret))),
		format: "der",
		type: "pkcs8",
	});
	// The sequence of the algorithm and a BIT STRING, whose first byte counts unused bits, with the public number.
	const ours = readDer(createPublicKey(privateKey).export({ format: "der", type: "spki" }), 0x30);
	const after = ours && readDer(ours.content, 0x30)?.rest;
	const number = after && readDer(readDer(after, 0x03)?.content.subarray(1) ?? after, 0x02);
	if (!number) throw new Error("no public number in the exported key");
	return {
		challenge: unsigned(number.content),
		sharedKey: (theirs) => {
			const key = der(0x30, algorithm, der(0x03, Buffer.from([0]), integer(theirs)));
			try {
				const publicKey = createPublicKey({ key, format: "der", type: "spki" });
				return BigInt(`0x${diffieHellman({ privateKey, publicKey }).toString("hex")}`);
			} catch {
				// OpenSSL refuses a number that anybody can compute.
				return plainExchange({ prime, generator }, secret).sharedKey(theirs);
			}
		},
	};
}
