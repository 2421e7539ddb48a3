import { lstatSync, unlinkSync } from "node:fs";
import type { Server } from "node:http";
import { connect } from "node:net";
import { withDeadline } from "@x/base/clock";
import { sentence } from "@x/base/errors";
import type { HttpConfig } from "../config/config.ts";

/** The agent cannot listen at the Unix socket. The message says why. */
export class UnixSocketError extends Error {
	override readonly name = "UnixSocketError";

	constructor(message: string) {
		super(sentence(message));
	}
}

/** Deadline for connecting to a socket that exists: a process that listens there accepts at once. */
const answerMs = 1_000;
/** The longest path of a Unix socket that the operating system accepts. */
const longestPathBytes = 107;

const folderAdvice = "Check that its folder exists and that the agent may write there";

/** The umask with which a socket is created: it removes the permissions of all users who may not open the socket. */
const umasks: Readonly<Record<NonNullable<HttpConfig["socketAccess"]>, number>> = { owner: 0o177, group: 0o117 };

/**
 * Lets a server listen at a path. A socket at which no process listens is replaced; if the socket is in use or the path is another file,
 * the file stays and the function throws. The socket is removed when the server is closed.
 *
 * @throws UnixSocketError
 */
export async function listenAtPath(
	server: Server,
	path: string,
	access: NonNullable<HttpConfig["socketAccess"]>,
): Promise<void> {
	if (Buffer.byteLength(path) > longestPathBytes)
		throw new UnixSocketError(`is longer than ${longestPathBytes} bytes: choose a shorter path`);
	await removeStale(path);
	await new Promise<void>((resolve, reject) => {
		const fail = (error: NodeJS.ErrnoException): void =>
			reject(new UnixSocketError(`cannot be created: ${error.code}. ${folderAdvice}`));
		server.once("error", fail);
		// listen() creates the file before it returns, so the umask applies to the file: nobody else can open the socket, not even for a
		// moment.
		const before = process.umask(umasks[access]);
		server.listen(path, () => {
			server.off("error", fail);
			resolve();
		});
		process.umask(before);
	});
}

async function removeStale(path: string): Promise<void> {
	try {
		const found = lstatSync(path, { throwIfNoEntry: false });
		if (!found) return;
		if (!found.isSocket()) throw new UnixSocketError("exists, and is not a socket: choose another path");
		const code = await connectionErrorAt(path);
		if (code === undefined) throw new UnixSocketError("is in use. Does another agent run?");
		if (code !== "ECONNREFUSED" && code !== "ENOENT")
			throw new UnixSocketError(`exists, and connecting to it failed with ${code}: choose another path`);
		unlinkSync(path);
	} catch (error) {
		if (error instanceof UnixSocketError) throw error;
		const code = error instanceof Error && "code" in error ? error.code : "unknown";
		if (code !== "ENOENT") throw new UnixSocketError(`cannot be created: ${code}. ${folderAdvice}`);
	}
}

/** Tries to connect. Returns the error code if no process listens at the path; undefined if a process does. */
function connectionErrorAt(path: string): Promise<string | undefined> {
	const socket = connect(path);
	const answer = (): Promise<string | undefined> =>
		new Promise((resolve) => {
			socket.once("connect", () => resolve(undefined));
			socket.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? "unknown"));
		});
	const onTimeout = (): Error => new UnixSocketError("exists, and does not answer. Does another agent run?");
	return withDeadline({ ms: answerMs, onTimeout }, answer).finally(() => socket.destroy());
}
