import { lstatSync, unlinkSync } from "node:fs";
import type { Server } from "node:http";
import { connect } from "node:net";
import { withDeadline } from "@x/base/clock";
import { sentence } from "@x/base/errors";
import type { HttpConfig } from "../config/config.ts";

/** The Unix socket cannot be had. The message says why. */
export class UnixSocketError extends Error {
	override readonly name = "UnixSocketError";

	constructor(message: string) {
		super(sentence(message));
	}
}

/** Whoever listens accepts at once. */
const answerMs = 1_000;
/** The longest path that the operating system takes. */
const longestPathBytes = 107;

/** Who may open a socket of this access: the rights that are taken away while it is made. */
const umasks: Readonly<Record<NonNullable<HttpConfig["socketAccess"]>, number>> = { owner: 0o177, group: 0o117 };

/**
 * Lets a server listen at a path. A socket that nobody answers at is replaced; anything else that is there stays. The socket is removed when
 * the server is closed.
 *
 * @throws UnixSocketError
 */
export async function listenAtPath(
	server: Server,
	path: string,
	access: NonNullable<HttpConfig["socketAccess"]>,
): Promise<void> {
	if (Buffer.byteLength(path) > longestPathBytes) throw new UnixSocketError(`is longer than ${longestPathBytes} bytes`);
	await removeStale(path);
	await new Promise<void>((resolve, reject) => {
		const fail = (error: NodeJS.ErrnoException): void => reject(new UnixSocketError(`cannot be made: ${error.code}`));
		server.once("error", fail);
		// The file is made within the call: at no moment may others open it.
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
		if (!found.isSocket()) throw new UnixSocketError("is there already, and is not a socket");
		const code = await connectionErrorAt(path);
		if (code === undefined) throw new UnixSocketError("is in use. Does another agent run?");
		if (code !== "ECONNREFUSED" && code !== "ENOENT") throw new UnixSocketError(`is there already: ${code}`);
		unlinkSync(path);
	} catch (error) {
		if (error instanceof UnixSocketError) throw error;
		const code = error instanceof Error && "code" in error ? error.code : "unknown";
		if (code !== "ENOENT") throw new UnixSocketError(`cannot be made: ${code}`);
	}
}

/** The code with which nobody answers; undefined when somebody does. */
function connectionErrorAt(path: string): Promise<string | undefined> {
	const socket = connect(path);
	const answer = (): Promise<string | undefined> =>
		new Promise((resolve) => {
			socket.once("connect", () => resolve(undefined));
			socket.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? "unknown"));
		});
	const onTimeout = (): Error => new UnixSocketError("is there already, and does not say whether it is in use");
	return withDeadline({ ms: answerMs, onTimeout }, answer).finally(() => socket.destroy());
}
