"""python -m server demo · init · serve · account · backup · restore · doctor · key"""

import argparse
import errno
import sys
from importlib import import_module

from server.commands.refused import Refused
from server.config import ConfigError
from server.store.sealing import MasterKeyMissing
from server.store.unusable import Unusable
from server.store.values import ValueUnfit
from server.web.network import NoNetworkAddress

CANNOT_START = 2
# As shells count a program that Ctrl-C ended.
INTERRUPTED = 130
COMMANDS = {
    "demo": ("server.demo.run", "an invented clinic on this machine, ready to be clicked through"),
    "init": ("server.commands.init", "a new clinic in an empty folder: asks a few questions"),
    "serve": ("server.commands.serve", "run it for real"),
    "account": ("server.commands.account", "add staff accounts, set passwords, forget lost phones"),
    "backup": ("server.commands.backup", "everything in one sealed file, while the clinic is open"),
    "restore": ("server.commands.restore", "a backup back into an empty folder"),
    "doctor": ("server.commands.doctor", "look at what the settings name, and say what is wrong"),
    "key": ("server.commands.key", "make the master key's file"),
}


def main(arguments: list[str]) -> int:
    """Loads only the command that was asked for, so that the others' imports do not slow its start."""
    parser = argparse.ArgumentParser(prog="python -m server", description="Bedside")
    commands = parser.add_subparsers(dest="command", required=True, metavar="|".join(COMMANDS))
    asked = arguments[0] if arguments else ""
    for name, (module, words) in COMMANDS.items():
        command = commands.add_parser(name, help=words)
        if name == asked:
            import_module(module).add_arguments(command)
    args = parser.parse_args(arguments)
    try:
        return int(import_module(COMMANDS[args.command][0]).run(args))
    except (ConfigError, MasterKeyMissing, NoNetworkAddress, Unusable) as problem:
        # The operator's to mend, so a sentence and no traceback.
        print(f"bedside: {problem}", file=sys.stderr)
        return CANNOT_START
    except Refused as problem:
        print(f"bedside: {problem}", file=sys.stderr)
        return 1
    except ValueUnfit as problem:
        print(f"bedside: nothing was changed: {problem} cannot be kept", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nbedside: stopped", file=sys.stderr)
        return INTERRUPTED
    except OSError as problem:
        if problem.errno not in (errno.EADDRINUSE, errno.EADDRNOTAVAIL):
            raise
        print(
            f"bedside: {problem.strerror}; choose another port, or stop what listens there", file=sys.stderr
        )
        return CANNOT_START


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
