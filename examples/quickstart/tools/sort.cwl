#!/usr/bin/env cwl-runner
cwlVersion: v1.2
class: CommandLineTool
id: sort
label: Sort observations by date
doc: Sort rows "YYYY-MM-DD,value" by their date, byte by byte, whatever the locale of the machine is.
intent: [http://edamontology.org/operation_3802]
requirements:
  InlineJavascriptRequirement: {}
  EnvVarRequirement:
    envDef:
      LC_ALL: C
hints:
  ResourceRequirement:
    coresMin: 1
    ramMin: 64
    outdirMin: 10
  SoftwareRequirement:
    packages:
      coreutils:
        version: ["9.1"]
        specs: ["https://www.gnu.org/software/coreutils/"]
baseCommand: [sort, -t, ",", -k, "1,1"]
inputs:
  rows:
    type: File
    label: rows
    doc: Rows in any order.
    format: edam:format_3752
outputs:
  sorted:
    type: stdout
    label: sorted rows
    doc: The same rows, by date.
    format: edam:format_3752
stdin: $(inputs.rows.path)
stdout: $(inputs.rows.nameroot.split('.')[0]).observations.csv

$namespaces:
  edam: http://edamontology.org/
  s: https://schema.org/
s:author:
  - '@type': https://schema.org/Organization
    s:name: The fairwf developers
s:license: https://spdx.org/licenses/Apache-2.0
s:version: 1.0.0
