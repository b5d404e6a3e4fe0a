#!/usr/bin/env cwl-runner
cwlVersion: v1.2
class: CommandLineTool
id: summary
label: Gather the counts of all samples
doc: One row a sample, with reads, mapped reads, duplicates and variants by kind.
intent: [http://edamontology.org/operation_3436]
hints:
  ResourceRequirement:
    coresMin: 1
    ramMin: 128
    outdirMin: 50
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
  counts:
    type: File[]
    label: counts
    doc: Counts of alignments of each sample.
    format: edam:format_3464
    inputBinding: {position: 1, prefix: --counts}
  statistics:
    type: File[]
    label: statistics
    doc: Report of bcftools stats of each sample, in the same order.
    format: edam:format_2330
    inputBinding: {position: 2, prefix: --statistics}
  samples:
    type: string[]
    label: samples
    doc: Name of each sample, in the same order.
    inputBinding: {position: 3, prefix: --samples}
outputs:
  table:
    type: stdout
    label: summary
    doc: One row a sample.
    format: edam:format_3475
stdout: summary.tsv

$namespaces:
  edam: http://edamontology.org/
  s: https://schema.org/
s:author:
  - '@type': https://schema.org/Organization
    s:name: The fairwf developers
s:license: https://spdx.org/licenses/Apache-2.0
s:version: 1.0.0
