"""Which steps of a workflow can follow which: the order, jumps, and what waits for what."""

from collections.abc import Iterable, Mapping

from ouro_cli.model.chain import FollowUp, FollowUpKind, Step, Workflow


def follow_ups(workflow: Workflow, step: Step) -> list[FollowUp]:
    """All that may follow from a step's end: its own, and the workflow's that it does not name."""
    found = []
    for own, shared in (
        (step.on_success, workflow.on_success),
        (step.on_failure, workflow.on_failure),
    ):
        named = {each.name for each in own}
        found += [*own, *(each for each in shared if each.name not in named)]
    return found


def ways(workflow: Workflow) -> dict[str, set[str]]:
    """Step id -> the steps that may come right after it."""
    found: dict[str, set[str]] = {each.id: set() for each in workflow.steps}
    for step, after in zip(workflow.steps, workflow.steps[1:], strict=False):
        found[step.id].add(after.id)
    for step in workflow.steps:
        for each in follow_ups(workflow, step):
            if each.step in found and each.kind is not FollowUpKind.END:
                found[step.id].add(each.step)
                if each.kind is FollowUpKind.RETRY:
                    # What a retry runs first comes before the step that it repeats.
                    found[each.step].add(step.id)
        for waited in step.depends_on or ():
            if waited in found:
                found[waited].add(step.id)
    return found


def comes_before(workflow: Workflow) -> dict[str, set[str]]:
    """Step id -> the steps that may have run before it."""
    after = ways(workflow)
    found: dict[str, set[str]] = {each.id: set() for each in workflow.steps}
    for step in workflow.steps:
        pending = list(after[step.id])
        seen: set[str] = set()
        while pending:
            reached = pending.pop()
            if reached not in seen:
                seen.add(reached)
                found[reached].add(step.id)
                pending += after[reached]
    return found


def circle(waits: Mapping[str, Iterable[str]]) -> list[str]:
    """The names of one circle in which each waits for the next; empty where there is none."""
    done: set[str] = set()
    for start in waits:
        trail: list[str] = []
        stack: list[tuple[str, bool]] = [(start, False)]
        while stack:
            name, is_left = stack.pop()
            if is_left:
                trail.pop()
                done.add(name)
            elif name in trail:
                return [*trail[trail.index(name) :], name]
            elif name not in done and name in waits:
                trail.append(name)
                stack.append((name, True))
                stack += [(each, False) for each in waits[name]]
    return []
