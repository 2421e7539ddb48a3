import type { Kvm, KvStatus } from "@nats-io/kv";
import type { NatsConnection } from "@nats-io/transport-node";
import { Bucket } from "./bucket.ts";

/** The two buckets of a leader store. */
export interface Buckets {
	/**
	 * The bucket with one entry for each name under which processes elect a leader. The server removes an entry that is not renewed within
	 * the ttl.
	 */
	readonly leaders: Bucket;
	/** The bucket with the last note for each name: a text that a leader has written for the next leader. Notes do not expire. */
	readonly notes: Bucket;
}

/** The settings of the bucket in which the leaders are stored. */
export interface Settings {
	readonly ttlMs: number;
	readonly replicas: number;
}

const notesOf = (bucket: string): string => `${bucket}_notes`;

async function managerOf(connection: NatsConnection): Promise<Kvm> {
	// The library is loaded at the first use, because a program may import this package without using a server.
	const { Kvm } = await import("@nats-io/kv");
	return new Kvm(connection);
}

/** Opens both buckets. Sends no request to the server. */
export async function openBuckets(connection: NatsConnection, bucket: string): Promise<Buckets> {
	const manager = await managerOf(connection);
	return { leaders: new Bucket(await manager.open(bucket)), notes: new Bucket(await manager.open(notesOf(bucket))) };
}

/**
 * Creates each missing bucket. The bucket with the notes is created first, so that the bucket with the leaders never exists alone.
 */
export async function createBuckets(
	connection: NatsConnection,
	bucket: string,
	{ ttlMs, replicas }: Settings,
	signal: AbortSignal,
): Promise<void> {
	const manager = await managerOf(connection);
	checkServer(connection, bucket, replicas);
	const common = { history: 1, replicas, storage: "file", allow_direct: false } as const;
	for (const [name, options] of [
		[notesOf(bucket), common],
		[bucket, { ...common, ttl: ttlMs }],
	] as const) {
		signal.throwIfAborted();
		// A request to create a bucket needs more rights, even if the bucket exists. So this function first checks whether it
		// exists.
		if (await exists(manager, name)) continue;
		signal.throwIfAborted();
		try {
			await manager.create(name, options);
		} catch (error) {
			// Another process may have created the bucket meanwhile with other settings. In that case the error is ignored here,
			// and the caller checks the settings afterwards.
			if (!(await exists(manager, name))) throw error;
		}
	}
}

/** The settings of the bucket in which the leaders are stored. */
export async function bucketSettings(connection: NatsConnection, bucket: string): Promise<KvSettings> {
	const status = await (await (await managerOf(connection)).open(bucket)).status();
	const { last_seq: lastRevision } = status.streamInfo.state;
	return { ttlMs: status.ttl, replicas: status.replicas, storage: status.storage, lastRevision };
}

/** The settings that the server reports of the bucket in which the leaders are stored. */
export interface KvSettings extends Settings {
	readonly storage: KvStatus["storage"];
	/** The revision of the latest write to any key of the bucket. */
	readonly lastRevision: number;
}

/**
 * Checks the settings of a bucket.
 *
 * @throws when, in a bucket with these settings, two processes could lead at the same time, or two leaders could get the same
 * epoch.
 */
export function checkSettings(
	connection: NatsConnection,
	bucket: string,
	{ ttlMs, replicas, storage }: KvSettings,
	wantedTtlMs: number,
): void {
	if (ttlMs !== wantedTtlMs) {
		throw new Error(
			`the ttl of the bucket ${bucket} is ${ttlMs} ms, and ttlMs is ${wantedTtlMs}. ` +
				`Give leaderSession ttlMs: ${ttlMs} in each process, or use another bucket`,
		);
	}
	if (storage !== "file") {
		throw new Error(
			`the bucket ${bucket} is in memory, so its epochs begin again when the server restarts. Use a bucket with file storage`,
		);
	}
	checkServer(connection, bucket, replicas);
}

/**
 * Refuses a bucket with replicas on a server before version 2.11. Such a server checks the revision of a write before the
 * replicas agree, so two conflicting writes may both succeed.
 */
function checkServer(connection: NatsConnection, bucket: string, replicas: number): void {
	const version = connection.info?.version ?? "";
	if (replicas > 1 && isBefore211(version)) {
		throw new Error(
			`the bucket ${bucket} has ${replicas} replicas, and nats-server ${version} may accept two conflicting writes. ` +
				"Use nats-server 2.11 or later, or one replica",
		);
	}
}

function isBefore211(version: string): boolean {
	const [major = 0, minor = 0] = version.split(".").map(Number);
	return major < 2 || (major === 2 && minor < 11);
}

async function exists(manager: Kvm, name: string): Promise<boolean> {
	try {
		await (await manager.open(name)).status();
		return true;
	} catch (error) {
		if (error instanceof Error && "code" in error && error.code === 10_059) return false;
		throw error;
	}
}
