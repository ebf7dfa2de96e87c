"""Composes the definitions: which assets, jobs and schedules there are for given settings. Tests compose their own."""

from __future__ import annotations

import dagster as dg

from kontor.settings import Settings
from orchestration.assets.models import models_asset
from orchestration.assets.postgres import postgres_asset
from orchestration.assets.published import published_asset
from orchestration.assets.raw import COMPANY_KEYS, company_asset, raw_assets
from orchestration.failure import note_failure
from orchestration.progress import Progress, Silent

DAILY = "daily"
BUILD_AND_PUBLISH = "build_and_publish"


def build_definitions(settings: Settings, progress: Progress | None = None) -> dg.Definitions:
    """All assets, the job `daily` over all of them, and its schedule in the company's time zone."""
    listener = progress or Silent()
    models = models_asset(settings, listener)
    published = [published_asset(settings, listener)]
    if settings.publish.postgres:
        published.append(postgres_asset(settings, listener, published[0]))
    hooks = {note_failure(settings)}
    daily = dg.define_asset_job(
        DAILY, selection=dg.AssetSelection.all(), hooks=hooks, description="Load, build, check, publish."
    )
    rest = dg.define_asset_job(
        BUILD_AND_PUBLISH,
        selection=dg.AssetSelection.assets(*COMPANY_KEYS) | dg.AssetSelection.assets(models, *published),
        hooks=hooks,
        description="Build, check, publish what is loaded.",
    )
    schedule = dg.ScheduleDefinition(
        job=daily,
        cron_schedule=settings.schedule.cron,
        execution_timezone=settings.company.time_zone,
        default_status=dg.DefaultScheduleStatus.RUNNING,
    )
    return dg.Definitions(
        assets=[
            company_asset(settings),
            *raw_assets(settings, listener),
            models,
            *published,
        ],
        jobs=[daily, rest],
        schedules=[schedule],
        # A process per step costs seconds each, and there is one writer anyway.
        executor=dg.in_process_executor,
    )
