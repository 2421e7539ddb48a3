import { EventEmitter } from "node:events";
// The type is imported from the source files of the agent, because its package does not export it.
import type { BotWebSocket } from "../../../keepalive-agent/src/relay/deribit/bot-socket.ts";
import type { MachineProcess } from "../world/event-loop.ts";
import type { World } from "../world/world.ts";

/** A frame between a bot and the relay takes this many milliseconds, because both run on one machine. */
const loopbackMs = 1;

/** The functions of a bot that are called when a frame arrives, and when its connection has ended. */
export interface BotSide {
	onFrame(text: string): void;
	onEnd(): void;
}

/**
 * The WebSocket between a bot and the relay. It also simulates that the relay's process is blocked or ends, and that the bot reads nothing
 * or dies. The frames of each side arrive in the order in which they were sent.
 */
export class BotWire extends EventEmitter implements BotWebSocket {
	readonly OPEN = 1;
	readyState = 1;
	bufferedAmount = 0;
	readonly #world: World;
	/** The process in which the relay runs. */
	readonly #process: MachineProcess;
	readonly #bot: BotSide;
	/** The frames that the relay has not read yet, because the relay has paused the socket. */
	readonly #held: string[] = [];
	#isPaused = false;
	/** The frames that a hanging bot has not read; undefined while the bot reads. */
	#unread: string[] | undefined;

	constructor(world: World, process: MachineProcess, bot: BotSide) {
		super();
		this.#world = world;
		this.#process = process;
		this.#bot = bot;
	}

	/** Whether the bot reads what the relay sends. */
	get isRead(): boolean {
		return this.#unread === undefined;
	}

	/** Sends a frame from the bot to the relay. */
	say(text: string): void {
		this.#toRelay(() => {
			this.#held.push(text);
			this.#drain();
		});
	}

	/** Makes a bot that reads hang, so that it reads nothing. Makes a hanging bot read again. */
	toggle(): void {
		const unread = this.#unread;
		this.#unread = unread ? undefined : [];
		this.bufferedAmount = 0;
		for (const text of unread ?? []) this.#bot.onFrame(text);
	}

	/** Ends the connection from the side of the bot. @param code - 1006 when the bot has died without a close frame. */
	leave(code: number): void {
		this.#toRelay(() => this.#end(code));
	}

	send(text: string): void {
		this.#world.after(loopbackMs, () => {
			if (!this.#unread) return void this.#bot.onFrame(text);
			this.#unread.push(text);
			this.bufferedAmount += text.length;
		});
	}

	pause(): void {
		this.#isPaused = true;
	}

	resume(): void {
		this.#isPaused = false;
		if (this.#held.length > 0) this.#world.after(0, () => this.#process.deliver(() => this.#drain()));
	}

	close(code: number): void {
		this.#toRelay(() => this.#end(code));
	}

	terminate(): void {
		this.#toRelay(() => this.#end(1006));
	}

	#toRelay(event: () => void): void {
		this.#world.after(loopbackMs, () => this.#process.deliver(event));
	}

	#drain(): void {
		while (!this.#isPaused && this.readyState === this.OPEN) {
			const text = this.#held.shift();
			if (text === undefined) return;
			this.emit("message", Buffer.from(text), false);
		}
	}

	#end(code: number): void {
		if (this.readyState !== this.OPEN) return;
		this.readyState = 3;
		this.emit("close", code);
		this.#world.after(loopbackMs, () => this.#bot.onEnd());
	}
}
