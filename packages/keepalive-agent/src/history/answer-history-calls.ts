import type { MessagePort } from "node:worker_threads";
import { errorName } from "@x/base/errors";
import type { HistoryConfig } from "./history-config.ts";
import { type HistoryStore, HistoryStoreError } from "./history-store.ts";
import type { HistoryCalls, HistoryReply, HistoryRequest, Opened } from "./history-thread-messages.ts";
import { PostgresStore } from "./postgres-store.ts";
import { Retention } from "./retention.ts";
import { TimelineBuilder } from "./timeline.ts";

/** The configuration of a history that is not switched off. */
export type KeptHistory = Exclude<HistoryConfig, { readonly kind: "none" }>;

/** A timeline reads this many records at once. Between two such reads the thread serves other calls. */
const chunkRows = 5_000;

interface Open {
	readonly store: HistoryStore;
	readonly retention: Retention;
}

/** Keeps the history in this thread, and answers the calls from the main thread. */
export function serveHistory(port: MessagePort, config: KeptHistory): void {
	const server = new HistoryServer(config);
	port.on("message", (request: HistoryRequest) => {
		void server.answer(request).then((reply) => port.postMessage(reply));
	});
}

class HistoryServer {
	readonly #config: KeptHistory;
	#open: Promise<Open> | undefined;
	/** What was found when the history's file or database was opened. It is sent with the next reply. */
	#opened: Opened | undefined;

	constructor(config: KeptHistory) {
		this.#config = config;
	}

	/** Answers one call and never rejects. After a failure the next call opens the store again, because its file may have been replaced. */
	async answer(request: HistoryRequest): Promise<HistoryReply> {
		const { id } = request;
		try {
			return { id, result: await this.#run(request), ...this.#takeOpened() };
		} catch (error) {
			await this.#close();
			const failure = error instanceof HistoryStoreError ? error.message : `failed unexpectedly: ${errorName(error)}`;
			return { id, failure, ...this.#takeOpened() };
		}
	}

	async #run(request: HistoryRequest): Promise<HistoryCalls[keyof HistoryCalls]["result"]> {
		if (request.method === "close") return this.#close();
		this.#open ??= this.#openNow();
		const { store, retention } = await this.#open;
		switch (request.method) {
			case "open":
				return;
			case "append":
				await store.append(request.args);
				retention.added(request.args);
				await retention.step(Date.now());
				return;
			case "page":
				return store.page(request.args);
			case "prune":
				return retention.step(Date.now());
			case "timeline":
				return timelineOf(store, request.args);
		}
	}

	async #openNow(): Promise<Open> {
		const store = await openStore(this.#config);
		const { lastId, repaired } = store;
		this.#opened = { lastId, ...(repaired !== undefined && { repaired }) };
		return { store, retention: await Retention.of(store, this.#config) };
	}

	async #close(): Promise<undefined> {
		const open = this.#open;
		this.#open = undefined;
		// A store that failed to open has nothing to close.
		await open?.then(({ store }) => store.close()).catch(() => undefined);
	}

	#takeOpened(): { readonly opened?: Opened } {
		const opened = this.#opened;
		this.#opened = undefined;
		return opened ? { opened } : {};
	}
}

async function openStore(config: KeptHistory): Promise<HistoryStore> {
	if (config.kind === "postgres") return PostgresStore.open(config);
	// The module is imported on demand, because Node.js before 22.13 has no node:sqlite.
	const { SqliteStore } = await import("./sqlite-store.ts").catch(() => {
		throw new HistoryStoreError("cannot be opened: node:sqlite needs Node.js 22.13 or later");
	});
	return new SqliteStore(config.file);
}

async function timelineOf(
	store: HistoryStore,
	{ from, to, sessions }: HistoryCalls["timeline"]["args"],
): Promise<string> {
	const builder = new TimelineBuilder(from, to, sessions);
	for (const row of await store.before(from)) builder.add(row);
	for (let after = 0; ; ) {
		const rows = await store.window(from, to, after, chunkRows);
		for (const row of rows) builder.add(row);
		const last = rows.at(-1);
		if (!last || rows.length < chunkRows) return JSON.stringify(builder.build());
		after = last.id;
		await new Promise((resolve) => setImmediate(resolve));
	}
}
