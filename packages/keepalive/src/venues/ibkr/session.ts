import { createIbkrHttp, type IbkrConnection, type IbkrHttp, type IbkrHttpOptions, isIbkrError } from "@x/ibkr-session";
import type { Closed, Lease, OrdersOnClose, Session } from "../../session.ts";
import { SessionError } from "../../session-error.ts";
import { monotonicMs, within } from "../../time.ts";
import { expectation } from "./calendar.ts";
import { failureOf, leftMeanwhile, lossOf } from "./disposition.ts";
import { protection } from "./exposure.ts";
import { LayerBook } from "./layer-book.ts";
import type { IbkrLayers } from "./layers.ts";
import { Life } from "./life.ts";
import type { IbkrAttemptCount } from "./limits.ts";
import { Memory } from "./memory.ts";
import { openBrokerage } from "./open.ts";
import type { IbkrSettings } from "./options.ts";
import { type IbkrRepair, Repairs } from "./recovery.ts";

/** Shorter than the keeper's own patience with a close. */
const logoutTimeoutMs = 8_000;

/** A session at IBKR, with what only this venue has to tell. Everything it tells is plain data and carries no secret. */
export interface IbkrSession extends Session<IbkrHttp> {
	/** The four layers, judged now: what is alive, since when, and why what is not was lost. */
	readonly layers: IbkrLayers;
	/** Inits, and those that may have ended another session, against what is allowed in a day. */
	readonly attempts: { readonly inits: IbkrAttemptCount; readonly takeovers: IbkrAttemptCount };
	/** The latest 100 losses that were repaired, each with what has to be done again. */
	readonly repairs: readonly IbkrRepair[];
	/** The socket, when one is kept and there is one. */
	readonly socket: IbkrConnection | undefined;
	/**
	 * Asks the venue whether the session is there, because a call of the program's own was answered as if it were not. True
	 * when it is. When it is gone, its repair begins, once, however many callers saw it; never throws.
	 */
	check(): Promise<boolean>;
}

/** A brokerage session at IBKR, kept by tickles. */
export class IbkrKeptSession implements IbkrSession {
	readonly name: string;
	readonly #settings: IbkrSettings;
	readonly #memory: Memory;
	readonly #book: LayerBook;
	readonly #repairs: Repairs;
	/** What the last successful opening began. */
	#life: Life | undefined;
	/** Counts openings and closings: what an earlier one still brings is not kept. */
	#turn = 0;

	constructor(settings: IbkrSettings) {
		this.name = settings.name;
		this.#settings = settings;
		this.#memory = new Memory(settings);
		const hasSocket = settings.socket !== undefined;
		this.#repairs = new Repairs({ tell: settings.onRepair, hasSocket });
		this.#book = new LayerBook({
			needed: { gateway: settings.mode === "gateway", login: true, brokerage: true, socket: hasSocket },
			ttlMs: settings.ttlMs,
			expectation: (at) => expectation(at, this.#memory.regionIn(settings)),
		});
		// A wrong option shows now and not at the first opening.
		createIbkrHttp(clientOptions(settings));
	}

	get handle(): IbkrHttp | undefined {
		return this.#life?.client;
	}

	get layers(): IbkrLayers {
		return this.#book.report();
	}

	get attempts(): IbkrSession["attempts"] {
		const now = Date.now();
		return { inits: this.#memory.inits.count(now), takeovers: this.#memory.takeovers.count(now) };
	}

	get repairs(): readonly IbkrRepair[] {
		return this.#repairs.list;
	}

	get socket(): IbkrConnection | undefined {
		return this.#life?.socket;
	}

	async check(): Promise<boolean> {
		return (await this.#life?.check()) ?? false;
	}

	async open(signal: AbortSignal): Promise<Lease> {
		const turn = ++this.#turn;
		void this.#leave();
		// A new client has no cookie of a session that is gone.
		const life = new Life(createIbkrHttp(clientOptions(this.#settings)), {
			book: this.#book,
			settings: this.#settings,
			onEnd: (error, socketOnly) => this.#lossOf(error, socketOnly),
		});
		try {
			const opening = { client: life.client, memory: this.#memory, settings: this.#settings, signal };
			const { session, reopened, provedAt } = await openBrokerage(opening);
			await life.openSocket(session, signal);
			signal.throwIfAborted();
			if (turn !== this.#turn) throw leftMeanwhile();
			this.#life = life;
			life.begin();
			this.#repairs.alive(reopened);
			// A socket may have taken seconds since.
			return { ...this.#lease(life), ageMs: monotonicMs() - provedAt };
		} catch (error) {
			void life.end();
			throw failureOf(error);
		}
	}

	async beat(signal: AbortSignal): Promise<Lease> {
		const life = this.#life;
		if (!life) {
			const message = "@x/keepalive/ibkr: there is no open session to prove alive";
			throw new SessionError(message, { disposition: { action: "retry" }, session: "ended" });
		}
		try {
			await life.beat(this.#memory, signal);
		} catch (error) {
			throw this.#lossOf(failureOf(error), false);
		}
		if (life !== this.#life) throw leftMeanwhile();
		return this.#lease(life);
	}

	async close(orders: OrdersOnClose): Promise<Closed> {
		this.#turn += 1;
		const client = this.#life?.client;
		const socketLeft = this.#leave();
		const detail = await this.#logout(client);
		await socketLeft;
		return orders === "keep"
			? { orders: "kept", detail: `${detail}; working orders keep working by their time in force` }
			: {
					orders: "refused",
					detail: `${detail}; IBKR cancels no orders when a session ends, they keep working: cancel them yourself`,
				};
	}

	#leave(): Promise<void> {
		const life = this.#life;
		this.#life = undefined;
		return life?.end() ?? Promise.resolve();
	}

	/** The error of a loss with what it means, which is remembered until the session is alive again. */
	#lossOf(error: SessionError, socketOnly: boolean): SessionError {
		if (error.session !== "ended") return error;
		const { expected, words } = expectation(Date.now(), this.#memory.regionIn(this.#settings));
		this.#repairs.lost(error.message, expected, socketOnly);
		if (!socketOnly) this.#memory.doubt();
		return lossOf(error, words);
	}

	/** Leaves the session, and says how. The orders do not depend on it. */
	async #logout(client: IbkrHttp | undefined): Promise<string> {
		if (!client) return "there was no open session to leave";
		if (!this.#settings.logoutOnClose)
			return "the session is left to end by itself after some minutes without a request";
		try {
			const never = new AbortController().signal;
			const outcome = await within(logoutTimeoutMs, never, "logout", (signal) => client.logout(signal));
			if (outcome.kind === "logged-out") return "logged out";
			return outcome.kind === "unconfirmed" ? "the venue did not confirm the logout" : "the session had ended before";
		} catch (error) {
			const why = isIbkrError(error) && error.kind === "paced" ? "was not sent after a 429" : "had no answer";
			return `the logout ${why}, the session ends by itself after some minutes without a request`;
		}
	}

	#lease({ ended }: Life): Lease {
		return { ttlMs: this.#settings.ttlMs, paceMs: this.#settings.tickleMs, protection, ended };
	}
}

/** Those of the settings that are the client's own. */
function clientOptions(settings: IbkrSettings): IbkrHttpOptions {
	const { baseUrl, callTimeoutMs, pacing, fetch, authorize, penaltyBox } = settings;
	return {
		baseUrl,
		callTimeoutMs,
		pacing,
		...(fetch ? { fetch } : {}),
		...(authorize ? { authorize } : {}),
		...(penaltyBox ? { penaltyBox } : {}),
	};
}
