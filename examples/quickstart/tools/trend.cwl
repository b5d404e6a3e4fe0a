#!/usr/bin/env cwl-runner
cwlVersion: v1.2
class: CommandLineTool
id: trend
label: Estimate and test the trend
doc: >-
  Theil-Sen slope with Sen's confidence interval, and the Mann-Kendall test with Yue and Wang's
  correction for autocorrelation of lag 1.
intent: [http://edamontology.org/operation_3659]
requirements:
  InlineJavascriptRequirement: {}
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
      location: ../scripts/trend.py
      format: http://edamontology.org/format_3996
    inputBinding: {position: 0}
  yearly:
    type: File
    label: yearly means
    doc: Columns year and mean.
    format: edam:format_3752
    inputBinding: {position: 1}
  name:
    type: string
    label: name
    doc: Name of the series.
    inputBinding: {position: 2, prefix: --name}
  confidence:
    type: double
    label: confidence
    doc: Level of the confidence interval of the slope, 0 to 1.
    default: 0.95
    inputBinding: {position: 3, prefix: --confidence}
outputs:
  trend:
    type: File
    label: trend
    doc: Slope, interval, tau, autocorrelation, z and p as one JSON object.
    format: edam:format_3464
    outputBinding:
      glob: $(inputs.name).trend.json
  p_value:
    type: double
    label: p value
    doc: Two-sided p value of the Mann-Kendall test, read back from the JSON object.
    outputBinding:
      glob: $(inputs.name).trend.json
      loadContents: true
      outputEval: $(JSON.parse(self[0].contents).p_value)
stdout: $(inputs.name).trend.json

$namespaces:
  edam: http://edamontology.org/
  s: https://schema.org/
s:author:
  - '@type': https://schema.org/Organization
    s:name: The fairwf developers
s:license: https://spdx.org/licenses/Apache-2.0
s:version: 1.0.0
