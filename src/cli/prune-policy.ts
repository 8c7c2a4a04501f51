// The policy of pruning that the settings ask for.
import type { Settings } from "../config/index.js";
import type { PrunePolicy } from "../library/index.js";

/** Nothing goes where no setting says so. */
export function prunePolicyOf(values: Settings): PrunePolicy {
  return {
    olderThanDays: values["store.prune_older_than"],
    keep: values["store.prune_keep"],
    maxSizeBytes: values["store.prune_max_size"],
    keepTagged: values["store.prune_keep_tagged"],
  };
}
