import { neverAborted, sleep } from "@x/base/clock";
import { errorName } from "@x/base/errors";
import { isDeribitError } from "@x/deribit-session";
import { isSessionError, keepalive, type StatusRecord } from "@x/keepalive";
import { deribit } from "@x/keepalive/deribit";
import { statusText } from "../agent/session-view.ts";
import { type AgentSession, createSessions, deribitOptions } from "../config/create-session.ts";
import type { GuardedCall } from "./drill-venue-interface.ts";
import type { FromSession, SessionNow, ToSession } from "./session-process-messages.ts";

/** The process checks the session's state every 20 ms, and sends each new state to its parent. */
const tellEveryMs = 20;
const gate = "drill";

/** Runs one session, as the parent process describes it in its first message, until the parent ends or kills this process. */
export function serveDrillSession(): void {
	// The signals are ignored here: a terminal sends Ctrl-C to both processes, and the parent decides what happens then.
	for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => undefined);
	// When the parent dies, this process exits too, so that its connection to the venue ends.
	process.once("disconnect", () => process.exit(1));
	process.once("message", (message: ToSession) => {
		if (message.type === "start") run(message);
	});
}

function run({ name, config, keeper: options, toleranceMs }: Extract<ToSession, { type: "start" }>): void {
	const { session, place } = create(name, config);
	const gates = toleranceMs === undefined ? [] : [{ name: gate, sessions: [name], toleranceMs, startsHealthy: false }];
	const keeper = keepalive([session], { ...options, gates });
	let told = "";
	const tell = (): void => {
		const now = nowOf(keeper.current(name), keeper.isArmed(name), session);
		const text = JSON.stringify(now);
		if (text === told) return;
		told = text;
		send({ type: "now", now });
	};
	keeper.onStatus(tell);
	void tellOften(tell);
	process.on("message", (message: ToSession) => {
		switch (message.type) {
			case "pulse":
				return keeper.pulse(gate);
			case "place":
				return void place(message.call).then(
					(result) => send({ type: "placed", result }),
					(error: unknown) => send({ type: "not-placed", message: messageOf(error) }),
				);
			case "close":
				return void keeper
					.stop({ orders: message.orders })
					.then((closed) => send({ type: "closed", closed: closed[name] }));
		}
	});
}

async function tellOften(tell: () => void): Promise<never> {
	for (;;) {
		await sleep(tellEveryMs, neverAborted);
		tell();
	}
}

/** Returns the session as the agent creates it, and a function that places an order over the session's own connection. */
function create(
	name: string,
	config: Extract<ToSession, { type: "start" }>["config"],
): { readonly session: AgentSession; readonly place: (call: GuardedCall) => Promise<unknown> } {
	if (config.venue === "deribit") {
		const session = deribit(deribitOptions(name, config));
		return { session, place: async ({ method, params }) => session.requireArmed().call(method, params) };
	}
	const [session] = createSessions({ [name]: config });
	if (!session) throw new TypeError("no session was created for the configuration");
	return {
		session,
		place: async () =>
			Promise.reject(new Error("only a drill at Deribit places its order over the session's own connection")),
	};
}

function nowOf({ status, tally }: StatusRecord, isArmed: boolean, { exposure }: AgentSession): SessionNow {
	const isReady = isArmed || (status.state === "alive" && status.protection.state === "unsupported");
	return {
		state: status.state,
		isReady,
		...(!isReady && { reason: statusText(status) }),
		...(status.state === "blocked" && { todo: status.todo }),
		hasEnded: status.state === "stopped",
		losses: tally.losses,
		...(tally.lastBeatAt !== undefined && { lastBeatAt: tally.lastBeatAt }),
		...(exposure && { exposure: { processDeathMs: exposure.processDeathMs, networkDeathMs: exposure.networkDeathMs } }),
		...(status.state === "alive" && status.hangMs !== undefined && { hangMs: status.hangMs }),
	};
}

function send(message: FromSession): void {
	// The callback ignores errors: without it, sending to a parent that has died would end this process by an exception.
	process.send?.(message, undefined, undefined, () => undefined);
}

/** Returns the message of an error of our own packages, which holds no secret. For any other error: only its name. */
function messageOf(error: unknown): string {
	return isDeribitError(error) || isSessionError(error) ? error.message : errorName(error);
}
