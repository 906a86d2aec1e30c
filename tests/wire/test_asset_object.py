"""Assets in a request's body, as the models of real services read them (contract section 4.3)."""

import importlib.util
import sys
from types import ModuleType

import pytest

from ouro_cli.model.asset import AssetType
from ouro_cli.wire.asset_object import dataset_object, file_object, post_object
from tests.builders import an_asset
from tests.support.sample_services import SPECS


@pytest.fixture(scope="module")
def service() -> ModuleType:
    """The sample service, whose models demand what those of real services do."""
    if "materials_sample" not in sys.modules:
        spec = importlib.util.spec_from_file_location("materials_sample", SPECS / "materials.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules["materials_sample"] = module
        spec.loader.exec_module(module)
    return sys.modules["materials_sample"]


def test_a_file_is_what_services_take(service: ModuleType) -> None:
    said = file_object(an_asset(description="Wet."), "http://127.0.0.1:8003/assets/t/water.xyz")
    read = service.FileInput.model_validate(said)
    assert read.filename == "water.xyz"
    assert read.description == "Wet."


@pytest.mark.parametrize(
    ("filename", "shown"), [("water", "water.xyz"), ("", "Water.xyz"), ("a.b", "a.b")]
)
def test_a_file_name_has_an_extension(filename: str, shown: str) -> None:
    assert file_object(an_asset(filename=filename), "http://x")["filename"] == shown


def test_a_dataset_is_what_services_take(service: ModuleType) -> None:
    asset = an_asset(asset_type=AssetType.DATASET, slug="my-table", facts={"columns": []})
    read = service.DatasetInput.model_validate(dataset_object(asset, [{"a": 1}]))
    assert (read.metadata.table_name, read.data) == ("my_table", [{"a": 1}])


def test_a_post_is_what_services_take(service: ModuleType) -> None:
    read = service.PostInput.model_validate(
        post_object(an_asset(asset_type=AssetType.POST), "# Hello")
    )
    assert read.content.text == "# Hello"
    assert read.content.json_["content"][0]["type"] == "heading"
