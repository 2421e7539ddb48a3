import { EventEmitter } from "node:events";
import type { BotWebSocket } from "../deribit/bot-socket.ts";

/** The WebSocket of a bot without a network: a frame that the bot sends arrives one millisecond later. */
export class BotWire extends EventEmitter implements BotWebSocket {
	readonly OPEN = 1;
	readyState = 1;
	readonly bufferedAmount = 0;
	readonly #toBot: (text: string) => void;

	constructor(toBot: (text: string) => void) {
		super();
		this.#toBot = toBot;
	}

	/** Sends a frame from the bot to the relay. */
	say(text: string): void {
		setTimeout(() => this.readyState === this.OPEN && this.emit("message", Buffer.from(text), false), 1);
	}

	send(text: string): void {
		this.#toBot(text);
	}

	/** Does nothing: no test sends so many frames that the relay pauses the socket. */
	pause(): void {}

	resume(): void {}

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
	}
}
