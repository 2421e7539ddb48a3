import { execFileSync, spawnSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "node:tls";
import { expect, it } from "vitest";
import { selfSignedCertificate } from "./certificate.ts";

const hasOpenssl = spawnSync("openssl", ["version"]).status === 0;

/**
 * Makes a TLS handshake with a server that uses the certificate. Returns the TLS version, or the error of the client.
 */
async function handshake(tls: { key: string; cert: string }, ca: string, servername: string): Promise<string> {
	const server = createServer(tls).listen(0, "127.0.0.1");
	await once(server, "listening");
	// The cast is safe: the address of a listening TCP server is never a string or null.
	const { port } = server.address() as AddressInfo;
	try {
		return await new Promise((resolve) => {
			const socket = connect({ port, host: "127.0.0.1", ca, servername, rejectUnauthorized: true }, () => {
				resolve(String(socket.getProtocol()));
				socket.destroy();
			});
			socket.on("error", (error) => resolve("code" in error ? String(error.code) : error.message));
		});
	} finally {
		server.close();
	}
}

it("selfSignedCertificate makes a certificate that TLS clients accept for localhost and 127.0.0.1, and for no other host", async () => {
	const certificate = await selfSignedCertificate();
	expect(await handshake(certificate, certificate.cert, "localhost")).toBe("TLSv1.3");
	expect(await handshake(certificate, certificate.cert, "")).toBe("TLSv1.3");
	expect(await handshake(certificate, certificate.cert, "example.com")).toBe("ERR_TLS_CERT_ALTNAME_INVALID");
});

it("selfSignedCertificate creates a new key at each call, so a client that trusts an earlier certificate refuses a later one", async () => {
	const [first, second] = await Promise.all([selfSignedCertificate(), selfSignedCertificate()]);
	expect(first.key).not.toBe(second.key);
	expect(await handshake(second, first.cert, "localhost")).toMatch(/SELF_SIGNED|SIGNATURE|UNABLE/);
});

it("selfSignedCertificate makes a self-signed certificate with a positive serial number, valid from an hour ago until a day from now", async () => {
	for (let count = 0; count < 20; count += 1) {
		const before = Math.floor(Date.now() / 1_000) * 1_000;
		const parsed = new X509Certificate((await selfSignedCertificate()).cert);
		const now = Date.now();
		expect(parsed.verify(parsed.publicKey)).toBe(true);
		expect(parsed.checkIssued(parsed)).toBe(true);
		expect(parsed.ca).toBe(true);
		expect(parsed.subjectAltName).toBe("DNS:localhost, IP Address:127.0.0.1");
		expect(parsed.serialNumber).toMatch(/^[4-7][0-9A-F]{31}$/);
		expect(parsed.validFromDate.getTime()).toBeGreaterThanOrEqual(before - 3_600_000);
		expect(parsed.validFromDate.getTime()).toBeLessThanOrEqual(now - 3_600_000);
		expect(parsed.validToDate.getTime() - parsed.validFromDate.getTime()).toBe(90_000_000);
	}
});

it.runIf(hasOpenssl)("selfSignedCertificate makes a certificate that openssl accepts in strict mode", async () => {
	const { cert } = await selfSignedCertificate();
	const text = execFileSync("openssl", ["x509", "-text", "-noout"], { input: cert, encoding: "utf8" });
	for (const part of [
		"Version: 3 (0x2)",
		"Signature Algorithm: ecdsa-with-SHA256",
		"DNS:localhost, IP Address:127.0.0.1",
		"CA:TRUE",
		"Digital Signature, Certificate Sign",
		"TLS Web Server Authentication",
	]) {
		expect(text).toContain(part);
	}
	const folder = mkdtempSync(join(tmpdir(), "certificate-"));
	try {
		const file = join(folder, "cert.pem");
		writeFileSync(file, cert);
		const verified = spawnSync("openssl", ["verify", "-x509_strict", "-CAfile", file, file], { encoding: "utf8" });
		expect(verified.stdout + verified.stderr).toBe(`${file}: OK\n`);
	} finally {
		rmSync(folder, { recursive: true });
	}
});
