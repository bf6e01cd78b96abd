// No way on with this link. A device that is still known tells what it kept; one that is not says so, and keeps nothing.
import { forgetAll } from "../lib/drafts.js";
import { ready, send } from "../lib/telling.js";

if (await ready) {
  const { why } = await send();
  if (why === "not-known") await Promise.allSettled([globalThis.unsent.clear(), forgetAll("journal:"), forgetAll("ask:")]);
}
