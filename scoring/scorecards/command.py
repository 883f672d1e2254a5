"""`python -m scoring train`: a table of loans in, a scorecard file and a report out, one JSON object printed."""

import argparse
import json
import time
from datetime import date
from pathlib import Path

from scoring.scorecards.options import TrainingOptions, read_options
from scoring.scorecards.report import write_report
from scoring.scorecards.scorecard_file import write_scorecard
from scoring.scorecards.training import summarise_training, train_scorecard
from scoring.scorecards.training_data import read_training_data

DEMOS = {"german": ("germancredit.csv", "creditability")}


def train_file(options: argparse.Namespace, today: date) -> None:
    """Trains as the command line says; raises ValueError, OSError or ScorecardError with what is at fault."""
    started = time.perf_counter()
    if options.demo:
        name, target = DEMOS[options.demo]
        folder = Path(__file__).parent / options.demo
        table, rules = folder / name, read_options(options.options or folder / "options.yml")
    elif options.file and options.target:
        table, target = options.file, options.target
        rules = read_options(options.options) if options.options else TrainingOptions()
    else:
        raise ValueError("name a FILE.csv and its --target, or --demo german")
    if options.bad:
        rules = rules.model_copy(update={"bad": options.bad})
    data = read_training_data(table.read_bytes(), target, rules)
    training = train_scorecard(data, target, rules, options.since or today)
    write_scorecard(options.out, training.fitted.card)
    report = options.out.with_suffix(".html")
    report.write_text(write_report(training), "utf-8")
    summary = summarise_training(training, data, rules)
    files = {"scorecard": str(options.out), "report": str(report), "seconds": round(time.perf_counter() - started, 1)}
    print(json.dumps(summary | files, ensure_ascii=False, indent=2))
