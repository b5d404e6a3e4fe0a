#!/usr/bin/env cwl-runner
cwlVersion: v1.2
class: CommandLineTool
id: samtools_sort
label: Sort alignments
doc: Sort alignments by position.
intent: [http://edamontology.org/operation_3802]
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
baseCommand: [samtools, sort, --no-PG]
arguments:
  - position: 1
    prefix: -o
    valueFrom: $(inputs.sample).sorted.bam
inputs:
  sample:
    type: string
    label: sample
    doc: Name of the sample; the result is called after it.
  alignments:
    type: File
    label: alignments
    doc: Alignments in any order.
    format: edam:format_2572
    inputBinding: {position: 2}
outputs:
  sorted:
    type: File
    label: sorted alignments
    doc: Alignments by position.
    format: edam:format_2572
    outputBinding:
      glob: $(inputs.sample).sorted.bam

$namespaces:
  edam: http://edamontology.org/
  s: https://schema.org/
s:author:
  - '@type': https://schema.org/Organization
    s:name: The fairwf developers
s:license: https://spdx.org/licenses/Apache-2.0
s:version: 1.0.0
