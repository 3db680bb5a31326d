"""Caliper's entry: the window by default, a verb otherwise. It only dispatches."""

from __future__ import annotations

import multiprocessing
import sys

USAGE = """\
usage: main.py [FILE|FOLDER ...]                  open the window
       main.py analyse TASK INPUT ... --out DIR   run a task on files
       main.py evaluate TASK --data DIR --out DIR measure a network
       main.py train TASK --data DIR --out DIR    train a network
       main.py fine-tune TASK --out DIR           learn from your own accepted cases
       main.py weights list|import|verify|remove  look after the weights
"main.py VERB --help" says more. A file named like a verb is opened as "./analyse".
"""


def main(argv: list[str]) -> int:
    """Hand the arguments to the room that knows the verb.

    Rooms that serve several verbs get the verb as their first argument; the engine gets the rest.
    """
    verb = argv[0] if argv else ""
    if verb in {"-h", "--help"}:
        sys.stdout.write(USAGE)
        return 0
    if verb == "engine":
        from inference.engine import run as run_engine

        return run_engine(argv[1:])
    if verb == "airlock":
        from inference.airlock import main as run_airlock

        return run_airlock(argv[1:])
    if verb in {"train", "evaluate", "fine-tune"}:
        from app.io.open import read_study
        from app.library.corrected import gather_cases
        from app.library.places import weights_folder
        from training.cli import run as run_training

        places = (weights_folder(),)
        return run_training(argv, imported=places, gather=gather_cases, reads=read_study)
    if verb == "weights":
        from app.library.places import weights_folder
        from inference.weights_cli import run as run_weights

        return run_weights(argv[1:], imported=weights_folder())
    if verb == "analyse":
        from app.cli import run as run_task

        return run_task(argv)
    from app.window.main import run as run_window

    return run_window(argv)


if __name__ == "__main__":
    multiprocessing.freeze_support()
    sys.exit(main(sys.argv[1:]))
