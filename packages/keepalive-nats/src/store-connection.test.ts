import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, nkeys } from "@nats-io/transport-node";
import { selfSignedCertificate } from "@x/venue-sims";
import { describe, expect, it, onTestFinished } from "vitest";
import { type NatsLeaderStoreOptions, natsLeaderStore } from "./index.ts";
import { NatsServer, natsProgram, password } from "./testing/nats-server.ts";

const entry = new URL("./index.ts", import.meta.url).pathname;

/** Starts a server that stops at the end of the test. */
async function serve(more?: string): Promise<NatsServer> {
	const server = await NatsServer.start(more);
	onTestFinished(() => server.close());
	return server;
}

/** Creates a folder with these files. The folder is removed at the end of the test. */
function folderWith(files: Readonly<Record<string, string>>): string {
	const folder = mkdtempSync(join(tmpdir(), "keepalive-nats-files-"));
	onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
	for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
	return folder;
}

/** Creates the bucket of a store with these options. Returns "created", or the message of the error when that fails. */
async function create(options: NatsLeaderStoreOptions): Promise<string> {
	const store = natsLeaderStore(options);
	try {
		await store.createBucket();
		return "created";
	} catch (error) {
		return error instanceof Error ? error.message : String(error);
	} finally {
		await store.close();
	}
}

describe.skipIf(!natsProgram)("the connection of natsLeaderStore", () => {
	it("natsLeaderStore authenticates with a user from the address or from the options, and does not show a wrong password", async () => {
		const { port, url } = await serve();
		const servers = `nats://127.0.0.1:${port}`;
		expect(await create({ servers: url })).toBe("created");
		expect(await create({ servers, user: "agent", password })).toBe("created");
		const refused = "@x/keepalive-nats: creating the bucket failed: Authorization Violation.";
		expect(await create({ servers })).toBe(refused);
		expect(await create({ servers: `nats://agent:planted-wrong@127.0.0.1:${port}` })).toBe(refused);
		expect(await create({ servers, user: "agent", password: "planted-wrong" })).toBe(refused);
	});

	it("natsLeaderStore uses another server after a failed call, such as when the first server is cut off from its cluster", async () => {
		const user = `{ user: agent, password: "${password}" }`;
		const servers = [
			await serve(`accounts { A: { users: [${user}] } }`),
			await serve(`accounts { A: { jetstream: enabled, users: [${user}] } }`),
		];
		for (let connections = 0; connections < 10; connections += 1) {
			const store = natsLeaderStore({ servers: servers.map(({ url }) => url) });
			const outcomes: string[] = [];
			for (let call = 0; call < 2; call += 1) {
				outcomes.push(await store.createBucket().then(() => "created", String));
			}
			expect(outcomes[1]).toBe("created");
			await store.close();
		}
	});

	it("natsLeaderStore authenticates with a token from the address or from the options, and never shows the token", async () => {
		const { port } = await serve('authorization { token: "planted-token" }');
		expect(await create({ servers: `nats://planted-token@127.0.0.1:${port}` })).toBe("created");
		expect(await create({ servers: `nats://127.0.0.1:${port}`, token: "planted-token" })).toBe("created");
		expect(await create({ servers: `nats://127.0.0.1:${port}`, token: "planted-wrong" })).toContain(
			"Authorization Violation",
		);
		const store = natsLeaderStore({ servers: `nats://planted-token@127.0.0.1:${port}`, bucket: "planted-token" });
		onTestFinished(() => store.close());
		await expect(store.take("planted-token", "a", 15_000, new AbortController().signal)).rejects.toThrow(
			"taking the lead of [redacted] failed: there is no bucket [redacted]",
		);
	});

	it("natsLeaderStore authenticates with a credentials file, and reads that file again for each connection", async () => {
		const user = nkeys.createUser();
		const { port } = await serve(`authorization { users: [{ nkey: ${user.getPublicKey()} }] }`);
		const seed = new TextDecoder().decode(user.getSeed());
		const section = (name: string, text: string) => `-----BEGIN ${name}-----\n${text}\n------END ${name}------\n`;
		const credentials = section("NATS USER JWT", "e30.e30.e30") + section("USER NKEY SEED", seed);
		const folder = folderWith({ "user.creds": "not one" });
		const credentialsFile = join(folder, "user.creds");
		const servers = `nats://127.0.0.1:${port}`;
		expect(await create({ servers, credentialsFile })).toMatch(/^@x\/keepalive-nats: creating the bucket failed: /);
		writeFileSync(credentialsFile, credentials);
		expect(await create({ servers, credentialsFile })).toBe("created");
		expect(await create({ servers, credentialsFile: `${credentialsFile}x` })).toContain("user.credsx");
	});

	it("natsLeaderStore uses TLS for a tls:// address, and sends nothing to a server without TLS", async () => {
		const { key, cert } = await selfSignedCertificate();
		const folder = folderWith({ "key.pem": key, "cert.pem": cert });
		const [certFile, keyFile] = [join(folder, "cert.pem"), join(folder, "key.pem")];
		const secure = await serve(`tls { cert_file: "${certFile}", key_file: "${keyFile}" }`);
		const trusted = { tls: { caFile: certFile } };
		expect(await create({ servers: `tls://127.0.0.1:${secure.port}`, ...trusted })).toBe("created");
		expect(await create({ servers: `nats://127.0.0.1:${secure.port}`, ...trusted })).toBe("created");
		expect(await create({ servers: `tls://127.0.0.1:${secure.port}` })).toMatch(/self-signed certificate/);
		const plain = await serve();
		for (const options of [{}, trusted]) {
			const servers = `tls://agent:${encodeURIComponent(password)}@127.0.0.1:${plain.port}`;
			expect(await create({ servers, ...options })).toContain("server does not support 'tls'");
		}
	});

	it("natsLeaderStore connects at its first call, and lets the program exit after the store was closed", async () => {
		const { url } = await serve();
		const program = `
			import { natsLeaderStore } from ${JSON.stringify(entry)};
			const used = natsLeaderStore({ servers: process.env.SERVERS });
			natsLeaderStore({ servers: "nats://127.0.0.1:1" });
			await used.createBucket();
			await used.close();
			console.log("closed");`;
		const child = spawn(process.execPath, ["--input-type=module", "--eval", program], {
			env: { ...process.env, SERVERS: url },
			stdio: ["ignore", "pipe", "inherit"],
			timeout: 30_000,
		});
		let output = "";
		child.stdout.on("data", (chunk: Buffer) => {
			output += chunk.toString();
		});
		const code = await new Promise((resolve) => child.once("close", resolve));
		expect([code, output]).toEqual([0, "closed\n"]);
	});

	it("createBucket() refuses replicas on a server version that may accept two conflicting writes in a cluster", async () => {
		const { port, url } = await serve();
		const own = await connect({ servers: `127.0.0.1:${port}`, user: "agent", pass: password });
		onTestFinished(() => own.close());
		const store = natsLeaderStore({ servers: url });
		onTestFinished(() => store.close());
		const version = own.info?.version ?? "";
		// Server versions from 2.11 accept replicas, but only in a cluster, and this server is not in a cluster.
		const refusal = /^2\.(9|10)\./.test(version)
			? `nats-server ${version} may accept two conflicting writes`
			: "replicas > 1 not supported in non-clustered mode";
		await expect(store.createBucket({ replicas: 3 })).rejects.toThrow(refusal);
		expect(await store.inspect("a")).toEqual({ mayLead: false });
	});
});
