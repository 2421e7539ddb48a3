import { constants } from "node:os";
import { inspect } from "node:util";
import { callSafely } from "@x/base/call-safely";
import { monotonicMs } from "@x/base/clock";
import { clause, OptionError, sentence } from "@x/base/errors";
import { array, checkOptions, func, type OptionSchema, oneOf, optional } from "@x/base/option-schema";
import type { KeeperBase } from "../keeper-base.ts";
import type { Closed, OrdersOnClose } from "../session.ts";
import { causeOf, type StatusRecord } from "../status/status.ts";

/** Options of {@link installShutdown}. */
export interface ShutdownOptions {
	/**
	 * What should happen to the working orders when the program ends. The option is read when the program ends, so it may be a
	 * getter. If the getter fails, the value that the option had at the start is used.
	 */
	readonly orders: OrdersOnClose;
	/**
	 * The signals that stop the keeper. Default `SIGINT` (Ctrl-C) and `SIGTERM` (containers, systemd). On Windows a program
	 * receives only `SIGINT` and `SIGBREAK`.
	 */
	readonly signals?: readonly ("SIGINT" | "SIGTERM" | "SIGHUP" | "SIGQUIT" | "SIGUSR2" | "SIGBREAK")[];
	/** Called with each line of text that a person should read. Default: writes the line to stderr. */
	readonly print?: (line: string) => void;
}

type ShutdownSignal = NonNullable<ShutdownOptions["signals"]>[number];

/** The end of a program, as {@link installShutdown} arranges it. */
export interface Shutdown {
	/** Aborts at the first signal, or when the keeper has ended without a signal. Pass it to `ready()` and to your own waits. */
	readonly requested: AbortSignal;
	/**
	 * Resolves once every session has stopped: with 0 when all sessions were stopped on request, and with 1 when a session had
	 * failed for good. A session that fails does not stop the other sessions. The promise never rejects.
	 */
	readonly exitCode: Promise<number>;
	/**
	 * Runs the work of a program, then stops the keeper. Resolves with the value of {@link exitCode}, or with 1 if the work
	 * threw an error, which is printed. An error that the work throws after {@link requested} has aborted is no failure: it
	 * comes from waits that were aborted.
	 *
	 * `run` does not wait for work that continues after the keeper has ended.
	 */
	run(work: (requested: AbortSignal) => unknown): Promise<number>;
}

const packageName = "@x/keepalive";

const ordersSchema = (): OptionSchema<Pick<ShutdownOptions, "orders">> => ({ orders: oneOf("keep", "cancel") });

const schema = (): OptionSchema<ShutdownOptions> => ({
	...ordersSchema(),
	signals: optional(array(oneOf("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR2", "SIGBREAK"))),
	print: optional(func()),
});

/**
 * A second signal within this many milliseconds belongs to the same request: the terminal delivers a Ctrl-C to the program, and
 * a process runner may pass the same Ctrl-C on.
 */
const sameRequestMs = 500;

/**
 * Stops a keeper at SIGINT and SIGTERM, and prints what became of the orders. Call it right after `keepalive()` or
 * `keepaliveInWorker()`: from then on a signal is handled, even while sessions are opening.
 *
 * The first signal calls `keeper.stop({ orders })`. A second signal, at least half a second later, ends the process at once
 * with the exit code 128 plus the number of the signal. The venue then does what it does when a program dies.
 *
 * While the keeper runs, `installShutdown` prints what a person has to know: what to do for a session that is `blocked`, and
 * why a session has failed for good.
 *
 * @throws OptionError for an option that is not known or not allowed.
 */
export function installShutdown<Name extends string>(keeper: KeeperBase<Name>, options: ShutdownOptions): Shutdown {
	checkOptions<ShutdownOptions>(packageName, schema(), options);
	if (typeof keeper?.onStatus !== "function") {
		throw new OptionError(packageName, "", "installShutdown() failed: the first argument must be a keeper");
	}
	const { signals = ["SIGINT", "SIGTERM"], orders: ordersAtStart } = options;
	const print = printer(options.print);
	const requested = new AbortController();
	const ended = Promise.withResolvers<number>();
	const failed = new Set<string>();
	let firstSignalAt: number | undefined;

	/**
	 * The current value of the option `orders`. If its getter fails, the sessions must be closed nevertheless, so the value at
	 * the start is used.
	 */
	const ordersNow = (): OrdersOnClose => {
		try {
			const { orders } = options;
			checkOptions<Pick<ShutdownOptions, "orders">>(packageName, ordersSchema(), { orders });
			return orders;
		} catch (error) {
			const problem = sentence(causeOf(error).message);
			print(`the option orders cannot be read: ${problem} Using ${ordersAtStart}, as at the start.`);
			return ordersAtStart;
		}
	};
	const onSignal = (signal: ShutdownSignal): void => {
		const now = monotonicMs();
		if (firstSignalAt === undefined) {
			firstSignalAt = now;
			const orders = ordersNow();
			print(`${signal}: stopping the sessions; orders: ${orders}. A second ${signal} ends the process at once.`);
			requested.abort(new Error(`${packageName}: ${signal} was received`));
			void keeper.stop({ orders });
		} else if (now - firstSignalAt >= sameRequestMs) {
			print(`${signal}: ending at once; the venues treat the orders as after a crash`);
			process.exit(128 + signalNumber(signal));
		}
	};
	for (const signal of signals) process.on(signal, onSignal);

	const report = reporter(print);
	const onEnd = (): void => {
		// After a signal the handlers stay installed, because a second signal has to end a process that hangs in its own code.
		if (firstSignalAt === undefined) for (const signal of signals) process.off(signal, onSignal);
		requested.abort(new Error(`${packageName}: the keeper has ended`));
		ended.resolve(failed.size > 0 ? 1 : 0);
	};
	keeper.onStatus((record) => {
		const { session, status } = record;
		report(record);
		if (status.state === "opening") failed.delete(session);
		if (status.state !== "stopped") return;
		if (status.why === "fatal") failed.add(session);
		// Whether all sessions have stopped is checked in the next turn of the event loop: a program that stops a session and
		// starts it again at once has not ended.
		setImmediate(() => {
			if (Object.values<StatusRecord>(keeper.snapshot()).every((each) => each.status.state === "stopped")) onEnd();
		});
	});

	return {
		requested: requested.signal,
		exitCode: ended.promise,
		run: async (work) => {
			const working = (async () => void (await work(requested.signal)))().then(
				() => 0,
				(error: unknown) => {
					if (requested.signal.aborted) return 0;
					print(`the program failed: ${inspect(error)}`);
					return 1;
				},
			);
			const code = await Promise.race([working, ended.promise]);
			await keeper.stop({ orders: ordersNow() });
			return Math.max(code, await ended.promise);
		},
	};
}

/** The number of a signal, which a shell adds to 128 for the exit code. */
function signalNumber(signal: ShutdownSignal): number {
	// The number may be missing, because not every platform has every signal: SIGBREAK exists on Windows only.
	const numbers: Partial<Readonly<Record<string, number>>> = constants.signals;
	return numbers[signal] ?? 0;
}

function printer(print: ShutdownOptions["print"]): (line: string) => void {
	// When the process that reads the pipe has ended, a write to stderr fails, but `console` does not. So `console` is used.
	if (!print) return (line) => console.error(line);
	// An exception of `print` is ignored, because a line that cannot be printed must not keep the sessions from being closed.
	return (line) => callSafely(() => print(line));
}

/** Returns a function that prints what a person has to know about a status, but prints each message only once. */
function reporter(print: (line: string) => void): (record: StatusRecord) => void {
	const todos = new Map<string, string>();
	const ends = new Map<string, Closed>();
	return ({ session, status }) => {
		if (status.state === "alive") todos.delete(session);
		// The message is printed once, although a blocked session is tried again every minute and reports the same each time.
		if (status.state === "blocked" && todos.get(session) !== status.todo) {
			todos.set(session, status.todo);
			print(`${session} is blocked: ${sentence(status.cause.message)} To do: ${status.todo}`);
		}
		if (status.state === "stopped" && ends.get(session) !== status.closed) {
			ends.set(session, status.closed);
			const cause = status.why === "fatal" ? ` for good: ${clause(status.cause.message)}` : "";
			print(`${session} has stopped${cause}; ${ordersText(status.closed)}`);
		}
	};
}

function ordersText(closed: Closed): string {
	switch (closed.orders) {
		case "kept":
			return `its orders stay in the book: ${closed.detail}`;
		case "cancelled":
			return `the venue cancels its orders ${withinText(closed.withinMs)}: ${closed.detail}`;
		case "refused":
			return `the venue cannot do what was asked with its orders: ${closed.detail}`;
		case "unknown":
			return `CHECK ITS ORDERS, what became of them is unknown: ${closed.detail}`;
	}
}

function withinText(ms: number): string {
	return ms < 50 ? "at once" : `within ${(ms / 1_000).toFixed(1)} s`;
}
