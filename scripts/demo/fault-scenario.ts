import { setTimeout as pause } from "node:timers/promises";
import type { Link, SimOrder } from "@x/venue-sims";
import type { Stage } from "./demo-sessions.ts";
import type { Screen } from "./screen.ts";

/** A fault of the demo: the session that it hits, its announcement, and its effect. */
interface DemoFault {
	readonly session: "deribit" | "ibkr" | "bybit";
	readonly announce: string;
	inject(stage: Stage, until: Deadline): Promise<void>;
}

/** Waits until a condition is met. Throws if the condition is not met before the demo's end. */
type Deadline = (what: string, met: () => boolean) => Promise<void>;

const faults: readonly DemoFault[] = [
	{
		session: "deribit",
		announce: "FAULT 1 of 4: Deribit's socket is dropped",
		inject: async ({ sims }) => void sims.deribit.drop(),
	},
	{
		session: "bybit",
		announce: "FAULT 2 of 4: Bybit goes half-open: the socket stays up, nothing passes, new connections get no answer",
		inject: async ({ sims }, until) => {
			sims.bybit.partition();
			await until("Bybit to cancel", () => ordersOf(sims.bybit, "open").length === 0);
			sims.bybit.heal();
		},
	},
	{
		session: "ibkr",
		announce: "FAULT 3 of 4: another login competes for IBKR's brokerage session, and leaves 1.5 s later",
		inject: async ({ sims }) => void sims.ibkr.faults["compete"]?.({ forMs: 1_500 }),
	},
	{
		session: "ibkr",
		announce: "FAULT 4 of 4: IBKR's brokerage session times out",
		inject: async ({ sims }) => void sims.ibkr.faults["idle"]?.({}),
	},
];

/** How many milliseconds a fault and the recovery from it take on a busy machine. */
const faultMs = 4_500;
/**
 * How many milliseconds the demo may run beyond its planned end to wait for a recovery. IBKR's fault needs this time, because it is noticed
 * only at the next tickle.
 */
const overtimeMs = 10_000;

/**
 * Opens the sessions, places orders, injects the four faults one at a time and waits for each recovery.
 *
 * @throws Error that says what did not happen in time.
 */
export async function play(stage: Stage, screen: Screen, seconds: number): Promise<void> {
	const endsAt = performance.now() + seconds * 1_000;
	const until: Deadline = async (what, met) => {
		while (!met()) {
			if (performance.now() >= endsAt + overtimeMs) throw new Error(`timed out while waiting for ${what}`);
			await pause(20);
		}
	};
	// Pauses, so that the viewer can read the output. Divides the spare time into equal parts: one for this pause, one for the pause after
	// each fault to come, and one as a reserve for the end.
	const look = async (faultsToCome: number): Promise<void> => {
		const spareMs = endsAt - performance.now() - faultsToCome * faultMs;
		await pause(Math.max(100, spareMs / (faultsToCome + 2)));
	};

	await until("every session to be alive", () =>
		Object.values(stage.keeper.snapshot()).every(({ status }) => status.state === "alive"),
	);
	for (const session of ["deribit", "ibkr", "bybit"] as const) await replaceOrders(stage, session);
	screen.tell("all alive; two working orders at each venue");
	await look(faults.length);

	for (const [index, { session, announce, inject }] of faults.entries()) {
		const link = stage.sims[session];
		const before = ordersOf(link, "cancelled").length;
		const recoveries = stage.keeper.snapshot()[session]?.tally.recoveries ?? 0;
		screen.tell(announce);
		await inject(stage, until);
		await until(`${session} to recover`, () => {
			const record = stage.keeper.snapshot()[session];
			return record?.status.state === "alive" && record.tally.recoveries > recoveries;
		});
		tellOrders(screen, session, link, before);
		await replaceOrders(stage, session);
		await look(faults.length - 1 - index);
	}
}

function tellOrders(screen: Screen, name: string, link: Link, before: number): void {
	const cancelled = ordersOf(link, "cancelled").slice(before);
	if (cancelled.length === 0) {
		screen.tell(`${name}: no order was touched, ${ordersOf(link, "open").length} still working`);
		return;
	}
	const reasons = [...new Set(cancelled.map(({ cancelReason }) => cancelReason))].join(", ");
	screen.tell(`${name}: the venue cancelled ${cancelled.length} working orders, its reason: ${reasons}`);
}

/** Places orders at the venue until two orders are open. */
async function replaceOrders({ sims, deribit }: Stage, session: DemoFault["session"]): Promise<void> {
	while (ordersOf(sims[session], "open").length < 2) {
		if (session === "deribit") {
			// The orders are placed over the session's own connection, because Deribit cancels only the orders of the connection that is lost.
			const connection = deribit.handle;
			if (!connection) throw new Error("there is no Deribit connection to place an order over");
			const order = { instrument_name: "BTC-PERPETUAL", amount: 10, type: "limit", price: 1 };
			await connection.call("private/buy", order);
		} else {
			sims[session].faults["place"]?.(session === "bybit" ? { product: "DERIVATIVES" } : {});
		}
	}
}

function ordersOf(link: Link, wanted: SimOrder["state"]): readonly SimOrder[] {
	return link.orders().filter(({ state }) => state === wanted);
}
