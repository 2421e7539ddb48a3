import { createIbkrClient, type IbkrClient } from "@x/ibkr-session";
import type { Closed, Lease, OrdersOnClose, Session } from "../../session.ts";
import { SessionError } from "../../session-error.ts";
import { within } from "../../time.ts";
import { expectation } from "./calendar.ts";
import { failureOf, lossOf } from "./disposition.ts";
import { Memory } from "./memory.ts";
import { openBrokerage, tickle } from "./opening.ts";
import type { IbkrSettings } from "./options.ts";
import { protection } from "./protection.ts";

/** Shorter than the keeper's own patience with a close. */
const logoutTimeoutMs = 8_000;

/** A brokerage session at IBKR, kept by tickles. */
export class IbkrKeptSession implements Session<IbkrClient> {
	readonly name: string;
	readonly #settings: IbkrSettings;
	readonly #memory: Memory;
	/** The client the last successful opening made. */
	#client: IbkrClient | undefined;
	/** Counts openings and closings: what an earlier one still brings is not kept. */
	#turn = 0;

	constructor(settings: IbkrSettings) {
		this.name = settings.name;
		this.#settings = settings;
		this.#memory = new Memory(settings);
		// A wrong option shows now and not at the first opening.
		createIbkrClient(settings);
	}

	get handle(): IbkrClient | undefined {
		return this.#client;
	}

	async open(signal: AbortSignal): Promise<Lease> {
		const turn = ++this.#turn;
		// A new client has no cookie of a session that is gone. There is no connection to close.
		this.#client = undefined;
		const client = createIbkrClient(this.#settings);
		try {
			await openBrokerage({ client, memory: this.#memory, settings: this.#settings, signal });
			signal.throwIfAborted();
		} catch (error) {
			throw failureOf(error);
		}
		if (turn !== this.#turn) throw failureOf(new Error("a later open or close took this one's place"));
		this.#client = client;
		return this.#lease();
	}

	async beat(signal: AbortSignal): Promise<Lease> {
		const client = this.#client;
		if (!client) {
			const message = "@x/keepalive/ibkr: there is no open session to prove alive";
			throw new SessionError(message, { disposition: { action: "retry" }, session: "ended" });
		}
		try {
			await tickle({ client, memory: this.#memory, settings: this.#settings, signal });
		} catch (error) {
			const region = this.#settings.region ?? this.#memory.region ?? "america";
			throw lossOf(failureOf(error), expectation(Date.now(), region));
		}
		if (client !== this.#client) throw failureOf(new Error("the session was left while its tickle was under way"));
		return this.#lease();
	}

	async close(orders: OrdersOnClose): Promise<Closed> {
		this.#turn += 1;
		const client = this.#client;
		this.#client = undefined;
		const left = await this.#leave(client);
		return orders === "keep"
			? { orders: "kept", detail: `${left}; working orders keep working by their time in force` }
			: {
					orders: "refused",
					detail: `${left}; IBKR cancels no orders when a session ends, they keep working: cancel them yourself`,
				};
	}

	/** Leaves the session, and says how. The orders do not depend on it. */
	async #leave(client: IbkrClient | undefined): Promise<string> {
		if (!client) return "there was no open session to leave";
		if (!this.#settings.logoutOnClose)
			return "the session is left to end by itself after some minutes without a request";
		try {
			const never = new AbortController().signal;
			const outcome = await within(logoutTimeoutMs, never, "logout", (signal) => client.logout(signal));
			if (outcome.kind === "logged-out") return "logged out";
			return outcome.kind === "unconfirmed" ? "the venue did not confirm the logout" : "the session had ended before";
		} catch {
			return "the logout had no answer, the session ends by itself after some minutes without a request";
		}
	}

	#lease(): Lease {
		return { ttlMs: this.#settings.ttlMs, paceMs: this.#settings.tickleMs, protection };
	}
}
