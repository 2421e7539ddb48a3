import { EventEmitter } from "node:events";
import type { BotWebSocket } from "../deribit/bot-socket.ts";

/** The WebSocket of a bot without a network: a frame that the bot sends arrives one millisecond later. */
export class BotWire extends EventEmitter implements BotWebSocket {
	readonly OPEN = 1;
	readyState = 1;
	bufferedAmount = 0;
	/** The frames that a hanging bot has not read; undefined while the bot reads. */
	#unread: string[] | undefined;
	readonly #toBot: (text: string) => void;
	readonly #onEnd: () => void;
	#isPaused = false;
	readonly #held: string[] = [];

	constructor(toBot: (text: string) => void, onEnd: () => void) {
		super();
		this.#toBot = toBot;
		this.#onEnd = onEnd;
	}

	/** Sends a frame from the bot to the relay. */
	say(text: string): void {
		if (this.#isPaused) this.#held.push(text);
		else setTimeout(() => this.readyState === this.OPEN && this.emit("message", Buffer.from(text), false), 1);
	}

	get isRead(): boolean {
		return this.#unread === undefined;
	}

	/** Makes the bot hang (it reads nothing), or read again. */
	toggle(): void {
		const unread = this.#unread;
		this.#unread = unread ? undefined : [];
		this.bufferedAmount = 0;
		for (const text of unread ?? []) this.#toBot(text);
	}

	send(text: string): void {
		if (!this.#unread) return void this.#toBot(text);
		this.#unread.push(text);
		this.bufferedAmount += text.length;
	}

	pause(): void {
		this.#isPaused = true;
	}

	resume(): void {
		this.#isPaused = false;
		for (const text of this.#held.splice(0)) this.say(text);
	}

	close(code: number): void {
		setTimeout(() => this.#end(code), 1);
	}

	terminate(): void {
		this.#end(1006);
	}

	#end(code: number): void {
		if (this.readyState !== this.OPEN) return;
		this.readyState = 3;
		this.emit("close", code);
		this.#onEnd();
	}
}
