"""Who is still to countersign before a receipt is final, by the names of a log's policy.

Law: only what the quorum lacks is named; a party with several witness keys is one name.
"""

from collections.abc import Collection

from amanat.log.policy import Policy


def waits_for(policy: Policy, cosigned: Collection[str], leave_out: str = "") -> str:
    """Say whose countersignatures the quorum lacks, as "obs", "obs and pk", or "obs or pk" where either will do.

    One name is left out where others are lacking too: a node need not be told to wait for itself. "" for a quorum met.
    """
    names, all_needed = _lacking(policy, policy.quorum, cosigned)
    others = [name for name in names if name != leave_out] or names
    return (" and " if all_needed else " or ").join(sorted(set(others)))


def _lacking(policy: Policy, name: str, cosigned: Collection[str]) -> tuple[list[str], bool]:
    """Return the witnesses that a witness or group lacks, and whether it needs every one of them."""
    group = policy.groups.get(name)
    if group is None:
        return ([name] if name in policy.witnesses and name not in cosigned else []), True
    found = [_lacking(policy, member, cosigned) for member in group.members]
    unmet = [each for each in found if each[0]]
    short = group.threshold - (len(found) - len(unmet))
    if short <= 0:
        return [], True
    if all(member.startswith(f"{name}.") for member in group.members):  # one party's keys, `compact.witnessing`
        return [name], True
    return [each for names, _ in unmet for each in names], short == len(unmet) and all(needed for _, needed in unmet)
