/**
 * How the session under test dies.
 *
 * - `close`: the session is stopped, and closes its connection with a close frame.
 * - `kill`: its process is ended by SIGKILL; the kernel closes the connection.
 * - `freeze`: its process is stopped by SIGSTOP; the connection stays open and goes silent, as if the network had failed.
 * - `gate`: its strategy sends no more pulses (health signals), so the session is closed.
 */
export type Kill = (typeof kills)[number];

export const kills = ["close", "kill", "freeze", "gate"] as const;

export function isKill(value: unknown): value is Kill {
	return kills.some((kill) => kill === value);
}
