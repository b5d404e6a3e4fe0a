#!/usr/bin/env cwl-runner
cwlVersion: v1.2
class: CommandLineTool
id: yearly
label: Average each year
doc: >-
  Average the observations of each calendar year. A year with too few observations is left out and
  named in the sidecar of the result.
intent: [http://edamontology.org/operation_3436]
hints:
  ResourceRequirement:
    coresMin: 1
    ramMin: 64
    outdirMin: 10
  SoftwareRequirement:
    packages:
      python3:
        version: ["3.11"]
        specs: ["https://identifiers.org/rrid/RRID:SCR_008394"]
baseCommand: python3
inputs:
  script:
    type: File
    label: program
    doc: The Python program that does the work; standard library only.
    format: edam:format_3996
    default:
      class: File
      location: ../scripts/yearly.py
      format: http://edamontology.org/format_3996
    inputBinding: {position: 0}
  observations:
    type: File
    label: observations
    doc: Rows "YYYY-MM-DD,value", sorted by date.
    format: edam:format_3752
    inputBinding: {position: 1}
  name:
    type: string
    label: name
    doc: Name of the series; the result is called after it.
    inputBinding: {position: 2, prefix: --name}
  unit:
    type: string
    label: unit
    doc: Unit of the values, for the sidecar.
    inputBinding: {position: 3, prefix: --unit}
  observations_per_year:
    type: int
    label: observations per year
    doc: How many observations a full year has.
    inputBinding: {position: 4, prefix: --per-year}
  completeness:
    type: double
    label: completeness
    doc: Share of the observations of a full year that a year needs, 0 to 1.
    default: 0.8
    inputBinding: {position: 5, prefix: --completeness}
outputs:
  means:
    type: File
    label: yearly means
    doc: Columns year, mean, observations; the sidecar describes them.
    format: edam:format_3752
    secondaryFiles:
      - pattern: ^.json
        required: true
    outputBinding:
      glob: $(inputs.name).yearly.csv

$namespaces:
  edam: http://edamontology.org/
  s: https://schema.org/
s:author:
  - '@type': https://schema.org/Organization
    s:name: The fairwf developers
s:license: https://spdx.org/licenses/Apache-2.0
s:version: 1.0.0
