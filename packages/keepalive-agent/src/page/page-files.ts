import { createHash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { readPageFiles } from "../read-own-package-files.ts";

const contentTypes: Readonly<Record<string, string>> = {
	html: "text/html; charset=utf-8",
	css: "text/css; charset=utf-8",
	js: "text/javascript; charset=utf-8",
	svg: "image/svg+xml",
};

const headers = {
	// Forbids content from other sites, inline scripts and styles, and turning text into HTML.
	"content-security-policy":
		"default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'",
	"x-content-type-options": "nosniff",
	"referrer-policy": "no-referrer",
	// The browser asks at each load whether a file has changed, so that it never mixes the files of two releases.
	"cache-control": "no-cache",
};

interface PageFile {
	readonly contentType: string;
	readonly body: Buffer;
}

/** The page at `/`, and the files that it needs. They contain nothing of the configuration, and are read once at the start. */
export class PageFiles {
	readonly #files: ReadonlyMap<string, PageFile>;
	/** All files have the same ETag: the page reloads itself when any of its files has changed. */
	readonly #etag: string;

	constructor() {
		const hash = createHash("sha256");
		const files = new Map<string, PageFile>();
		for (const [name, body] of readPageFiles()) {
			const contentType = contentTypes[name.slice(name.lastIndexOf(".") + 1)];
			if (contentType === undefined) continue;
			hash.update(name).update("\0").update(body).update("\0");
			files.set(name === "index.html" ? "/" : `/page/${name}`, { contentType, body });
		}
		this.#files = files;
		this.#etag = `"${hash.digest("base64url").slice(0, 22)}"`;
	}

	/** Whether there is a file at this path. */
	has(path: string): boolean {
		return this.#files.has(path);
	}

	/** Sends the file at a path. {@link has} must be true for the path. */
	send(path: string, request: IncomingMessage, response: ServerResponse): void {
		const file = this.#files.get(path);
		if (!file) throw new TypeError(`the page has nothing at ${path}`);
		if (request.headers["if-none-match"] === this.#etag) {
			response.writeHead(304, { ...headers, etag: this.#etag }).end();
			return;
		}
		response.writeHead(200, {
			...headers,
			etag: this.#etag,
			"content-type": file.contentType,
			"content-length": file.body.length,
		});
		response.end(file.body);
	}
}
