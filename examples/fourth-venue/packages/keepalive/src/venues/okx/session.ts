import { cancelAllAfter } from "@x/okx-timer";
import type { Closed, Lease, OrdersOnClose, Session } from "../../session.ts";
import { toSessionError } from "./disposition.ts";
import { okxExposureMs } from "./exposure.ts";
import { leave } from "./leave.ts";
import { type OkxSessionOptions, type ResolvedOkxOptions, resolveOkxOptions } from "./options.ts";
import { protectionOf } from "./proof.ts";

/** OKX's cancel-all-after as a session. Created by {@link okx}. */
export class OkxSession implements Session<undefined> {
	readonly name: string;
	/** The calls are plain HTTP: there is no connection to trade over. */
	readonly handle: undefined;
	/** How long working orders can outlive us, in the worst case. */
	readonly exposureMs: number;
	readonly #options: ResolvedOkxOptions;

	/** @throws OptionError for an option that is not allowed. */
	constructor(options: OkxSessionOptions) {
		this.#options = resolveOkxOptions(options);
		this.name = this.#options.name;
		this.exposureMs = okxExposureMs(this.#options);
	}

	open(signal: AbortSignal): Promise<Lease> {
		return this.beat(signal);
	}

	async beat(signal: AbortSignal): Promise<Lease> {
		const { client, windowSeconds } = this.#options;
		const countdown = await cancelAllAfter(client, windowSeconds, { signal }).catch((error: unknown) => {
			throw toSessionError(error);
		});
		return { ttlMs: windowSeconds * 1_000, protection: protectionOf(countdown, this.exposureMs) };
	}

	close(orders: OrdersOnClose, signal?: AbortSignal): Promise<Closed> {
		return leave(orders, { client: this.#options.client, exposureMs: this.exposureMs, signal });
	}
}
