import { monotonicMs, neverAborted } from "@x/base/clock";
import { isRecord } from "@x/base/objects";
import type { LeaderStore, StoredLeader, TakeResult } from "@x/keepalive/leader";
import { ApiClient } from "./api-client.ts";
import { changedLease, type Lease, type LeaseChange, largestEpoch, newLease, readLease } from "./lease.ts";
import { isLeaseName } from "./lease-name.ts";
import { type KubernetesLeaderStoreOptions, packageName, type ResolvedOptions, resolveOptions } from "./options.ts";

/** A leader store in Kubernetes. It uses one Lease object for each name under which processes elect a leader. */
export interface KubernetesLeaderStore extends LeaderStore {
	/** Returns which process leads, and whether this process could lead. Changes nothing. */
	inspect(name: string, signal?: AbortSignal): Promise<LeaderInspection>;
}

/** The result of {@link KubernetesLeaderStore.inspect}. */
export interface LeaderInspection {
	/**
	 * The process that leads now. Missing when no process leads. A dead leader is still returned until this store has seen no change of
	 * the Lease for the whole duration of the Lease.
	 */
	readonly leader?: StoredLeader;
	/**
	 * Whether the service account may get, create and update the Lease. If the Lease exists, the permission to create it is not
	 * needed.
	 */
	readonly mayLead: boolean;
}

/**
 * A leader store in Kubernetes, for `leaderSession` of `@x/keepalive/leader`. Each change is one request, which the API server
 * refuses if the Lease has changed since it was read.
 *
 * Kubernetes does not expire a Lease by a clock of its own. A process takes the lead when it has seen no change of the Lease for the whole
 * duration of the Lease, by the monotonic clock of that process. Times that another process wrote into the Lease are ignored. After its
 * first call, a new store therefore treats a dead leader as alive for one such duration: use one store for as long as the process runs.
 *
 * The store does not connect before its first call.
 *
 * @throws OptionError
 */
export function kubernetesLeaderStore(options: KubernetesLeaderStoreOptions = {}): KubernetesLeaderStore {
	return new Store(resolveOptions(options));
}

/** What this store knows about one Lease. */
interface Observation {
	readonly lease: Lease;
	/** When this store first received this version of the Lease, on the monotonic clock. */
	readonly sinceMs: number;
	/**
	 * The highest epoch that this store has seen for this name. Kept because the epochs of a Lease begin at 0 again when the Lease is
	 * deleted and created again.
	 */
	readonly highestEpoch: number;
}

class Store implements KubernetesLeaderStore {
	readonly #api: ApiClient;
	readonly #namespace: string;
	readonly #leaseName: (name: string) => string;
	readonly #observations = new Map<string, Observation>();

	constructor(options: ResolvedOptions) {
		this.#api = new ApiClient(options);
		this.#namespace = options.namespace;
		this.#leaseName = options.leaseName;
	}

	async take(name: string, holder: string, ttlMs: number, signal: AbortSignal): Promise<TakeResult> {
		const lease = this.#nameOf(name);
		const found = await this.#read(lease, signal);
		// If the Lease was deleted, its last known holder still counts as the leader for the rest of the Lease's duration, because the
		// holder may not have noticed the deletion.
		const known = found ?? this.#observations.get(lease);
		const leader = this.#leaderOf(known);
		if (leader && leader.holder !== holder) return { isTaken: false, leader };
		const epoch = (known?.highestEpoch ?? 0) + 1;
		if (epoch > largestEpoch) {
			const found = `spec.leaseTransitions is ${largestEpoch}, the highest number`;
			throw new Error(`${packageName}: the Lease ${lease} cannot be taken: ${found}. Use another name.`);
		}
		const change = { holder, epoch, ttlMs, isTaken: true };
		const taken = found ? await this.#update(lease, found, change, signal) : await this.#create(lease, change, signal);
		if (!taken) return this.#fasterLeader(lease, holder, signal);
		const { note } = taken.lease;
		if (!note) return { isTaken: true, epoch };
		return { isTaken: true, epoch, note: { text: note.text, ageMs: this.#msSince(note.writtenAtMs) } };
	}

	async renew(
		name: string,
		holder: string,
		epoch: number,
		ttlMs: number,
		signal: AbortSignal,
		note?: string,
	): Promise<boolean> {
		return this.#change(this.#nameOf(name), holder, epoch, { holder, epoch, ttlMs, note }, signal);
	}

	/**
	 * Releases the lead by setting the holder to an empty text. This changes the resourceVersion of the Lease, so the API server
	 * refuses a renewal that arrives later.
	 */
	async release(name: string, holder: string, epoch: number, signal: AbortSignal): Promise<void> {
		await this.#change(this.#nameOf(name), holder, epoch, { holder: "", epoch }, signal);
	}

	async inspect(name: string, signal: AbortSignal = neverAborted): Promise<LeaderInspection> {
		const lease = this.#nameOf(name);
		const [mayGet, mayCreate, mayUpdate] = await Promise.all([
			this.#may("get", lease, signal),
			// The permission to create is asked for without a name, because Kubernetes cannot limit it to objects of one name.
			this.#may("create", undefined, signal),
			this.#may("update", lease, signal),
		]);
		const found = mayGet ? await this.#read(lease, signal) : undefined;
		const leader = this.#leaderOf(found);
		return { mayLead: mayGet && mayUpdate && (mayCreate || found !== undefined), ...(leader && { leader }) };
	}

	/** Changes the Lease if `holder` leads with this epoch. Returns false if `holder` does not lead with this epoch. */
	async #change(
		lease: string,
		holder: string,
		epoch: number,
		change: LeaseChange,
		signal: AbortSignal,
	): Promise<boolean> {
		const leads = (known: Observation | undefined): boolean =>
			known?.lease.holder === holder && known.lease.epoch === epoch;
		let known = this.#observations.get(lease);
		if (!leads(known)) known = await this.#read(lease, signal);
		for (let attempts = 0; attempts < 2; attempts += 1) {
			if (!known || !leads(known)) return false;
			if (await this.#update(lease, known, change, signal)) return true;
			known = await this.#read(lease, signal);
		}
		if (!leads(known)) return false;
		throw new Error(`${packageName}: another program changed the Lease ${lease} during both attempts to change it.`);
	}

	/**
	 * Reads the Lease.
	 *
	 * @returns undefined when the Lease does not exist.
	 */
	async #read(lease: string, signal: AbortSignal): Promise<Observation | undefined> {
		const missing = { reason: "NotFound", name: lease } as const;
		const { isOk, body } = await this.#api.send("GET", this.#pathOf(lease), signal, [missing]);
		return isOk ? this.#observe(lease, body) : undefined;
	}

	/**
	 * Creates the Lease.
	 *
	 * @returns undefined when the Lease already exists.
	 */
	async #create(lease: string, change: LeaseChange, signal: AbortSignal): Promise<Observation | undefined> {
		const exists = { reason: "AlreadyExists", name: lease } as const;
		const object = newLease(lease, change, this.#api.now());
		const { isOk, body } = await this.#api.send("POST", this.#pathOf(), signal, [exists], object);
		return isOk ? this.#observe(lease, body, change) : undefined;
	}

	/**
	 * Updates the Lease.
	 *
	 * @returns undefined when the Lease has changed since it was read, or was deleted.
	 */
	async #update(
		lease: string,
		known: Observation,
		change: LeaseChange,
		signal: AbortSignal,
	): Promise<Observation | undefined> {
		const refusals = (["Conflict", "NotFound"] as const).map((reason) => ({ reason, name: lease }));
		const object = changedLease(known.lease, change, this.#api.now());
		const { isOk, body } = await this.#api.send("PUT", this.#pathOf(lease), signal, refusals, object);
		return isOk ? this.#observe(lease, body, change) : undefined;
	}

	/** The result of `take` when another process has changed or created the Lease first. */
	async #fasterLeader(lease: string, holder: string, signal: AbortSignal): Promise<TakeResult> {
		const leader = this.#leaderOf(await this.#read(lease, signal));
		if (leader && leader.holder !== holder) return { isTaken: false, leader };
		throw new Error(`${packageName}: the Lease ${lease} changed during take(). Call it again.`);
	}

	/**
	 * Stores what a reply says about the Lease.
	 *
	 * @param change - the change that was sent; undefined if the Lease was only read.
	 * @throws Error if the reply has another holder or epoch than `change`.
	 */
	#observe(name: string, body: unknown, change?: LeaseChange): Observation {
		const lease = readLease(body, name);
		if (change && (lease.holder !== change.holder || lease.epoch !== change.epoch)) {
			const found = `holder ${JSON.stringify(lease.holder)} and epoch ${lease.epoch}`;
			throw new Error(`${packageName}: the API server did not store the Lease ${name} as it was sent: got ${found}.`);
		}
		const last = this.#observations.get(name);
		const isSame = last?.lease.resourceVersion === lease.resourceVersion;
		const observation = {
			lease,
			sinceMs: isSame ? last.sinceMs : monotonicMs(),
			highestEpoch: Math.max(lease.epoch, last?.highestEpoch ?? 0),
		};
		this.#observations.set(name, observation);
		return observation;
	}

	/** The process that leads. Undefined when no process leads: the Lease was released, or the leader has expired. */
	#leaderOf(known: Observation | undefined): StoredLeader | undefined {
		if (!known) return undefined;
		const { holder, epoch, durationMs, acquiredAtMs } = known.lease;
		const expiresInMs = durationMs - (monotonicMs() - known.sinceMs);
		if (holder === "" || expiresInMs <= 0) return undefined;
		return { holder, epoch, ledForMs: this.#msSince(acquiredAtMs), expiresInMs };
	}

	/**
	 * Milliseconds from a time by the API server's clock until now. If that time is not known, returns 0, as for a note that was
	 * just written: a rate limit that the last leader's note reports as used up then stays used up for its full time.
	 */
	#msSince(atMs: number | undefined): number {
		return atMs === undefined ? 0 : Math.max(0, this.#api.now() - atMs);
	}

	async #may(verb: string, name: string | undefined, signal: AbortSignal): Promise<boolean> {
		const path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
		const { body } = await this.#api.send("POST", path, signal, [], {
			apiVersion: "authorization.k8s.io/v1",
			kind: "SelfSubjectAccessReview",
			spec: {
				resourceAttributes: {
					namespace: this.#namespace,
					group: "coordination.k8s.io",
					resource: "leases",
					verb,
					...(name !== undefined && { name }),
				},
			},
		});
		return isRecord(body) && isRecord(body["status"]) && body["status"]["allowed"] === true;
	}

	#nameOf(name: string): string {
		const lease = this.#leaseName(name);
		if (isLeaseName(lease)) return lease;
		const found = JSON.stringify(lease)?.slice(0, 80) ?? typeof lease;
		throw new Error(
			`${packageName}: option leaseName returned ${found} for ${JSON.stringify(name)} (allowed: up to 253 lower-case letters, digits, hyphens and dots).`,
		);
	}

	#pathOf(lease?: string): string {
		const all = `/apis/coordination.k8s.io/v1/namespaces/${this.#namespace}/leases`;
		return lease === undefined ? all : `${all}/${lease}`;
	}
}
