"""The bill of materials: what is in it beside the packages, and that it is CycloneDX 1.6."""

import json
from typing import Any

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from dev.sbom import list_page_libraries, list_page_packages, list_weights, mark_tools


def test_what_no_need_leads_to_is_for_testing_only() -> None:
    names = ("Fast_API", "starlette", "pytest", "pluggy")
    bom: dict[str, Any] = {
        "components": [{"name": name, "bom-ref": name} for name in names],
        "dependencies": [
            {"ref": "Fast_API", "dependsOn": ["starlette"]},
            {"ref": "pytest", "dependsOn": ["pluggy"]},
            {"ref": "starlette"},
        ],
    }
    mark_tools(bom, ["fast-api[standard]>=1", "missing==2"])
    assert [each["scope"] for each in bom["components"]] == ["required", "required", "excluded", "excluded"]


def test_scripts_of_the_pages_are_in_it_with_version_licence_and_hash() -> None:
    found = {each["name"]: each for each in list_page_libraries()}
    vue = found["nicegui/vue.esm-browser.prod.js"]
    assert vue["version"].startswith("3.")
    assert vue["licenses"] == [{"license": {"name": "MIT"}}]
    assert len(vue["hashes"][0]["content"]) == 64
    assert {"nicegui/quasar.umd.prod.js", "nicegui/socket.io.min.js"} <= found.keys()
    packages = {each["name"]: each["scope"] for each in list_page_packages()}
    assert (packages["echarts"], packages["mermaid"]) == ("required", "optional")


def test_the_encoder_and_our_adapter_are_in_it() -> None:
    weights = {each["name"]: each for each in list_weights()}
    assert {"encoder/model.safetensors", "encoder/model_int8.onnx", "encoder adapter"} == weights.keys()
    assert all(each["type"] == "machine-learning-model" and each["licenses"] for each in weights.values())


def test_it_is_cyclonedx() -> None:
    components = [*list_weights(), *list_page_libraries(), *list(list_page_packages())[:20]]
    bom = {"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "components": components}
    validator = JsonStrictValidator(SchemaVersion.V1_6)
    assert validator.validate_str(json.dumps(bom)) is None
    assert validator.validate_str(json.dumps(bom | {"components": [{"name": "x"}]})) is not None
