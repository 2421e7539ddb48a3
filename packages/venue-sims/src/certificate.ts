import { createHash, generateKeyPair, randomBytes, sign } from "node:crypto";
import { promisify } from "node:util";

/**
 * Creates a new key and a self-signed certificate for 127.0.0.1 and localhost, like the one that the IBKR gateway uses. The certificate is
 * valid from an hour ago until a day from now. `key` and `cert` are in PEM format; `cert` is also the CA that a client has to trust.
 */
export async function selfSignedCertificate(): Promise<{ key: string; cert: string }> {
	const { privateKey, publicKey } = await promisify(generateKeyPair)("ec", { namedCurve: "P-256" });
	const spki = publicKey.export({ type: "spki", format: "der" });
	const keyId = createHash("sha1").update(spki).digest();
	const signatureAlgorithm = sequence(oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02)); // ecdsa-with-SHA256
	const name = sequence(set(sequence(oid(0x55, 0x04, 0x03), utf8String("venue simulator")))); // commonName
	const from = Math.floor(Date.now() / 1_000) * 1_000 - 3_600_000;
	const content = sequence(
		explicit(0, integer(Buffer.from([2]))), // version 3
		integer(serialNumber()),
		signatureAlgorithm,
		name, // issuer
		sequence(time(from), time(from + 25 * 3_600_000)),
		name, // subject
		spki,
		explicit(3, sequence(...extensions(keyId))),
	);
	const signature = sign("sha256", content, privateKey);
	const der = sequence(content, signatureAlgorithm, bitString(signature));
	return { key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(), cert: pem(der) };
}

/**
 * The X.509 extensions that clients check, and that OpenSSL's strict mode (the default of Python 3.13) requires of a
 * CA.
 */
function extensions(keyId: Buffer): Buffer[] {
	const isTrue = element(0x01, Buffer.from([0xff]));
	const dnsName = element(0x82, Buffer.from("localhost"));
	const ipAddress = element(0x87, Buffer.from([127, 0, 0, 1]));
	const serverAuth = oid(0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x01);
	const digitalSignatureAndCertSign = element(0x03, Buffer.from([2, 0b1000_0100]));
	const extension = (id: number, value: Buffer, isCritical = false): Buffer =>
		sequence(oid(0x55, 0x1d, id), ...(isCritical ? [isTrue] : []), octetString(value));
	return [
		extension(19, sequence(isTrue), true), // basicConstraints: a CA
		extension(15, digitalSignatureAndCertSign, true), // keyUsage
		extension(37, sequence(serverAuth)), // extKeyUsage
		extension(17, sequence(dnsName, ipAddress)), // subjectAltName
		extension(14, octetString(keyId)), // subjectKeyIdentifier
		extension(35, sequence(element(0x80, keyId))), // authorityKeyIdentifier
	];
}

/** A random serial number that is positive and has no leading zero byte, as DER requires. */
function serialNumber(): Buffer {
	const bytes = randomBytes(16);
	bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
	return bytes;
}

// Encodes one element of the format DER (the encoding of certificates): a tag, a length and the content.

function element(tag: number, ...parts: Buffer[]): Buffer {
	const content = Buffer.concat(parts);
	const { length } = content;
	const short = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
	return Buffer.concat([Buffer.from([tag, ...short]), content]);
}

const sequence = (...parts: Buffer[]): Buffer => element(0x30, ...parts);
const set = (...parts: Buffer[]): Buffer => element(0x31, ...parts);
const explicit = (number: number, part: Buffer): Buffer => element(0xa0 | number, part);
const integer = (bytes: Buffer): Buffer => element(0x02, bytes);
const oid = (...bytes: number[]): Buffer => element(0x06, Buffer.from(bytes));
const utf8String = (text: string): Buffer => element(0x0c, Buffer.from(text));
const octetString = (bytes: Buffer): Buffer => element(0x04, bytes);
const bitString = (bytes: Buffer): Buffer => element(0x03, Buffer.from([0]), bytes);

/** Encodes a time: as UTCTime until 2049 and as GeneralizedTime from 2050 on, as X.509 requires. */
function time(ms: number): Buffer {
	const digits = new Date(ms).toISOString().replace(/[-:T]|\.\d+/g, "");
	const isAfter2049 = digits >= "2050";
	return element(isAfter2049 ? 0x18 : 0x17, Buffer.from(isAfter2049 ? digits : digits.slice(2)));
}

function pem(der: Buffer): string {
	const lines = der.toString("base64").match(/.{1,64}/g) ?? [];
	return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
}
