import type { KV } from "@nats-io/kv";
import { isRecord } from "@x/base/record";
import { keyOf } from "./key.ts";

/** What a bucket has for a name. */
export interface Found {
	/** Undefined where there is nothing, or no longer. */
	readonly entry: Entry | undefined;
	/** The number that a write has to name, so that it is refused when something was written meanwhile. 0 where there is nothing. */
	readonly revision: number;
}

/** A value of a bucket. */
interface Entry {
	readonly value: Readonly<Record<string, unknown>>;
	/** The number of the write, which grows over the life of the bucket. */
	readonly revision: number;
	/** When it was written, by the clock of the server. */
	readonly createdMs: number;
}

/** JetStream's codes for a write that names another revision than the latest one. */
const wrongRevision = new Set([10_071, 10_164]);

/** A key-value bucket of JSON objects, of which each write is a compare-and-set. */
export class Bucket {
	readonly #kv: KV;

	/** @param kv - one that asks the leader of the stream, not any replica (`allow_direct: false`). */
	constructor(kv: KV) {
		this.#kv = kv;
	}

	async read(name: string): Promise<Found> {
		const found = await this.#kv.get(keyOf(name));
		if (!found) return { entry: undefined, revision: 0 };
		const { revision } = found;
		// A marker of a deletion. It has a revision, too.
		if (found.operation !== "PUT") return { entry: undefined, revision };
		const value: unknown = JSON.parse(found.string());
		if (!isRecord(value)) throw new Error(`the entry of ${JSON.stringify(name)} was not written by this package`);
		return { entry: { value, revision, createdMs: found.created.getTime() }, revision };
	}

	/** @returns the revision of the new entry; undefined when `revision` is not the latest one any more. */
	async write(name: string, value: Readonly<Record<string, unknown>>, revision: number): Promise<number | undefined> {
		try {
			return await this.#kv.put(keyOf(name), JSON.stringify(value), { previousSeq: revision });
		} catch (error) {
			// Not by the class: two copies of the library may be loaded.
			if (error instanceof Error && "code" in error && wrongRevision.has(Number(error.code))) return undefined;
			throw error;
		}
	}
}
