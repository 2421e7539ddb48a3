import { sleep } from "@x/base/clock";
import type { RelayRecord } from "../agent/agent-record.ts";
import type { SessionView } from "../agent/session-view.ts";
import type { AgentKeeper } from "../agent/start-agent.ts";
import type { RelayConfig } from "./relay-config.ts";
import type { RelayReport } from "./start-relay.ts";

const readEveryMs = 1_000;
/** Deadline for one report, in milliseconds. A busy worker may need some time. */
const timeoutMs = 5_000;

type Counts = RelayReport["counts"];

/** Reads the reports of the relay once a second. The relay runs in the thread that runs the sessions. */
export class RelayReader {
	readonly #keeper: AgentKeeper;
	readonly #bots: RelayConfig["bots"];
	readonly #ended = new AbortController();
	readonly #listeners = new Set<(record: RelayRecord) => void>();
	#report: RelayReport | undefined;
	#lastId = 0;
	/** The final counters of the worker threads that have ended. */
	#earlier: Counts = [];

	constructor(keeper: AgentKeeper, bots: RelayConfig["bots"]) {
		this.#keeper = keeper;
		this.#bots = bots;
	}

	/** Reads reports until `close()` is called. Resolves after the first attempt to read a report. */
	async start(): Promise<void> {
		await this.#read();
		void this.#keepReading();
	}

	/** The port of the relay; undefined until the relay has reported. */
	get port(): number | undefined {
		return this.#report?.port;
	}

	/**
	 * The bots of a session, and the clients without a login.
	 *
	 * @param cancels - whether the venue cancels the bots' orders when the session's connection ends.
	 */
	botsOf(session: string, cancels: boolean): NonNullable<SessionView["relay"]>["bots"] {
		const clients = this.clients.filter((each) => each.session === session);
		return clients.map(({ bot: name, count: connections }) => {
			const bot = this.#bots[name];
			if (!bot || !cancels) return { name, connections };
			const { ordersOnDisconnect, cancelWithinMs } = bot;
			return { name, connections, ordersOnDisconnect, ...(ordersOnDisconnect === "cancel" && { cancelWithinMs }) };
		});
	}

	get clients(): RelayReport["clients"] {
		return this.#report?.clients ?? [];
	}

	/** The counts of all workers since the agent started. */
	get counts(): Counts {
		return [...this.#earlier, ...(this.#report?.counts ?? [])];
	}

	/** From now on, calls `listener` with each record that is read. */
	listen(listener: (record: RelayRecord) => void): void {
		this.#listeners.add(listener);
	}

	close(): void {
		this.#ended.abort();
	}

	async #read(): Promise<void> {
		try {
			const first = await this.#ask(this.#lastId);
			const before = this.#report;
			// A new worker numbers its events from 1, but this call asked only for events after the last event of the earlier worker. The reader
			// therefore asks again, for all events of the new worker.
			const isNew = before !== undefined && first !== undefined && first.start !== before.start;
			const report = isNew ? await this.#ask(0) : first;
			if (!report) return;
			if (isNew) {
				this.#earlier = [...this.#earlier, ...before.counts];
				this.#lastId = 0;
			}
			this.#report = report;
			for (const { id, event } of report.events) {
				if (id <= this.#lastId) continue;
				this.#lastId = id;
				for (const listener of this.#listeners) listener({ type: "relay", ...event });
			}
		} catch {
			// No report is available: the worker is busy or has died, which the statuses of the sessions show.
		}
	}

	#ask(after: number): Promise<RelayReport | undefined> {
		return this.#keeper.call("relay", after, { timeoutMs, signal: this.#ended.signal });
	}

	async #keepReading(): Promise<void> {
		while (!this.#ended.signal.aborted) {
			await sleep(readEveryMs, this.#ended.signal);
			if (!this.#ended.signal.aborted) await this.#read();
		}
	}
}
