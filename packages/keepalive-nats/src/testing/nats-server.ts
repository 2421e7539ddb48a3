import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { accessSync, constants, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { freePort } from "../../../keepalive/src/testing/free-port.ts";

/** Path of the nats-server program on this machine; undefined if none is installed. */
export const natsProgram: string | undefined = findProgram();

/** A warning that says what to install on a machine without nats-server. */
export const natsMissing = "needs a nats-server (Debian: apt-get install nats-server)";

export const password = "planted-pass/word";

/** The permissions that the README lists for a bot. The permission to create a bucket is not among them. */
const botPermissions = `{
	publish: ["$KV.keepalive_leader.>", "$KV.keepalive_leader_notes.>",
		"$JS.API.STREAM.INFO.KV_keepalive_leader", "$JS.API.STREAM.INFO.KV_keepalive_leader_notes",
		"$JS.API.STREAM.MSG.GET.KV_keepalive_leader", "$JS.API.STREAM.MSG.GET.KV_keepalive_leader_notes"]
	subscribe: ["_INBOX.>"]
}`;

/** Three users: `agent` may do everything, `bot` only what the README lists for a bot, and `guest` nothing. */
const users = `authorization { users: [
	{ user: agent, password: "${password}" }
	{ user: bot, password: bot, permissions: ${botPermissions} }
	{ user: guest, password: guest, permissions: { publish: { deny: [">"] }, subscribe: ["_INBOX.>"] } }
] }`;

/** A NATS server on 127.0.0.1 that only one test file uses, with JetStream and without a bucket. */
export class NatsServer {
	readonly #folder: string;
	readonly port: number;
	#process: ChildProcess | undefined;

	private constructor(folder: string, port: number) {
		this.#folder = folder;
		this.port = port;
	}

	/** @param more - lines for the configuration file. Default: the three users. */
	static async start(more: string = users): Promise<NatsServer> {
		const server = new NatsServer(mkdtempSync(join(tmpdir(), "keepalive-nats-")), await freePort());
		const store = join(server.#folder, "store");
		writeFileSync(server.#config, `listen: "127.0.0.1:${server.port}"\njetstream { store_dir: "${store}" }\n${more}\n`);
		await server.resume();
		return server;
	}

	get url(): string {
		return `nats://agent:${encodeURIComponent(password)}@127.0.0.1:${this.port}`;
	}

	/** Starts the server after {@link halt}, at the same address and with the same data. */
	async resume(): Promise<void> {
		const child = spawn(natsProgram ?? "", ["-c", this.#config], {
			stdio: ["ignore", "ignore", "pipe"],
			// Kills the server after this time, in case the test run died and left it running. A test file takes less time, even on a busy
			// machine.
			timeout: 300_000,
		});
		this.#process = child;
		let output = "";
		await new Promise<void>((resolve, reject) => {
			child.stderr?.on("data", (chunk: Buffer) => {
				if (output.length < 10_000) output += chunk.toString();
				if (output.includes("Server is ready")) resolve();
			});
			child.once("close", () => reject(new Error(`nats-server ended: ${output}`)));
		});
	}

	/** Kills the server. */
	async halt(): Promise<void> {
		const child = this.#process;
		this.#process = undefined;
		if (!child || child.exitCode !== null) return;
		const closed = new Promise((resolve) => child.once("close", resolve));
		child.kill("SIGKILL");
		await closed;
	}

	/** Suspends the server until {@link thaw}. Returns once every thread of the server has stopped. */
	freeze(): void {
		const pid = String(this.#process?.pid);
		this.#process?.kill("SIGSTOP");
		for (let looks = 0; looks < 100; looks += 1) {
			const states = execFileSync("ps", ["-L", "-o", "state=", "-p", pid], { encoding: "utf8" }).trim().split(/\s+/);
			if (states.every((state) => state === "T")) return;
		}
		throw new Error("nats-server did not stop");
	}

	thaw(): void {
		this.#process?.kill("SIGCONT");
	}

	async close(): Promise<void> {
		await this.halt();
		rmSync(this.#folder, { recursive: true, force: true });
	}

	get #config(): string {
		return join(this.#folder, "nats.conf");
	}
}

function findProgram(): string | undefined {
	const folders = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/local/bin", "/usr/sbin", "/usr/bin"];
	return folders.map((folder) => join(folder, "nats-server")).find(isProgram);
}

function isProgram(path: string): boolean {
	try {
		accessSync(path, constants.X_OK);
		return true;
	} catch {
		return false;
	}
}
