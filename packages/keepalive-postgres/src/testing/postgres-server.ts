import { type ChildProcess, execFile, execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { freePort } from "../../../keepalive/src/testing/free-port.ts";

/** The folder with the programs of the newest PostgreSQL version on this machine; undefined if PostgreSQL is not installed. */
export const postgresFolder: string | undefined = findPrograms();

/** A warning that says what to install on a machine without PostgreSQL. */
export const postgresMissing = "needs a PostgreSQL server (Debian: apt-get install postgresql)";

export const password = "planted-pass/word";

const execute = promisify(execFile);
const cache = join(import.meta.dirname, "../../../../node_modules/.cache");

/** A PostgreSQL server that only one test file uses, on 127.0.0.1, with an empty database. */
export class PostgresServer {
	readonly #folder: string;
	readonly #user: { readonly uid?: number; readonly gid?: number };
	readonly #port: number;
	#process: ChildProcess | undefined;

	private constructor(folder: string, user: { uid?: number; gid?: number }, port: number) {
		this.#folder = folder;
		this.#user = user;
		this.#port = port;
	}

	static async start(): Promise<PostgresServer> {
		const user = ordinaryUser();
		const folder = makeFolder(user);
		await copy(await emptyDatabase(user), join(folder, "data"));
		const server = new PostgresServer(folder, user, await freePort());
		await server.resume();
		return server;
	}

	get url(): string {
		return `postgres://agent:${encodeURIComponent(password)}@127.0.0.1:${this.#port}/postgres`;
	}

	/** Starts the server after {@link halt}, at the same address and with the same data. */
	async resume(): Promise<void> {
		const settings = ["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "fsync=off"];
		const child = spawn(program("postgres"), ["-D", join(this.#folder, "data"), "-p", `${this.#port}`, ...settings], {
			...this.#user,
			cwd: this.#folder,
			stdio: ["ignore", "ignore", "pipe"],
			// Kills the server after this time, in case the test run died and left it running. A test file takes less time, even on a busy
			// machine.
			timeout: 300_000,
		});
		this.#process = child;
		let output = "";
		await new Promise<void>((resolve, reject) => {
			child.stderr?.on("data", (chunk: Buffer) => {
				output += chunk.toString();
				if (output.includes("ready to accept connections")) resolve();
			});
			child.once("close", () => reject(new Error(`postgres ended: ${output}`)));
		});
	}

	/** Stops the server at once, as a crash does. */
	async halt(): Promise<void> {
		const child = this.#process;
		this.#process = undefined;
		if (!child || child.exitCode !== null) return;
		const closed = new Promise((resolve) => child.once("close", resolve));
		child.kill("SIGQUIT");
		await closed;
	}

	/** Suspends the server and its connections until {@link thaw}. */
	freeze(): void {
		for (const pid of this.#pids()) process.kill(pid, "SIGSTOP");
	}

	thaw(): void {
		for (const pid of this.#pids()) process.kill(pid, "SIGCONT");
	}

	async close(): Promise<void> {
		await this.halt();
		rmSync(this.#folder, { recursive: true, force: true });
	}

	/** The process ids of the server and of its children. Each connection has its own child process. */
	#pids(): number[] {
		const pid = this.#process?.pid ?? 0;
		const children = execFileSync("ps", ["-o", "pid=", "--ppid", `${pid}`], { encoding: "utf8" });
		return [pid, ...children.trim().split(/\s+/).map(Number)];
	}
}

/** Makes a folder in which the server may write. */
function makeFolder({ uid, gid }: { uid?: number; gid?: number }): string {
	const folder = mkdtempSync(join(tmpdir(), "keepalive-postgres-"));
	if (uid !== undefined && gid !== undefined) chownSync(folder, uid, gid);
	return folder;
}

/** Copies a folder together with the owners and the permissions of its files. */
const copy = (from: string, to: string) => execute("cp", ["-a", from, to]);

/** The data folder of an empty database, made by the first test that needs it: initdb takes a second or more of processor time. */
async function emptyDatabase(user: { uid?: number; gid?: number }): Promise<string> {
	const options = ["-U", "agent", "--auth=scram-sha-256", "--no-sync", "-E", "UTF8"];
	const key = createHash("sha256")
		.update(JSON.stringify([postgresFolder, user, options, password]))
		.digest("hex");
	mkdirSync(cache, { recursive: true });
	const made = join(cache, `keepalive-postgres-${key.slice(0, 16)}`);
	if (existsSync(made)) return made;
	const folder = makeFolder(user);
	const temporary = mkdtempSync(`${made}-`);
	try {
		const passwordFile = join(folder, "password");
		writeFileSync(passwordFile, password);
		if (user.uid !== undefined && user.gid !== undefined) chownSync(passwordFile, user.uid, user.gid);
		const args = ["-D", join(folder, "data"), `--pwfile=${passwordFile}`, ...options];
		await execute(program("initdb"), args, { ...user, cwd: folder });
		await copy(join(folder, "data"), join(temporary, "data"));
		renameSync(join(temporary, "data"), made);
	} catch (error) {
		// Another test file may have created the folder in the meantime.
		if (!existsSync(made)) throw error;
	} finally {
		for (const path of [folder, temporary]) rmSync(path, { recursive: true, force: true });
	}
	return made;
}

const program = (name: string): string => join(postgresFolder ?? "", name);

function findPrograms(): string | undefined {
	const root = "/usr/lib/postgresql";
	const versions = existsSync(root) ? readdirSync(root).sort((a, b) => Number(b) - Number(a)) : [];
	return versions.map((version) => join(root, version, "bin")).find((folder) => existsSync(join(folder, "initdb")));
}

/** The user that runs the server when the tests run as root, because PostgreSQL refuses to run as root. */
function ordinaryUser(): { uid?: number; gid?: number } {
	if (process.getuid?.() !== 0) return {};
	for (const name of ["postgres", "nobody"]) {
		try {
			const id = (flag: string): number =>
				Number(execFileSync("id", [flag, name], { encoding: "utf8", stdio: "pipe" }));
			return { uid: id("-u"), gid: id("-g") };
		} catch {
			// This machine has no user with this name, so the next name is tried.
		}
	}
	throw new Error("PostgreSQL does not run as root, and there is neither a user postgres nor nobody");
}
