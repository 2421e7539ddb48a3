import type { StatusRecord } from "@x/keepalive";
import type { Link } from "@x/venue-sims";
import type { Screen } from "./screen.ts";
import type { Stage } from "./stage.ts";
import { duration } from "./words.ts";

/** One fault: what is said, what is done, and which session it is done to. */
interface Plug {
	readonly session: "deribit" | "ibkr" | "bybit";
	readonly announce: string;
	pull(stage: Stage, until: Deadline): Promise<void>;
}

/** Waits for something, but not past the end of the demo. */
type Deadline = (what: string, met: () => boolean) => Promise<void>;

const plugs: readonly Plug[] = [
	{
		session: "deribit",
		announce: "PLUG 1 of 4: Deribit's socket is dropped",
		pull: async ({ sims }) => void sims.deribit.drop(),
	},
	{
		session: "bybit",
		announce: "PLUG 2 of 4: Bybit goes half-open: the socket stays up, nothing passes, new connections get no answer",
		pull: async ({ sims }, until) => {
			sims.bybit.partition();
			await until("Bybit to cancel", () => openOrders(sims.bybit) === 0);
			sims.bybit.heal();
		},
	},
	{
		session: "ibkr",
		announce: "PLUG 3 of 4: another login competes for IBKR's brokerage session, and leaves 1.5 s later",
		pull: async ({ sims }) => void sims.ibkr.faults["compete"]?.({ forMs: 1_500 }),
	},
	{
		session: "ibkr",
		announce: "PLUG 4 of 4: IBKR's idle clock is set forward: the brokerage session has idled out",
		pull: async ({ sims }) => void sims.ibkr.faults["idle"]?.({}),
	},
];

/** What one plug takes on a busy machine, from the fault to the recovery. */
const plugMs = 4_500;

/**
 * Opens the sessions, places orders, pulls the four plugs one at a time and waits for each recovery.
 *
 * @throws Error that says what did not happen before the time was up.
 */
export async function play(stage: Stage, screen: Screen, seconds: number): Promise<void> {
	const endsAt = performance.now() + seconds * 1_000;
	const until: Deadline = async (what, met) => {
		while (!met()) {
			if (performance.now() >= endsAt) throw new Error(`the time was up while waiting for ${what}`);
			await pause(20);
		}
	};
	// What detection and recovery leave over is time to look, shared among the plugs to come.
	const look = async (plugsToCome: number): Promise<void> => {
		const spareMs = endsAt - performance.now() - plugsToCome * plugMs;
		await pause(Math.max(100, spareMs / (plugsToCome + 2)));
	};

	await until("every session to be alive", () => records(stage).every(({ status }) => status.state === "alive"));
	await placeOrders(stage);
	screen.tell(`all alive; two working orders at each venue`);
	await look(plugs.length);

	for (const [index, plug] of plugs.entries()) {
		const link = stage.sims[plug.session];
		const before = cancelledOrders(link);
		const recoveries = tallyOf(stage, plug.session).recoveries;
		screen.tell(plug.announce);
		await plug.pull(stage, until);
		const recovered = () => tallyOf(stage, plug.session).recoveries > recoveries && isAlive(stage, plug.session);
		await until(`${plug.session} to recover`, recovered);
		tellOrders(screen, plug.session, link, before);
		await replaceOrders(stage, plug.session);
		await look(plugs.length - 1 - index);
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

/** Fills the book up to two working orders again. */
async function replaceOrders({ sims, deribit }: Stage, session: Plug["session"]): Promise<void> {
	while (openOrders(sims[session]) < 2) {
		if (session === "deribit") {
			// Over the guarded connection itself: only those orders are protected by it.
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

/** How the demo introduces itself. */
export function introduction(seconds: number): string {
	return `Three sessions against simulators on 127.0.0.1, four plugs, about ${duration(seconds * 1_000)}.`;
}
