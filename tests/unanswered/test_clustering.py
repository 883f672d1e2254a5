"""Questions join the cluster they are near to, in whatever order the others come."""

import numpy as np
import pytest

from unanswered.clustering import Clusters, Vector


def make_vector(*values: float) -> Vector:
    vector = np.array(values, np.float32)
    return vector / np.float32(np.linalg.norm(vector))


def test_a_question_joins_the_nearest_cluster_that_is_near() -> None:
    clusters = Clusters({"cards": make_vector(1, 0, 0) * 3, "loans": make_vector(0, 1, 0)})
    assert clusters.find(make_vector(0.9, 0.1, 0)) == "cards"
    assert clusters.find(make_vector(0.1, 0.9, 0.1)) == "loans"
    assert clusters.find(make_vector(0.1, 0.1, 1)) is None
    assert Clusters({}).find(make_vector(1, 0, 0)) is None


def test_a_cluster_moves_with_its_questions() -> None:
    clusters = Clusters({})
    clusters.add("a", make_vector(1, 0, 0))
    assert clusters.add("a", make_vector(0.8, 0.6, 0)) == pytest.approx(np.array([1.8, 0.6, 0]))
    assert clusters.find(make_vector(0.6, 0.7, 0)) == "a"
    clusters.add("b", make_vector(0, 0, 1))
    assert clusters.find(make_vector(0, 0.1, 1)) == "b"
