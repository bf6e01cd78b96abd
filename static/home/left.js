// This device is nobody's any more: nothing of the patient stays on it.
import { forgetAll } from "../lib/drafts.js";
import "../lib/unsent.js";

await Promise.allSettled([globalThis.unsent.clear(), forgetAll("journal:")]);
