/** The exit codes of every command. README.md describes them. */
export const exitCodes = {
	/** Ready, or done. */
	ready: 0,
	/** Not ready now: a venue or the agent is away, or a session is not armed yet. It may pass by itself. */
	notReady: 1,
	/** The configuration or the arguments are wrong. Nothing was started. */
	configuration: 2,
	/** A person has to act: log in, replace a key, have the venue enable something. */
	human: 3,
	/** The agent itself failed: the thread of the sessions did not start, or has died too often. */
	agent: 4,
} as const;
