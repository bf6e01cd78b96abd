// This device is nobody's any more: nothing of the patient stays on it.
import { forgetAll } from "../lib/drafts.js";
import "../lib/unsent.js";

// Again and again for a while: a store may be too slow to answer at once, and what was being told to the clinic in this
// moment may write down afterwards that it was not.
const WAITS_MS = [0, 500, 1000, 2000, 4000, 8000];

for (const wait of WAITS_MS) {
  await new Promise((resolve) => setTimeout(resolve, wait));
  await Promise.allSettled([globalThis.unsent.clear(), forgetAll("journal:"), forgetAll("ask:")]);
}
