import type { KV } from "@nats-io/kv";
import { isRecord } from "@x/base/objects";
import { keyOf } from "./bucket-key.ts";

/** What a bucket contains for one name. */
export interface Found {
	/** The entry that the bucket has for the name. Undefined when there is no entry, or when the entry was deleted. */
	readonly entry: Entry | undefined;
	/**
	 * The revision that the next write has to contain. The server refuses the write if the entry has changed since that revision. 0 if
	 * there never was an entry.
	 */
	readonly revision: number;
}

/** A value that a bucket stores for one name. */
interface Entry {
	readonly value: Readonly<Record<string, unknown>>;
	/** The number of the write that created this entry. Each write to the bucket gets a higher number than all earlier writes. */
	readonly revision: number;
	/** When the entry was written, in epoch milliseconds by the clock of the server. */
	readonly createdMs: number;
}

/** The error codes with which JetStream refuses a write that does not contain the latest revision. */
const wrongRevision = new Set([10_071, 10_164]);

/**
 * A key-value bucket of JSON objects. Each write is a compare-and-set: it succeeds only if the entry still has the given
 * revision.
 */
export class Bucket {
	readonly #kv: KV;

	/** @param kv - the bucket; it must read from the leader of the stream, not from any replica (`allow_direct: false`). */
	constructor(kv: KV) {
		this.#kv = kv;
	}

	async read(name: string): Promise<Found> {
		const found = await this.#kv.get(keyOf(name));
		if (!found) return { entry: undefined, revision: 0 };
		const { revision } = found;
		// The entry was deleted. The server keeps a marker of the deletion, and that marker has a revision as well.
		if (found.operation !== "PUT") return { entry: undefined, revision };
		const value = parsed(found.string());
		if (!isRecord(value)) {
			const entry = `the bucket's entry for ${JSON.stringify(name)}`;
			throw new Error(`${entry} was not written by this package. Use a bucket to which no other program writes`);
		}
		return { entry: { value, revision, createdMs: found.created.getTime() }, revision };
	}

	/** @returns the revision of the new entry; undefined when `revision` is no longer the latest revision. */
	async write(name: string, value: Readonly<Record<string, unknown>>, revision: number): Promise<number | undefined> {
		try {
			return await this.#kv.put(keyOf(name), JSON.stringify(value), { previousSeq: revision });
		} catch (error) {
			// The error is recognised by its code, not by its class, because two copies of the library may be loaded.
			if (error instanceof Error && "code" in error && wrongRevision.has(Number(error.code))) return undefined;
			throw error;
		}
	}
}

/** Parses JSON; returns undefined for invalid JSON, because the error of `JSON.parse` would quote it. */
function parsed(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}
