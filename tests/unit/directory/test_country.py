"""Belgium's outline holds its border communes and exclaves, and not its neighbours' towns."""

import pytest

from services.directory.cities.country import is_in_belgium


@pytest.mark.parametrize(
    "place",
    [
        pytest.param((5.8167, 49.6833), id="Arlon"),
        pytest.param((5.83, 49.563), id="Athus"),
        pytest.param((6.0367, 50.6283), id="Eupen"),
        pytest.param((6.0117, 50.7117), id="Kelmis"),
        pytest.param((2.5879, 51.0977), id="De Panne"),
        pytest.param((4.9293, 51.4385), id="Baarle-Hertog"),
        pytest.param((3.287, 51.349), id="Knokke-Heist"),
        pytest.param((3.0, 50.77), id="Comines"),
        pytest.param((5.83, 50.75), id="Voeren"),
        pytest.param((4.4683, 51.4683), id="Essen"),
    ],
)
def test_a_border_commune_lies_in_belgium(place: tuple[float, float]) -> None:
    assert is_in_belgium(*place)


@pytest.mark.parametrize(
    "place",
    [
        pytest.param((3.0573, 50.6292), id="Lille"),
        pytest.param((6.13, 49.61), id="Luxembourg"),
        pytest.param((5.69, 50.85), id="Maastricht"),
        pytest.param((6.084, 50.776), id="Aachen"),
        pytest.param((5.76, 49.52), id="Longwy"),
        pytest.param((4.776, 51.587), id="Breda"),
        pytest.param((49.72, 5.64), id="Habay with its coordinates swapped"),
        pytest.param((0.0, 0.0), id="nowhere"),
    ],
)
def test_a_neighbours_town_does_not(place: tuple[float, float]) -> None:
    assert not is_in_belgium(*place)
