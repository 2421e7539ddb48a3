import { sleep } from "@x/base/clock";
import { type Instant, instantNow, longestElapsedMs } from "@x/base/instant";
import type { Logger } from "@x/keepalive";
import type { Agent } from "../agent/start-agent.ts";
import type { components } from "../generated/schema.ts";
import { filePulses, type PulseReader, processPulses } from "./pulse-source.ts";
import type { SharedPulses } from "./shared-pulses.ts";
import type { StrategyConfig } from "./strategy-config.ts";

type StrategyView = components["schemas"]["Strategy"];

/** Deadline, in milliseconds, for handing a pulse (health signal) to the thread that runs the sessions. */
const handOverMs = 1_000;

/** Takes the pulses (health signals) of all strategies, and hands them to the health checks (gates) of the sessions. */
export class Strategies {
	readonly #configs: Readonly<Record<string, StrategyConfig>>;
	readonly #agent: Agent;
	readonly #ended = new AbortController();
	readonly #pulses = new Map<string, Instant>();
	/** The strategies for which a pulse (health signal) is being passed on at the moment. */
	readonly #handingOver = new Set<string>();
	readonly #shared: SharedPulses | undefined;

	/** @param shared - the pulses that other machines see; undefined if no strategy shares its pulses. */
	constructor(
		configs: Readonly<Record<string, StrategyConfig>>,
		agent: Agent,
		logger: Pick<Logger, "warn">,
		shared?: SharedPulses,
	) {
		this.#configs = configs;
		this.#agent = agent;
		this.#shared = shared;
		for (const [name, { pulse, toleranceMs, isShared }] of Object.entries(configs)) {
			if (shared && isShared) {
				shared.follow(name, (ageMs) => void this.#receive(name, ageMs));
			}
			if (pulse.kind === "file") void this.#poll(name, filePulses(pulse.file, toleranceMs), toleranceMs);
			if (pulse.kind === "process") {
				const onHidden = (id: number): void => logger.warn(hiddenText(name, id, pulse.file), { strategy: name });
				void this.#poll(name, processPulses(pulse.file, { onHidden }), toleranceMs);
			}
		}
	}

	get names(): readonly string[] {
		return Object.keys(this.#configs);
	}

	/** Whether the pulses (health signals) of a strategy come over the HTTP API. */
	takesHttpPulses(name: string): boolean {
		return this.#configs[name]?.pulse.kind === "http";
	}

	/**
	 * Records a pulse (health signal) that this machine sees, and passes it on to the thread that runs the sessions. The pulse is lost if
	 * that thread does not take it in time, or is being restarted.
	 */
	async pulse(name: string): Promise<void> {
		if (this.#configs[name]?.isShared) this.#shared?.record(name);
		await this.#receive(name, 0);
	}

	/**
	 * Passes a pulse (health signal) on to the thread that runs the sessions, unless a younger pulse is known. While that thread takes one
	 * pulse, more pulses may come. Only the latest of them is passed on next.
	 */
	async #receive(name: string, ageMs: number): Promise<void> {
		const now = instantNow(Date.now);
		const given = { monotonicMs: now.monotonicMs - ageMs, wallMs: now.wallMs - ageMs };
		const known = this.#pulses.get(name);
		if (known && longestElapsedMs(known, now) <= ageMs) return;
		this.#pulses.set(name, given);
		if (this.#handingOver.has(name)) return;
		this.#handingOver.add(name);
		for (let sent: Instant | undefined; sent !== this.#pulses.get(name) && !this.#ended.signal.aborted; ) {
			sent = this.#pulses.get(name);
			await this.#handOver(name, sent ?? given);
		}
		this.#handingOver.delete(name);
	}

	async #handOver(strategy: string, given: Instant): Promise<void> {
		const ageMs = Math.max(0, longestElapsedMs(given, instantNow(Date.now)));
		try {
			const options = { timeoutMs: handOverMs, signal: this.#ended.signal };
			await this.#agent.keeper.call("pulse", { strategy, ageMs }, options);
		} catch {
			// The failure is not reported here, because the status of a session shows that its pulses are missing.
		}
	}

	/** @throws TypeError for an unknown name. */
	view(name: string): StrategyView {
		const config = this.#configs[name];
		if (!config) throw new TypeError(`there is no strategy ${name}`);
		const { sessions, toleranceMs, pulse } = config;
		const last = this.#pulses.get(name);
		const ageMs = last && Math.round(longestElapsedMs(last, instantNow(Date.now)));
		return {
			name,
			sessions: sessions.map((session) => {
				const { status } = this.#agent.keeper.current(session);
				const cancelWithinMs = status.state === "alive" ? status.hangMs : undefined;
				return { name: session, state: status.state, ...(cancelWithinMs !== undefined && { cancelWithinMs }) };
			}),
			pulse: pulse.kind,
			toleranceMs,
			pulsing: ageMs !== undefined && ageMs < toleranceMs,
			...(ageMs !== undefined && { lastPulseAgeMs: ageMs }),
		};
	}

	close(): void {
		this.#ended.abort();
	}

	/** Reads the source of pulses, such as a file, four times within the tolerance, until the strategies are closed. */
	async #poll(name: string, reader: PulseReader, toleranceMs: number): Promise<void> {
		const { signal } = this.#ended;
		while (!signal.aborted) {
			if ((await reader.hasPulsed()) && !signal.aborted) await this.pulse(name);
			await sleep(toleranceMs / 4, signal);
		}
	}
}

const hiddenText = (strategy: string, id: number, file: string): string =>
	`strategy ${strategy} gives no pulse: process ${id} (${file}) exists, but /proc does not show it, so it may have ended. ` +
	"Run the agent as the user of that process, or without ProtectProc=invisible and hidepid.";
