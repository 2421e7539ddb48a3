import type { OkxCountdown } from "@x/okx-timer";
import type { Protection } from "../../session.ts";
import { notArmedAfterReply } from "./disposition.ts";

/**
 * The protection that a reply proves. No call reads the countdown back: the reply to each call says when the venue cancels.
 *
 * @throws SessionError when the venue accepted the call and no countdown runs.
 */
export function protectionOf({ triggerAt }: OkxCountdown, exposureMs: number): Protection {
	if (triggerAt === undefined) throw notArmedAfterReply();
	return { state: "armed", scope: "account", exposureMs, verifiedAt: Date.now() };
}
