#!/usr/bin/env cwl-runner
cwlVersion: v1.2
class: CommandLineTool
id: tidy
label: Bring a table into one row per observation
doc: >-
  Rewrite a table of dated, yearly or monthly values as rows "YYYY-MM-DD,value" without a header.
  Missing values are left out; a row that cannot be read ends the step with an error.
intent: [http://edamontology.org/operation_3435]
hints:
  ResourceRequirement:
    coresMin: 1
    ramMin: 64
    outdirMin: 10
  SoftwareRequirement:
    packages:
      mawk:
        version: ["1.3.4"]
        specs: ["https://invisible-island.net/mawk/"]
baseCommand: awk
arguments:
  - prefix: -v
    position: -1
    valueFrom: layout=$(inputs.layout)
inputs:
  script:
    type: File
    label: program
    doc: The awk program that does the work.
    format: edam:format_2330
    default:
      class: File
      location: ../scripts/tidy.awk
      format: http://edamontology.org/format_2330
    inputBinding: {position: 0, prefix: -f}
  table:
    type: File
    label: table
    doc: Comma-separated table with a header line.
    format: edam:format_3752
    inputBinding: {position: 1}
  layout:
    type:
      type: enum
      symbols: [dated, yearly, monthly]
    label: layout
    doc: Layout of the table.
outputs:
  rows:
    type: stdout
    label: rows
    doc: One line per observation, in the order of the table.
    format: edam:format_3752
stdout: $(inputs.table.nameroot).rows.csv

$namespaces:
  edam: http://edamontology.org/
  s: https://schema.org/
s:author:
  - '@type': https://schema.org/Organization
    s:name: The fairwf developers
s:license: https://spdx.org/licenses/Apache-2.0
s:version: 1.0.0
