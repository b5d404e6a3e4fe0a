#!/usr/bin/env cwl-runner
cwlVersion: v1.2
class: CommandLineTool
id: stats
label: Count variants
doc: Counts, substitutions by kind, lengths of indels.
intent: [http://edamontology.org/operation_2238]
hints:
  ResourceRequirement:
    coresMin: 1
    ramMin: 128
    outdirMin: 50
  SoftwareRequirement:
    packages:
      bcftools:
        version: ["1.16"]
        specs: ["https://bio.tools/bcftools"]
baseCommand: [bcftools, stats]
inputs:
  sample:
    type: string
    label: sample
    doc: Name of the sample; the result is called after it.
  variants:
    type: File
    label: variants
    doc: Variants of one sample.
    format: edam:format_3016
    secondaryFiles: [.tbi]
    inputBinding: {position: 1}
outputs:
  statistics:
    type: stdout
    label: statistics
    doc: The report of bcftools stats.
    format: edam:format_2330
stdout: $(inputs.sample).stats.txt

$namespaces:
  edam: http://edamontology.org/
  s: https://schema.org/
s:author:
  - '@type': https://schema.org/Organization
    s:name: The fairwf developers
s:license: https://spdx.org/licenses/Apache-2.0
s:version: 1.0.0
