"""What people do: finds the workspaces by their folders.

Law: the directory is the list. A workspace plugs in by existing here, and nothing from elsewhere can.
"""

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from amanat.party.errors import Fault
from amanat.workspace import Workspace


@cache
def find() -> tuple[Workspace, ...]:
    """Return the workspace of every folder here, in order of name. Raises `Fault` when one claims another's names."""
    folders = sorted(module.name for module in iter_modules(__path__) if module.ispkg)
    return tuple(claimed(folder, import_module(f"{__name__}.{folder}").WORKSPACE) for folder in folders)


def claimed(folder: str, workspace: Workspace) -> Workspace:
    """Return the workspace when its kinds and tables bear its folder's name, so that no two can claim one.

    Raises `Fault`.
    """
    claims = [f"{kind.name} (a kind)" for kind in workspace.kinds if not kind.name.startswith(f"{folder}.")]
    claims += [f"{table} (a table)" for table in workspace.views.tables.tables if not table.startswith(f"{folder}_")]
    if workspace.name != folder or claims:
        raise Fault(
            "workspace.name",
            f"The folder workspaces/{folder} holds the workspace {workspace.name!r}"
            f"{''.join(f', which claims {claim}' for claim in claims)}.",
            f"Name the workspace {folder}, its kinds {folder}.… and its tables {folder}_….",
        )
    pages = ["records", *(page.name for page in workspace.pages)]  # every workspace has its list of records
    names = [*(kind.label for kind in workspace.kinds), *pages]
    names += [*(each.name for each in workspace.deeds), *(each.name for each in workspace.files)]
    if len(set(names)) != len(names):
        raise Fault(
            "workspace.twice",
            f"The folder workspaces/{folder} has a kind, a page, a deed or a file twice: {names}.",
            "Rename one.",
        )
    if not {deed.page for deed in workspace.deeds} <= set(pages[1:]):
        raise Fault(
            "workspace.page",
            f"The folder workspaces/{folder} has a deed that stands on no page of its own.",
            "Name the page in Workspace.pages.",
        )
    return workspace
