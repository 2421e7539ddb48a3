import type { Closed, Lease, OrdersOnClose, Protection, Session } from "../session.ts";
import { causeOf } from "../status/status.ts";
import { monotonicMs, never, within } from "../time.ts";
import { plainLease } from "./lease.ts";

/**
 * The calls to one session, each with its deadline. Whatever the session throws, returns or never answers comes out as a
 * rejection or as a result that says so; and it is left only after what it was asked before has settled.
 */
export class SessionCalls {
	readonly name: string;
	readonly #session: Session;
	#underWay = 0;
	#settled: (() => void) | undefined;
	#protection: Protection | undefined;

	constructor(session: Session) {
		this.#session = session;
		this.name = session.name;
	}

	open(ms: number, signal: AbortSignal): Promise<Lease> {
		return within(ms, signal, `opening ${this.name}`, (cut) => this.#lease(() => this.#session.open(cut)));
	}

	/** @param ended - of the lease that the beat is to prolong. */
	beat(ms: number, signal: AbortSignal, ended: AbortSignal | undefined): Promise<Lease> {
		return within(ms, signal, `a beat of ${this.name}`, (cut) => this.#lease(() => this.#session.beat(cut)), ended);
	}

	/** Leaves within `ms`. Never throws. */
	async close(orders: OrdersOnClose, ms: number): Promise<Closed> {
		const until = monotonicMs() + ms;
		const isAlone = await this.#alone(ms / 2);
		try {
			const what = `closing ${this.name}`;
			const left = await within(until - monotonicMs(), never, what, (cut) => this.#session.close(orders, cut));
			const closed = plainClosed(left);
			if (isAlone) return closed;
			const detail = `${closed.detail}; but an opening or a beat had not ended by then, and may have undone it: look at the working orders`;
			return { orders: "unknown", detail };
		} catch (error) {
			return {
				orders: "unknown",
				detail: `${causeOf(error).message}; ${this.whatIsKnown}; look at the working orders`,
			};
		}
	}

	/** For when the venue does not answer: what it would do by the last word it gave. */
	get whatIsKnown(): string {
		const known = this.#protection;
		if (!known) return "its protection was never proved";
		if (known.state !== "armed") return `its protection was ${known.state} at last: ${known.reason}`;
		return `its protection was armed at last (${known.scope}): the venue cancels within ${known.exposureMs} ms of the end of the connection`;
	}

	async #lease(ask: () => Promise<Lease>): Promise<Lease> {
		this.#underWay += 1;
		try {
			const lease = plainLease(this.name, await ask());
			this.#protection = lease.protection;
			return lease;
		} finally {
			this.#underWay -= 1;
			if (this.#underWay === 0) this.#settled?.();
		}
	}

	/** Resolves once nothing is under way: true; or after `ms`: false. */
	async #alone(ms: number): Promise<boolean> {
		if (this.#underWay === 0) return true;
		const settling = new Promise<void>((resolve) => {
			this.#settled = resolve;
		});
		return within(ms, never, "", () => settling).then(
			() => true,
			() => false,
		);
	}
}

const outcomes: readonly unknown[] = ["kept", "cancelled", "refused", "unknown"];

/** @throws TypeError for a result that says nothing of the orders. */
function plainClosed(closed: Closed): Closed {
	const plain = { ...closed };
	const sound = outcomes.includes(plain.orders) && (plain.orders !== "cancelled" || plain.withinMs >= 0);
	if (!sound) throw new TypeError("@x/keepalive: the session did not say what leaving meant");
	return plain;
}
