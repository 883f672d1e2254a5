"""A graph runner for predictions: plain calls in an order computed once; Rasa plans every run anew with dask."""

from graphlib import TopologicalSorter
from typing import Any

from rasa.engine.runner.dask import DaskGraphRunner


class SequentialGraphRunner(DaskGraphRunner):
    """Runs one node after another, with the parent's nodes, inputs, targets and errors."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._plans: dict[tuple[str, ...], list[tuple[str, tuple[str, ...]]]] = {}

    def run(self, inputs: dict[str, Any] | None = None, targets: list[str] | None = None) -> dict[str, Any]:
        """The targets' outputs by node name; an input replaces the node of the same name."""
        names = tuple(targets or self._graph_schema.target_names)
        if names not in self._plans:
            self._plans[names] = self._make_plan(names)
        outputs = {name: (name, value) for name, value in (inputs or {}).items()}
        for name, needs in self._plans[names]:
            if name not in outputs:
                # A need that nothing provides stays a bare name: the node then says what it misses.
                outputs[name] = self._instantiated_nodes[name](*(outputs.get(need, need) for need in needs))
        return dict(outputs[name] for name in names)

    def _make_plan(self, targets: tuple[str, ...]) -> list[tuple[str, tuple[str, ...]]]:
        nodes = self._graph_schema.minimal_graph_schema(list(targets)).nodes
        needs = {name: tuple(node.needs.values()) for name, node in nodes.items()}
        return [(name, needs[name]) for name in TopologicalSorter(needs).static_order() if name in needs]
