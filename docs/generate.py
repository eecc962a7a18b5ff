"""Write the reference pages that are generated from the code: command line and config.

python docs/generate.py           # writes docs/reference/cli.md and config.md
python docs/generate.py --check   # only checks whether they are current
"""

import argparse
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from parallel_animate.cli.main import make_parser
from parallel_animate.pipeline.schema import MOVIE_SCHEMA, REQUIRED_MOVIE_KEYS, config_schema

REFERENCE = Path(__file__).parent / "reference"
MADE_BY = "<!-- Made by 'make reference'; a test compares it with the code. -->"

CLI_HEAD = f"""{MADE_BY}

# Command line

Exit status: 0 done, 1 failed, 2 wrong usage, 130 interrupted. Commands print results to standard
output and everything else to standard error.
"""

CONFIG_HEAD = f"""{MADE_BY}

# Config

The config is `movies.yaml`, `config/config.yaml` or `config.yaml`, in YAML or JSON. It has an entry
for each movie below `movies:`. File names contain the movie's name, so it may hold only letters,
digits, `_`, `-` and `.`. Relative paths start at the current folder, or at that of `--directory`.

```yaml
movies:
  pond:
    animator: animation.py:Pond
    params: animation.py:frames
    fps: 20
```

Unknown keys are errors. The schema itself is `workflow/schemas/config.schema.yaml`.
"""
OF_WORKFLOW = "---\n\nThe workflow calls the following commands; you need them rarely.\n"
TABLE_HEAD = "| key | type | default | meaning |\n|---|---|---|---|\n"


def main() -> int:
    """Write or check the pages, and return the exit status."""
    parser = argparse.ArgumentParser(
        description="Write the pages that are generated from the code."
    )
    parser.add_argument(
        "--check",
        action="store_true",
        help="write nothing, and exit with status 1 if a page is stale",
    )
    is_check = parser.parse_args().check
    stale = []
    for name, text in pages().items():
        path = REFERENCE / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            stale.append(path)
            if not is_check:
                path.write_text(text, encoding="utf-8")
    for path in stale:
        sys.stdout.write(f"{'stale' if is_check else 'written'}: {path}\n")
    return 1 if stale and is_check else 0


def pages() -> dict[str, str]:
    """Return the pages: file name -> text."""
    return {"cli.md": cli_page(), "config.md": config_page()}


def cli_page() -> str:
    """Return the page about the commands, from their parsers.

    argparse's own help is not used, because its form differs between versions of Python.
    """
    parser = make_parser()
    parts = [CLI_HEAD, _options_table(parser)]
    commands = _subcommands(parser)
    people = _listed(parser)
    for name in sorted(commands, key=lambda name: (name not in people, name)):
        command = commands[name]
        if name not in people and OF_WORKFLOW not in parts:
            parts.append(OF_WORKFLOW)
        parts.append(f"## {name}\n\n{command.description}\n")
        parts.append(f"```text\n{_usage(command)}\n```\n")
        parts.append(_options_table(command))
        parts.append(_epilog(command))
    return "\n".join(part for part in parts if part)


def _listed(parser: argparse.ArgumentParser) -> set[str]:
    """Return the commands in the general help, which are for people."""
    (action,) = (a for a in parser._actions if isinstance(a, argparse._SubParsersAction))
    return {choice.dest for choice in action._choices_actions}


def _subcommands(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    (action,) = (a for a in parser._actions if isinstance(a, argparse._SubParsersAction))
    commands: dict[str, argparse.ArgumentParser] = action.choices
    return commands


def _arguments(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    skipped = (argparse._HelpAction, argparse._SubParsersAction)
    return (action for action in parser._actions if not isinstance(action, skipped))


def _usage(command: argparse.ArgumentParser) -> str:
    words = [command.prog]
    if any(action.option_strings for action in _arguments(command)):
        words.append("[options]")
    for action in _arguments(command):
        if action.required and action.option_strings:
            words.append(f"{action.option_strings[0]} {_value(action)}")
    for action in _arguments(command):
        if not action.option_strings:
            value = _value(action)
            several = {"*": f"[{value} ...]", "+": f"{value} [{value} ...]", "?": f"[{value}]"}
            words.append(several.get(str(action.nargs), value))
    return " ".join(words)


def _value(action: argparse.Action) -> str:
    value = action.metavar or action.dest
    return str(value if not action.option_strings or action.metavar else value.upper())


def _options_table(parser: argparse.ArgumentParser) -> str:
    rows = []
    for action in _arguments(parser):
        names = ", ".join(f"`{name}`" for name in action.option_strings) or f"`{_value(action)}`"
        if action.option_strings and action.nargs != 0:
            several = " ..." if action.nargs == "+" else ""
            names += f" `{_value(action)}{several}`"
        rows.append(f"| {names} | {_cell(action.help or '')} |")
    return "\n".join(["| argument | meaning |", "|---|---|", *rows, ""]) if rows else ""


def _epilog(command: argparse.ArgumentParser) -> str:
    """Return the text below the options: an example, and a sentence for some commands."""
    example, _, rest = (command.epilog or "").partition("\n\n")
    lines = [line.strip() for line in example.splitlines()[1:]]
    code = "\n".join(["Example:", "", "```sh", *lines, "```", ""])
    return f"{code}\n{rest}\n" if rest else code


def config_page() -> str:
    """Return the page about the config's keys, from the tables of the schema."""
    others = {k: v for k, v in config_schema()["properties"].items() if k != "movies"}
    text = f"{CONFIG_HEAD}\n## Keys of a movie\n\n{_keys_table(MOVIE_SCHEMA)}"
    return text + (f"\n## Keys next to movies\n\n{_keys_table(others)}" if others else "")


def _keys_table(keys: Mapping[str, dict[str, Any]]) -> str:
    rows = [
        f"| `{key}` | {_type(schema)} | {_default(key, schema)} | {_cell(schema['description'])} |"
        for key, schema in keys.items()
    ]
    return TABLE_HEAD + "\n".join(rows) + "\n"


def _type(schema: dict[str, Any]) -> str:
    if "anyOf" in schema:
        return " or ".join(map(_type, schema["anyOf"]))
    if "const" in schema:
        return f"`{schema['const']}`"
    if "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema["enum"])
    name = {"array": "list", "object": "mapping", "string": "text", "boolean": "`true`, `false`"}
    kind = name.get(schema["type"], schema["type"])
    if "minimum" in schema and "maximum" in schema:
        return f"{kind}, {schema['minimum']} to {schema['maximum']}"
    if "minimum" in schema:
        return f"{kind} from {schema['minimum']} on"
    return f"{kind} above 0" if "exclusiveMinimum" in schema else kind


def _default(key: str, schema: dict[str, Any]) -> str:
    if key in REQUIRED_MOVIE_KEYS:
        return "required"
    default = schema.get("default", "")
    if default in ("", {}, []):
        return ""
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("%%", "%")


if __name__ == "__main__":
    sys.exit(main())
