import type { IncomingMessage, ServerResponse } from "node:http";
import { sleep } from "@x/base/clock";
import type { AgentRecord } from "../agent/agent-record.ts";
import type { EventLog } from "../agent/event-log.ts";
import type { Agent } from "../agent/start-agent.ts";
import { Problem } from "./http-problem.ts";

const maxStreams = 256;
/** A reader that leaves this many bytes unread is disconnected. When it reconnects, it gets the events that it missed. */
const maxBehindBytes = 1_000_000;
/** Milliseconds between two comments in the stream. They are sent because proxies close connections on which nothing is sent. */
const pingEveryMs = 15_000;

/** The event streams of the readers of `/v1/events`. */
export class EventStreams {
	readonly #agent: Agent;
	readonly #log: EventLog;
	readonly #ended = new AbortController();
	#open = 0;

	constructor(agent: Agent, log: EventLog) {
		this.#agent = agent;
		this.#log = log;
	}

	/** Serves a reader until the connection is closed. @throws Problem (503) when too many streams are open. */
	serve(request: IncomingMessage, response: ServerResponse): void {
		if (this.#open >= maxStreams) {
			throw new Problem(503, `${maxStreams} streams are open already: close one`, { connection: "close" });
		}
		this.#open += 1;
		const left = new AbortController();
		response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
		// The headers are sent now: otherwise a reader that has missed no event would get no headers before the first ping.
		response.flushHeaders();
		const write = (text: string): void => {
			// Nothing is written after close(): a reader that has not yet read all its data may still be connected, but a write would fail.
			if (response.writableEnded) return;
			response.write(text);
			if (response.writableLength > maxBehindBytes) response.destroy();
		};
		this.#begin(request, write);
		const stop = this.#log.listen(({ id, record }) => write(eventText(record, id)));
		response.once("close", () => {
			this.#open -= 1;
			stop();
			left.abort();
		});
		this.#ended.signal.addEventListener("abort", () => response.end(), { once: true, signal: left.signal });
		void keepOpen(left.signal, () => write(": still here\n\n"));
	}

	/** Ends all streams. */
	close(): void {
		this.#ended.abort();
	}

	#begin({ headers }: IncomingMessage, write: (text: string) => void): void {
		const lastId = headers["last-event-id"];
		const replay = typeof lastId === "string" ? this.#log.after(lastId) : undefined;
		if (replay && !replay.hasGap) {
			for (const { id, record } of replay.events) write(eventText(record, id));
			return;
		}
		if (replay) write("event: gap\ndata: {}\n\n");
		const { keeper, venues } = this.#agent;
		for (const name of venues.keys()) write(eventText(keeper.current(name), this.#log.lastId));
	}
}

const eventText = (record: AgentRecord, id: string): string =>
	`id: ${id}\nevent: ${record.type}\ndata: ${JSON.stringify(record)}\n\n`;

async function keepOpen(left: AbortSignal, ping: () => void): Promise<void> {
	while (!left.aborted) {
		await sleep(pingEveryMs, left);
		if (!left.aborted) ping();
	}
}
