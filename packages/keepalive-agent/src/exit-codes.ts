/** The exit codes of every command. README.md describes them. */
export const exitCodes = {
	/** Every session is ready, or the command has done its work. */
	ready: 0,
	/** Not ready now: a venue or the agent cannot be reached, or a session is not armed yet. This may pass by itself. */
	notReady: 1,
	/** The configuration or the arguments are wrong. Nothing was started. */
	configuration: 2,
	/** A person has to act: log in, replace a key, have the venue enable something. */
	human: 3,
	/** The agent itself failed: the thread that runs the sessions did not start, or has died too often. */
	agent: 4,
} as const;
