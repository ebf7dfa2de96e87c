"""What a night tidies up when readers have their new version: by the rules of [housekeeping] in the settings."""

import dagster as dg

from kontor.housekeeping import let_go, what_may_go
from kontor.lock import writer_lock
from kontor.settings import Settings
from orchestration.steps import WAIT_SECONDS, utc_now


def housekeeping_asset(settings: Settings, published: dg.AssetsDefinition) -> dg.AssetsDefinition:
    """The last step of the nightly run."""

    @dg.asset(
        name="housekeeping",
        deps=[published],
        group_name="serving",
        description="Old logs, runs and versions removed, the database compacted: [housekeeping] in the settings.",
    )
    def housekeeping(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
        now = utc_now()
        with writer_lock(settings.paths.lock, "housekeeping", now, WAIT_SECONDS):
            findings = what_may_go(settings, context.instance, now)
            let_go(settings, findings)
        return dg.MaterializeResult(metadata={finding.what: finding.items for finding in findings})

    return housekeeping
