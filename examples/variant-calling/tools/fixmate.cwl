#!/usr/bin/env cwl-runner
cwlVersion: v1.2
class: CommandLineTool
id: fixmate
label: Add mate scores
doc: Fill in what markdup needs to know about each read's mate.
intent: [http://edamontology.org/operation_3435]
hints:
  ResourceRequirement:
    coresMin: 1
    ramMin: 128
    outdirMin: 50
  SoftwareRequirement:
    packages:
      samtools:
        version: ["1.16.1"]
        specs: ["https://bio.tools/samtools"]
baseCommand: [samtools, fixmate, --no-PG, -m, -O, bam]
arguments:
  - position: 2
    valueFrom: $(inputs.sample).fixmate.bam
inputs:
  sample:
    type: string
    label: sample
    doc: Name of the sample; the result is called after it.
  alignments:
    type: File
    label: alignments
    doc: Alignments, grouped by name of the read.
    format: edam:format_2573
    inputBinding: {position: 1}
outputs:
  fixed:
    type: File
    label: alignments with mate scores
    doc: The same alignments as BAM.
    format: edam:format_2572
    outputBinding:
      glob: $(inputs.sample).fixmate.bam

$namespaces:
  edam: http://edamontology.org/
  s: https://schema.org/
s:author:
  - '@type': https://schema.org/Organization
    s:name: The fairwf developers
s:license: https://spdx.org/licenses/Apache-2.0
s:version: 1.0.0
