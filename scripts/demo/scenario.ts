import type { StatusRecord } from "@x/keepalive";
import type { Link } from "@x/venue-sims";
import { duration } from "./format.ts";
import type { Screen } from "./screen.ts";
import type { Stage } from "./stage.ts";

/** One fault: its announcement, its effect, and the session it hits. */
interface DemoFault {
	readonly session: "deribit" | "ibkr" | "bybit";
	readonly announce: string;
	inject(stage: Stage, until: Deadline): Promise<void>;
}

/** Waits for a condition until the demo's end. */
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
			await until("Bybit to cancel", () => openOrders(sims.bybit) === 0);
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

/** Time from a fault to the recovery on a busy machine. */
const faultMs = 4_500;

/**
 * Opens the sessions, places orders, injects the four faults one at a time and waits for each recovery.
 *
 * @throws Error that says what did not happen in time.
 */
export async function play(stage: Stage, screen: Screen, seconds: number): Promise<void> {
	const endsAt = performance.now() + seconds * 1_000;
	const until: Deadline = async (what, met) => {
		while (!met()) {
			if (performance.now() >= endsAt) throw new Error(`timed out while waiting for ${what}`);
			await pause(20);
		}
	};
	// Distributes the spare time over the pauses before the remaining faults.
	const look = async (faultsToCome: number): Promise<void> => {
		const spareMs = endsAt - performance.now() - faultsToCome * faultMs;
		await pause(Math.max(100, spareMs / (faultsToCome + 2)));
	};

	await until("every session to be alive", () => records(stage).every(({ status }) => status.state === "alive"));
	await placeOrders(stage);
	screen.tell(`all alive; two working orders at each venue`);
	await look(faults.length);

	for (const [index, fault] of faults.entries()) {
		const link = stage.sims[fault.session];
		const before = cancelledOrders(link);
		const recoveries = tallyOf(stage, fault.session).recoveries;
		screen.tell(fault.announce);
		await fault.inject(stage, until);
		const recovered = () => tallyOf(stage, fault.session).recoveries > recoveries && isAlive(stage, fault.session);
		await until(`${fault.session} to recover`, recovered);
		tellOrders(screen, fault.session, link, before);
		await replaceOrders(stage, fault.session);
		await look(faults.length - 1 - index);
	}
}

function tellOrders(screen: Screen, name: string, link: Link, before: number): void {
	const cancelled = link
		.orders()
		.filter(({ state }) => state === "cancelled")
		.slice(before);
	if (cancelled.length === 0) {
		screen.tell(`${name}: no order was touched, ${openOrders(link)} still working`);
		return;
	}
	const reasons = [...new Set(cancelled.map(({ cancelReason }) => cancelReason))].join(", ");
	screen.tell(`${name}: the venue cancelled ${cancelled.length} working orders, its reason: ${reasons}`);
}

async function placeOrders(stage: Stage): Promise<void> {
	for (const session of ["deribit", "ibkr", "bybit"] as const) await replaceOrders(stage, session);
}

/** Places orders until there are two. */
async function replaceOrders({ sims, deribit }: Stage, session: DemoFault["session"]): Promise<void> {
	while (openOrders(sims[session]) < 2) {
		if (session === "deribit") {
			// Over the guarded connection: only its own orders are protected.
			const connection = deribit.handle;
			if (!connection) throw new Error("there is no Deribit connection to place an order over");
			await connection.call("private/buy", {
				instrument_name: "BTC-PERPETUAL",
				amount: 10,
				type: "limit",
				price: 1,
			});
		} else {
			sims[session].faults["place"]?.(session === "bybit" ? { product: "DERIVATIVES" } : {});
		}
	}
}

function openOrders(link: Link): number {
	return link.orders().filter(({ state }) => state === "open").length;
}

function cancelledOrders(link: Link): number {
	return link.orders().filter(({ state }) => state === "cancelled").length;
}

function records({ keeper }: Stage): StatusRecord[] {
	return Object.values(keeper.snapshot());
}

function tallyOf(stage: Stage, session: string): StatusRecord["tally"] {
	const record = stage.keeper.snapshot()[session];
	if (!record) throw new Error(`no session ${session}`);
	return record.tally;
}

function isAlive(stage: Stage, session: string): boolean {
	return stage.keeper.snapshot()[session]?.status.state === "alive";
}

function pause(ms: number): Promise<void> {
	return new Promise((resolve) => setTimeout(resolve, ms));
}

/** The demo's first line. */
export function introduction(seconds: number): string {
	return `Three sessions against simulators on 127.0.0.1, four faults, about ${duration(seconds * 1_000)}.`;
}
