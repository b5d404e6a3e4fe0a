#!/usr/bin/env cwl-runner
cwlVersion: v1.2
class: CommandLineTool
id: summary
label: Gather the trends in one table
doc: One row a series, sorted by name, with a verdict (rising, falling, no trend).
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
      location: ../scripts/summary.py
      format: http://edamontology.org/format_3996
    inputBinding: {position: 0}
  trends:
    type: File[]
    label: trends
    doc: Results of the trend step, in any order.
    format: edam:format_3464
    inputBinding: {position: 1}
  alpha:
    type: double
    label: level of significance
    doc: A trend needs a p value below it.
    inputBinding: {position: 2, prefix: --alpha}
outputs:
  table:
    type: stdout
    label: summary
    doc: One row a series.
    format: edam:format_3752
stdout: summary.csv

$namespaces:
  edam: http://edamontology.org/
  s: https://schema.org/
s:author:
  - '@type': https://schema.org/Organization
    s:name: The fairwf developers
s:license: https://spdx.org/licenses/Apache-2.0
s:version: 1.0.0
