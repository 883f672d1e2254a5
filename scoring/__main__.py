"""Command line: `python -m scoring serve`, `decide CASE.yml`, `train`, `backtest` and `shadow`."""

import argparse
import sys
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

from kit.clock import CHINA, read_clock


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; returns 0 on success, 2 when the input is invalid."""
    options = _build_parser().parse_args(arguments)
    if options.command == "serve":
        run_service()
        return 0
    try:
        return _run_command(options, read_clock().astimezone(CHINA).date())
    except (OSError, ValueError) as error:
        from scoring.case_file import describe_error

        subject = options.case if options.command == "decide" else options.command
        print(f"{subject}: {describe_error(error)}", file=sys.stderr)
        return 2


def run_service() -> None:
    """Serves requests until stopped by a signal."""
    from kit.logging import configure_logging
    from kit.web import serve
    from scoring.api import create_app
    from scoring.settings import ScoringSettings

    settings = ScoringSettings()
    configure_logging(settings.log_level)
    serve(create_app(settings), settings.scoring_url, settings, token=settings.scoring_token.get_secret_value())


def _run_command(options: argparse.Namespace, today: date) -> int:
    # Each command loads what it needs: a decision in a script must not wait for a database and scikit-learn.
    if options.command == "decide":
        from scoring.case_file import decide_case

        print(decide_case(options.case, today).model_dump_json(indent=2))
    elif options.command == "train":
        from scoring.scorecards.command import train_file

        train_file(options, today)
    elif options.command == "shadow":
        _run_shadow_report(options.since or today - timedelta(days=30), options.until or today)
    else:
        from scoring.backtest.command import run_backtest

        return run_backtest(options.old, options.new, options.cases, today)
    return 0


def _run_shadow_report(since: date, until: date) -> None:
    import asyncio

    from kit.database import Database
    from scoring.settings import ScoringSettings
    from scoring.shadow_report import report_shadow

    async def report() -> None:
        settings = ScoringSettings()
        database = Database(settings.database_url, settings.open_vault())
        try:
            await report_shadow(database, since, until)
        finally:
            await database.close()

    asyncio.run(report())


def _build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m scoring", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("serve", help="answer requests at XIAOHE_SCORING_URL")
    deciding = commands.add_parser("decide", help="print the decision on one case; nothing is stored")
    deciding.add_argument("case", type=Path, help="YAML with product, facts, and optionally name and as_of (a date)")
    training = commands.add_parser("train", help="fit a scorecard to a table of loans; prints one JSON object")
    training.add_argument("file", type=Path, nargs="?", help="csv, one loan a row")
    training.add_argument("--target", help="the column that says which loans went bad")
    training.add_argument("--bad", help="its value for bad ones, if that is not plain")
    training.add_argument("--demo", choices=("german",), help="train on public data instead")
    training.add_argument("--options", type=Path, help="YAML: directions, edges, words (scoring/scorecards/options.py)")
    training.add_argument(
        "--since", type=date.fromisoformat, metavar="YYYY-MM-DD", help="in force from; by default today"
    )
    training.add_argument("--out", type=Path, required=True, help="the scorecard file; the report stands beside it")
    backtesting = commands.add_parser("backtest", help="compare two policies, or two scorecards, on the same customers")
    sides = "a policy file, a folder of policies, a shipped policy or a scorecard file; also with @2026-07-01"
    backtesting.add_argument("old", help=sides)
    backtesting.add_argument("new", help="as OLD")
    backtesting.add_argument("cases", type=Path, help="csv: a customer a row, a column a fact, and `product`")
    shadowing = commands.add_parser("shadow", help="how the shadow policy differed on real decisions")
    shadowing.add_argument("--since", type=date.fromisoformat, metavar="YYYY-MM-DD", help="by default 30 days ago")
    shadowing.add_argument("--until", type=date.fromisoformat, metavar="YYYY-MM-DD", help="by default today")
    return parser


if __name__ == "__main__":
    sys.exit(main())
