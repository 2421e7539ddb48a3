import type { DeribitConnection } from "@x/deribit-session";

/** Matches the channels for which Deribit sends a snapshot right after the subscribe call, and only changes afterwards. */
const needsSnapshot = /^book\.[^.]+\.(?:raw|100ms|agg2)$/;
/** The channel that announces maintenance. The agent itself needs this channel, so it stays subscribed when no bot needs it. */
const keepersOwn = "platform_state";

/** Which clients have subscribed to which channels. The agent's connection subscribes to a channel once, for all clients. */
export class SharedChannels<Client> {
	readonly #holders = new Map<string, Set<Client>>();

	/** All channels to which at least one client has subscribed. */
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

	/** Ends the subscription of a client to a channel. Returns whether the client had subscribed to the channel. */
	release(channel: string, client: Client): boolean {
		const holders = this.#holders.get(channel);
		const wasHeld = holders?.delete(client) ?? false;
		if (holders?.size === 0) this.#holders.delete(channel);
		return wasHeld;
	}

	/** The channels to which a client has subscribed. */
	of(client: Client): readonly string[] {
		return [...this.#holders].flatMap(([channel, holders]) => (holders.has(client) ? [channel] : []));
	}

	/** Returns which of the given channels are still subscribed at the venue although no client needs them any more. */
	orphans(channels: readonly string[], connection: DeribitConnection): readonly string[] {
		return channels.filter(
			(channel) => channel !== keepersOwn && !this.#holders.has(channel) && connection.isSubscribed(channel),
		);
	}
}

/**
 * Whether a channel must be subscribed again when a client joins it, so that the client gets a snapshot. The channel's other clients get a
 * snapshot too.
 */
export const mustBeginAnew = (channel: string): boolean => needsSnapshot.test(channel);
