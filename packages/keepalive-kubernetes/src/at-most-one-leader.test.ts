import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { type KubernetesLeaderStore, kubernetesLeaderStore } from "./index.ts";
import { type Fault, type FaultyRequest, KubernetesApi } from "./testing/kubernetes-api.ts";

const ttlMs = 5_000;
const steps = 300;
const seeds = Array.from({ length: 10 }, (_, index) => index + 1);

/**
 * A process that can lead. It considers itself the leader until `ttlMs` have passed since it sent the last request that the API
 * server accepted.
 */
interface Process {
	readonly holder: string;
	readonly store: KubernetesLeaderStore;
	epoch: number;
	leadsUntilMs: number;
	call: Call | undefined;
}

interface Call {
	readonly process: Process;
	readonly controller: AbortController;
	readonly ended: Promise<void>;
}

interface Held {
	readonly request: FaultyRequest;
	call: Call | undefined;
}

let api: KubernetesApi;
beforeAll(async () => {
	api = await KubernetesApi.start();
	api.addAccount("planted-token", "trading");
});
afterAll(() => api.close());
beforeEach(() => {
	vi.useFakeTimers({ toFake: ["performance", "Date"] });
});
afterEach(() => {
	vi.useRealTimers();
	api.heal();
});

/** Returns pseudo-random numbers from 0 up to, but not including, 1. The same seed gives the same sequence. */
function randomOf(seed: number): () => number {
	let state = seed;
	return () => {
		state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
		return state / 2 ** 32;
	};
}

/**
 * A run with three processes that take, renew and release the lead. Meanwhile requests and replies are lost or late, or a
 * request is executed after the caller gave up. With an even seed the three processes share one store.
 */
class Run {
	readonly #name: string;
	readonly #random: () => number;
	readonly #processes: readonly Process[];
	/** Faults that have not affected a request yet. */
	#waiting: Held[] = [];
	/** Requests that have arrived and that the server holds back. */
	#held: Held[] = [];
	#highestEpoch = 0;
	/**
	 * Errors that the test found. They are collected here, because an error that is thrown in a background call cannot make the
	 * test fail.
	 */
	readonly #problems: string[] = [];
	/** How many times any process took the lead. */
	terms = 0;

	constructor(seed: number) {
		this.#name = `one-leader-${seed}`;
		this.#random = randomOf(seed);
		const newStore = () =>
			kubernetesLeaderStore({ url: api.url, ca: api.ca, namespace: "trading", token: "planted-token" });
		// The shared store stands for three sessions of one process that use the same store.
		const shared = seed % 2 === 0 ? newStore() : undefined;
		this.#processes = ["a", "b", "c"].map((holder) => ({
			holder,
			store: shared ?? newStore(),
			epoch: 0,
			leadsUntilMs: Number.NEGATIVE_INFINITY,
			call: undefined,
		}));
	}

	async step(): Promise<void> {
		await this.#doAnything();
		expect(this.#problems).toEqual([]);
	}

	async #doAnything(): Promise<void> {
		const chance = this.#random();
		if (chance < 0.3) this.pass(this.#random() < 0.8 ? this.#random() * 2_000 : this.#random() * 2 * ttlMs);
		else if (chance < 0.42) this.#addFault();
		else if (chance < 0.52) await this.letGo();
		else if (chance < 0.57) await this.#giveUp();
		else if (chance < 0.59) this.#edit();
		else await this.call(this.#pick(this.#processes.filter(({ call }) => !call)));
	}

	pass(ms: number): void {
		vi.advanceTimersByTime(ms);
		this.#check();
	}

	/** Lets the server execute one request that it holds back. Returns false if there is none. */
	async letGo(): Promise<boolean> {
		const held = this.#pick(this.#held);
		if (!held) return false;
		this.#held = this.#held.filter((each) => each !== held);
		await held.request.letGo();
		if (held.call && held.call.process.call === held.call) await this.#untilEndedOrHeld(held.call);
		return true;
	}

	/** Makes a process renew or release the lead if it leads, and otherwise try to take the lead. */
	async call(process: Process | undefined): Promise<void> {
		if (!process) return;
		const controller = new AbortController();
		const { promise, resolve } = Promise.withResolvers<void>();
		const call = { process, controller, ended: promise };
		process.call = call;
		const isLeader = performance.now() < process.leadsUntilMs;
		const act = isLeader ? (this.#random() < 0.1 ? this.#release : this.#renew) : this.#take;
		void act
			.call(this, process, controller.signal)
			.catch((error: unknown) => {
				// The faults make calls fail with these errors. Any other error is a problem that the test reports.
				if (!/^Error: (given up|@x\/keepalive-kubernetes: )/.test(String(error))) this.#problems.push(String(error));
			})
			.finally(() => {
				process.call = undefined;
				resolve();
			});
		await this.#untilEndedOrHeld(call);
	}

	/** Ends all faults, and lets the server execute all requests that it holds back. */
	async heal(): Promise<void> {
		api.heal();
		this.#waiting = [];
		while (await this.letGo());
	}

	/**
	 * Makes the leader stop renewing, and lets the other processes try once a second to take the lead.
	 *
	 * @returns the milliseconds until one of them leads.
	 */
	async untilTaken(): Promise<number> {
		const leads = (process: Process): boolean => performance.now() < process.leadsUntilMs;
		const others = this.#processes.filter((process) => !leads(process));
		for (let ms = 0; ms <= 60_000; ms += 1_000) {
			for (const process of others) await this.call(process);
			if (others.some(leads)) return ms;
			this.pass(1_000);
		}
		return expect.fail("nobody takes the lead");
	}

	async #take(process: Process, signal: AbortSignal): Promise<void> {
		const sentMs = performance.now();
		const result = await process.store.take(this.#name, process.holder, ttlMs, signal);
		if (!result.isTaken) return;
		process.epoch = result.epoch;
		process.leadsUntilMs = sentMs + ttlMs;
		// This reply arrived more than `ttlMs` after its request was sent, so it does not make the process the leader.
		if (performance.now() >= process.leadsUntilMs) return;
		if (result.epoch <= this.#highestEpoch) this.#problems.push(`epoch ${result.epoch} after ${this.#highestEpoch}`);
		this.#highestEpoch = result.epoch;
		this.terms += 1;
		this.#check();
	}

	async #renew(process: Process, signal: AbortSignal): Promise<void> {
		const sentMs = performance.now();
		const isLeader = await process.store.renew(this.#name, process.holder, process.epoch, ttlMs, signal);
		process.leadsUntilMs = isLeader ? sentMs + ttlMs : Number.NEGATIVE_INFINITY;
		this.#check();
	}

	async #release(process: Process, signal: AbortSignal): Promise<void> {
		process.leadsUntilMs = Number.NEGATIVE_INFINITY;
		await process.store.release(this.#name, process.holder, process.epoch, signal);
	}

	#addFault(): void {
		const method = this.#pick(["GET", "PUT", "PUT", "POST"]) ?? "";
		const fault = this.#pick<Fault>(["drop", "lose", "hold", "hold", "delay", "delay"]) ?? "drop";
		const held: Held = { request: api.fault(method, fault), call: undefined };
		if (fault === "hold" || fault === "delay") this.#waiting.push(held);
	}

	/** Makes a process abort its call. The server may still execute the request that the call has sent. */
	async #giveUp(): Promise<void> {
		const { call } = this.#pick(this.#processes.filter((each) => each.call)) ?? {};
		call?.controller.abort(new Error("given up"));
		await call?.ended;
	}

	#edit(): void {
		if (!api.lease("trading", `keepalive-${this.#name}`)) return;
		const labels = { random: String(this.#random()) };
		api.edit("trading", `keepalive-${this.#name}`, ({ metadata, ...rest }) => ({
			...rest,
			metadata: { ...metadata, labels },
		}));
	}

	async #untilEndedOrHeld(call: Call): Promise<void> {
		const arrivals = this.#waiting.map((held) => held.request.arrived.then(() => held));
		const held = await Promise.race([call.ended, ...arrivals]);
		if (!held) return;
		held.call = call;
		this.#waiting = this.#waiting.filter((each) => each !== held);
		this.#held.push(held);
	}

	#check(): void {
		const leaders = this.#processes.filter(({ leadsUntilMs }) => performance.now() < leadsUntilMs);
		if (leaders.length > 1) this.#problems.push(`these lead: ${leaders.map(({ holder }) => holder)}`);
	}

	#pick<T>(from: readonly T[]): T | undefined {
		return from[Math.floor(this.#random() * from.length)];
	}
}

describe("three processes with kubernetesLeaderStore", () => {
	it.each(seeds)("at most one of three processes leads, whatever messages are lost or late (seed %i)", async (seed) => {
		const run = new Run(seed);
		for (let step = 0; step < steps; step += 1) await run.step();
		expect(run.terms).toBeGreaterThan(1);
		await run.heal();
		// After ttlMs, it takes at most two seconds: one until another process sees the last renewal, and one until that process finds
		// the Lease expired.
		expect(await run.untilTaken()).toBeLessThanOrEqual(ttlMs + 2_000);
	});
});
