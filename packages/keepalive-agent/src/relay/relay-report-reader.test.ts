import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { AgentKeeper } from "../agent/start-agent.ts";
import { RelayLog } from "./relay-log.ts";
import { RelayReader } from "./relay-report-reader.ts";
import type { RelayReport } from "./start-relay.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Stands in for the relay of a worker; {@link restart} replaces it with the relay of a new worker. */
class Relays {
	#log = new RelayLog();
	#start = 0;

	add(...details: readonly string[]): void {
		for (const detail of details) this.#log.add({ session: "hedge", event: "orders-kept", detail });
		for (const _ of details) this.#log.count({ what: "forwarded", session: "hedge", bot: "maker" });
	}

	restart(): void {
		this.#log = new RelayLog();
		this.#start += 1;
	}

	async call(_: string, after: number): Promise<RelayReport> {
		const { counts } = this.#log;
		// The report is copied, because threads pass copies of messages.
		return structuredClone({
			start: String(this.#start),
			port: 1,
			counts,
			clients: [],
			events: this.#log.after(after),
		});
	}
}

it("RelayReader reports every event of a new worker thread once, even if that worker has more events than the earlier one", async () => {
	const relays = new Relays();
	// The cast is safe: the reader uses only the method `call` of an AgentKeeper.
	const reader = new RelayReader(relays as unknown as AgentKeeper, {});
	const heard: string[] = [];
	reader.listen(({ detail }) => heard.push(detail));
	relays.add("a", "b");
	await reader.start();
	relays.restart();
	relays.add("c", "d", "e");
	await vi.advanceTimersByTimeAsync(1_000);
	relays.add("f");
	await vi.advanceTimersByTimeAsync(1_000);
	expect(heard).toEqual(["a", "b", "c", "d", "e", "f"]);
	expect(reader.counts.map(({ count }) => count)).toEqual([2, 4]);
	reader.close();
});
