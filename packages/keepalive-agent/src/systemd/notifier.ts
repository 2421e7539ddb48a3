import { execFile } from "node:child_process";
import type { Logger } from "@x/keepalive";
import type { Environment } from "../config/resolve-secrets.ts";

/** A message to systemd, such as `{ READY: "1" }`. */
export type Notification = Readonly<Record<string, string>>;

/** A call of `systemd-notify` that takes longer than this many milliseconds is given up. */
const timeoutMs = 5_000;

/**
 * Tells systemd the state of the service, as sd_notify(3) does. Node.js has no datagram sockets of the family AF_UNIX, so the program
 * `systemd-notify`, which every machine with systemd has, sends the messages. The unit therefore needs `NotifyAccess=all`.
 *
 * One `systemd-notify` runs at a time. Messages that come meanwhile are merged into one message, with the latest value of each variable.
 */
export class Notifier {
	readonly #logger: Logger;
	#pending: Record<string, string> = {};
	#sending: Promise<void> | undefined;
	#hasFailed = false;

	private constructor(logger: Logger) {
		this.#logger = logger;
	}

	/** Returns a notifier; undefined if systemd does not wait for messages. */
	static create({ NOTIFY_SOCKET }: Environment, logger: Logger): Notifier | undefined {
		return NOTIFY_SOCKET ? new Notifier(logger) : undefined;
	}

	/** Resolves once the message was delivered, or is known to be undeliverable. Never rejects. */
	async send(message: Notification): Promise<void> {
		Object.assign(this.#pending, message);
		while (this.#sending) await this.#sending;
		const variables = Object.entries(this.#pending);
		// Nothing is left to send: an earlier call has sent this message together with its own.
		if (variables.length === 0) return;
		this.#pending = {};
		this.#sending = this.#run(variables.map(([name, value]) => `${name}=${value.replaceAll(/[\s\p{Cc}]+/gu, " ")}`));
		await this.#sending;
		this.#sending = undefined;
	}

	#run(variables: readonly string[]): Promise<void> {
		return new Promise((resolve) => {
			const onEnd = (error: unknown): void => {
				if (error instanceof Error) this.#reportFailure("code" in error ? String(error.code) : error.name);
				resolve();
			};
			const options = { timeout: timeoutMs, killSignal: "SIGKILL" } as const;
			try {
				// Because of the argument `--`, systemd-notify never takes a variable for an option.
				execFile("systemd-notify", ["--", ...variables], options, onEnd);
			} catch (error) {
				// The process could not be started, for example because there is no memory for it.
				onEnd(error);
			}
		});
	}

	/** Logs only the first failure, because each further message would fail in the same way. */
	#reportFailure(code: string): void {
		if (this.#hasFailed) return;
		this.#hasFailed = true;
		const hint = code === "ENOENT" ? "it is not installed" : code;
		this.#logger.warn(
			`systemd does not receive the agent's state: systemd-notify failed (${hint}). Fix this, or set Type=exec in the unit file.`,
		);
	}
}
