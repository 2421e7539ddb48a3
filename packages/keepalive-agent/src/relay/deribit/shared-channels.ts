import type { DeribitConnection } from "@x/deribit-session";

/** Channels for which Deribit sends a snapshot when they are subscribed, and only changes afterwards. */
const needsSnapshot = /^book\.[^.]+\.(?:raw|100ms|agg2)$/;
/** The keeper subscribes to this channel itself, because it announces maintenance. */
const keepersOwn = "platform_state";

/** Which clients have subscribed to which channels. The guarded connection subscribes to a channel once, for all its clients. */
export class SharedChannels<Client> {
	readonly #holders = new Map<string, Set<Client>>();

	/** All channels that at least one client holds. */
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

	/** Returns whether the client held the channel. */
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

	/** The channels among these that the connection is subscribed to although no client holds them any more. */
	orphans(channels: readonly string[], connection: DeribitConnection): readonly string[] {
		return channels.filter(
			(channel) => channel !== keepersOwn && !this.#holders.has(channel) && connection.isSubscribed(channel),
		);
	}
}

/** Whether a channel must be subscribed again when a client joins, so that the client gets a snapshot. Its other clients get one too. */
export const mustBeginAnew = (channel: string): boolean => needsSnapshot.test(channel);
