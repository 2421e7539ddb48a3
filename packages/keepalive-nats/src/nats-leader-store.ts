import type { NatsConnection } from "@nats-io/transport-node";
import { neverAborted } from "@x/base/clock";
import { checkOptions, milliseconds, oneOf, optional } from "@x/base/option-schema";
import { redact } from "@x/base/redact";
import type { LeaderStore, StoredLeader, TakeResult } from "@x/keepalive/leader";
import type { Bucket, Found } from "./bucket.ts";
import { type Buckets, bucketSettings, checkSettings, createBuckets, openBuckets } from "./create-buckets.ts";
import { type NatsLeaderStoreOptions, packageName, resolveOptions } from "./options.ts";
import { givenLink, type NatsLink, ownLink } from "./store-connection.ts";

/** A leader store in a key-value bucket of NATS JetStream. The bucket has one key for each name under which processes elect a leader. */
export interface NatsLeaderStore extends LeaderStore {
	/**
	 * Creates the bucket for the leaders, and a second bucket for notes with `_notes` after its name. A bucket that exists is not created
	 * again. The right to create buckets is needed only if a bucket is missing. You may call this at each start and from several processes
	 * at once.
	 *
	 * Rejects when the bucket exists with other settings.
	 */
	createBucket(settings?: NatsBucketSettings, signal?: AbortSignal): Promise<void>;
	/** Returns which process leads, and whether this process could lead. Changes nothing. */
	inspect(name: string, signal?: AbortSignal): Promise<LeaderInspection>;
	/**
	 * Closes the connection to the store's `servers`, so that the program can exit. A `connection` of your own stays open. Never
	 * rejects.
	 */
	close(): Promise<void>;
}

/** The settings of a bucket that {@link NatsLeaderStore.createBucket} creates. */
export interface NatsBucketSettings {
	/**
	 * The server removes a leader that has not renewed for this many milliseconds. Must be equal to the option `ttlMs` of
	 * `leaderSession` in each process. Default 15 000, like the default of `leaderSession`.
	 */
	readonly ttlMs?: number;
	/** How many servers of a cluster keep a copy of the bucket. More than one needs nats-server 2.11 or later. Default 1. */
	readonly replicas?: 1 | 3 | 5;
}

/** The result of {@link NatsLeaderStore.inspect}. */
export interface LeaderInspection {
	/** The process that leads now. Missing when no process leads. */
	readonly leader?: StoredLeader;
	/**
	 * Whether the buckets exist and this user may read them. Also true for a user that may not write, because `inspect` does not
	 * try to write: the first `take` of such a user rejects. The settings of the bucket are not compared with the options of
	 * `leaderSession`.
	 */
	readonly mayLead: boolean;
}

/**
 * A leader store in NATS JetStream, for `leaderSession` of `@x/keepalive/leader`. Each change is one compare-and-set by the
 * revision of the entry. The server removes the entry of a leader that has not renewed, by the server's own clock.
 *
 * The epoch of a leader, a number that is higher for each new leader, is the revision of the leader's first entry. Never delete
 * the bucket while its epochs are in use, such as in labels of orders. Create the buckets once with `createBucket`. The store
 * does not connect before its first call.
 *
 * @throws OptionError
 */
export function natsLeaderStore(options: NatsLeaderStoreOptions): NatsLeaderStore {
	const { via, bucket } = resolveOptions(options);
	if ("request" in via) return new Store(givenLink(via), bucket, []);
	return new Store(ownLink(via), bucket, via.secrets);
}

/**
 * How many times a call tries to change an entry. A try fails when another process has changed the entry between the read and the
 * write.
 */
const maxAttempts = 5;

/** A period in which one process leads, as far as this store knows it. */
interface Term {
	readonly holder: string;
	readonly epoch: number;
	/** When the period began, in epoch milliseconds by the clock of the server. */
	readonly since: number;
	/** The revision of the last entry of this period that this store has written or read. */
	readonly revision: number;
}

class Store implements NatsLeaderStore {
	readonly #link: NatsLink;
	readonly #bucket: string;
	readonly #secrets: readonly string[];
	/**
	 * The periods in which this process leads, by the name under which processes elect a leader. With this knowledge, a renewal needs only
	 * one request.
	 */
	readonly #terms = new Map<string, Term>();
	/** For each connection: the `ttlMs` for which `take` has checked the settings of the bucket. */
	readonly #checked = new WeakMap<NatsConnection, number>();

	constructor(link: NatsLink, bucket: string, secrets: readonly string[]) {
		this.#link = link;
		this.#bucket = bucket;
		this.#secrets = secrets;
	}

	async createBucket(settings: NatsBucketSettings = {}, signal: AbortSignal = neverAborted): Promise<void> {
		checkOptions<NatsBucketSettings>(
			packageName,
			{ ttlMs: optional(milliseconds({ min: 100, max: 600_000 })), replicas: optional(oneOf(1, 3, 5)) },
			settings,
		);
		const { ttlMs = 15_000, replicas = 1 } = settings;
		await this.#ask("creating the bucket", signal, async (_, cut, connection) => {
			await createBuckets(connection, this.#bucket, { ttlMs, replicas }, cut);
			await this.#check(connection, ttlMs);
		});
	}

	take(name: string, holder: string, ttlMs: number, signal: AbortSignal): Promise<TakeResult> {
		return this.#ask(`taking the lead of ${name}`, signal, async ({ leaders, notes }, cut, connection) => {
			await this.#check(connection, ttlMs);
			for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
				cut.throwIfAborted();
				const found = await leaders.read(name);
				const last = termOf(found);
				if (last && last.holder !== "" && last.holder !== holder) {
					return { isTaken: false, leader: storedLeader(last, found, ttlMs) };
				}
				// The note is read before the bucket's last revision. In the other order, another process could take the lead between
				// the two reads. Its epoch in the note would then be higher than the last revision, and this call would fail for no
				// reason.
				const noted = await notes.read(name);
				const { lastRevision } = await bucketSettings(connection, this.#bucket);
				this.#requireNewEpoch(noted, lastRevision);
				cut.throwIfAborted();
				const epoch = await leaders.write(name, { holder }, found.revision);
				// Another process has changed the entry between the read and the write, so the attempt is repeated.
				if (epoch === undefined) continue;
				cut.throwIfAborted();
				const began = await leaders.read(name);
				// The new epoch is stored in the note, even if the note has no text. If the bucket of the leaders is deleted and
				// created again, its revisions begin again. A later `take` then sees from the note that its epoch may not be new, and
				// fails.
				const note = await writeNote(notes, name, epoch, undefined, cut);
				if (!began.entry || began.revision !== epoch || !note) {
					throw new Error("the lead expired, or another process took it, while this call was in progress");
				}
				cut.throwIfAborted();
				const since = began.entry.createdMs;
				this.#terms.set(name, { holder, epoch, since, revision: epoch });
				if (note.text === undefined) return { isTaken: true, epoch };
				return { isTaken: true, epoch, note: { text: note.text, ageMs: Math.max(0, since - note.at) } };
			}
			throw new Error(`the leader's entry changed during each of ${maxAttempts} attempts to write it`);
		});
	}

	/**
	 * Renews for the ttl of the bucket. The parameter `ttlMs` is not needed: {@link take} has checked that it equals the ttl of
	 * the bucket.
	 */
	renew(
		name: string,
		holder: string,
		epoch: number,
		_ttlMs: number,
		signal: AbortSignal,
		note?: string,
	): Promise<boolean> {
		return this.#ask(`renewing the lead of ${name}`, signal, async ({ leaders, notes }, cut) => {
			const isLeader = await this.#change(leaders, name, holder, epoch, cut, (term) => ({
				holder,
				epoch,
				since: term.since,
			}));
			if (!isLeader || note === undefined) return isLeader;
			// The note is written after the renewal, which has shown that this process leads.
			return (await writeNote(notes, name, epoch, note, cut)) !== undefined;
		});
	}

	release(name: string, holder: string, epoch: number, signal: AbortSignal): Promise<void> {
		return this.#ask(`releasing the lead of ${name}`, signal, async ({ leaders }, cut) => {
			// The entry gets an empty holder. This changes its revision, so the server refuses a renewal that arrives later.
			await this.#change(leaders, name, holder, epoch, cut, () => ({ holder: "" }));
			this.#forget(name, epoch);
		});
	}

	inspect(name: string, signal: AbortSignal = neverAborted): Promise<LeaderInspection> {
		return this.#ask(`reading the leader of ${name}`, signal, async ({ leaders, notes }, _, connection) => {
			try {
				const { ttlMs } = await bucketSettings(connection, this.#bucket);
				const [found] = await Promise.all([leaders.read(name), notes.read(name)]);
				const term = termOf(found);
				return { mayLead: true, ...(term && term.holder !== "" && { leader: storedLeader(term, found, ttlMs) }) };
			} catch (error) {
				if (isMissing(error) || isForbidden(error)) return { mayLead: false };
				throw error;
			}
		});
	}

	close(): Promise<void> {
		return this.#link.close();
	}

	/**
	 * Overwrites the entry of one leader: the process `holder` with this epoch.
	 *
	 * @returns false when that entry is gone, or when a leader with another epoch has followed.
	 */
	async #change(
		leaders: Bucket,
		name: string,
		holder: string,
		epoch: number,
		signal: AbortSignal,
		change: (term: Term) => Readonly<Record<string, unknown>>,
	): Promise<boolean> {
		const isThis = (term: Term | undefined): term is Term => term?.holder === holder && term.epoch === epoch;
		const known = this.#terms.get(name);
		let term = isThis(known) ? known : undefined;
		for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
			signal.throwIfAborted();
			term ??= termOf(await leaders.read(name));
			if (!isThis(term)) {
				this.#forget(name, epoch);
				return false;
			}
			signal.throwIfAborted();
			const revision = await leaders.write(name, change(term), term.revision);
			if (revision !== undefined) {
				signal.throwIfAborted();
				this.#terms.set(name, { ...term, revision });
				return true;
			}
			// The entry has changed, perhaps through an earlier write of this process whose reply was lost. So the entry is read
			// again, to see whether this process still leads.
			term = undefined;
		}
		throw new Error(`the leader's entry changed during each of ${maxAttempts} attempts to write it`);
	}

	#forget(name: string, epoch: number): void {
		if (this.#terms.get(name)?.epoch === epoch) this.#terms.delete(name);
	}

	/**
	 * Checks the settings of the bucket once for each connection. With a ttl other than `ttlMs`, two processes could believe at
	 * the same time that they lead.
	 */
	async #check(connection: NatsConnection, ttlMs: number): Promise<void> {
		if (this.#checked.get(connection) === ttlMs) return;
		checkSettings(connection, this.#bucket, await bucketSettings(connection, this.#bucket), ttlMs);
		this.#checked.set(connection, ttlMs);
	}

	/**
	 * Checks that the next epoch will be new.
	 *
	 * @throws when the next leader could get an epoch that an earlier leader had.
	 */
	#requireNewEpoch({ entry }: Found, lastRevision: number): void {
		const last = Number(entry?.value["epoch"] ?? 0);
		if (last <= lastRevision) return;
		throw new Error(
			`epoch ${last} was given out before, and the next epoch would be ${lastRevision + 1} (the bucket ${this.#bucket} was deleted, or has lost entries). ` +
				`Delete ${this.#bucket}_notes once nothing uses the earlier epochs`,
		);
	}

	/**
	 * Runs `work` with the two buckets over a connection. The message of an error begins with what failed, and contains no
	 * secret.
	 */
	async #ask<T>(
		what: string,
		signal: AbortSignal,
		work: (buckets: Buckets, signal: AbortSignal, connection: NatsConnection) => Promise<T>,
	): Promise<T> {
		signal.throwIfAborted();
		try {
			return await this.#link.use(signal, async (connection, cut) =>
				work(await openBuckets(connection, this.#bucket), cut, connection),
			);
		} catch (error) {
			signal.throwIfAborted();
			throw new Error(
				redact(`${packageName}: ${what} failed: ${this.#reason(error)}.`, this.#secrets, { maxLength: 500 }),
			);
		}
	}

	#reason(error: unknown): string {
		const bucket = this.#bucket;
		if (isMissing(error)) return `there is no bucket ${bucket}, or no ${bucket}_notes. Create both with createBucket()`;
		if (!(error instanceof Error)) return "unknown error";
		// The message of the library's own error would be just "timeout".
		return error.name === "TimeoutError" ? "the server did not answer" : error.message.replace(/\.$/, "");
	}
}

/** A text that a leader has written for the next leader. */
interface Note {
	/** The text of the note. Missing when no leader has written a note. */
	readonly text?: string;
	/** When the text was written, in epoch milliseconds by the clock of the server. */
	readonly at: number;
}

function noteOf({ entry }: Found): Note {
	const { text, at = entry?.createdMs } = entry?.value ?? {};
	return { at: Number(at ?? 0), ...(typeof text === "string" && { text }) };
}

/**
 * Writes a note (a text for the next leader) together with the epoch of its leader. A note of an earlier leader that arrives late then
 * cannot replace the note of a later leader.
 *
 * @param text - the new text; undefined keeps the last text.
 * @returns the note before this write; undefined if nothing was written because a later leader had already written a note.
 */
async function writeNote(
	notes: Bucket,
	name: string,
	epoch: number,
	text: string | undefined,
	signal: AbortSignal,
): Promise<Note | undefined> {
	for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
		signal.throwIfAborted();
		const found = await notes.read(name);
		if (found.entry && Number(found.entry.value["epoch"]) > epoch) return undefined;
		const before = noteOf(found);
		signal.throwIfAborted();
		const note = text === undefined ? { ...before, epoch } : { text, epoch };
		if ((await notes.write(name, note, found.revision)) !== undefined) return before;
	}
	throw new Error(`the note for the next leader changed during each of ${maxAttempts} attempts to write it`);
}

/**
 * The period of leading that an entry describes. The first entry of a leader contains no epoch: its epoch is the revision that
 * the server gave to the entry.
 */
function termOf({ entry }: Found): Term | undefined {
	if (!entry) return undefined;
	const { value, revision, createdMs } = entry;
	const { holder, epoch = revision, since = createdMs } = value;
	return { holder: String(holder), epoch: Number(epoch), since: Number(since), revision };
}

/**
 * The leader as `take` reports it. The times in the result are computed from timestamps of the server and from this
 * machine's clock, because JetStream cannot be asked for its time.
 */
function storedLeader({ holder, epoch, since }: Term, { entry }: Found, ttlMs: number): StoredLeader {
	const now = Date.now();
	const leftMs = (entry?.createdMs ?? now) + ttlMs - now;
	return { holder, epoch, ledForMs: Math.max(0, now - since), expiresInMs: Math.min(ttlMs, Math.max(0, leftMs)) };
}

/** Whether an error has JetStream's code for a stream that does not exist. */
function isMissing(error: unknown): boolean {
	return error instanceof Error && "code" in error && error.code === 10_059;
}

/**
 * Whether the server has refused a request for lack of permission. The error is recognised by its name, not by its class, because
 * two copies of the library may be loaded.
 */
function isForbidden(error: unknown): boolean {
	if (!(error instanceof Error)) return false;
	return error.name === "PermissionViolationError" || isForbidden(error.cause);
}
