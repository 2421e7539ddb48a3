import type { DeribitConnection } from "@x/deribit-session";

/** The venue sends a snapshot of these when they begin, and changes from then on. */
const needsSnapshot = /^book\.[^.]+\.(?:raw|100ms|agg2)$/;
/** The keeper's own: it tells of maintenance. */
const keepersOwn = "platform_state";

/** Which client has subscribed to what. A channel goes over the guarded connection once, for all of them. */
export class SharedChannels<Client> {
	readonly #holders = new Map<string, Set<Client>>();

	/** Every channel that somebody holds. */
	get names(): readonly string[] {
		return [...this.#holders.keys()];
	}

	holdersOf(channel: string): ReadonlySet<Client> | undefined {
		return this.#holders.get(channel);
	}

	isHeld(channel: string, client: Client): boolean {
		return this.#holders.get(channel)?.has(client) ?? false;
	}

	hold(channel: string, client: Client): void {
		const holders = this.#holders.get(channel);
		if (holders) holders.add(client);
		else this.#holders.set(channel, new Set([client]));
	}

	/** Returns whether the client held it. */
	release(channel: string, client: Client): boolean {
		const holders = this.#holders.get(channel);
		const wasHeld = holders?.delete(client) ?? false;
		if (holders?.size === 0) this.#holders.delete(channel);
		return wasHeld;
	}

	/** The channels that a client holds. */
	of(client: Client): readonly string[] {
		return [...this.#holders].flatMap(([channel, holders]) => (holders.has(client) ? [channel] : []));
	}

	/** Those that go over the connection although nobody holds them any more. */
	orphans(channels: readonly string[], connection: DeribitConnection): readonly string[] {
		return channels.filter(
			(channel) => channel !== keepersOwn && !this.#holders.has(channel) && connection.isSubscribed(channel),
		);
	}
}

/** Whether a client that joins needs the channel to begin anew, for a snapshot. The others get one more, too. */
export const mustBeginAnew = (channel: string): boolean => needsSnapshot.test(channel);
