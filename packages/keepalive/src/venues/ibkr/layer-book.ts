import type { IbkrBrokerageState, IbkrError } from "@x/ibkr-session";
import { monotonicMs } from "../../time.ts";
import type { Expectation } from "./calendar.ts";
import { type IbkrLayer, type IbkrLayers, type IbkrLoss, type LayerName, layerNames } from "./layers.ts";
import type { CallOutcome } from "./watched-client.ts";

interface Entry {
	state: IbkrLayer["state"];
	doubt: string | undefined;
	proof: { readonly wall: number; readonly monotonic: number } | undefined;
	loss: IbkrLoss | undefined;
}

/** What the book needs to know of the session. */
export interface LayerBookOptions {
	readonly needed: Readonly<Record<LayerName, boolean>>;
	/** A proof that is older proves nothing. */
	readonly ttlMs: number;
	readonly expectation: (at: number) => Expectation;
}

const brokerageWords: Readonly<Record<Exclude<IbkrBrokerageState, "ready" | "loading">, string>> = {
	competing: "another session of this user holds it",
	unauthenticated: "it has ended, the login is still good",
	disconnected: "the venue has no connection to its backend for this user",
};

/** Keeps, for each layer, what the answers of all calls have shown of it. */
export class LayerBook {
	readonly #options: LayerBookOptions;
	readonly #entries: Readonly<Record<LayerName, Entry>>;

	constructor(options: LayerBookOptions) {
		this.#options = options;
		const blank = (): Entry => ({ state: "unknown", doubt: undefined, proof: undefined, loss: undefined });
		this.#entries = { gateway: blank(), login: blank(), brokerage: blank(), socket: blank() };
	}

	/** Takes what a call learned. */
	heard(outcome: CallOutcome): void {
		this.up("gateway");
		switch (outcome.kind) {
			case "no-session":
				this.#loginLost(`${outcome.because}, ${outcome.status}`);
				break;
			case "logged-out":
				this.#loginLost("logged out");
				break;
			case "valid":
			case "unstated":
				this.up("login");
				break;
			case "live":
			case "not-ready":
				this.up("login");
				this.#brokerage(outcome.brokerage.state);
				break;
			case "status":
				if (outcome.brokerage.authenticated) this.up("login");
				this.#brokerage(outcome.brokerage.state);
				break;
			case "accounts":
				this.up("login");
				this.up("brokerage");
				break;
			case "accepted":
				if (this.#entries.brokerage.state !== "up") this.#entries.brokerage.state = "opening";
				break;
			case "refused":
				this.lost("brokerage", "an init was refused");
				break;
			case "no-brokerage":
				// `{}` is what a session says that is not ready, or that another one holds.
				if (outcome.because === "empty") this.#entries.brokerage.state = "opening";
				else this.lost("brokerage", `${outcome.because}, ${outcome.status}`);
		}
	}

	/** Takes a call that taught nothing of the session. */
	failed({ kind, status, code }: IbkrError): void {
		if (kind === "network") this.lost("gateway", `the connection failed${code ? ` (${code})` : ""}`);
		else if (kind === "timeout") this.#doubt("gateway", "it gave no answer in time");
		// Whatever was answered, somebody answered.
		else if (status !== undefined) this.up("gateway");
	}

	/** The session was left: what was proved of it proves nothing of the next one. */
	leave(): void {
		this.#doubt("brokerage", "the session was left");
		this.#doubt("socket", "the session was left");
	}

	/** The layer was proved alive just now, or at that instant by both clocks. */
	up(name: LayerName, ageMs = 0): void {
		const entry = this.#entries[name];
		entry.state = "up";
		entry.doubt = undefined;
		entry.proof = { wall: Date.now() - ageMs, monotonic: monotonicMs() - ageMs };
	}

	lost(name: LayerName, why: string): void {
		const entry = this.#entries[name];
		// The first reason stays: what follows from it is no other loss.
		if (entry.state === "down") return;
		entry.state = "down";
		entry.doubt = undefined;
		const at = Date.now();
		entry.loss = { at, why, expected: this.#options.expectation(at).expected };
	}

	/** How things stand, judged now. */
	report(): IbkrLayers {
		const judged = new Map<LayerName, IbkrLayer>();
		let below: LayerName | undefined;
		for (const name of layerNames) {
			const layer = this.#judge(name, below);
			judged.set(name, layer);
			if (layer.needed && layer.state !== "up") below ??= name;
		}
		const of = (name: LayerName): IbkrLayer => judged.get(name) ?? this.#judge(name, undefined);
		return {
			at: Date.now(),
			alive: below === undefined,
			gateway: of("gateway"),
			login: of("login"),
			brokerage: of("brokerage"),
			socket: of("socket"),
		};
	}

	#judge(name: LayerName, below: LayerName | undefined): IbkrLayer {
		const { state, doubt, proof, loss } = this.#entries[name];
		const facts = {
			needed: this.#options.needed[name],
			...(proof ? { lastProofAt: Math.round(proof.wall) } : {}),
			...(doubt ? { doubt } : {}),
			...(loss ? { lastLoss: loss } : {}),
		};
		if (state !== "up" || !proof) return { state, ...facts };
		if (below !== undefined) return { state: "unknown", doubt: `it rests on the ${below}, which is not up`, ...facts };
		// The wall clock too: the monotonic one stands still while a machine sleeps.
		const ageMs = Math.round(Math.max(monotonicMs() - proof.monotonic, Date.now() - proof.wall));
		if (ageMs < this.#options.ttlMs) return { state, ...facts };
		return { state: "unknown", doubt: `its last proof is ${ageMs} ms old`, ...facts };
	}

	#brokerage(state: IbkrBrokerageState): void {
		const entry = this.#entries.brokerage;
		if (state === "loading") entry.state = "opening";
		else if (state !== "ready") this.lost("brokerage", brokerageWords[state]);
		// Ready by its own word, and up only once accounts were answered.
		else if (entry.state === "up") this.up("brokerage");
		else entry.state = "opening";
	}

	#doubt(name: LayerName, why: string): void {
		const entry = this.#entries[name];
		if (entry.state !== "up") return;
		entry.state = "unknown";
		entry.doubt = why;
	}

	#loginLost(why: string): void {
		this.lost("login", why);
		this.lost("brokerage", `the login is gone: ${why}`);
	}
}
