/**
 * A program with two sessions, for the tests of `installShutdown`. Its arguments say how it ends:
 *
 * node shutdown-program.ts <open|block|fail|mixed|hang> [print-throws|print-rejects|orders-throw|orders-invalid] [return]
 */
import { keepalive } from "../../keeper.ts";
import type { Lease, Session } from "../../session.ts";
import { SessionError } from "../../session-error.ts";
import { installShutdown } from "../index.ts";

const [kind = "open", run = "", then = ""] = process.argv.slice(2);
const lease: Lease = {
	ttlMs: 60_000,
	protection: { state: "armed", scope: "connection", exposureMs: 1_000, verifiedAt: Date.now() },
};
const untilAborted = (signal: AbortSignal): Promise<never> =>
	new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason), { once: true }));

const opens: Readonly<Record<string, (signal: AbortSignal) => Promise<Lease>>> = {
	alive: async () => lease,
	opening: untilAborted,
	blocked: async () => {
		throw new SessionError("nobody is logged in", { disposition: { action: "human", todo: "log in at the gateway" } });
	},
	fatal: async () => {
		throw new SessionError("the key is not valid", { disposition: { action: "fatal" } });
	},
};

function session(name: string, open: string): Session {
	return {
		name,
		handle: undefined,
		open: opens[open] ?? untilAborted,
		beat: async () => lease,
		close: async (orders) => {
			if (kind === "hang") return new Promise(() => undefined);
			return orders === "keep"
				? { orders: "kept", detail: `${name} left` }
				: { orders: "cancelled", withinMs: 1_000, detail: `${name} closed` };
		},
	};
}

const states: Readonly<Record<string, readonly [first: string, second: string]>> = {
	open: ["alive", "alive"],
	hang: ["alive", "alive"],
	connect: ["opening", "opening"],
	block: ["alive", "blocked"],
	mixed: ["alive", "fatal"],
	fail: ["fatal", "fatal"],
};
const [first, second] = states[kind] ?? ["alive", "alive"];
const keeper = keepalive([session("first", first), session("second", second)], { stopTimeoutMs: 2_000 });
let isInstalled = false;
const shutdown = installShutdown(keeper, {
	get orders() {
		if (isInstalled && run === "orders-throw") throw new Error("no such setting");
		// The cast is needed because a program in plain JavaScript can return any value.
		return isInstalled && run === "orders-invalid" ? ("leave" as "keep") : "keep";
	},
	...(run === "print-throws" && {
		print: () => {
			throw new Error("print failed");
		},
	}),
	...(run === "print-rejects" && { print: () => Promise.reject(new Error("print failed")) }),
});
isInstalled = true;
// This timer keeps the process alive, as a bot's own work does.
setInterval(() => undefined, 1_000);
setTimeout(() => process.stdout.write("running\n"), 50);

const work = async (requested: AbortSignal): Promise<void> => {
	if (run === "return" || then === "return") return;
	if (run === "throw") throw new Error("a mistake in the program");
	await keeper.ready({ signal: requested });
	await untilAborted(requested);
};
if (run === "stop") await keeper.stop({ orders: "cancel" });
const hasWork = ["return", "throw", "work"].includes(run) || then === "return";
process.exit(await (hasWork ? shutdown.run(work) : shutdown.exitCode));
