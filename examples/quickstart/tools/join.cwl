#!/usr/bin/env cwl-runner
cwlVersion: v1.2
class: CommandLineTool
id: join
label: Join the anomalies by year
doc: One row a year, one column a series; empty where a series has no value.
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
      location: ../scripts/join.py
      format: http://edamontology.org/format_3996
    inputBinding: {position: 0}
  anomalies:
    type: File[]
    label: anomalies
    doc: Tables with the columns year and anomaly.
    format: edam:format_3752
    inputBinding: {position: 1}
outputs:
  table:
    type: stdout
    label: joined anomalies
    doc: Columns year and one for each series, sorted by name.
    format: edam:format_3752
stdout: anomalies.csv

$namespaces:
  edam: http://edamontology.org/
  s: https://schema.org/
s:author:
  - '@type': https://schema.org/Organization
    s:name: The fairwf developers
s:license: https://spdx.org/licenses/Apache-2.0
s:version: 1.0.0
