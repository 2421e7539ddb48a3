import { type KeeperOptions, type ResolvedOptions, resolveOptions } from "./options.ts";
import type { Closed, OrdersOnClose, Session } from "./session.ts";
import { SessionLoop } from "./session-loop.ts";
import type { StatusRecord } from "./status.ts";
import { StatusFeed, type StatusListener } from "./status-feed.ts";
import { within } from "./time.ts";

/**
 * Keeps several sessions alive, each in a loop of its own: the end of one never ends another.
 *
 * `await using` works on it; leaving the scope stops every session with `ordersOnDispose`.
 */
export class Keeper implements AsyncDisposable {
	readonly #options: ResolvedOptions;
	readonly #loops: readonly SessionLoop[];
	readonly #feed: StatusFeed;
	#stopping: Promise<Readonly<Record<string, Closed>>> | undefined;

	/** Use {@link keepalive}, which also starts it. */
	constructor(sessions: readonly Session[], options: KeeperOptions) {
		this.#options = resolveOptions(options);
		requireNames(sessions);
		this.#feed = new StatusFeed(() => this.#loops.map((loop) => loop.current()));
		const publish = (record: StatusRecord): void => this.#feed.publish(record);
		this.#loops = sessions.map((session) => new SessionLoop(session, this.#options, publish));
	}

	/** Starts every loop; a loop already started goes on. */
	start(): void {
		if (this.#stopping) throw new Error("@x/keepalive: this keeper was stopped; make a new one");
		for (const loop of this.#loops) loop.start();
	}

	/** The current record of every session by name, judged now: an old proof is not shown as armed. */
	snapshot(): Readonly<Record<string, StatusRecord>> {
		return Object.fromEntries(this.#loops.map((loop) => [loop.session.name, loop.current()]));
	}

	/** Calls `listener` with the current record of each session, then with every change. Returns how to stop it. */
	onStatus(listener: StatusListener): () => void {
		return this.#feed.listen(listener);
	}

	/** Every change, after the current record of each session; ends when the keeper has stopped. */
	records(): AsyncIterableIterator<StatusRecord> {
		return this.#feed.read();
	}

	/**
	 * Resolves once every session is alive at the same time.
	 *
	 * @throws Error when one of them stops for good, when they are not all alive within `timeoutMs` (default 180 000), or
	 * the signal's reason.
	 */
	ready({ timeoutMs = 180_000, signal }: { timeoutMs?: number; signal?: AbortSignal } = {}): Promise<void> {
		return within(timeoutMs, signal ?? new AbortController().signal, "waiting for every session", async (cut) => {
			const records = this.records();
			cut.addEventListener("abort", () => void records.return?.(), { once: true });
			for await (const { status, session } of records) {
				if (status.state === "stopped") {
					const reason = status.why === "fatal" ? `: ${status.cause.message}` : " on request";
					throw new Error(`@x/keepalive: ${session} stopped before all were alive${reason}`);
				}
				const all = Object.values(this.snapshot());
				if (all.every((record) => record.status.state === "alive")) return;
			}
			throw new Error("@x/keepalive: stopped before every session was alive");
		});
	}

	/**
	 * Stops every session in reverse order, leaving as `orders` says. Each result tells what the venue could promise.
	 * Never throws; a second call gets the first one's result.
	 */
	stop({ orders }: { orders: OrdersOnClose }): Promise<Readonly<Record<string, Closed>>> {
		this.#stopping ??= this.#stop(orders);
		return this.#stopping;
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.stop({ orders: this.#options.ordersOnDispose });
	}

	async #stop(orders: OrdersOnClose): Promise<Readonly<Record<string, Closed>>> {
		const results: Record<string, Closed> = {};
		for (const loop of this.#loops.toReversed()) results[loop.session.name] = await loop.stop(orders);
		this.#feed.end();
		return results;
	}
}

/**
 * Starts keeping the sessions alive.
 *
 * @throws TypeError for options out of range, no session, or two sessions of one name.
 */
export function keepalive(sessions: readonly Session[], options: KeeperOptions = {}): Keeper {
	const keeper = new Keeper(sessions, options);
	keeper.start();
	return keeper;
}

function requireNames(sessions: readonly Session[]): void {
	if (sessions.length === 0) throw new TypeError("@x/keepalive: there is no session to keep");
	const names = sessions.map((session) => session.name);
	const twice = names.find((name, index) => names.indexOf(name) !== index);
	if (twice !== undefined) {
		throw new TypeError(`@x/keepalive: two sessions are named "${twice}"; give each a name of its own`);
	}
}
