"""`python -m knowledge serve`, `import`, `export`, `materialise`, `tune`, `evaluate` and `evaluate-danger`."""

import argparse
import json
import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from kit.logging import configure_logging
from kit.settings import ROOT
from knowledge.adapter.stamp import FOLDER
from knowledge.settings import KnowledgeSettings

NICE = 10


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; returns 0 on success, 2 on bad input."""
    parser = argparse.ArgumentParser(prog="python -m knowledge", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("serve", help="answer requests at XIAOHE_KNOWLEDGE_URL")
    materialising = commands.add_parser("materialise", help="write the default encoder, if it is not there yet")
    materialising.add_argument("--adapter", type=Path, default=FOLDER, help="folder of another adapter")
    materialising.add_argument("--target", type=Path, default=ROOT / "models" / "encoder")
    tuning = commands.add_parser("tune", help="tune the encoder to what is published; a second person puts it in force")
    tuning.add_argument("--by", metavar="LOGIN", help="in whose name; by default the operator's")
    evaluating = commands.add_parser("evaluate", help="measure the search on files; prints one JSON object")
    evaluating.add_argument("--entries", type=Path, help="JSONL; by default the seed, on the texts held out from it")
    evaluating.add_argument("--queries", type=Path, help="JSONL, with --entries")
    evaluating.add_argument("--pairs", type=Path)
    evaluating.add_argument("--encoder", help="folder or model name instead of XIAOHE_ENCODER")
    importing = commands.add_parser("import", help="draft what a table, a backup or a manual changes")
    importing.add_argument("file", type=Path, help="xlsx, csv, json (a backup), docx, txt or md (a manual)")
    importing.add_argument("--dry-run", action="store_true", help="only say what it would do")
    importing.add_argument("--by", metavar="LOGIN", help="in whose name; by default the operator's")
    importing.add_argument("--from", dest="since", metavar="YYYY-MM-DD", help="the day it begins; by default today")
    exporting = commands.add_parser("export", help="write the entries in force to a file")
    exporting.add_argument("file", type=Path, help="xlsx, csv, or json with the golden questions too (a backup)")
    alarming = commands.add_parser("evaluate-danger", help="measure the alarms on files; prints one JSON object")
    alarming.add_argument("files", type=Path, nargs="+", help="YAML lists of groups: id (a topic or not) and texts")
    alarming.add_argument("--encoder", help="folder or model name instead of XIAOHE_ENCODER")
    options = parser.parse_args(arguments)
    settings = KnowledgeSettings()
    if options.command == "serve":
        run_service(settings)
        return 0
    try:
        if options.command == "materialise":
            write_encoder(options.target, options.adapter)
        elif options.command == "tune":
            return tune_encoder(options.by)
        elif options.command in ("import", "export"):
            return exchange(options)
        elif options.command == "evaluate-danger":
            measure_danger(options.files, options.encoder or settings.encoder)
        else:
            measure(options.entries, options.queries, options.pairs, options.encoder or settings.encoder)
    except (OSError, ValueError) as error:
        print(" ".join(str(error).split()), file=sys.stderr)
        return 2
    return 0


def run_service(settings: KnowledgeSettings) -> None:
    """Serves requests until stopped by a signal."""
    from threadpoolctl import threadpool_limits

    from kit.web import serve
    from knowledge.api import create_app

    configure_logging(settings.log_level)
    # The work is matrix times vector: with several BLAS threads most of the time goes into waiting for each other.
    threadpool_limits(1)
    serve(create_app(settings), settings.knowledge_url, settings, token=settings.knowledge_token.get_secret_value())


def write_encoder(target: Path, adapter: Path) -> None:
    """Writes the default encoder; progress goes to stderr."""
    os.environ["HF_HUB_OFFLINE"] = "1"  # read by the libraries when they are imported
    _silence_libraries()
    from knowledge.materialise import materialise

    materialise(target, progress=lambda step: print(step, file=sys.stderr), adapter=adapter)


def measure(entries_path: Path | None, queries_path: Path | None, pairs_path: Path | None, encoder: str) -> None:
    """Prints the metrics as JSON; raises ValueError or OSError on bad input."""
    from knowledge.encoder import load_encoder
    from knowledge.evaluate import evaluate, read_entries, read_pairs, read_queries, read_shipped
    from knowledge.lessons import read_lessons

    if entries_path and queries_path:
        entries = read_entries(entries_path)
        queries = read_queries(queries_path, entries)
    elif entries_path or queries_path:
        raise ValueError("--entries and --queries are given together or not at all")
    else:
        entries, queries = read_shipped()
    pairs = read_pairs(pairs_path) if pairs_path else None
    _silence_libraries()
    print(json.dumps(evaluate(entries, queries, pairs, load_encoder(encoder), read_lessons().foreign)))


def measure_danger(paths: Sequence[Path], encoder: str) -> None:
    """Prints the shares caught and falsely alarmed as JSON; raises ValueError or OSError on bad input."""
    from knowledge.encoder import load_encoder
    from knowledge.evaluate_danger import evaluate_danger, read_groups
    from knowledge.lessons import read_lessons

    groups = read_groups(paths)
    _silence_libraries()
    print(json.dumps(evaluate_danger(read_lessons(), groups, load_encoder(encoder))))


def exchange(options: argparse.Namespace) -> int:
    """Imports or exports a file, with the database and the secrets of the stack that runs here."""
    from desk.entry_command import run_export, run_import

    settings = KnowledgeSettings(_env_file=ROOT / "var" / "demo.env")
    if options.command == "export":
        return run_export(options.file, settings)
    return run_import(options.file, settings, is_dry=options.dry_run, by=options.by, since=options.since)


def tune_encoder(by: str | None) -> int:
    """Tunes with the database and the secrets of the stack that runs here; customers go first."""
    os.environ["HF_HUB_OFFLINE"] = "1"  # read by the libraries when they are imported
    os.nice(NICE)
    from desk.tuning_command import run_tuning
    from knowledge.tuned_encoders import TunedEncoders
    from knowledge.tuning.tune import tune

    _silence_libraries()
    settings = KnowledgeSettings(_env_file=ROOT / "var" / "demo.env")
    tuned, base, kept = (
        TunedEncoders(Path(settings.tuned_encoders)),
        Path(settings.encoder),
        Path(settings.knowledge_cache),
    )
    return run_tuning(settings, lambda *work: tune(base, tuned, kept, *work), tuned, by=by)


def _silence_libraries() -> None:
    logging.disable(logging.WARNING)  # their warnings are about settings we chose on purpose


if __name__ == "__main__":
    sys.exit(main())
