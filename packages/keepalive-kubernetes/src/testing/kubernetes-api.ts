import { createServer as createPlainServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { selfSignedCertificate } from "@x/venue-sims";

/** A verb that an account may use on the Leases of its namespace. */
export type Verb = "get" | "create" | "update";

/** A fault that changes how the server handles one request. */
export type Fault =
	/** The request is neither executed nor answered. */
	| "hang"
	/** The request is not executed, and the connection breaks. */
	| "drop"
	/** The request is executed, and the connection breaks: the reply is lost. */
	| "lose"
	/** The request is executed only when `letGo` is called, even if the client no longer waits for the reply. */
	| "hold"
	/** The request is executed at once, but answered only when `letGo` is called. */
	| "delay"
	/**
	 * The request is not executed, and is answered with this reply. With `isCut`, the connection breaks in the middle of the
	 * body.
	 */
	| {
			readonly status: number;
			readonly headers?: Record<string, string>;
			readonly body?: string;
			readonly isCut?: boolean;
	  };

/** A request that a fault will affect. */
export interface FaultyRequest {
	/** Resolves when the request has arrived. */
	readonly arrived: Promise<void>;
	/** Ends the fault `hold` or `delay`. Resolves when the request has been executed. */
	letGo(): Promise<void>;
}

/** A Lease as the API server stores it, including members that this simulated server does not use. */
export interface LeaseObject {
	readonly apiVersion: string;
	readonly kind: string;
	readonly metadata: Metadata;
	readonly spec: Readonly<Record<string, unknown>>;
}

interface Metadata {
	readonly name: string;
	readonly namespace: string;
	readonly uid: string;
	readonly resourceVersion: string;
	readonly managedFields: readonly { readonly time: string }[];
	readonly annotations?: Readonly<Record<string, string>>;
	readonly [member: string]: unknown;
}

interface Account {
	readonly namespace: string;
	readonly verbs: ReadonlySet<Verb>;
}

/** A request that the server has received. */
export interface Received {
	readonly method: string;
	readonly path: string;
	readonly headers: IncomingMessage["headers"];
	readonly body: string;
	/** When the request was executed, on the monotonic clock. */
	readonly atMs: number;
}

interface Answer {
	readonly status: number;
	readonly body: unknown;
}

/** A refusal. The server sends it as an object of kind Status. */
class Refusal extends Error {
	readonly status: number;
	readonly reason: string;
	readonly details: Readonly<Record<string, unknown>>;

	constructor(status: number, reason: string, message: string, details: Readonly<Record<string, unknown>> = {}) {
		super(message);
		this.status = status;
		this.reason = reason;
		this.details = details;
	}
}

const group = "coordination.k8s.io";
const resource = `leases.${group}`;

/**
 * A simulated API server on 127.0.0.1. It answers requests for Leases and access reviews as the API server of Kubernetes does:
 * - A PUT has to contain the current resourceVersion. Without a resourceVersion the request is invalid; with another resourceVersion it is
 *   a conflict. Each change gives the Lease a new resourceVersion, and a PUT that changes nothing keeps the old one.
 * - A PUT of a Lease that does not exist creates the Lease, unless the request contains a uid.
 * - A body that cannot be decoded is a bad request, such as a body with a fraction in place of an integer, or with a time
 *   without microseconds.
 * - A request with an unknown token is unauthorized, and each verb needs a permission.
 */
export class KubernetesApi {
	/** All requests so far that had a valid token. */
	readonly received: Received[] = [];
	/** By how many milliseconds the clock of this server is ahead of the machine's clock. */
	clockOffsetMs = 0;
	readonly ca: string;
	readonly #server: ReturnType<typeof createPlainServer>;
	/** All sockets. They are tracked here because `closeAllConnections` leaves sockets open that are in a TLS handshake. */
	readonly #sockets = new Set<Socket>();
	readonly #isEncrypted: boolean;
	readonly #accounts = new Map<string, Account>();
	readonly #leases = new Map<string, LeaseObject>();
	readonly #namespaces = new Set(["default"]);
	readonly #faults: {
		readonly method: string;
		readonly fault: Fault;
		readonly letGo: Promise<void>;
		onArrival(): void;
		onDone(): void;
	}[] = [];
	/**
	 * The last resourceVersion that was given. It is above the safe integers of JavaScript, so that a client that converts it
	 * to a number fails.
	 */
	#revision = 9_007_199_254_740_993n;
	#uids = 0;

	private constructor(tls: { key: string; cert: string } | undefined) {
		const onRequest = (request: IncomingMessage, response: ServerResponse): void => void this.#serve(request, response);
		this.#server = tls ? createServer(tls, onRequest) : createPlainServer(onRequest);
		this.#server.on("connection", (socket: Socket) => {
			this.#sockets.add(socket);
			socket.once("close", () => this.#sockets.delete(socket));
		});
		this.#isEncrypted = tls !== undefined;
		this.ca = tls?.cert ?? "";
	}

	/** @param isEncrypted - true to serve over TLS, with a new certificate in {@link ca}; false to serve over plain HTTP. */
	static async start(isEncrypted = true): Promise<KubernetesApi> {
		const api = new KubernetesApi(isEncrypted ? await selfSignedCertificate() : undefined);
		await new Promise<void>((resolve) => api.#server.listen(0, "127.0.0.1", resolve));
		return api;
	}

	get port(): number {
		// The cast is safe: a server that listens on TCP has an address of this type.
		return (this.#server.address() as AddressInfo).port;
	}

	get url(): string {
		return `${this.#isEncrypted ? "https" : "http"}://127.0.0.1:${this.port}`;
	}

	/** Creates a namespace if it is missing, and lets a service account use the Leases of that namespace. */
	addAccount(token: string, namespace: string, verbs: readonly Verb[] = ["get", "create", "update"]): void {
		this.#namespaces.add(namespace);
		this.#accounts.set(token, { namespace, verbs: new Set(verbs) });
	}

	removeToken(token: string): void {
		this.#accounts.delete(token);
	}

	/** Makes a fault affect the next request with this method. */
	fault(method: string, fault: Fault): FaultyRequest {
		const arrival = Promise.withResolvers<void>();
		const release = Promise.withResolvers<void>();
		const done = Promise.withResolvers<void>();
		this.#faults.push({
			method,
			fault,
			letGo: release.promise,
			onArrival: arrival.resolve,
			onDone: done.resolve,
		});
		return {
			arrived: arrival.promise,
			letGo: () => {
				release.resolve();
				return done.promise;
			},
		};
	}

	/** Removes the faults that have not affected a request yet. */
	heal(): void {
		this.#faults.length = 0;
	}

	lease(namespace: string, name: string): LeaseObject | undefined {
		return this.#leases.get(`${namespace}/${name}`);
	}

	/** Changes a Lease as another client would, such as `kubectl edit`. */
	edit(namespace: string, name: string, change: (lease: LeaseObject) => object): void {
		const old = this.lease(namespace, name);
		if (!old) throw new Error(`there is no Lease ${namespace}/${name}`);
		// The cast is safe: the test changes only members that may be changed.
		this.#store(old, change(structuredClone(old)) as LeaseObject, "kubectl");
	}

	/** Stores a Lease without checking it, such as a Lease that another version of the API server could have stored. */
	put(namespace: string, name: string, lease: { readonly metadata?: object; readonly spec?: JsonObject }): void {
		const object = { apiVersion: `${group}/v1`, kind: "Lease", spec: {}, ...lease };
		const metadata = {
			...lease.metadata,
			name,
			namespace,
			uid: this.#newUid(),
			resourceVersion: "",
			managedFields: [],
		};
		this.#store(undefined, { ...object, metadata }, "kubectl");
	}

	delete(namespace: string, name: string): void {
		this.#leases.delete(`${namespace}/${name}`);
	}

	/** How many connections are open. */
	get connections(): number {
		return this.#sockets.size;
	}

	async close(): Promise<void> {
		const closed = new Promise((resolve) => this.#server.close(resolve));
		for (const socket of this.#sockets) socket.destroy();
		await closed;
	}

	async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
		const chunks: Buffer[] = [];
		// The error of a request is ignored: a client may close the connection in the middle of its request.
		request.on("error", () => undefined);
		response.on("error", () => undefined);
		request.on("data", (chunk: Buffer) => chunks.push(chunk));
		await new Promise((resolve) => request.on("close", resolve).on("end", resolve));
		const { method = "", url: path = "", headers } = request;
		const body = Buffer.concat(chunks).toString();
		const at = this.#faults.findIndex((each) => each.method === method);
		const [fault] = at < 0 ? [] : this.#faults.splice(at, 1);
		fault?.onArrival();
		if (fault?.fault === "hang") return;
		if (fault?.fault === "drop") return void request.socket.destroy();
		if (fault?.fault === "hold") await fault.letGo;
		response.setHeader("date", new Date(Date.now() + this.clockOffsetMs).toUTCString());
		response.setHeader("cache-control", "no-cache, private");
		if (typeof fault?.fault === "object") {
			const { status, headers: given, body: text, isCut = false } = fault.fault;
			response.writeHead(status, given);
			if (isCut) response.write(text, () => request.socket.destroy());
			else response.end(text);
			return;
		}
		const answer = this.#answer({ method, path, headers, body, atMs: performance.now() });
		fault?.onDone();
		if (fault?.fault === "lose") return void request.socket.destroy();
		if (fault?.fault === "delay") await fault.letGo;
		response.writeHead(answer.status, { "content-type": "application/json" }).end(`${JSON.stringify(answer.body)}\n`);
	}

	#answer(received: Received): Answer {
		try {
			return this.#handle(received);
		} catch (error) {
			if (!(error instanceof Refusal)) throw error;
			const { status: code, reason, message, details } = error;
			const body = {
				kind: "Status",
				apiVersion: "v1",
				metadata: {},
				status: "Failure",
				message,
				reason,
				details,
				code,
			};
			return { status: code, body };
		}
	}

	#handle(received: Received): Answer {
		const { method, path, headers, body } = received;
		const token = /^Bearer (.+)$/.exec(headers.authorization ?? "")?.[1] ?? "";
		const account = this.#accounts.get(token);
		if (!account) throw new Refusal(401, "Unauthorized", "Unauthorized");
		this.received.push(received);
		if (path === "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews" && method === "POST") {
			return { status: 201, body: this.#review(account, decoded(body, headers)) };
		}
		const [, namespace = "", name] =
			/^\/apis\/coordination\.k8s\.io\/v1\/namespaces\/([^/?]+)\/leases(?:\/([^/?]+))?$/.exec(path) ?? [];
		const verb =
			name === undefined
				? { POST: "create" as const }[method]
				: { GET: "get" as const, PUT: "update" as const }[method];
		if (namespace === "" || !verb)
			throw new Refusal(404, "NotFound", "the server could not find the requested resource");
		if (!isAllowed(account, namespace, verb)) {
			const of = name === undefined ? resource : `${resource} "${name}"`;
			const right = `cannot ${verb} resource "leases" in API group "${group}" in the namespace "${namespace}"`;
			const user = `User "system:serviceaccount:${account.namespace}:bot"`;
			throw new Refusal(403, "Forbidden", `${of} is forbidden: ${user} ${right}`, { name, group, kind: "leases" });
		}
		if (verb === "get") return { status: 200, body: this.#found(namespace, name) };
		if (verb === "create") return { status: 201, body: this.#create(namespace, decoded(body, headers), headers) };
		return this.#update(namespace, name ?? "", decoded(body, headers), headers);
	}

	#review(account: Account, review: JsonObject): unknown {
		const attributes = objectOf(objectOf(review["spec"])["resourceAttributes"]);
		// The cast is safe: the set contains no other verb.
		const verb = attributes["verb"] as Verb;
		const isLeases = attributes["group"] === group && attributes["resource"] === "leases";
		const allowed = isLeases && isAllowed(account, String(attributes["namespace"]), verb);
		return { ...review, status: allowed ? { allowed, reason: 'RBAC: allowed by RoleBinding "bot"' } : { allowed } };
	}

	#found(namespace: string, name = ""): LeaseObject {
		const lease = this.lease(namespace, name);
		if (lease) return lease;
		throw new Refusal(404, "NotFound", `${resource} "${name}" not found`, { name, group, kind: "leases" });
	}

	#create(namespace: string, lease: JsonObject, headers: IncomingMessage["headers"]): LeaseObject {
		const metadata = objectOf(lease["metadata"]);
		const name = validName(metadata["name"]);
		if (!this.#namespaces.has(namespace)) {
			const details = { name: namespace, kind: "namespaces" };
			throw new Refusal(404, "NotFound", `namespaces "${namespace}" not found`, details);
		}
		const details = { name, group, kind: "leases" };
		if (this.lease(namespace, name)) {
			throw new Refusal(409, "AlreadyExists", `${resource} "${name}" already exists`, details);
		}
		const spec = validSpec(lease["spec"], name);
		if (metadata["resourceVersion"]) {
			throw new Refusal(500, "InternalError", "resourceVersion should not be set on objects to be created");
		}
		return this.#store(undefined, this.#complete(namespace, name, lease, spec), agentOf(headers));
	}

	#update(namespace: string, name: string, lease: JsonObject, headers: IncomingMessage["headers"]): Answer {
		const metadata = objectOf(lease["metadata"]);
		const { uid, resourceVersion, name: named, namespace: within = namespace } = metadata;
		if (named !== name) {
			const problem = `the name of the object (${named}) does not match the name on the URL (${name})`;
			throw new Refusal(400, "BadRequest", problem);
		}
		if (within !== namespace) {
			throw new Refusal(
				400,
				"BadRequest",
				"the namespace of the provided object does not match the namespace sent on the request",
			);
		}
		const old = this.lease(namespace, name);
		const details = { name, group, kind: "leases" };
		const conflict = (problem: string): Refusal =>
			new Refusal(409, "Conflict", `Operation cannot be fulfilled on ${resource} "${name}": ${problem}`, details);
		if (uid && uid !== old?.metadata.uid) {
			throw conflict(
				`Precondition failed: UID in precondition: ${uid}, UID in object meta: ${old?.metadata.uid ?? ""}`,
			);
		}
		const spec = validSpec(lease["spec"], name);
		if (!old) {
			const created = this.#complete(namespace, name, lease, spec);
			return { status: 201, body: this.#store(undefined, created, agentOf(headers)) };
		}
		if (!resourceVersion) {
			throw invalid(name, `metadata.resourceVersion: Invalid value: 0x0: must be specified for an update`);
		}
		if (resourceVersion !== old.metadata.resourceVersion) {
			throw conflict("the object has been modified; please apply your changes to the latest version and try again");
		}
		const { creationTimestamp } = old.metadata;
		const kept = { name, namespace, uid: old.metadata.uid, creationTimestamp, resourceVersion: "", managedFields: [] };
		const next = { apiVersion: old.apiVersion, kind: old.kind, metadata: { ...metadata, ...kept }, spec };
		return { status: 200, body: this.#store(old, next, agentOf(headers)) };
	}

	/** Makes a new Lease, including the metadata that the server adds. */
	#complete(namespace: string, name: string, lease: JsonObject, spec: JsonObject): LeaseObject {
		const creationTimestamp = this.#now().replace(/\.\d+/, "");
		const given = objectOf(lease["metadata"]);
		const metadata = { ...given, name, namespace, uid: this.#newUid(), resourceVersion: "", creationTimestamp };
		return { apiVersion: `${group}/v1`, kind: "Lease", metadata: { ...metadata, managedFields: [] }, spec };
	}

	/** Stores a Lease under a new resourceVersion, or under the old one if nothing has changed. */
	#store(old: LeaseObject | undefined, lease: LeaseObject, manager: string): LeaseObject {
		const key = `${lease.metadata.namespace}/${lease.metadata.name}`;
		if (old && contentOf(old) === contentOf(lease)) return old;
		this.#revision += 1n;
		const entry = {
			manager,
			operation: "Update",
			apiVersion: `${group}/v1`,
			time: this.#now(),
			fieldsType: "FieldsV1",
		};
		const metadata = { ...lease.metadata, resourceVersion: String(this.#revision), managedFields: [entry] };
		const stored = { ...lease, metadata };
		this.#leases.set(key, stored);
		return stored;
	}

	#now(): string {
		return new Date(Date.now() + this.clockOffsetMs).toISOString();
	}

	#newUid(): string {
		this.#uids += 1;
		return `6f3d1a52-0000-4000-8000-${String(this.#uids).padStart(12, "0")}`;
	}
}

type JsonObject = Readonly<Record<string, unknown>>;

const isAllowed = ({ namespace, verbs }: Account, of: string, verb: Verb): boolean =>
	namespace === of && verbs.has(verb);

/** The client's name: the part of the User-Agent before the slash. */
const agentOf = (headers: IncomingMessage["headers"]): string => headers["user-agent"]?.split("/")[0] ?? "unknown";

const badRequest = (problem: string): Refusal =>
	new Refusal(400, "BadRequest", `Lease in version "v1" cannot be handled as a Lease: ${problem}`);

const invalid = (name: string, problem: string): Refusal =>
	new Refusal(422, "Invalid", `Lease.${group} "${name}" is invalid: ${problem}`, { name, group, kind: "Lease" });

function decoded(body: string, headers: IncomingMessage["headers"]): JsonObject {
	if (headers["content-type"] !== "application/json") {
		throw new Refusal(415, "UnsupportedMediaType", "the body of the request was in an unknown format");
	}
	try {
		return objectOf(JSON.parse(body));
	} catch (error) {
		throw error instanceof Refusal ? error : badRequest("invalid character in JSON");
	}
}

function objectOf(value: unknown = {}): JsonObject {
	if (typeof value !== "object" || value === null || Array.isArray(value)) throw badRequest("json: cannot unmarshal");
	// The cast is safe: the value is an object and not an array.
	return value as JsonObject;
}

function validName(name: unknown): string {
	const isSubdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
	if (typeof name === "string" && name.length <= 253 && isSubdomain.test(name)) return name;
	throw invalid(
		String(name),
		"metadata.name: Invalid value: a lowercase RFC 1123 subdomain must consist of lower case …",
	);
}

/** Checks a spec. Members that cannot be decoded are refused first, values that are not allowed after that. */
function validSpec(value: unknown, name: string): JsonObject {
	const spec = objectOf(value ?? {});
	for (const member of ["leaseDurationSeconds", "leaseTransitions"]) {
		const number = spec[member] ?? 0;
		if (Number.isInteger(number) && Math.abs(Number(number)) <= 2_147_483_647) continue;
		const problem = `cannot unmarshal number ${JSON.stringify(number)} into Go struct field LeaseSpec.spec.${member} of type int32`;
		throw badRequest(`json: ${problem}`);
	}
	for (const member of ["acquireTime", "renewTime"]) {
		const time = spec[member] ?? "2026-01-01T00:00:00.000000Z";
		const isMicroTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}(Z|[+-]\d\d:\d\d)$/.test(String(time));
		if (isMicroTime && !Number.isNaN(Date.parse(String(time)))) continue;
		throw badRequest(`parsing time ${JSON.stringify(time)} as "2006-01-02T15:04:05.000000Z07:00": cannot parse`);
	}
	if (typeof (spec["holderIdentity"] ?? "") !== "string") throw badRequest("json: cannot unmarshal into string");
	const seconds = spec["leaseDurationSeconds"];
	if (typeof seconds === "number" && seconds <= 0) {
		throw invalid(name, `spec.leaseDurationSeconds: Invalid value: ${seconds}: must be greater than 0`);
	}
	if (Number(spec["leaseTransitions"] ?? 0) < 0) {
		throw invalid(name, "spec.leaseTransitions: Invalid value: must be greater than or equal to 0");
	}
	return spec;
}

/**
 * The content of a Lease as text, without the members that the server writes at each change. Two equal texts mean that nothing
 * has changed.
 */
function contentOf({ metadata, ...lease }: LeaseObject): string {
	const { resourceVersion: _, managedFields: __, ...rest } = metadata;
	return JSON.stringify(sorted({ ...lease, metadata: rest }));
}

/** A copy of a value with its members sorted by name, because a different order of members is no change. */
function sorted(value: unknown): unknown {
	if (typeof value !== "object" || value === null) return value;
	if (Array.isArray(value)) return value.map(sorted);
	return Object.fromEntries(
		Object.entries(value)
			.sort(([a], [b]) => (a < b ? -1 : 1))
			.map(([name, each]) => [name, sorted(each)]),
	);
}
