#!/usr/bin/env cwl-runner
cwlVersion: v1.2
class: CommandLineTool
id: anomaly
label: Subtract the trend or the mean
doc: Subtract the trend line from a yearly series; without a trend, subtract its mean.
intent: [http://edamontology.org/operation_3435]
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
      location: ../scripts/anomaly.py
      format: http://edamontology.org/format_3996
    inputBinding: {position: 0}
  yearly:
    type: File
    label: yearly means
    doc: Columns year and mean.
    format: edam:format_3752
    inputBinding: {position: 1}
  trend:
    type: File?
    label: trend
    doc: Trend to subtract; without it the mean is subtracted.
    format: edam:format_3464
    inputBinding: {position: 2, prefix: --trend}
  filename:
    type: string
    label: file name
    doc: Name of the result.
outputs:
  anomalies:
    type: stdout
    label: anomalies
    doc: Columns year and anomaly.
    format: edam:format_3752
stdout: $(inputs.filename)

$namespaces:
  edam: http://edamontology.org/
  s: https://schema.org/
s:author:
  - '@type': https://schema.org/Organization
    s:name: The fairwf developers
s:license: https://spdx.org/licenses/Apache-2.0
s:version: 1.0.0
