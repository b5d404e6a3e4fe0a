"""Requirements and hints, as tables of fields."""

from __future__ import annotations

from fairwf_cwl.schema.values import (
    expression,
    f,
    file_item,
    listing,
    number,
    text,
    texts,
    truth,
    truth_or_expression,
    type_,
    whole,
)
from fairwf_cwl.shapes import Field, Struct, anything, by_key, either, idmap, items, one_of, struct

_none: dict[str, Field] = {}
_entry = either("a text or an expression", text=anything)
_staged = either(
    "a file, a Dirent or an expression",
    text=anything,
    null=anything,
    list=items(file_item),
    object=by_key(
        lambda value, checker: (
            struct(str(value.get("class")))
            if value.get("class") in ("File", "Directory")
            else struct("Dirent")
        )
    ),
)


def _requirement(**fields: Field) -> Struct:
    return Struct("the requirement", {"class": f(text, True), "id": f(text), **fields})


REQUIREMENTS: dict[str, Struct] = {
    "InlineJavascriptRequirement": _requirement(expressionLib=f(items(text))),
    "SchemaDefRequirement": _requirement(types=f(items(type_), True)),
    "LoadListingRequirement": _requirement(loadListing=f(listing)),
    "DockerRequirement": _requirement(
        **{
            name: f(text)
            for name in (
                "dockerPull",
                "dockerLoad",
                "dockerFile",
                "dockerImport",
                "dockerImageId",
                "dockerOutputDirectory",
            )
        }
    ),
    "SoftwareRequirement": _requirement(
        packages=f(idmap("SoftwarePackage", "package", "specs"), True)
    ),
    "InitialWorkDirRequirement": _requirement(
        listing=f(either("a list or an expression", text=anything, list=items(_staged)), True)
    ),
    "EnvVarRequirement": _requirement(
        envDef=f(idmap("EnvironmentDef", "envName", "envValue"), True)
    ),
    "ShellCommandRequirement": _requirement(),
    "ResourceRequirement": _requirement(
        **{
            name + end: f(number)
            for name in ("cores", "ram", "tmpdir", "outdir")
            for end in ("Min", "Max")
        }
    ),
    "WorkReuse": _requirement(enableReuse=f(truth_or_expression, True)),
    "NetworkAccess": _requirement(networkAccess=f(truth_or_expression, True)),
    "InplaceUpdateRequirement": _requirement(inplaceUpdate=f(truth, True)),
    "ToolTimeLimit": _requirement(timelimit=f(number, True)),
    "SubworkflowFeatureRequirement": _requirement(),
    "ScatterFeatureRequirement": _requirement(),
    "MultipleInputFeatureRequirement": _requirement(),
    "StepInputExpressionRequirement": _requirement(),
}
"""Every requirement of CWL v1.2 by its class."""

EXTENSIONS: dict[str, Struct] = {
    "cwltool:CUDARequirement": _requirement(
        cudaVersionMin=f(text, True),
        cudaComputeCapability=f(texts, True),
        cudaDeviceCountMin=f(whole),
        cudaDeviceCountMax=f(whole),
    ),
    "cwltool:MPIRequirement": _requirement(processes=f(whole, True)),
    "cwltool:ShmSize": _requirement(shmSize=f(text, True)),
    "cwltool:Secrets": _requirement(secrets=f(items(text), True)),
    "cwltool:Loop": _requirement(
        loopWhen=f(expression, True),
        loop=f(idmap("cwltool:LoopInput", "id", "loopSource"), True),
        outputMethod=f(one_of("last", "all")),
    ),
}
"""The requirements that cwltool adds to CWL, where no version of CWL took them over."""

PARTS = {
    "SoftwarePackage": Struct(
        "a software package",
        {
            "package": f(text, True),
            "version": f(items(text)),
            "specs": f(either("a list of IRIs", list=items(text), text=anything)),
        },
    ),
    "EnvironmentDef": Struct(
        "an environment variable", {"envName": f(text, True), "envValue": f(text, True)}
    ),
    "Dirent": Struct(
        "a Dirent",
        {"entry": f(_entry, True), "entryname": f(text), "writable": f(truth)},
    ),
}
