"""Composes the definitions: which assets, jobs and schedules there are for given settings. Tests compose their own."""

from __future__ import annotations

import dagster as dg

from kontor.settings import Settings
from orchestration.alive import in_one_process
from orchestration.assets.housekeeping import housekeeping_asset
from orchestration.assets.models import models_asset
from orchestration.assets.postgres import postgres_asset
from orchestration.assets.published import published_asset
from orchestration.assets.raw import COMPANY_KEYS, company_asset, raw_assets
from orchestration.backup import backup_asset, drill_job, drill_schedule
from orchestration.failure import note_failure
from orchestration.inbox import inbox_sensor
from orchestration.progress import Progress, Silent
from orchestration.watch import watch_sensor

DAILY = "daily"
BUILD_AND_PUBLISH = "build_and_publish"


def build_definitions(settings: Settings, progress: Progress | None = None) -> dg.Definitions:
    """All assets, the job `daily` over all of them with its schedule in the company's time zone, a job for each domain
    that loads its sources only, and the sensor that asks for one when a file has arrived.

    Where the settings name a folder for backups, `daily` ends with one, and a job of its own tries it each week.
    """
    listener = progress or Silent()
    models = models_asset(settings, listener)
    published = [published_asset(settings, listener)]
    if settings.publish.postgres:
        published.append(postgres_asset(settings, listener, published[0]))
    tidying = [housekeeping_asset(settings, published[0])] if settings.housekeeping.nightly else []
    # Of what is published here; a server of others that does not answer is no reason to take none.
    saved = [backup_asset(settings, listener, published[0])] if settings.backup.folder else []
    hooks = {note_failure(settings)}
    rest = dg.AssetSelection.assets(*COMPANY_KEYS) | dg.AssetSelection.assets(models, *published)
    daily = dg.define_asset_job(
        DAILY, selection=dg.AssetSelection.all(), hooks=hooks, description="Load, build, check, publish."
    )
    build_and_publish = dg.define_asset_job(
        BUILD_AND_PUBLISH, selection=rest, hooks=hooks, description="Build, check, publish what is loaded."
    )
    domains = [
        dg.define_asset_job(
            domain,
            selection=dg.AssetSelection.assets(*tables) | rest,
            hooks=hooks,
            description=f"Load the sources of {domain} only; build, check, publish.",
        )
        for domain, tables in _tables_by_domain(settings).items()
    ]
    cron = settings.backup.drill_cron
    drills = [drill_job(settings)] if cron else []
    schedule = dg.ScheduleDefinition(
        job=daily,
        cron_schedule=settings.schedule.cron,
        execution_timezone=settings.company.time_zone,
        default_status=dg.DefaultScheduleStatus.RUNNING,
    )
    return dg.Definitions(
        assets=[
            company_asset(settings, listener),
            *raw_assets(settings, listener),
            models,
            *published,
            *tidying,
            *saved,
        ],
        jobs=[daily, build_and_publish, *domains, *drills],
        schedules=[schedule, *(drill_schedule(settings, job, cron) for job in drills if cron)],
        sensors=[inbox_sensor(settings, daily, domains), watch_sensor(settings, daily, pipeline_jobs(settings))],
        executor=in_one_process(settings),
    )


def pipeline_jobs(settings: Settings) -> frozenset[str]:
    """The names of all jobs that load, build and publish."""
    return frozenset({DAILY, BUILD_AND_PUBLISH, *_tables_by_domain(settings)})


def _tables_by_domain(settings: Settings) -> dict[str, list[dg.AssetKey]]:
    """Raw tables that the company's sources fill, by domain."""
    contracts = [settings.contract_of(source) for source in settings.sources]
    return {
        domain: [dg.AssetKey(["raw", table]) for table in sorted({c.table for c in contracts if c.domain == domain})]
        for domain in sorted({contract.domain for contract in contracts})
    }
