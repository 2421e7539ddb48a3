import { createDiffieHellman, createHmac, getDiffieHellman } from "node:crypto";
import { expect, it } from "vitest";
import { der, javaBytes, modPow, randomExponent, readDer, unsigned } from "./diffie-hellman-numbers.ts";
import { createKeyExchange, nativeExchange, plainExchange } from "./key-exchange.ts";

const prime = BigInt(`0x${getDiffieHellman("modp14").getPrime("hex")}`);
const parameters = { prime, generator: 2n };

it("nativeExchange and plainExchange compute the same numbers, for safe primes and for other moduli", () => {
	for (const modulus of [prime, (1n << 2_047n) + 1n, (1n << 2_047n) + 12_345_678_901n, (1n << 2_048n) - 1n]) {
		for (const secret of [randomExponent(), randomExponent(), 2n, 0xffn, 0x80n, (1n << 256n) - 1n]) {
			const theirs = modPow(2n, randomExponent(), modulus);
			const [native, plain] = [nativeExchange, plainExchange].map((make) => {
				const { challenge, sharedKey } = make({ prime: modulus, generator: 2n }, secret);
				return { challenge, shared: sharedKey(theirs) };
			});
			expect(native).toEqual(plain);
		}
	}
});

it.each([
	["1", (1n << 2_048n) - 1n, 1n << 1_024n, 2n],
	["the modulus less 1", prime, prime - 1n, 3n],
])(
	"nativeExchange and plainExchange return no key when anybody could compute the shared number: %s",
	(_, modulus, theirs, secret) => {
		for (const make of [nativeExchange, plainExchange]) {
			expect(make({ prime: modulus, generator: 2n }, secret).sharedKey(theirs)).toBe(undefined);
		}
	},
);

it("nativeExchange and plainExchange give the same live session token, even if the shared number begins with zero bits", () => {
	const prepend = Buffer.from("0102030405", "hex");
	for (let turn = 0; turn < 120; turn++) {
		const secret = randomExponent();
		const theirs = modPow(2n, randomExponent(), prime);
		const tokens = [nativeExchange, plainExchange].map((make) => {
			const key = javaBytes(make(parameters, secret).sharedKey(theirs) ?? 0n);
			return createHmac("sha1", key).update(prepend).digest("base64");
		});
		expect(tokens[0]).toBe(tokens[1]);
	}
});

it("createKeyExchange computes the same shared number as the Diffie-Hellman implementation of Node.js", () => {
	const other = createDiffieHellman(getDiffieHellman("modp14").getPrime(), 2);
	const theirs = unsigned(other.generateKeys());
	const { challenge, sharedKey } = createKeyExchange(parameters, randomExponent());
	expect(unsigned(other.computeSecret(Buffer.from(challenge.toString(16).padStart(512, "0"), "hex")))).toBe(
		sharedKey(theirs),
	);
});

it.each([0, 1, 127, 128, 255, 256, 70_000])(
	"readDer returns the %i bytes of content that the function der has encoded",
	(length) => {
		const content = Buffer.alloc(length, 7);
		const read = readDer(Buffer.concat([der(0x04, content), Buffer.from([1])]), 0x04);
		expect(read).toEqual({ content, rest: Buffer.from([1]) });
	},
);
