import type { OkxCountdown } from "@x/okx-timer";
import type { Protection } from "../../session.ts";
import { notArmedAfterReply } from "./error-disposition.ts";

/**
 * Returns the protection that the reply to a call confirms. OKX has no call that reads the countdown back, but the reply to each call says
 * when the venue cancels.
 *
 * @throws SessionError when the venue accepted the call and no countdown runs.
 */
export function protectionOf({ triggerAt }: OkxCountdown, exposureMs: number): Protection {
	if (triggerAt === undefined) throw notArmedAfterReply();
	return { state: "armed", scope: "account", exposureMs, verifiedAt: Date.now() };
}
